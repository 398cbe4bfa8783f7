package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// typical is what an application's role has: some statements, lists, a condition
// and a Deny.
const typical = `{"Version":"2012-10-17","Statement":[
{"Sid":"Objects","Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":["arn:aws:s3:::app-data/*","arn:aws:s3:::app-logs/${aws:PrincipalTag/team}/*"]},
{"Sid":"Buckets","Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":["arn:aws:s3:::app-data","arn:aws:s3:::app-logs"]},
{"Sid":"Table","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query","dynamodb:UpdateItem"],"Resource":"arn:aws:dynamodb:*:111122223333:table/app-*"},
{"Sid":"Queue","Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:111122223333:app-*"},
{"Sid":"Keys","Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":["s3.us-east-1.amazonaws.com","sqs.us-east-1.amazonaws.com"]}}},
{"Sid":"Logs","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:111122223333:log-group:/app/*:*"},
{"Sid":"Pass","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app-*","Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}},
{"Sid":"Guard","Effect":"Deny","Action":["s3:*","dynamodb:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`

// narrowed is what a proposal makes of typical.
const narrowed = `{"Version":"2012-10-17","Statement":[
{"Sid":"Objects","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::app-data/in/*","arn:aws:s3:::app-logs/${aws:PrincipalTag/team}/*"]},
{"Sid":"Table","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":["arn:aws:dynamodb:us-east-1:111122223333:table/app-orders","arn:aws:dynamodb:us-east-1:111122223333:table/app-orders-?"]},
{"Sid":"Queue","Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage"],"Resource":"arn:aws:sqs:us-east-1:111122223333:app-jobs"},
{"Sid":"Keys","Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}},
{"Sid":"Guard","Effect":"Deny","Action":["s3:*","dynamodb:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`

// typicalRequests are allowed, denied by default and denied outright.
func typicalRequests() []iam.Request {
	context := iam.Context{Values: map[string][]string{"aws:securetransport": {"true"}, "aws:principaltag/team": {"blue"},
		"kms:viaservice": {"s3.us-east-1.amazonaws.com"}, "aws:sourceip": {"192.0.2.7"}, "aws:requestedregion": {"us-east-1"}}}
	plain := iam.Context{Values: map[string][]string{"aws:securetransport": {"false"}}}
	var out []iam.Request
	for _, r := range []struct{ action, resource string }{
		{"s3:GetObject", "arn:aws:s3:::app-data/in/2026/11/part-00001.parquet"}, {"s3:PutObject", "arn:aws:s3:::app-logs/blue/x"},
		{"s3:PutObject", "arn:aws:s3:::app-logs/red/x"}, {"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/app-orders"},
		{"sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:app-jobs"}, {"kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"},
		{"logs:PutLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:/app/web:log-stream:1"}, {"ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*"},
		{"iam:PassRole", "arn:aws:iam::111122223333:role/app-task"}, {"s3:GetObject", "arn:aws:s3:::other/x"},
	} {
		for _, c := range []iam.Context{context, plain} {
			out = append(out, iam.Request{Action: r.action, Resource: r.resource, Principal: "arn:aws:sts::111122223333:assumed-role/app/i-1", Context: c})
		}
	}
	return out
}

func managed(b *testing.B, name string) []byte {
	b.Helper()
	text, _, ok := actions.Default().ManagedPolicy("arn:aws:iam::aws:policy/" + name)
	if !ok {
		b.Fatalf("no managed policy %s", name)
	}
	return text
}

func compiled(b *testing.B, text string) *iam.Set {
	b.Helper()
	s, err := iam.Compile(parsed(b, text))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// One operation is one decision.
func BenchmarkDecisions(b *testing.B) {
	requests := typicalRequests()
	for _, c := range []struct {
		name string
		set  *iam.Set
	}{
		{"typical", compiled(b, typical)},
		{"ReadOnlyAccess", compiled(b, string(managed(b, "ReadOnlyAccess")))},
		{"PowerUserAccess", compiled(b, string(managed(b, "PowerUserAccess")))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.set.Decide(&requests[i%len(requests)])
			}
		})
	}
}

func BenchmarkEvaluateLayers(b *testing.B) {
	full := compiled(b, statement(anything))
	l := iam.Layers{Identity: compiled(b, typical), Boundary: compiled(b, string(managed(b, "PowerUserAccess"))), SCPs: []*iam.Set{full, full},
		Resource: compiled(b, `{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"s3:*","Resource":"*"}}`)}
	requests := typicalRequests()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		iam.Evaluate(&l, &requests[i%len(requests)])
	}
}

func BenchmarkDocuments(b *testing.B) {
	for _, c := range []struct {
		name string
		text []byte
	}{{"typical", []byte(typical)}, {"ReadOnlyAccess", managed(b, "ReadOnlyAccess")}} {
		d := parsed(b, string(c.text))
		for name, f := range map[string]func() error{
			"Parse":   func() error { _, err := iam.Parse(c.text); return err },
			"Compile": func() error { _, err := iam.Compile(d); return err },
			"Format":  func() error { d.Format(); return nil },
		} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(c.text)))
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkIncludes(b *testing.B) {
	for _, c := range []struct {
		name         string
		outer, inner string
		want         iam.Verdict
	}{
		{"typical over its narrowing", typical, narrowed, iam.Holds},
		{"typical over itself with other Sids", typical, strings.ReplaceAll(typical, `"Sid":"`, `"Sid":"X`), iam.Holds},
		{"narrowing over typical", narrowed, typical, iam.Fails},
		{"AdministratorAccess over PowerUserAccess", string(managed(b, "AdministratorAccess")), string(managed(b, "PowerUserAccess")), iam.Holds},
		{"PowerUserAccess over AdministratorAccess", string(managed(b, "PowerUserAccess")), string(managed(b, "AdministratorAccess")), iam.Fails},
		{"ReadOnlyAccess over itself", string(managed(b, "ReadOnlyAccess")), string(managed(b, "ReadOnlyAccess")), iam.Holds},
		{"ReadOnlyAccess over ViewOnlyAccess", string(managed(b, "ReadOnlyAccess")), string(managed(b, "job-function/ViewOnlyAccess")), iam.Fails},
		{"AWSSupportServiceRolePolicy over itself", string(managed(b, "aws-service-role/AWSSupportServiceRolePolicy")), string(managed(b, "aws-service-role/AWSSupportServiceRolePolicy")), iam.Holds},
	} {
		outer, inner := []*iam.Document{parsed(b, c.outer)}, []*iam.Document{parsed(b, c.inner)}
		b.Run(fmt.Sprintf("%s/%d over %d characters", strings.ReplaceAll(c.name, " ", "_"), outer[0].Size(), inner[0].Size()), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := iam.Includes(outer, inner, iam.InclusionOptions{}); got.Verdict != c.want {
					b.Fatalf("%v, want %v: %s", got.Verdict, c.want, got.Reason)
				}
			}
		})
	}
}
