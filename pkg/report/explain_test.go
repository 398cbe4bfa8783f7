package report

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// manyEntries is x with the entries of a policy that allows everything.
func manyEntries(x *Explanation) *Explanation {
	out := *x
	out.Entries = append([]Entry{}, x.Entries[:1]...)
	levels := levels()
	for i := range 600 {
		e := Entry{
			Policy: "AdministratorAccess", Action: fmt.Sprintf("service%d:Action%03d", i%12, i),
			Level: levels[i%7%5].name, Fate: "removed", Reason: "unused in 100 observed days",
		}
		if i%10 == 0 {
			e.Fate, e.Reason = "not-visible", fmt.Sprintf("reason %d", i%20)
		}
		out.Entries = append(out.Entries, e)
	}
	return &out
}

func explain(t *testing.T, x *Explanation, o TextOptions) string {
	t.Helper()
	return render(t, func(w io.Writer) error { return ExplainText(w, x, o) })
}

func TestExplainAllListsEveryAction(t *testing.T) {
	x := manyEntries(recordedExplanation(t))
	got := explain(t, x, TextOptions{Width: 160, All: true})
	for _, e := range x.Entries {
		if !strings.Contains(got, " "+e.Action+" ") {
			t.Fatalf("%s is missing", e.Action)
		}
	}
	if n := strings.Count(got, "\n- "); n != 540 {
		t.Errorf("%d lines of removed actions, want 540", n)
	}
}

// What the services sum up to is what the entries are, shown or not.
func TestExplainSumsUp(t *testing.T) {
	x := manyEntries(recordedExplanation(t))
	total := map[mark]int{}
	for _, s := range summed(evidenceOf(x)[1:]) {
		total[s.mark] += s.n
	}
	if total[markRemoved] != 540 || total[markNotVisible] != 60 {
		t.Errorf("sums %v, want 540 removed and 60 not visible", total)
	}
	got := explain(t, x, TextOptions{Max: 5})
	if !strings.Contains(got, "7 more services with 290 actions") {
		t.Errorf("the services left out are not told:\n%s", got)
	}
}

func TestExplainMarks(t *testing.T) {
	for _, c := range []struct {
		fate     string
		narrowed bool
		want     mark
	}{
		{"used", false, ' '}, {"used", true, '~'}, {"used-wide", false, ' '}, {"attempted", false, '!'},
		{"removed", false, '-'}, {"not-visible", false, '?'}, {"blocked", false, '='}, {"something new", false, '?'},
	} {
		if got := markOf(c.fate, c.narrowed); got != c.want {
			t.Errorf("%s: %q, want %q", c.fate, got, c.want)
		}
	}
}

func TestExplainUnexplainedUse(t *testing.T) {
	x := recordedExplanation(t)
	x.Principal.Unexplained = []Unexplained{{Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:111122223333:key/k", Count: 3, Hint: "a grant\x1b[1m may"}}
	got := explain(t, x, TextOptions{})
	if !strings.Contains(got, "\n+ kms:Decrypt  3 ×\n") || !strings.Contains(got, "a grant") || strings.Contains(got, "\x1b") || !strings.Contains(got, "'+' seen") {
		t.Errorf("the unexplained use is missing:\n%s", got)
	}
	x.Entries = x.Entries[:1] // one action, another one than that
	if got := explain(t, x, TextOptions{}); strings.Contains(got, "kms:Decrypt") {
		t.Errorf("asked for one action, another one is told:\n%s", got)
	}
}

func TestExplainNothing(t *testing.T) {
	got := explain(t, &Explanation{Principal: Principal{Principal: "arn:aws:iam::111122223333:role/a", Status: "skipped"}}, TextOptions{})
	want := "arn:aws:iam::111122223333:role/a\nskipped\nno evidence · 0 distinct actions used · 0 → 0 actions allowed\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExplainSumTellsTheMainReason(t *testing.T) {
	var list []evidence
	for _, reason := range []string{"b", "a", "b"} {
		list = append(list, evidence{Entry: &Entry{Action: "s3:GetObject", Reason: reason}, mark: markRemoved})
	}
	if got := summed(list)[0].reason(); got != "mostly: b" {
		t.Errorf("got %q", got)
	}
	if got := summed(list[:1])[0].reason(); got != "b" {
		t.Errorf("got %q", got)
	}
}

func TestExplainNote(t *testing.T) {
	x := &Explanation{Principal: Principal{Principal: "a", Status: "skipped", Used: 7}, Note: "no policy\x1b grants it"}
	if got := explain(t, x, TextOptions{}); !strings.HasSuffix(got, "\n\nno policy\\x1b grants it\n") || !strings.Contains(got, "7 distinct actions used") {
		t.Errorf("got %q", got)
	}
}

// Whatever is blocked says why, seen or not.
func TestExplainBlockedReasons(t *testing.T) {
	x := recordedExplanation(t)
	e := Entry{Policy: "p", Action: "sqs:A", Fate: "blocked", Reason: "2 calls of this service are not mapped", Count: 4, Days: 2}
	f := e
	f.Action, f.Count, f.Reason = "sqs:B", 0, "data shows a use"
	x.Entries = []Entry{e, f}
	got := explain(t, x, TextOptions{})
	if !strings.Contains(got, e.Reason) || !strings.Contains(got, f.Reason) {
		t.Errorf("got:\n%s", got)
	}
	if got := summed(evidenceOf(x)); len(got) != 2 {
		t.Errorf("the reasons are summed up: %v", got)
	}
}

func TestExplainSeenMore(t *testing.T) {
	x := recordedExplanation(t)
	x.Entries = []Entry{{Action: "s3:GetObject", Fate: "used", Seen: []string{"r"}}}
	if got := explain(t, x, TextOptions{}); strings.Contains(got, "more") {
		t.Errorf("got:\n%s", got)
	}
	x.Entries[0].SeenMore = true
	if got := explain(t, x, TextOptions{}); !strings.Contains(got, "r\n            … and more\n") {
		t.Errorf("got:\n%s", got)
	}
}

// A pattern that reaches further than what was seen says why, in the overview and in
// the story.
func TestExplainTellsWhyAPatternOpens(t *testing.T) {
	x := recordedExplanation(t)
	const pattern = "arn:aws:s3:::lake/raw/*/part-*.parquet"
	x.Entries = []Entry{{Policy: "p", Action: "s3:GetObject", Fate: "used", Count: 40, Resources: []string{"arn:aws:s3:::lake", pattern},
		Patterns: []PatternReason{{pattern, "dates; ids: 40 seen, 38 on one day only", 40, []string{"arn:aws:s3:::lake/raw/2026-10-31/part-0.parquet"}}}}}
	if got := explain(t, x, TextOptions{Width: 100}); !strings.Contains(got, "  Pattern   "+pattern+"\n            dates; ids: 40 seen, 38 on one day only\n"+
		"            such as arn:aws:s3:::lake/raw/2026-10-31/part-0.parquet\n            … and 39 more resources\n") {
		t.Errorf("story:\n%s", got)
	}
	x.Entries = append(x.Entries, Entry{Policy: "p", Action: "s3:PutObject", Fate: "removed"})
	if got := explain(t, x, TextOptions{Width: 100}); !strings.Contains(got, "    on arn:aws:s3:::lake\n    on "+pattern+"\n       dates; ids: 40 seen, 38 on one day only\n") {
		t.Errorf("overview:\n%s", got)
	}
}
