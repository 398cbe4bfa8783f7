package iam

import (
	"math/rand"
	"strings"
	"testing"
	"time"
)

func TestMatchAction(t *testing.T) {
	for _, c := range []struct {
		pattern, action string
		want            bool
	}{
		{"*", "s3:GetObject", true},
		{"s3:*", "s3:GetObject", true},
		{"S3:getobject", "s3:GetObject", true},
		{"s3:Get*", "s3:PutObject", false},
		{"s3:Get?bject", "s3:GetObject", true},
		{"s3:Get*", "s3:Get*", true},
		{"s3:Get?*", "s3:Get*", false},
		{"s3:*", "s3:Get*", true},
		{"s3:G?t*", "s3:Get*", true},
		{"s3:*?", "s3:?*", true},
		{"s3:Get*", "*", false},
		{"iam:List\u212aeys", "iam:ListKeys", false}, // KELVIN SIGN folds to k in Unicode
	} {
		if got := MatchAction(c.pattern, c.action); got != c.want {
			t.Errorf("MatchAction(%q, %q) = %v", c.pattern, c.action, got)
		}
	}
}

func TestMatchResource(t *testing.T) {
	for _, c := range []struct {
		pattern, resource string
		want              bool
	}{
		{"*", "*", true},
		{"*", "arn:aws:s3:::b/*", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::B/x", false},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/logs/*", true},
		{"arn:aws:s3:::b/logs/*", "arn:aws:s3:::b/*", false},
		{"arn:aws:s3:::b/?*", "arn:aws:s3:::b/*?", true},
		{"arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true},
		{"arn:aws:s3:::b/*??", "arn:aws:s3:::b/€", false},
		{"arn:aws:sqs:*:*:q", "arn:aws:sqs:us-east-1:1:q", true},
		{"arn:aws:sqs:*:*:q", "arn:aws:sqs:us-east-1:1:x:q", false}, // wide and tail only
		{"arn:aws:sqs:*:*:q*", "arn:aws:sqs:*:1:q", true},
		{"arn:aws:sqs:*", "arn:aws:sqs:us-east-1:1:q", true},
		{"arn:aws:sqs", "arn:aws:sqs:us-east-1:1:q", false}, // completed under one reading only
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", true},
		{"*", "", true},
	} {
		if got := MatchResource(c.pattern, c.resource); got != c.want {
			t.Errorf("MatchResource(%q, %q) = %v", c.pattern, c.resource, got)
		}
	}
}

func TestColonReadingsDiffer(t *testing.T) {
	p := newPattern("arn:aws:sqs:*:*:secret-*", true)
	for s, want := range map[string]reading{
		"arn:aws:sqs:us-east-1:1:secret-":       everyReading,
		"arn:aws:sqs:us-east-1:1:jobs-:secret-": wideReading | tailReading,
		"arn:aws:sqs:us-east-1:1:jobs":          0,
	} {
		if got := p.match(s); got != want {
			t.Errorf("%s: readings %03b, want %03b", s, got, want)
		}
	}
	// A * that does not end its segment crosses ':' under the wide reading alone.
	if got := newPattern("arn:aws:sqs:us-*t:1:q", true).match("arn:aws:sqs:us-a:b-t:1:q"); got != wideReading {
		t.Errorf("readings %03b", got)
	}
}

// naive is a glob by definition.
func naive(p, s []rune) bool {
	switch {
	case len(p) == 0:
		return len(s) == 0
	case p[0] == '*':
		return naive(p[1:], s) || len(s) > 0 && naive(p, s[1:])
	case len(s) == 0:
		return false
	}
	return (p[0] == '?' || p[0] == s[0]) && naive(p[1:], s[1:])
}

func checkGlob(t testing.TB, p, s string) {
	t.Helper()
	want := naive([]rune(p), []rune(s))
	if got := globFold(p, s); got != want {
		t.Fatalf("globFold(%q, %q) = %v", p, s, got)
	}
	c := newPattern(p, true)
	if got := c.any || c.match(s)&wideReading != 0; got != want {
		t.Fatalf("match(%q, %q) = %v", p, s, got)
	}
	toks, _ := tokenize(p, true, true)
	for _, form := range [][]tok{toks, normalize(toks), c.wide} {
		if got := matchMixed(form, s); got != want {
			t.Fatalf("matchMixed(%q, %q) = %v", p, s, got)
		}
	}
	if l := lay(toks); !c.any {
		for k, form := range [][]tok{l.wide, l.tail, l.narrow} {
			if got := c.match(s)&(1<<k) != 0; got != matchMixed(form, s) {
				t.Fatalf("reading %d of %q on %q: %v, positions say otherwise", k, p, s, got)
			}
		}
	}
}

func TestGlobAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	hits := 0
	for range rounds(30000) {
		gen := func(alphabet []rune, n int) string {
			var b strings.Builder
			for range r.Intn(n) {
				b.WriteRune(alphabet[r.Intn(len(alphabet))])
			}
			return b.String()
		}
		p, s := gen([]rune("ab:é*?*"), 9), gen([]rune("ab:é"), 9)
		checkGlob(t, p, s)
		if globFold(p, s) {
			hits++
		}
	}
	if hits < 1000 {
		t.Errorf("only %d matches", hits)
	}
}

func FuzzMatch(f *testing.F) {
	for _, p := range []string{"", "*", "a*b?c", "arn:aws:s3:::*", "*?*?*", "a:*:b*:?:c:*d"} {
		f.Add(p, "arn:aws:s3:::a:b")
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 24 || len(s) > 24 || !validText(p) || !validText(s) {
			return
		}
		checkGlob(t, p, s)
	})
}

// validText excludes invalid UTF-8, which Parse refuses, and upper case, which
// globFold folds.
func validText(s string) bool { return strings.ToValidUTF8(s, "") == s && lowerASCII(s) == s }

// Patterns made to explode must end within the budget, and quickly.
func TestPatternBombs(t *testing.T) {
	many := strings.Repeat("*?", 400)
	stars := strings.Repeat("*a", 400)
	start := time.Now()
	if !MatchResource("arn:aws:s3:::"+many, "arn:aws:s3:::"+many) || !MatchAction(many, many) {
		t.Error("a pattern does not cover itself")
	}
	MatchResource("arn:aws:s3:::"+stars+"b", "arn:aws:s3:::"+strings.Repeat("a", 4000))
	MatchResource("arn:aws:s3:::"+stars, "arn:aws:s3:::"+stars+"?*b*")
	MatchAction("s3:"+strings.Repeat("a?*", 200), "s3:"+stars)
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
	// The subset construction of *a???…? needs 2^n sets; negated, no antichain helps.
	outer := &Document{Version: CurrentVersion, Statements: []Statement{
		{Effect: Allow, Action: Strings{"s3:*"}, NotResource: Strings{"*a" + strings.Repeat("?", 40)}},
		{Effect: Allow, Action: Strings{"s3:*"}, Resource: Strings{"*z"}}}}
	inner := &Document{Version: CurrentVersion, Statements: []Statement{{Effect: Allow, Action: Strings{"s3:*"}, Resource: Strings{"*"}}}}
	start = time.Now()
	if got := Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{}); got.Verdict != Undecided {
		t.Errorf("bomb: %+v", got)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("bomb took %v", d)
	}
}
