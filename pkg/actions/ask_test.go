package actions

import (
	"strings"
	"testing"
)

func TestNear(t *testing.T) {
	for in, want := range map[string]string{
		"s3:GetObjet":        "s3:GetObject",
		"s3:getobjects":      "s3:GetObject",
		"S3:PutObjct":        "s3:PutObject",
		"sqss:SendMessage":   "sqs:SendMessage",
		"dynamdb:GetItem":    "dynamodb:GetItem",
		"PurgeQueue":         "sqs:PurgeQueue",
		"lambda:Invokefunct": "lambda:InvokeFunction",
	} {
		if got := Default().Near(in); len(got) == 0 || len(got) > 5 || got[0] != want {
			t.Errorf("%s: %v, want %s first", in, got, want)
		}
	}
	for _, in := range []string{"", ":", "s3:", "qqqqqqqqq:GetObject", "s3:\x1b[31mzzzzzzzzzzz", strings.Repeat("a", 1<<20)} {
		if got := Default().Near(in); len(got) > 5 || in != "s3:" && in != "" && in != ":" && len(got) != 0 {
			t.Errorf("%.20q: %v", in, got)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}, {"flaw", "lawn", 2}} {
		if got := distance(tt.a, tt.b, 5); got != tt.want {
			t.Errorf("%q to %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := distance(tt.a, tt.b, 1); tt.want > 1 && got <= 1 {
			t.Errorf("%q to %q: %d within 1", tt.a, tt.b, got)
		}
	}
}

func TestNearServices(t *testing.T) {
	for in, want := range map[string]string{"s3": "s3", "S3": "s3", "sqss": "sqs", "dynamdb": "dynamodb", "cloudfromation": "cloudformation"} {
		if got := Default().NearServices(in); len(got) == 0 || len(got) > 5 || got[0] != want {
			t.Errorf("%s: %v, want %s first", in, got, want)
		}
	}
	for _, in := range []string{"qqqqqqqqq", strings.Repeat("a", 1<<20)} {
		if got := Default().NearServices(in); len(got) != 0 {
			t.Errorf("%.20q: %v", in, got)
		}
	}
}
