package synth

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// A reviewer sees the attached text again, apart from what changed.
func TestEditsKeepTheAttachedText(t *testing.T) {
	const text = `{
    "Version": "2008-10-17",
    "Id": "app",
    "Statement": [
        {
            "Sid":"Deny", "Effect":"Deny", "Action":"iam:*", "Resource":"*"
        },
        {
            "Effect": "Allow",
            "Resource": "*",
            "Action": [ "ec2:TerminateInstances", "ec2:describeinstances" ],
            "Sid": "Main",
            "Condition": {"Bool": {"aws:SecureTransport": true}}
        },
        {
            "Sid": "Gone",
            "Effect": "Allow",
            "Action": "ec2:RebootInstances",
            "Resource": "*"
        }
    ]
}`
	want := strings.Replace(text, `[ "ec2:TerminateInstances", "ec2:describeinstances" ]`, `[ "ec2:describeinstances" ]`, 1)
	cut := strings.Index(want, ",\n        {\n            \"Sid\": \"Gone\"")
	want = want[:cut] + want[strings.Index(want, "\n    ]"):]
	for name, newline := range map[string]string{"Unix": "\n", "Windows": "\r\n"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			given := strings.ReplaceAll(text, "\n", newline)
			w.inline["app"] = fmt.Sprintf("%q", given)
			w.saw("ec2:DescribeInstances", "*", "star", 1, 50, 90)
			p := w.only(Options{})
			if p.Change != Narrow || !p.Proof.OK() || string(p.Base) != given {
				t.Fatalf("%s (%s), base %s", p.Change, p.Reason, p.Base)
			}
			if got := string(p.Printed[0]); got != strings.ReplaceAll(want, "\n", newline) {
				t.Errorf("got %s", got)
			}
		})
	}
}

// checkEdit holds a narrowed document against the attached text: all around the
// statements is as it was, and so is each statement that says the same.
func checkEdit(t *testing.T, p *Proposal) {
	t.Helper()
	if p.Change != Narrow {
		return
	}
	was, err := iam.Parse(p.Base)
	if err != nil {
		t.Fatal(err)
	}
	now, err := iam.Parse(p.Printed[0])
	if err != nil {
		t.Fatal(err)
	}
	a, _ := was.Locate("/Statement")
	b, _ := now.Locate("/Statement")
	if !bytes.Equal(p.Base[:a.Offset], p.Printed[0][:b.Offset]) || !bytes.Equal(p.Base[a.Offset+a.Length:], p.Printed[0][b.Offset+b.Length:]) {
		t.Errorf("%s: changed around the statements:\n%s\nwas\n%s", p.Name, p.Printed[0], p.Base)
	}
	old := map[string]string{} // meaning → text
	for i := range was.Statements {
		old[meaning(was, i)] = textOf(was, p.Base, i)
	}
	for i := range now.Statements {
		if text, ok := old[meaning(now, i)]; ok && text != textOf(now, p.Printed[0], i) {
			t.Errorf("%s: statement %d says the same in another text: %s\nwas %s", p.Name, i, textOf(now, p.Printed[0], i), text)
		}
	}
}

func meaning(d *iam.Document, i int) string {
	return string((&iam.Document{Statements: d.Statements[i : i+1]}).Minify())
}

func textOf(d *iam.Document, text []byte, i int) string {
	at, _ := d.Locate(fmt.Sprintf("/Statement/%d", i))
	return string(text[at.Offset : at.Offset+at.Length])
}
