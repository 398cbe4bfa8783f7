package iam

import (
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func patternFigure(t testing.TB, o PermissivenessOptions, patterns ...string) Figure {
	t.Helper()
	f, err := PatternPermissiveness(patterns, true, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func near(a, b float64) bool {
	return a == b || math.Abs(a-b) < 1e-6
}

func TestPermissivenessOfPatterns(t *testing.T) {
	all := new(big.Int)
	for k := range 101 {
		all.Add(all, new(big.Int).Exp(big.NewInt(256), big.NewInt(int64(k)), nil))
	}
	tests := []struct {
		patterns []string
		want     string
	}{
		{[]string{"*"}, "800.005647"},
		{[]string{"**"}, "800.005647"},
		{[]string{"arn:aws:s3:::b/*"}, "680.005647"},
		{[]string{"arn:aws:s3:::b/*", "arn:aws:s3:::b/private/*"}, "680.005647"},
		{[]string{"arn:aws:s3:::b/*", "arn:aws:s3:::c/*"}, "681.005647"},
		{[]string{"arn:aws:s3:::b"}, "0.000000"},
		{[]string{"arn:aws:s3:::b", "arn:aws:s3:::c", "arn:aws:s3:::b"}, "1.000000"},
		{[]string{"a?"}, "8.000000"},
		{[]string{"a?", "?a"}, "8.997179"},                      // 2·256 − 1
		{[]string{"é?字"}, "8.000000"},                           // characters, not bytes
		{[]string{strings.Repeat("?", 6000)}, "nothing"},        // longer than the length
		{[]string{strings.Repeat("?", 99), "b"}, "792.000000"},  //
		{[]string{strings.Repeat("*a", 101)}, "nothing"},        //
		{[]string{strings.Repeat("*a", 100) + "*"}, "0.000000"}, // only a…a
		{[]string{strings.Repeat("*a", 99) + "*"}, "14.638323"}, // one of 100 is free: 1 + 1 + 100·255
		{nil, "nothing"},
	}
	for _, tt := range tests {
		f := patternFigure(t, PermissivenessOptions{}, tt.patterns...)
		if f.String() != tt.want || f.Bound != Exact {
			t.Errorf("%.60q: %s, want %s", tt.patterns, f, tt.want)
		}
	}
	if want := bigLog2(all); !near(want, 800.005647) {
		t.Errorf("by big integers: %f", want)
	}
}

func bigLog2(n *big.Int) float64 {
	if n.Sign() == 0 {
		return math.Inf(-1)
	}
	f := new(big.Float).SetInt(n)
	exp := f.MantExp(f)
	m, _ := f.Float64()
	return math.Log2(m) + float64(exp)
}

// Counts for a length of thousands do not overflow, and agree with a sum of
// binomial coefficients over big integers: strings that hold k times an 'a'.
func TestPermissivenessAgainstBigIntegers(t *testing.T) {
	for _, length := range []int{7, 100, 1500} {
		for _, k := range []int{1, 3, 40} {
			want := new(big.Int)
			for n := k; n <= length; n++ {
				for hits := k; hits <= n; hits++ {
					if n-hits > 60 && hits > k+60 && length > 100 {
						break // what is left is below the accuracy; see the tolerance
					}
					term := new(big.Int).Binomial(int64(n), int64(hits))
					want.Add(want, term.Mul(term, new(big.Int).Exp(big.NewInt(255), big.NewInt(int64(n-hits)), nil)))
				}
			}
			f := patternFigure(t, PermissivenessOptions{Length: length}, strings.Repeat("*a", k)+"*")
			if got := bigLog2(want); !near(got, f.Log2) || f.Bound != Exact {
				t.Errorf("%d of %d: %s, want %f", k, length, f, got)
			}
		}
	}
}

// stringsOver lists all strings of at most length characters.
func stringsOver(alphabet string, length int) []string {
	out, last := []string{""}, []string{""}
	for range length {
		var next []string
		for _, s := range last {
			for _, r := range alphabet {
				next = append(next, s+string(r))
			}
		}
		out, last = append(out, next...), next
	}
	return out
}

func randomGlob(r *rand.Rand, most int) string {
	var b strings.Builder
	for range r.Intn(most + 1) {
		b.WriteByte("aaabb?**"[r.Intn(8)])
	}
	return b.String()
}

// The count equals the number of strings that match, one by one, over an
// alphabet of three characters: any Allow, Deny, NotResource.
func TestPermissivenessByBruteForce(t *testing.T) {
	const length = 6
	texts := stringsOver("abc", length)
	r := rand.New(rand.NewSource(5))
	for i := range rounds(1500) {
		d := &Document{Version: CurrentVersion}
		for range 1 + r.Intn(4) {
			s := Statement{Effect: Allow, Action: Strings{"s:*"}}
			if r.Intn(3) == 0 {
				s.Effect = Deny
			}
			list := Strings{}
			for range 1 + r.Intn(3) {
				list = append(list, randomGlob(r, 7))
			}
			if r.Intn(3) == 0 {
				s.NotResource = list
			} else {
				s.Resource = list
			}
			d.Statements = append(d.Statements, s)
		}
		m, err := Permissiveness([]*Document{d}, []string{"s:A"}, PermissivenessOptions{Length: length, alphabet: 3})
		if err != nil {
			t.Fatal(err)
		}
		if want := math.Log2(float64(countWide(d, "s:A", texts))); !near(m.Log2, want) || m.Bound != Exact {
			t.Fatalf("case %d: %s, want %f\n%s", i, m, want, show(d))
		}
	}
}

// countWide counts under the wide reading, by matching alone.
func countWide(d *Document, action string, texts []string) (n int) {
	set, err := Compile(d)
	if err != nil {
		panic(err)
	}
	for _, text := range texts {
		allowed, denied := false, false
		for i := range set.statements {
			s := &set.statements[i]
			if anyGlob(s.actions, strings.ToLower(action)) == s.notAction {
				continue
			}
			hit := slices.ContainsFunc(s.patterns, func(p *pattern) bool { return matchTokens(p.wide, text) }) != s.notResource
			allowed = allowed || hit && s.effect == Allow
			denied = denied || hit && s.effect == Deny
		}
		if allowed && !denied {
			n++
		}
	}
	return n
}

// Where Includes proves a policy to be the smaller one, its figure is not larger.
func TestPermissivenessIsMonotone(t *testing.T) {
	m := newMaker(31)
	actions := []string{"s:a", "s:b", "s:ab", "t:a", "u:a"}
	proved := 0
	for range rounds(3000) {
		outer := m.document()
		inner := m.mutate(outer)
		if Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{}).Verdict != Holds {
			continue
		}
		o := PermissivenessOptions{Length: 14}
		a, errA := Permissiveness([]*Document{outer}, actions, o)
		b, errB := Permissiveness([]*Document{inner}, actions, o)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Bound != Exact || b.Bound != Exact {
			continue
		}
		if proved++; b.Log2 > a.Log2+1e-9 {
			t.Fatalf("%s in %s\n%s\n%s", b, a, show(inner), show(outer))
		}
	}
	if proved < 200 {
		t.Errorf("only %d pairs", proved)
	}
}

func TestPermissivenessOfDocuments(t *testing.T) {
	tests := []struct {
		name, statements, want, reason string
	}{
		{"each action", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, "801.005647", ""},
		{"by NotAction", `{"Effect":"Allow","NotAction":"s3:GET*","Resource":"arn:aws:s3:::b"}`, "1.000000", ""},
		{"minus Deny", `{"Effect":"Allow","Action":"*","Resource":["a","b"]},{"Effect":"Deny","Action":"S3:PutObject","Resource":"a"}`, "2.321928", ""},
		{"all denied", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}`, "nothing", ""},
		{"NotResource", `{"Effect":"Allow","Action":"*","Resource":["a","b"]},{"Effect":"Deny","Action":"*","NotResource":"?"}`, "2.584963", ""},
		{"condition", `{"Effect":"Allow","Action":"s3:*","Resource":"a","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, "at most 1.000000", "taken as met"},
		{"conditional Deny", `{"Effect":"Allow","Action":"s3:*","Resource":"a"},{"Effect":"Deny","Action":"*","Resource":"a","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, "at most 1.000000", "left out"},
		{"Deny for some", `{"Effect":"Allow","Action":"s3:*","Resource":"a"},{"Effect":"Deny","Action":"*","Resource":"a","Principal":{"AWS":"111122223333"}}`, "at most 1.000000", "some principals"},
		{"Deny for all", `{"Effect":"Allow","Action":"s3:*","Resource":"a","Principal":"*"},{"Effect":"Deny","Action":"*","Resource":"a","Principal":"*"}`, "nothing", ""},
		{"variable", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}`, "at most 680.005647", "any text"},
		{"variable in Deny", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"a"},{"Effect":"Deny","Action":"*","Resource":"${aws:username}"}`, "at most 0.000000", "no text"},
		{"trust policy", `{"Effect":"Allow","Action":"s3:GetObject","Principal":"*"}`, "at most 800.005647", "without Resource"},
	}
	actions := []string{"s3:GetObject", "s3:PutObject", "ec2:RunInstances", "s3:putobject"}
	for _, tt := range tests {
		d := mustParse(t, `{"Version":"2012-10-17","Statement":[`+tt.statements+`]}`)
		m, err := Permissiveness([]*Document{d}, actions, PermissivenessOptions{})
		if err != nil {
			t.Fatal(err)
		}
		reason := strings.Join(m.Reasons, "; ")
		if len(m.ByAction) != 3 || m.ByAction[1].Action != "s3:PutObject" {
			t.Errorf("%s: by action: %v", tt.name, m.ByAction)
		}
		if m.String() != tt.want || !strings.Contains(reason, tt.reason) || (tt.reason == "") != (reason == "") {
			t.Errorf("%s: %s (%s), want %s (%s)", tt.name, m, reason, tt.want, tt.reason)
		}
	}
}

func TestPermissivenessOfActionsWithoutResources(t *testing.T) {
	d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}]}`)
	o := PermissivenessOptions{NoResource: func(a string) bool { return strings.Contains(a, "List") || strings.Contains(a, "Describe") }}
	m, err := Permissiveness([]*Document{d}, []string{"ec2:DescribeInstances", "s3:ListAllMyBuckets"}, o)
	if err != nil || m.String() != "0.000000" || m.ByAction[1].String() != "nothing" {
		t.Errorf("%s, %s, %v", m, m.ByAction, err)
	}
}

func TestPermissivenessRefuses(t *testing.T) {
	d := &Document{Statements: []Statement{{Effect: Allow, Action: Strings{"*"}, Resource: Strings{"*"}}}}
	bad := &Document{Statements: []Statement{{Effect: "allow", Action: Strings{"*"}, Resource: Strings{"*"}}}}
	for name, call := range map[string]func() (Measure, error){
		"pattern": func() (Measure, error) {
			return Permissiveness([]*Document{d}, []string{"s3:*"}, PermissivenessOptions{})
		},
		"empty":    func() (Measure, error) { return Permissiveness([]*Document{d}, []string{""}, PermissivenessOptions{}) },
		"length":   func() (Measure, error) { return Permissiveness([]*Document{d}, nil, PermissivenessOptions{Length: -1}) },
		"document": func() (Measure, error) { return Permissiveness([]*Document{bad}, nil, PermissivenessOptions{}) },
	} {
		if m, err := call(); err == nil {
			t.Errorf("%s: %v", name, m)
		}
	}
	many := ""
	for r := rune(0x4e00); r < 0x4e00+300; r++ {
		many += string(r)
	}
	if f := patternFigure(t, PermissivenessOptions{}, many); f.String() != "unknown" || len(f.Reasons) != 1 || !math.IsNaN(f.Log2) {
		t.Errorf("300 characters: %s %q", f, f.Reasons)
	}
}

// Bombs end within the budget, with the figure or a bound that is not too low.
func TestPermissivenessOfBombs(t *testing.T) {
	numbered := func(format string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf(format, i))
		}
		return out
	}
	bombs := map[string]struct {
		patterns []string
		length   int
		exact    bool
	}{
		"stars":              {[]string{strings.Repeat("*a", 3000)}, 8000, false},
		"stars, short":       {[]string{strings.Repeat("*a", 90)}, 100, true},
		"questions":          {[]string{strings.Repeat("?", 6000)}, 6000, true},
		"late question":      {[]string{"*a" + strings.Repeat("?", 60)}, 100, false},
		"10,000 tables":      {numbered("arn:aws:dynamodb:*:*:table/t%d", 10000), 100, true},
		"10,000 keys":        {numbered("arn:aws:s3:::b/%d*", 10000), 100, true},
		"10,000 infixes":     {numbered("*%d*", 10000), 100, true},
		"10,000 two infixes": {numbered("*x%d*y%[1]d*", 10000), 100, false},
		"12 two infixes":     {numbered("*x%d*y%[1]d*", 12), 100, false},
	}
	for name, b := range bombs {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		f := patternFigure(t, PermissivenessOptions{Length: b.length}, b.patterns...)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		t.Logf("%s: %s in %v, %d MB allocated", name, f, took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
		if b.exact && f.Bound != Exact || f.Bound == Uncounted {
			t.Errorf("%s: %s %q", name, f, f.Reasons)
		}
		if took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// With little budget a figure is a bound on the one with more.
func TestPermissivenessBoundIsSound(t *testing.T) {
	r := rand.New(rand.NewSource(6))
	bounds := 0
	for range rounds(2000) {
		var patterns []string
		for range 1 + r.Intn(4) {
			patterns = append(patterns, randomGlob(r, 9))
		}
		exact := patternFigure(t, PermissivenessOptions{Length: 12}, patterns...)
		low := patternFigure(t, PermissivenessOptions{Length: 12, Budget: 1 + r.Intn(300)}, patterns...)
		if exact.Bound != Exact || low.Bound == Exact && !near(low.Log2, exact.Log2) || low.Log2 < exact.Log2-1e-9 {
			t.Fatalf("%q: %s, then %s", patterns, exact, low)
		}
		if low.Bound == AtMost {
			bounds++
		}
	}
	if bounds < 100 {
		t.Errorf("only %d bounds", bounds)
	}
}

func FuzzPermissiveness(f *testing.F) {
	f.Add("a*b?", "*", "b*", uint16(100), true)
	f.Add("*a*a*a*", "a??", "", uint16(9), false)
	f.Add(strings.Repeat("*a?", 60), "*b??????????", "é*", uint16(5000), true)
	texts := stringsOver("ab", 5)
	f.Fuzz(func(t *testing.T, p, q, deny string, length uint16, not bool) {
		if len(p)+len(q)+len(deny) > 4096 {
			return
		}
		d := &Document{Statements: []Statement{
			{Effect: Allow, Action: Strings{"s:*"}, Resource: Strings{p, q}},
			{Effect: Deny, Action: Strings{"s:A"}, Resource: Strings{deny}},
		}}
		if not {
			s := &d.Statements[1]
			s.NotResource, s.Resource = s.Resource, nil
		}
		m, err := Permissiveness([]*Document{d}, []string{"s:A", "s:B"}, PermissivenessOptions{Length: int(length), Budget: 1 << 16})
		if err != nil || m.Bound == Exact && math.IsNaN(m.Log2) {
			t.Fatalf("%s: %v", m, err)
		}
		if strings.Trim(p+q+deny, "ab*?") != "" {
			return
		}
		o := PermissivenessOptions{Length: 5, alphabet: 2}
		for _, a := range []string{"s:A", "s:B"} {
			m, err := Permissiveness([]*Document{d}, []string{a}, o)
			want := math.Log2(float64(countWide(d, a, texts)))
			if err != nil || m.Bound == Exact && !near(m.Log2, want) || m.Log2 < want-1e-6 {
				t.Fatalf("%s: %s, want %f (%v)", a, m, want, err)
			}
		}
	})
}
