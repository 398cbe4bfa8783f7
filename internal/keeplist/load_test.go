package keeplist

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/synth"
)

func TestLoad(t *testing.T) {
	const text = `# what stays
permissions:
  - actions: ["rds:Restore*", s3:DeleteObject]
    resources: arn:aws:s3:::backup-*
    principals: ["arn:aws:iam::*:role/dba"]
    tags: [team, "stage=prod*"]
    reason: >
      restore drill,
      once a year
    owner: database team
    expires: 2027-06-30
tags:
  - {tags: [tighten=keep], reason: "to go soon"}
break_glass:
seasonal:
  - principals: [arn:aws:iam::111122223333:role/year-end]
    actions: "*"
    reason: January
not_detected:
  - tags: [daily]
    classes: [seasonal, human]
    reason: runs each day
`
	file := filepath.Join(t.TempDir(), "my.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []synth.KeepEntry{
		{Where: "my.yaml:3", Kind: synth.KeepPermissions, Reason: "restore drill, once a year", Owner: "database team",
			Expires: time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC), Actions: []string{"rds:Restore*", "s3:DeleteObject"},
			Resources: []string{"arn:aws:s3:::backup-*"}, Principals: []string{"arn:aws:iam::*:role/dba"}, Tags: []string{"team", "stage=prod*"}},
		{Where: "my.yaml:13", Kind: synth.KeepTags, Reason: "to go soon", Tags: []string{"tighten=keep"}},
		{Where: "my.yaml:16", Kind: synth.KeepSeasonal, Reason: "January", Principals: []string{"arn:aws:iam::111122223333:role/year-end"}, Actions: []string{"*"}},
		{Where: "my.yaml:20", Kind: synth.NotDetected, Reason: "runs each day", Tags: []string{"daily"}, Classes: []synth.Class{synth.Seasonal, synth.Human}},
	}
	if !reflect.DeepEqual(l.Entries, want) {
		t.Errorf("%+v", l.Entries)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestMistakes(t *testing.T) {
	entry := func(s string) string { return "permissions:\n- reason: r\n  " + s }
	tests := []struct{ name, text, want string }{
		{"empty member", "tags:\n- reason:\n  tags: [a]", "k.yaml:2: reason: want a text, not nothing"},
		{"a list", "- a", "k.yaml:1: want sections such as permissions and principals, not a list"},
		{"unknown section", "permission:\n- a", `k.yaml:1: unknown section "permission"; want permissions, principals, tags, break_glass, seasonal or not_detected`},
		{"a section twice", "tags:\ntags:\n", `k.yaml:2`},
		{"no list", "tags: {a: b}", "k.yaml:1: tags: want a list of entries, not a mapping"},
		{"no mapping", "tags:\n- a", "k.yaml:2: want an entry with members, not a text"},
		{"no reason", "tags:\n- tags: [a]", "k.yaml:2: the entry has no reason"},
		{"blank reason", "tags:\n- tags: [a]\n  reason: ' '", "k.yaml:3: reason: is empty"},
		{"names nothing", "principals:\n- reason: r\n  tags: [a]", "k.yaml:2: the entry names nothing: give principals"},
		{"unknown member", entry("acton: [a]"), `k.yaml:3: unknown member "acton" of permissions; want actions, resources`},
		{"member of another section", "tags:\n- tags: [a]\n  reason: r\n  actions: ['*']", `k.yaml:4: unknown member "actions" of tags`},
		{"empty list", entry("actions: []"), "k.yaml:3: actions: the list is empty"},
		{"no action", entry("actions:\n  - s3:GetObject\n  - s3"), `k.yaml:5: action "s3": want service:Name`},
		{"odd action", entry("actions: ['s3:Get Object']"), `action "s3:Get Object": want service:Name`},
		{"no ARN", entry("actions: ['s3:*']\n  resources: [bucket]"), `k.yaml:4: resource "bucket": want an ARN`},
		{"variable", entry("actions: ['s3:*']\n  resources: ['arn:aws:s3:::${aws:username}']"), "policy variables are not taken"},
		{"no principal", "principals:\n- principals: [etl]\n  reason: r", `such as arn:aws:iam::*:role/etl`},
		{"a session", "principals:\n- principals: ['arn:aws:sts::111122223333:assumed-role/a/b']\n  reason: r", "is a session"},
		{"no tag", "tags:\n- tags: [=a]\n  reason: r", "want KEY, or KEY=VALUE"},
		{"no class", "not_detected:\n- tags: [a]\n  reason: r\n  classes: [sesonal]", "want break-glass, disaster-recovery, seasonal, deployment or human"},
		{"no date", entry("actions: ['s3:*']\n  expires: next year"), `k.yaml:4: expires: "next year": want the last day`},
		{"no such date", entry("actions: ['s3:*']\n  expires: 2027-02-30"), `want the last day`},
		{"control characters", "tags:\n- tags: [\"a\\e[31m\"]\n  reason: r", "has control characters"},
		{"syntax", "tags:\n  - [", "k.yaml:"},
		{"alias", "tags:\n- &a {tags: [x], reason: r}\n- *a", "k.yaml:3: want an entry with members, not an alias"},
		{"two documents", "tags:\n---\ntags:\n", "a second document"},
		{"key of a mapping", "? {a: b}\n: c\n", "the name of a member must be a text"},
		{"long", entry("actions: ['s3:" + strings.Repeat("a", 3000) + "']"), "want service:Name"},
	}
	for _, tt := range tests {
		_, err := parse("k.yaml", []byte(tt.text))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	l, err := parse("k.yaml", []byte("permissions:\n- {reason: r, actions: [s3:GetObjct, 's3:Gett*', 'nosuch:*', 's4:GetObject', 's3:Get*']}"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(l.Warnings(actions.Default()), "\n")
	for _, want := range []string{
		`k.yaml:2: action "s3:GetObjct" matches no known action: did you mean s3:GetObject?`,
		"k.yaml:2: action \"s3:Gett*\" matches no known action: `tighten actions expand s3:*` lists those of s3",
		`action "nosuch:*" matches no known action`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	if strings.Contains(got, "s3:Get*") {
		t.Error(got)
	}
}

// TestTemplate: all is commented out, and is right when it is not.
func TestTemplate(t *testing.T) {
	found := []Suggestion{
		{synth.BreakGlass, "arn:aws:iam::111122223333:role/it's", "looks\nlike: it"},
		{synth.Seasonal, "arn:aws:iam::111122223333:role/a", "bursts"},
		{synth.Human, "arn:aws:iam::111122223333:user/\x1b[31mb", "signs in"},
	}
	text := Template(found)
	l, err := parse("k.yaml", text)
	if err != nil || len(l.Entries) != 0 {
		t.Errorf("%v %+v", err, l)
	}
	examples := 6
	open := regexp.MustCompile(`(?m)^  # (  |- )`).ReplaceAll(text, []byte("  $1"))
	if l, err = parse("k.yaml", open); err != nil {
		t.Fatalf("%v\n%s", err, open)
	}
	if len(l.Entries) != examples+len(found) || len(l.Warnings(actions.Default())) > 0 {
		t.Errorf("%d entries: %v\n%s", len(l.Entries), l.Warnings(actions.Default()), open)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("tags:\n- {tags: [a], reason: r}\n"))
	f.Add([]byte("permissions:\n- reason: r\n  actions: ['s3:*']\n  resources: ['arn:aws:s3:::a*']\n  expires: 2027-01-31\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("? [x]\n: !!binary y\n---\n"))
	f.Add([]byte("\xff\xfet\x00"))
	f.Add(Template(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parse("k.yaml", data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 0 || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		for _, e := range l.Entries {
			if e.Reason == "" || e.Where == "" || len(e.Actions)+len(e.Principals)+len(e.Tags) == 0 {
				t.Errorf("%q: %+v", data, e)
			}
		}
	})
}
