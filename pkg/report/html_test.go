package report

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func pageOf(t testing.TB, r *Run) string {
	t.Helper()
	return render(t, func(w io.Writer) error { return HTML(w, r) })
}

// The policy of the page names its style and script as a browser hashes them.
func TestHTMLPolicyMatches(t *testing.T) {
	text := pageOf(t, recordedRun(t))
	m := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("no policy")
	}
	policy := html.UnescapeString(m[1])
	for _, tag := range []string{"style", "script"} {
		_, rest, _ := strings.Cut(text, "<"+tag+">")
		inner, _, ok := strings.Cut(rest, "</"+tag+">")
		sum := sha256.Sum256([]byte(inner))
		want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !ok || !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
}

func TestHTMLLoadsNothing(t *testing.T) {
	text := pageOf(t, recordedRun(t))
	for _, s := range []string{"http:", "https:", "src=", "url(", "@import", "style="} {
		if strings.Contains(text, s) {
			t.Errorf("the page has %q", s)
		}
	}
}

func TestHTMLOpensOnTheAnswer(t *testing.T) {
	r := recordedRun(t)
	text := pageOf(t, r)
	if !strings.Contains(text, "<h1>19,108 of 55,612 granted actions were not used and can go</h1>") {
		t.Error("the headline is not the answer")
	}
	var sum shares
	for i := range r.Principals {
		s := sharesOf(&r.Principals[i])
		if s.used+s.kept+s.gone != s.granted {
			t.Errorf("%s: shares %+v do not add up", r.Principals[i].Principal, s)
		}
		sum.granted += s.granted
	}
	if sum.granted != r.Totals.Before {
		t.Errorf("granted %d, totals say %d", sum.granted, r.Totals.Before)
	}
}

func TestHTMLHeadlines(t *testing.T) {
	for want, r := range map[string]*Run{
		"7 records of 1 account": {Scan: Scan{Records: 7}, Accounts: make([]Account, 1)},
		"No granted action can":  {Principals: []Principal{{Before: 5, After: 5}}},
		"1 principal, no attach": {Principals: []Principal{{After: 5}}},
	} {
		if text := pageOf(t, r); !strings.Contains(text, "<h1>"+want) {
			t.Errorf("no headline %q", want)
		}
	}
}

func TestMeter(t *testing.T) {
	for _, s := range []shares{{10, 5, 3, 2}, {20000, 1, 0, 19999}, {20000, 0, 1, 19999}, {3, 1, 1, 1}, {7, 7, 0, 0}, {7, 0, 0, 7}, {1000000, 1, 999998, 1}} {
		m, at := newMeter(s), 0
		for i, n := range []int{s.used, s.kept, s.gone} {
			p := m.Parts[i]
			if p.X != at || p.W < 0 || n > 0 && s.kept != n && p.W == 0 {
				t.Errorf("%+v: part %d is %+v", s, i, p)
			}
			at += p.W
		}
		if at != 1000 {
			t.Errorf("%+v fills %d of 1000", s, at)
		}
	}
	if newMeter(shares{}) != nil {
		t.Error("a bar of nothing")
	}
}

func TestLinks(t *testing.T) {
	for file, want := range map[string]string{
		"policies/1/role/a.json":  "./policies/1/role/a.json",
		"policies/":               "./policies/",
		"a:b.json":                "./a:b.json",
		"a b?c#d%41.json":         "./a%20b%3Fc%23d%2541.json",
		"":                        "",
		"/etc/passwd":             "",
		"../x":                    "",
		"a/../../x":               "",
		"..":                      "",
		"./a":                     "",
		"a//b":                    "",
		`a\b`:                     "",
		"a\u202eb":                "",
		strings.Repeat("a", 1000): "",
	} {
		if got := newLink(file).Href; got != want {
			t.Errorf("link of %.30q is %q, want %q", file, got, want)
		}
	}
}

// bigRun has n principals with long lists of long names.
func bigRun(n, list int, text string) *Run {
	names := make([]string, list)
	for i := range names {
		names[i] = fmt.Sprintf("service:%s%d", text, i)
	}
	r := &Run{Version: Version}
	for i := range n {
		r.Principals = append(r.Principals, Principal{
			Principal: fmt.Sprintf("arn:aws:iam::111122223333:role/%s%d", text, i), Status: "tightened", Before: list, Kept: names,
			RemovedBy: map[string]int{"Write": list},
			Policies: []Policy{{
				Name: "p", Change: "narrow", Removed: []LevelActions{{"Write", list, names}}, Notes: names,
				Narrowed: []Narrowed{{"a:b", names, names}},
			}},
		})
	}
	return r
}

func TestHTMLIsBounded(t *testing.T) {
	const most = 10 << 20
	for _, c := range []struct {
		n, list int
		text    string
	}{{3000, 50, "Action"}, {20, 20000, "Action"}, {1000, 500, strings.Repeat("x", 300)}} {
		text := pageOf(t, bigRun(c.n, c.list, c.text))
		if len(text) > most {
			t.Errorf("%d principals: %d bytes", c.n, len(text))
		}
		if !strings.Contains(text, " more</span>") {
			t.Errorf("%d principals: lists are not cut", c.n)
		}
		if rows := strings.Count(text, `<details class="principal"`); rows != min(c.n, pageRows) {
			t.Errorf("%d rows of %d principals", rows, c.n)
		}
	}
}

// A browser renders the page and reports nothing on its console.
func TestHTMLInBrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is checked by its parsed tree only")
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(pageOf(t, recordedRun(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--disable-sync", "--enable-logging=stderr", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=2000", "--dump-dom", "file://"+file)
	var dom, log strings.Builder
	cmd.Stdout, cmd.Stderr = &dom, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	if strings.Contains(log.String(), "CONSOLE") {
		t.Errorf("the console says:\n%s", log.String())
	}
	if strings.Contains(dom.String(), `aria-label="Filter principals" hidden`) {
		t.Error("the filter did not start")
	}
}

// TestHTMLTellsWhatWouldExplain: a success that nothing explains says what may, escaped.
func TestHTMLTellsWhatWouldExplain(t *testing.T) {
	r := recordedRun(t)
	r.Principals[0].Unexplained = []Unexplained{{Action: "kms:Decrypt", Resource: "*", Count: 2, Hint: "a grant <b>may</b>\x1b[1m: aws kms list-grants"}, {Action: "s3:GetObject", Resource: "*", Count: 1}}
	got := pageOf(t, r)
	if !strings.Contains(got, "2 calls<br><small>a grant &lt;b&gt;may&lt;/b&gt;") || !strings.Contains(got, "1 call</li>") || strings.Contains(got, "\x1b") {
		t.Error("the page does not tell what would explain a use, or as markup")
	}
}
