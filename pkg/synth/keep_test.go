package synth

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

const keepDoc = `{"Version":"2012-10-17","Statement":[{"Sid":"Main","Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:SetQueueAttributes","ec2:RebootInstances"],"Resource":"*"}]}`

// permission is an entry for permissions.
func permission(actions, resources string) KeepEntry {
	e := KeepEntry{Where: "k.yaml:1", Kind: KeepPermissions, Reason: "drill", Actions: strings.Fields(actions)}
	if resources != "" {
		e.Resources = strings.Fields(resources)
	}
	return e
}

func TestKeptPermissions(t *testing.T) {
	queues := "arn:aws:sqs:us-east-1:111122223333:"
	tests := []struct {
		name      string
		entry     KeepEntry
		action    string
		fate      Fate
		resources []string
	}{
		{"removed", permission("sqs:Delete*", ""), "sqs:DeleteQueue", FateKept, []string{"*"}},
		{"case of actions", permission("SQS:deletequeue", ""), "sqs:DeleteQueue", FateKept, []string{"*"}},
		{"another action", permission("sqs:Delete*", ""), "sqs:SetQueueAttributes", FateRemoved, nil},
		{"narrowed", permission("sqs:CreateQueue", "*"), "sqs:CreateQueue", FateKept, []string{"*"}},
		{"on some resources", permission("sqs:*", queues+"dr-*"), "sqs:DeleteQueue", FateKept, []string{queues + "dr-*"}},
		{"beside those seen", permission("sqs:*", queues+"dr-*"), "sqs:CreateQueue", FateKept, []string{queues + "dr-*", queues + "jobs"}},
		{"resources of another type", permission("*", queues+"dr-*"), "ec2:RebootInstances", FateRemoved, nil},
		{"another principal", KeepEntry{Kind: KeepPermissions, Actions: []string{"*"}, Principals: []string{"arn:aws:iam::*:role/other"}}, "sqs:DeleteQueue", FateRemoved, nil},
		{"this principal", KeepEntry{Kind: KeepPermissions, Actions: []string{"*"}, Principals: []string{"arn:aws:iam::*:role/a??"}}, "sqs:DeleteQueue", FateKept, []string{"*"}},
		{"another tag", KeepEntry{Kind: KeepPermissions, Actions: []string{"*"}, Tags: []string{"team"}}, "sqs:DeleteQueue", FateRemoved, nil},
		{"a job", KeepEntry{Kind: KeepSeasonal, Principals: []string{"*:role/app"}}, "sqs:DeleteQueue", FateKept, []string{"*"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = keepDoc
			w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 2, 3, 50)
			p := w.only(Options{Keep: []KeepEntry{tt.entry}})
			e := fateOf(t, p, tt.action)
			if e.Fate != tt.fate || !slices.Equal(e.Resources, tt.resources) {
				t.Errorf("%s on %v: %s", e.Fate, e.Resources, e.Reason)
			}
			if tt.fate == FateKept && (e.KeptFor != string(tt.entry.Kind) || len(p.KeptFor) == 0 || !strings.Contains(e.Reason, "; it would be ")) {
				t.Errorf("%+v; %+v", e, p.KeptFor)
			}
			if p.Change != Keep && !p.Proof.OK() {
				t.Errorf("%+v", p.Proof)
			}
		})
	}
}

// TestKeepWithin: what an entry keeps lies within the attached resources; where patterns
// overlap, the attached one stays.
func TestKeepWithin(t *testing.T) {
	const bucket = "arn:aws:s3:::"
	tests := []struct {
		attached, listed string
		want             []string // nil: all; empty: nothing
	}{
		{`"arn:aws:s3:::a","arn:aws:s3:::b"`, bucket + "a", []string{bucket + "a"}},
		{`"arn:aws:s3:::a","arn:aws:s3:::b"`, bucket + "*", nil},
		{`"arn:aws:s3:::a*"`, bucket + "ab*", []string{bucket + "ab*"}},
		{`"arn:aws:s3:::a*"`, bucket + "*b", nil},
		{`"arn:aws:s3:::a*"`, bucket + "b*", []string{}},
		{`"arn:aws:s3:::${aws:username}"`, bucket + "b*", nil},
	}
	for _, tt := range tests {
		d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:DeleteBucket","Resource":[`+tt.attached+`]}]}`)
		f, _ := newWorld(t).facts().lookup("s3:DeleteBucket")
		e := permission("*", tt.listed)
		got, some := e.on(newMatcher(d, 0), f)
		if some != (tt.want == nil || len(tt.want) > 0) || some && !slices.Equal(got, tt.want) {
			t.Errorf("%s of %s: %v %v", tt.listed, tt.attached, got, some)
		}
	}
}

func TestKeptPrincipals(t *testing.T) {
	for _, e := range []KeepEntry{
		{Kind: KeepPrincipals, Principals: []string{roleARN}},
		{Kind: KeepBreakGlass, Principals: []string{"arn:aws:iam::*:role/*"}},
	} {
		w := newWorld(t)
		w.inline["app"] = keepDoc
		e.Where, e.Reason, e.Owner = "k.yaml:7", "by contract", "legal"
		r := w.propose(Options{Keep: []KeepEntry{e}})
		if p := r.Principals[0]; p.Status != Skipped || p.Reason != "kept by k.yaml:7: by contract (legal)" || len(r.Warnings) > 0 {
			t.Errorf("%s: %s %v", p.Status, p.Reason, r.Warnings)
		}
	}
}

func TestEntriesWithoutEffect(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	end := day("2025-01-01") // of the world's logs: the last day that is covered
	tests := []struct {
		name  string
		entry KeepEntry
		want  string // warning; "" for none
	}{
		{"expired", KeepEntry{Expires: end.AddDate(0, 0, -1), Actions: []string{"*"}}, "expired on 2024-12-31"},
		{"its last day", KeepEntry{Expires: end, Actions: []string{"*"}}, ""},
		{"no such principal", KeepEntry{Principals: []string{"*:role/none"}, Actions: []string{"*"}}, "kept nothing: no principal"},
		{"not granted", KeepEntry{Actions: []string{"rds:*"}}, "kept nothing: no policy"},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.inline["app"] = keepDoc
		tt.entry.Kind, tt.entry.Where, tt.entry.Reason = KeepPermissions, "k.yaml:2", "r"
		r := w.propose(Options{Keep: []KeepEntry{tt.entry}, AsOf: end, MinWindow: 50})
		got := strings.Join(r.Warnings, "\n")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q", tt.name, got)
		}
		if kept := fateOf(t, r.Proposals[0], "sqs:DeleteQueue").Fate == FateKept; kept != (tt.want == "") {
			t.Errorf("%s: kept %v", tt.name, kept)
		}
	}
}

// TestKeepAddsNothing: whatever a list says, the proposal allows what it allows without
// the list, and nothing that is not attached.
func TestKeepAddsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for range 60 {
		w := newWorld(t)
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + pick("sqs:*", "sqs:Create*", "sqs:CreateQueue") + `","sqs:DeleteQueue"],"Resource":["` +
			queue(pick("*", "a*", "ab")) + `","` + queue(pick("*b", "dr-*")) + `"]}]}`
		w.saw("sqs:CreateQueue", queue(pick("ab", "dr-b", "a1")), "arn", 1, 40)
		without := w.only(Options{})
		var list []KeepEntry
		for range 1 + r.IntN(2) {
			list = append(list, permission(pick("sqs:*", "sqs:Delete*", "*", "rds:*"), pick("", queue("a*"), queue("*"), queue("*b*"), "*")))
		}
		with := w.only(Options{Keep: list})
		if with.Change == Keep {
			continue
		}
		if with.Change == Skip || !with.Proof.OK() {
			t.Fatalf("%+v: %s", list, with.Reason)
		}
		if without.Change == Remove {
			continue
		}
		small, err := iam.Compile(without.New...)
		if err != nil {
			t.Fatal(err)
		}
		large, err := iam.Compile(with.New...)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []string{"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:PurgeQueue"} {
			for _, q := range []string{"ab", "a1", "dr-b", "b", "x"} {
				req := iam.Request{Action: a, Resource: queue(q)}
				if len(small.Matches(nil, &req)) > 0 && len(large.Matches(nil, &req)) == 0 {
					t.Errorf("%+v takes %s on %s", list, a, q)
				}
			}
		}
	}
}

// TestOverlap compares with all short texts.
func TestOverlap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []string
	for n, layer := 0, []string{""}; n <= 4; n++ {
		all = append(all, layer...)
		var next []string
		for _, s := range layer {
			next = append(next, s+"a", s+"b")
		}
		layer = next
	}
	random := func() string {
		b := make([]byte, r.IntN(4))
		for i := range b {
			b[i] = "ab*?"[r.IntN(4)]
		}
		return string(b)
	}
	for range 5000 {
		p, q := random(), random()
		want := slices.ContainsFunc(all, func(s string) bool { return fits(p, s) && fits(q, s) })
		if got := overlap(p, q); got != want {
			t.Fatalf("%q and %q: %v", p, q, got)
		}
		if s := all[r.IntN(len(all))]; fits(p, s) != plain(p, s) {
			t.Fatalf("%q of %q: %v", s, p, fits(p, s))
		}
	}
	if !fits("a*", "a*b") || fits("ab", "a?") || fits("ab", "a*") {
		t.Error("wildcards of a text are none")
	}
}

// plain matches by trying every way.
func plain(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return plain(p[1:], s) || s != "" && plain(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && plain(p[1:], s[1:])
}

func TestTagged(t *testing.T) {
	p := &account.Principal{Tags: map[string]string{"Team": "Data", "empty": ""}}
	for tag, want := range map[string]bool{"team": true, "team=Data": true, "team=data": false, "TEAM=D*": true, "empty=": true, "empty": true, "tea": false, "team=": false} {
		if got := tagged(p, tag); got != want {
			t.Errorf("%s: %v", tag, got)
		}
	}
}

func (w *world) facts() *factTable {
	return newProposer(Input{Catalog: actions.Default(), Table: &usage.Table{}}).facts
}
