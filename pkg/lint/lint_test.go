package lint

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// lines lists findings as line:column id path.
func lines(fs []Finding) []string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%d:%d-%d:%d %s %s", f.Start.Line, f.Start.Column, f.End.Line, f.End.Column, f.Rule.ID, f.Path))
	}
	return out
}

func TestPlaces(t *testing.T) {
	const doc = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "näh", "Effect": "Allow", "Action": ["s3:ListBuckets", "s3:ListAllMyBuckets"], "Resource": "*"},
    {
      "Effect": "Allow",
      "Effekt": "Allow",
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:111122223333:q",
      "Condition": {"StringEquals": {"aws:nosuch~/key": "x"}}
    }
  ]
}`
	want := []string{
		"4:13-4:18 invalid-sid /Statement/0/Sid",
		"4:50-4:66 unknown-action /Statement/0/Action/0",
		"7:7-7:15 unknown-element /Statement/1/Effekt",
		"10:38-10:55 unknown-global-key /Statement/1/Condition/StringEquals/aws:nosuch~0~1key",
	}
	for _, bom := range []string{"", "\ufeff"} {
		got := lines(New(actions.Default()).File([]byte(bom+doc), Auto).Findings)
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestFinds tells which documents a file has, and what is unreadable in it.
func TestFinds(t *testing.T) {
	const good = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}}`
	const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
	tests := []struct {
		name, data string
		documents  int
		unreadable string // "" for none
	}{
		{"document", good, 1, ""},
		{"list", "[" + good + "," + trust + "]", 2, ""},
		{"list with another thing", "[" + good + `,{"a":1}]`, 1, "1:104 no policy document"},
		{"things, of which one has a document", `[{"a":1},{"PolicyDocument":` + good + "}]", 1, ""},
		{"empty list", "[]", 0, "1:1 an empty list"},
		{"nothing", "", 0, "1:1 not valid JSON"},
		{"not JSON", "{\n  \"Version\": 2012-10-17}", 0, "2:18 not valid JSON"},
		{"not UTF-8", "{\"a\":\n\"\xff\"}", 0, "2:2 not UTF-8"},
		{"deep", strings.Repeat("[", 70) + strings.Repeat("]", 70), 0, "1:66 values nest deeper"},
		{"other object", `{"name":"x"}`, 0, "1:1 no policy document"},
		{"number", `7`, 0, "1:1 no policy document"},
		{"role policy", `{"RoleName":"r","PolicyDocument":` + good + "}", 1, ""},
		{"policy as text", `{"Policy":` + quoted(good) + "}", 1, ""},
		{"percent-encoded", `{"PolicyDocument":"` + url.PathEscape(good) + `"}`, 1, ""},
		{"broken text", `{"Policy":"{\"a\""}`, 0, "1:11 the policy in this text"},
		{"authorization details", `{"RoleDetailList":[{"AssumeRolePolicyDocument":` + trust + `,"RolePolicyList":[{"PolicyDocument":` + good +
			`}]}],"Policies":[{"PolicyVersionList":[{"Document":` + good + `,"IsDefaultVersion":true},{"Document":{"Statement":7},"IsDefaultVersion":false}]}]}`, 3, ""},
	}
	l := New(actions.Default())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := l.File([]byte(tt.data), Auto)
			if res.Documents != tt.documents || len(res.Findings) > 0 {
				t.Errorf("%d documents, want %d; findings %v", res.Documents, tt.documents, lines(res.Findings))
			}
			got := ""
			for _, u := range res.Unreadable {
				got += fmt.Sprintf("%d:%d %s", u.Start.Line, u.Start.Column, u.Message)
			}
			if (got == "") != (tt.unreadable == "") || !strings.HasPrefix(got, tt.unreadable) {
				t.Errorf("unreadable %q, want %q", got, tt.unreadable)
			}
		})
	}
}

// TestTextInText sees that what is found in a document that stands as text points
// at the text.
func TestTextInText(t *testing.T) {
	res := New(actions.Default()).File([]byte("{\n \"Policy\": \"{\\\"Statement\\\":[]}\"}"), Auto)
	want := []string{"2:12-2:32 missing-statement ", "2:12-2:32 missing-version "}
	if got := lines(res.Findings); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestOverlap(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"*", "", true}, {"", "*", true}, {"?", "", false}, {"a", "a", true}, {"a", "b", false},
		{"a*", "*b", true}, {"a*c", "ab*", true}, {"a?c", "abd", false}, {"*a*", "b?*", true}, {"?*", "", false}, {"??", "?", false},
		{"role/*", "?*", true}, {"x*y", "*z", false}, {"a*b*c", "a?c", true}, {"a*b*c", "adc", false}, {"a*b*c", "a??c", true},
	}
	for _, tt := range tests {
		if overlap(tt.a, tt.b, true) != tt.want || overlap(tt.b, tt.a, true) != tt.want {
			t.Errorf("overlap(%q, %q) is not %v", tt.a, tt.b, tt.want)
		}
	}
	if overlap("a", "*", false) {
		t.Error("a * that is none matched")
	}
}

// TestOverlapBrute compares with all texts up to a length: two patterns of up to
// four characters that overlap do so in a text of up to eight.
func TestOverlapBrute(t *testing.T) {
	patterns, words := []string{""}, []string{""}
	for i := 0; i < len(patterns); i++ {
		if len(patterns[i]) < 3 {
			for _, c := range "ab*?" {
				patterns = append(patterns, patterns[i]+string(c))
			}
		}
	}
	for i := 0; i < len(words); i++ {
		if len(words[i]) < 6 {
			words = append(words, words[i]+"a", words[i]+"b")
		}
	}
	matched := map[string]map[string]bool{}
	for _, p := range patterns {
		matched[p] = map[string]bool{}
		for _, w := range words {
			if plainMatch(p, w) {
				matched[p][w] = true
			}
		}
	}
	for _, p := range patterns {
		for _, q := range patterns {
			want := slices.ContainsFunc(words, func(w string) bool { return matched[p][w] && matched[q][w] })
			if got := overlap(p, q, true); got != want {
				t.Fatalf("overlap(%q, %q) is %v", p, q, got)
			}
		}
	}
}

func plainMatch(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return plainMatch(p[1:], s) || s != "" && plainMatch(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && plainMatch(p[1:], s[1:])
}

// TestHostile sees that documents made to cost time do not.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	many := func(n int, item func(int) string) string {
		var list []string
		for i := range n {
			list = append(list, item(i))
		}
		return strings.Join(list, ",")
	}
	statement := func(action, resource, condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":[` + action + `],"Resource":[` + resource + `],"Condition":{` + condition + `}}}`
	}
	one := `{"Effect":"Allow","Action":["*:*","s3:*"],"Resource":"arn:aws:s3:::b"}`
	docs := map[string]string{
		"actions":    statement(many(50_000, func(i int) string { return fmt.Sprintf(`"*a*%d*"`, i) }), `"*"`, ""),
		"resources":  statement(`"s3:*"`, many(30_000, func(i int) string { return fmt.Sprintf(`"arn:aws:s3:::*a*%d*"`, i) }), ""),
		"pattern":    statement(`"*:*"`, `"arn:aws:s3:::`+strings.Repeat("*a", 200_000)+`"`, ""),
		"conditions": statement(`"*:*"`, `"*"`, many(20_000, func(i int) string { return fmt.Sprintf(`"StringLike":{"a:b%d":["*%d*","*"]}`, i, i) })),
		"keys":       statement(`"*:*"`, `"*"`, `"StringLike":{`+many(20_000, func(i int) string { return fmt.Sprintf(`"agent.%d.buildkite.dev:x":"*"`, i) })+"}"),
		"statements": `{"Version":"2012-10-17","Statement":[` + many(13_000, func(int) string { return one }) + "]}",
	}
	l := New(actions.Default())
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			res := l.File([]byte(doc), Auto)
			if d := time.Since(began); d > time.Minute { // a loaded machine included; what is quadratic takes far longer
				t.Errorf("%v for %d bytes", d, len(doc))
			} else {
				t.Log(d)
			}
			if len(res.Findings) > maxFindings {
				t.Errorf("%d findings", len(res.Findings))
			}
		})
	}
}

// FuzzLint sees that nothing panics, and that places lie in the file.
func FuzzLint(f *testing.F) {
	for _, r := range Rules() {
		for _, doc := range slices.Concat(r.Bad[:1], r.Good[:1]) {
			f.Add([]byte(`{"Version":"2012-10-17","Statement":`+doc+"}"), string(r.Type))
		}
	}
	f.Add([]byte(`{"Policy":"%7B%22Statement%22:{}}"}`), "auto")
	l := New(actions.Default())
	f.Fuzz(func(t *testing.T, data []byte, typ string) {
		res := l.File(data, Type(typ))
		if len(res.Findings) > 0 && res.Documents == 0 {
			t.Error("findings without a document")
		}
		lineCount := strings.Count(string(data), "\n") + 1
		for _, x := range res.Findings {
			if x.Start.Line < 1 || x.Start.Column < 1 || x.Start.Line > lineCount || x.End.Line > lineCount || x.End.Line < x.Start.Line {
				t.Errorf("%s at %v to %v", x.Rule.ID, x.Start, x.End)
			}
		}
	})
}

// TestIntrinsics sees that functions of CloudFormation, whose results are not
// known, are no errors.
func TestIntrinsics(t *testing.T) {
	const doc = `{"Resources":{"R":{"Properties":{"PolicyDocument":{"Version":"2012-10-17","Statement":[{"Fn::If":["a",{},{}]},
 {"Effect":"Allow","Principal":{"AWS":{"Fn::Sub":"arn:aws:iam::${AWS::AccountId}:root"}},"Action":"sqs:SendMessage","Resource":{"Fn::GetAtt":["Q","Arn"]},
 "Condition":{"ArnEquals":{"aws:SourceArn":{"Ref":"Topic"}}}}]}}}}}`
	res := New(actions.Default()).File([]byte(doc), Auto)
	if res.Documents != 1 || len(res.Findings) > 0 || len(res.Unreadable) > 0 {
		t.Errorf("%d documents, %v, %v", res.Documents, lines(res.Findings), res.Unreadable)
	}
}

// TestSizeKnowsTheKind: one text is too large for a managed policy, and not for the inline
// one of a role or a permission set.
func TestSizeKnowsTheKind(t *testing.T) {
	document := func(size int) string {
		const frame = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::"}}`
		return strings.Replace(frame, `:::"`, ":::"+strings.Repeat("a", size-len(frame))+`"`, 1)
	}
	list := func(name string) func(string) string {
		return func(d string) string { return `{"X":[{"` + name + `":[{"PolicyDocument":` + d + `}]}]}` }
	}
	plain := func(d string) string { return d }
	tests := []struct {
		what string
		kind Type
		wrap func(string) string
		most int
	}{
		{"a managed policy", Auto, plain, 6144},
		{"a managed policy", Identity, plain, 6144},
		{"a managed policy", Auto, func(d string) string { return `{"PolicyVersionList":[{"Document":` + d + `}]}` }, 6144},
		{"the inline policy of a permission set", PermissionSet, plain, 10240},
		{"the inline policy of a permission set", Auto, func(d string) string {
			return `{"InlinePolicy":` + strconv.Quote(d) + `}`
		}, 10240},
		{"all inline policies of a role", Auto, list("RolePolicyList"), 10240},
		{"all inline policies of a user", Auto, list("UserPolicyList"), 2048},
		{"all inline policies of a group", Auto, list("GroupPolicyList"), 5120},
		{"the inline policy of a permission set", Auto, func(d string) string { // what a list holds ends with it
			return `{"RolePolicyList":[],"InlinePolicy":` + d + `}`
		}, 10240},
		{"a managed policy", Auto, func(d string) string { return `{"RolePolicyList":[],"PolicyDocument":` + d + `}` }, 6144},
	}
	l := New(actions.Default())
	for _, tt := range tests {
		for _, over := range []int{0, 1} {
			var got []string
			for _, f := range l.File([]byte(tt.wrap(document(tt.most+over))), tt.kind).Findings {
				if f.Rule.ID == "size-identity" {
					got = append(got, f.Message)
				}
			}
			if len(got) != over || over == 1 && !strings.Contains(got[0], tt.what+" may have") {
				t.Errorf("%s, %d characters: %q", tt.what, tt.most+over, got)
			}
		}
	}
}
