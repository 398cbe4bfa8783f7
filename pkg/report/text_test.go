package report

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func text(t testing.TB, r *Run, o TextOptions) string {
	t.Helper()
	return render(t, func(w io.Writer) error { return Text(w, r, o) })
}

func TestOrder(t *testing.T) {
	by := func(name string, p, w, r int) Principal {
		return Principal{
			Principal: name, Status: "tightened", RemovedBy: map[string]int{"Permissions management": p, "Write": w, "Read": r},
			Policies: []Policy{{Change: "narrow"}},
		}
	}
	narrowed := by("e", 0, 0, 0)
	narrowed.Policies[0].Narrowed = []Narrowed{{Action: "s3:GetObject"}}
	ps := []Principal{
		{Principal: "z", Status: "skipped", Reason: "b"},
		{Principal: "y", Status: "unchanged"},
		{Principal: "x", Status: "skipped", Reason: "c"},
		{Principal: "w", Status: "skipped", Reason: "b"},
		{Principal: "v", Status: "novel"},
		by("a", 0, 0, 9000), by("b", 0, 1, 0), by("c", 1, 0, 0), by("d", 1, 5, 0), by("f", 0, 0, 0), narrowed,
	}
	want := []string{"d", "c", "b", "a", "e", "f", "y", "w", "z", "x", "v"}
	for range 3 {
		var got []string
		for _, r := range rowsOf(ps) {
			got = append(got, r.p.Principal)
		}
		if !slices.Equal(got, want) {
			t.Errorf("order %q, want %q", got, want)
		}
		slices.Reverse(ps)
	}
}

func TestTextMaxRows(t *testing.T) {
	r := recordedRun(t)
	for _, c := range []struct {
		max  int
		want string
	}{
		{1, "… and 9 more in out/principals.jsonl: 3 tightened · 1 unused · 1 unattached · 2 unchanged · 2 skipped"},
		{8, "… and 2 more in out/principals.jsonl: 2 skipped"},
		{10, ""}, {-1, ""}, {0, ""},
	} {
		got := text(t, r, TextOptions{Width: 160, Max: c.max, Dir: "out"})
		if !strings.Contains(got, c.want) || strings.Contains(got, "… and") != (c.want != "") {
			t.Errorf("at most %d rows:\n%s", c.max, got)
		}
	}
}

func TestTextEveryWidthFits(t *testing.T) {
	r, x := recordedRun(t), recordedExplanation(t)
	for columns := minWidth; columns <= maxWidth; columns++ {
		checkLines(t, text(t, r, TextOptions{Width: columns}), columns, "run")
		checkLines(t, explain(t, x, TextOptions{Width: columns}), columns, "explanation")
	}
	if got, want := text(t, r, TextOptions{Width: 10}), text(t, r, TextOptions{Width: minWidth}); got != want {
		t.Error("a terminal of 10 columns is not taken as the narrowest")
	}
}

// The parts of names that tell principals apart are there at each width.
func TestTextTellsPrincipalsApart(t *testing.T) {
	r := recordedRun(t)
	for _, columns := range []int{minWidth, 80, 100, 120, 160} {
		got := text(t, r, TextOptions{Width: columns})
		for _, tail := range []string{"eu-west-1 ", "us-east-1 "} {
			if !strings.Contains(got, tail) {
				t.Errorf("%q is lost at %d columns", tail, columns)
			}
		}
	}
}

func TestColorOnlyWhenAsked(t *testing.T) {
	r := recordedRun(t)
	plain, color := text(t, r, TextOptions{}), text(t, r, TextOptions{Color: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("colour that nobody asked for")
	}
	if !strings.Contains(color, "\x1b[") || ours.ReplaceAllString(color, "") != plain {
		t.Error("colour changes more than the colour")
	}
}

func TestTextOneAccountIsNotRepeated(t *testing.T) {
	r := recordedRun(t)
	r.Principals = slices.DeleteFunc(r.Principals, func(p Principal) bool { return p.Account != "111122223333" })
	if got := text(t, r, TextOptions{}); strings.Contains(got, "ACCOUNT") {
		t.Errorf("the account is repeated on each row:\n%s", got)
	}
}

func TestRecordsThatDoNotAddUpAreTold(t *testing.T) {
	r := recordedRun(t)
	if got := records(&r.Scan); strings.Contains(got, "accounted") {
		t.Errorf("the fixture does not add up: %s", got)
	}
	r.Scan.Used -= 7
	if got := strings.ReplaceAll(records(&r.Scan), glued, " "); !strings.HasSuffix(got, "7 not accounted for") {
		t.Errorf("got %s", got)
	}
}

func TestTroublesOnlyWhenThereAreSome(t *testing.T) {
	got := text(t, &Run{Scan: Scan{Objects: 1, Records: 2, Used: 2}}, TextOptions{})
	if strings.Contains(got, "Unreadable") || strings.Contains(got, "Unmapped") {
		t.Errorf("got:\n%s", got)
	}
}

func TestProofTexts(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		p    Proof
		want string
		sign string
		ok   bool
	}{
		{Proof{Covers{142, 142, nil}, Subset{true, &yes, ""}}, "covers 142/142 · nothing new", "✓", true},
		{Proof{Covers{142, 141, []string{"x"}}, Subset{true, &yes, ""}}, "covers 141/142 · nothing new", "✓", false},
		{Proof{Covers{0, 0, []string{"does not parse"}}, Subset{true, &no, ""}}, "covers 0/0 · allows more", "✗", false},
		{Proof{Covers{1000, 1000, nil}, Subset{true, nil, ""}}, "covers 1,000/1,000 · new not ruled out", "✗", false},
		{Proof{Covers{2, 2, nil}, Subset{}}, "covers 2/2 · nothing to compare with", "–", true},
		{Proof{Covers{}, Subset{true, &yes, ""}}, "none seen · nothing new", "✓", true},
	} {
		if got := c.p.full(); got != c.want || c.p.ok() != c.ok || subsetSign(&c.p) != c.sign {
			t.Errorf("got %q %s %v, want %q %s %v", got, subsetSign(&c.p), c.p.ok(), c.want, c.sign, c.ok)
		}
	}
}

func TestShortName(t *testing.T) {
	for in, want := range map[string]string{
		"arn:aws:iam::111122223333:role/ci/deployer":       "role/ci/deployer",
		"arn:aws:iam::111122223333:root":                   "root",
		"arn:aws:sts::111122223333:assumed-role/a/b:c":     "assumed-role/a/b:c",
		"ec2.amazonaws.com":                                "ec2.amazonaws.com",
		"arn:aws:iam::111122223333:":                       "arn:aws:iam::111122223333:",
		"arn:aws-us-gov:iam::111122223333:user/a\x1b[2Jlf": `user/a\x1b[2Jlf`,
	} {
		if got := shortName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

type brokenWriter struct{ left int }

var errFull = errors.New("disk full")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	r, x := recordedRun(t), recordedExplanation(t)
	for name, f := range map[string]func(io.Writer) error{
		"text":       func(w io.Writer) error { return Text(w, r, TextOptions{}) },
		"json":       func(w io.Writer) error { return JSON(w, r) },
		"principals": func(w io.Writer) error { return Principals(w, r.Principals) },
		"html":       func(w io.Writer) error { return HTML(w, r) },
		"explain":    func(w io.Writer) error { return ExplainText(w, x, TextOptions{}) },
	} {
		if err := f(&brokenWriter{left: 100}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want %v", name, err, errFull)
		}
	}
}

func TestReadPrincipals(t *testing.T) {
	want := recordedRun(t).Principals
	var b bytes.Buffer
	reversed := slices.Clone(want)
	slices.Reverse(reversed)
	if err := Principals(&b, reversed); err != nil {
		t.Fatal(err)
	}
	got, err := ReadPrincipals(strings.NewReader("\n" + strings.TrimSuffix(b.String(), "\n")))
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d principals, %v", len(got), err)
	}
	for i := range got {
		if got[i].Principal != want[i].Principal {
			t.Errorf("principal %d is %s, want %s", i, got[i].Principal, want[i].Principal)
		}
	}
	for in, want := range map[string]string{"{}\n\n[1]\n": "line 3 is not a principal", "{\"principal\":": "line 1 is not"} {
		if _, err := ReadPrincipals(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func TestEmptyListsAreNotNull(t *testing.T) {
	for _, v := range []any{&Run{Principals: make([]Principal, 1)}, &Explanation{}} {
		got := render(t, func(w io.Writer) error { return JSON(w, v) })
		got = strings.ReplaceAll(got, `"holds": null`, "")
		if strings.Contains(got, "null") {
			t.Errorf("null in %s", got)
		}
	}
}

func TestNewerVersionIsRefused(t *testing.T) {
	if _, err := ReadRun(strings.NewReader(`{"version":99}`)); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadExplanation(strings.NewReader(`{`)); err == nil {
		t.Error("a broken explanation is read")
	}
}

// Lists that a run can make long are cut, and say so.
func TestTextIsBounded(t *testing.T) {
	r := recordedRun(t)
	for range 1000 {
		r.Accounts = append(r.Accounts, r.Accounts[0])
		r.Warnings = append(r.Warnings, "look here")
		r.Principals = append(r.Principals, r.Principals[0])
		r.Scan.TopUnmapped = append(r.Scan.TopUnmapped, r.Scan.TopUnmapped[0])
		r.Scan.UnreadableObjects = append(r.Scan.UnreadableObjects, r.Scan.UnreadableObjects[0])
	}
	got := text(t, r, TextOptions{})
	for _, want := range []string{"… and 997 more accounts", "! … and 994 more warnings", "… and 970 more in principals.jsonl", "; … and 996 more", ", …"} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("%q is not told", want)
		}
	}
	if n := strings.Count(got, "\n"); n > 150 {
		t.Errorf("%d lines", n)
	}
}

func TestNoProposalsNoTable(t *testing.T) {
	r := &Run{Principals: []Principal{{Principal: "a", Status: "unchanged", Before: 1, After: 1}}, Totals: Totals{Principals: 1, ByStatus: map[string]int{"unchanged": 1}}}
	got := text(t, r, TextOptions{})
	if strings.Contains(got, "PRINCIPAL") || strings.Contains(got, "Removed:") || !strings.Contains(got, "\nunchanged\n  a  1 action\n") {
		t.Errorf("got:\n%s", got)
	}
	if !strings.Contains(got, "no document changes") {
		t.Errorf("got:\n%s", got)
	}
}

func TestUnknownLevelHasAColumn(t *testing.T) {
	r := recordedRun(t)
	if got := text(t, r, TextOptions{Width: 160}); strings.Contains(got, "unknown level") {
		t.Error("a column for nothing")
	}
	r.Principals[0].RemovedBy, r.Principals[0].Policies = map[string]int{"": 12345}, []Policy{{Change: "narrow"}}
	for _, columns := range []int{80, 160} {
		if got := strings.Join(strings.Fields(text(t, r, TextOptions{Width: columns})), " "); !strings.Contains(got, "U unknown level") || !strings.Contains(got, "12,345") {
			t.Errorf("unknown levels are not told at %d columns", columns)
		}
	}
}

func TestInDir(t *testing.T) {
	for _, c := range [][3]string{{"out", "report.html", "out/report.html"}, {"", "policies/", "policies/"}, {"/tmp/x/", "a/", "/tmp/x/a/"}, {"o\x1b", "a", `o\x1b/a`}} {
		if got := inDir(c[0], c[1]); got != c[2] {
			t.Errorf("inDir(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestSkippedObjectsAreToldByKind(t *testing.T) {
	r := &Run{Scan: Scan{Objects: 72, SkippedByKind: map[string]int64{"insight": 1, "digest": 57, "other": 13, "hidden": 2, "novel": 0}}}
	want := "57 digests · 13 not logs · 2 hidden · 1 insight"
	for name, got := range map[string]string{"text": text(t, r, TextOptions{}), "html": render(t, func(w io.Writer) error { return HTML(w, r) })} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q is missing", name, want)
		}
	}
	if got := text(t, &Run{}, TextOptions{}); strings.Contains(got, "Skipped") {
		t.Errorf("nothing was skipped:\n%s", got)
	}
}

func TestUnreadableObjectsAreCountedWhole(t *testing.T) {
	s := &Scan{ObjectsUnreadable: 1, Unreadable: 90, UnreadableTotal: 31}
	for range 20 {
		s.UnreadableObjects = append(s.UnreadableObjects, BadObject{"k", "3 records unreadable"})
	}
	for most, want := range map[int]string{2: "; … and 29 more", 20: "; … and 11 more"} {
		if got := unreadable(s, most); !strings.HasSuffix(got, want) || strings.Count(got, "k (3 records unreadable)") != most {
			t.Errorf("at most %d: %s", most, got)
		}
	}
}

func TestUnattachedAreGroupedByReason(t *testing.T) {
	p := func(name, reason string) Principal {
		return Principal{Principal: name, Status: "unattached", Reason: reason, After: 1, Policies: []Policy{{Change: "create"}},
			Proof: Proof{Covers: Covers{Requests: 2, Allowed: 2}}}
	}
	r := &Run{Principals: []Principal{p("a", "no account files were given"), p("b", "deleted"), p("c", "no account files were given")}}
	got := text(t, r, TextOptions{})
	for _, want := range []string{
		"\nunattached: deleted\n  b  1 action proposed · covers 2/2\n",
		"\nunattached: no account files were given\n  a  1 action proposed · covers 2/2\n  c ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if strings.Contains(got, "nothing attached") || strings.Contains(got, "PRINCIPAL") {
		t.Errorf("got:\n%s", got)
	}
}

// Warnings say how far the table can be trusted, so that they stand before it.
func TestWarningsComeFirst(t *testing.T) {
	got := text(t, recordedRun(t), TextOptions{})
	if i, j := strings.Index(got, "\n! "), strings.Index(got, "PRINCIPAL"); i < 0 || i > j {
		t.Errorf("got:\n%s", got)
	}
}

func TestPeriod(t *testing.T) {
	accounts := []Account{{From: ""}, {From: "2026-02-01"}, {From: "2026-01-05"}}
	for _, c := range []struct {
		r    Run
		want string
	}{
		{Run{AsOf: "2026-04-10", Accounts: accounts}, "from 2026-01-05 to 2026-04-10"},
		{Run{AsOf: "2026-04-10"}, "to 2026-04-10"},
		{Run{AsOf: "2025-01-01", Accounts: accounts}, "to 2025-01-01"},
		{Run{Accounts: append(accounts, Account{To: "2026-03-01"})}, "from 2026-01-05 to 2026-03-01"},
		{Run{}, ""},
	} {
		if got := c.r.period(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAccountFilesAreMissedOnlyWhereTheyAreTaken(t *testing.T) {
	r := &Run{Accounts: []Account{{ID: "111122223333", Days: 1}}}
	if got := text(t, r, TextOptions{}); strings.Contains(got, "no account file") {
		t.Errorf("a scan takes none:\n%s", got)
	}
	r.Principals = []Principal{{Principal: "a", Status: "skipped"}}
	if got := text(t, r, TextOptions{}); !strings.Contains(got, "no account file") {
		t.Errorf("not told:\n%s", got)
	}
}
