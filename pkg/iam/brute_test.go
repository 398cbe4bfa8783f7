package iam_test

import (
	"fmt"
	mathbits "math/bits"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// rounds is how many random cases a test runs; TIGHTEN_ROUNDS multiplies it, and
// -short divides it.
func rounds(n int) int {
	if testing.Short() {
		n /= 5
	}
	if k, err := strconv.Atoi(os.Getenv("TIGHTEN_ROUNDS")); err == nil && k > 0 {
		return n * k
	}
	return n
}

// dice makes small random policies.
type dice struct{ *rand.Rand }

func roll(seed int64) dice { return dice{rand.New(rand.NewSource(seed))} }

func (r dice) of(list ...string) string { return list[r.Intn(len(list))] }

func (r dice) list(one func() string) iam.Strings {
	out := iam.Strings{one()}
	for r.Intn(3) == 0 {
		out = append(out, one())
	}
	return out
}

func (r dice) action() string {
	return r.of("*", "s:*", "s:a", "s:b", "s:a*", "s:?", "t:a", "s:ab", "?:a", "S:A*", "s:*b", "*:a", "t:*", "s:??")
}

func (r dice) resource() string {
	if r.Intn(3) == 0 {
		return r.of("*", "*", "a", "a*", "*b", "?", "a:*", "*:b", "a/*", "*/b", "a*b", "a?", "*:*", "??", "a/${aws:u}", "${aws:u}*", "a:?:*", "*:*:b", "")
	}
	return r.of("", "a", "*", "?", "a*") + ":" + r.of("", "", "b", "*", "?") + ":" + r.of("", "", "*") + ":::" +
		r.of("", "*", "a", "a*", "*a", "?", "a/*", "*/b", "a?", "*b*", "?*", "a:*", "*:b", "${aws:u}", "a/${aws:u}", "${aws:u}*")
}

func (r dice) conditions() iam.Conditions {
	var out iam.Conditions
	for r.Intn(5) < 2 && len(out) < 2 {
		switch r.Intn(8) {
		case 0:
			out = append(out, clause("Null", r.of("k", "n", "aws:u"), r.of("true", "false")))
		case 1:
			out = append(out, clause(r.of("Bool", "BoolIfExists"), r.of("k", "K"), r.of("true", "false")))
		case 2, 3:
			op := r.of("NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals", "NumericLessThanIfExists")
			out = append(out, clause(op, "n", r.list(func() string { return r.of("1", "2", "3") })...))
		default:
			op := r.of("", "", "", "ForAllValues:", "ForAnyValue:") + r.of("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase")
			if !strings.HasPrefix(op, "For") {
				op += r.of("", "", "IfExists")
			}
			out = append(out, clause(op, r.of("k", "k", "K", "aws:u"), r.list(func() string { return r.of("a", "b", "a*", "*", "?", "ab", "A", "*b", "") })...))
		}
	}
	return out
}

func clause(op, key string, values ...string) iam.ConditionBlock {
	return iam.ConditionBlock{Operator: op, Clauses: []iam.Clause{{Key: key, Values: values}}}
}

func (r dice) statement(effect iam.Effect) iam.Statement {
	s := iam.Statement{Effect: effect, Condition: r.conditions()}
	if r.Intn(5) == 0 {
		s.NotAction = r.list(r.action)
	} else {
		s.Action = r.list(r.action)
	}
	if r.Intn(5) == 0 {
		s.NotResource = r.list(r.resource)
	} else {
		s.Resource = r.list(r.resource)
	}
	return s
}

func (r dice) document() *iam.Document {
	d := &iam.Document{Version: iam.CurrentVersion}
	for range 1 + r.Intn(3) {
		d.Statements = append(d.Statements, r.statement(iam.Allow))
	}
	for r.Intn(2) == 0 {
		d.Statements = append(d.Statements, r.statement(iam.Deny))
	}
	r.Shuffle(len(d.Statements), func(i, j int) { d.Statements[i], d.Statements[j] = d.Statements[j], d.Statements[i] })
	return d
}

// near changes some statements of d, so that inclusion is neither clear nor rare.
func (r dice) near(d *iam.Document) *iam.Document {
	d = d.Clone()
	for range 1 + r.Intn(2) {
		s := &d.Statements[r.Intn(len(d.Statements))]
		switch r.Intn(9) {
		case 0:
			s.Action, s.NotAction = r.list(r.action), nil
		case 1:
			s.Resource, s.NotResource = r.list(r.resource), nil
		case 2:
			s.Condition = append(s.Condition, r.conditions()...)
		case 3:
			s.Condition = r.conditions()
		case 4:
			s.Action, s.NotAction = s.NotAction, s.Action
		case 5:
			s.Resource, s.NotResource = s.NotResource, s.Resource
		case 6:
			d.Statements = append(d.Statements, r.statement([]iam.Effect{iam.Allow, iam.Deny, iam.Deny}[r.Intn(3)]))
		case 7: // one condition or its contrary: together they are everything
			other := s.Clone()
			b := r.of("StringEquals", "StringLike", "Bool")
			s.Condition = append(s.Condition, clause(b, "k", "a"))
			if b == "Bool" {
				s.Condition = append(s.Condition[:len(s.Condition)-1], clause("Bool", "k", "true"))
				other.Condition = append(other.Condition, clause("Bool", "k", "false"))
			} else {
				other.Condition = append(other.Condition, clause(strings.Replace(b, "String", "StringNot", 1), "k", "a"))
			}
			d.Statements = append(d.Statements, other)
		default:
			s.Resource, s.NotResource = append(s.Resource, r.of("a", "*:b", "a*")), nil
		}
	}
	return d
}

// universe is every request that the small policies can tell apart, nearly: all
// short resources, and all short last segments behind some heads.
type universe struct {
	actions, resources []string
	known              map[known]bits
}

type bits []uint64

// known is what the resources of a pattern depend on.
type known struct {
	pattern, variable string
	as                reading
}

func newUniverse() *universe {
	u := &universe{actions: []string{"s:a", "s:b", "s:ab", "t:a", "s:", "u:bb"}, known: map[known]bits{}}
	u.resources = strings4("ab:/", 4)
	for _, head := range []string{":::::", "a:::::", "a:b::::", "ab:::::", "b:b::::", "::a:::", "a:b:b:::"} {
		for _, end := range strings4("ab:/", 3) {
			u.resources = append(u.resources, head+end)
		}
	}
	slices.Sort(u.resources)
	u.resources = slices.Compact(u.resources)
	return u
}

// strings4 lists all strings up to a length.
func strings4(alphabet string, n int) []string {
	out, level := []string{""}, []string{""}
	for range n {
		var next []string
		for _, w := range level {
			for _, c := range alphabet {
				next = append(next, w+string(c))
			}
		}
		out, level = append(out, next...), next
	}
	return out
}

// contexts lists all contexts over the keys that a document uses.
func contexts(docs ...*iam.Document) []map[string][]string {
	var text strings.Builder
	for _, d := range docs {
		text.Write(d.Minify())
	}
	used := strings.ToLower(text.String())
	choices := map[string][][]string{
		"k":     {nil, {}, {"a"}, {"b"}, {"ab"}, {"true"}, {"false"}, {""}, {"A"}, {"a", "b"}, {"a", "ab"}},
		"n":     {nil, {"0"}, {"1"}, {"2"}, {"3"}, {"x"}, {"1", "2"}},
		"aws:u": {nil, {"a"}, {"b"}, {"ab"}, {":"}, {"a", "b"}, {""}},
	}
	out := []map[string][]string{{}}
	for key, values := range choices {
		if !strings.Contains(used, `"`+key+`"`) && !(key == "aws:u" && strings.Contains(used, key)) {
			continue
		}
		var next []map[string][]string
		for _, c := range out {
			for _, v := range values {
				e := map[string][]string{}
				for k, w := range c {
					e[k] = w
				}
				if v != nil {
					e[key] = v
				}
				next = append(next, e)
			}
		}
		out = next
	}
	return out
}

// pattern returns the resources that match.
func (u *universe) pattern(p string, as reading, context map[string][]string) bits {
	key := known{pattern: p, as: as}
	if strings.Contains(p, "${") {
		key.variable = fmt.Sprintf("%q", context["aws:u"])
	}
	b, ok := u.known[key]
	if !ok {
		b = make(bits, len(u.resources)/64+1)
		for i, s := range u.resources {
			if onResource(p, s, as, context) {
				b[i/64] |= 1 << (i % 64)
			}
		}
		u.known[key] = b
	}
	return b
}

// reach adds the resources that the document's statements of one effect reach.
func (u *universe) reach(dst bits, d *iam.Document, effect iam.Effect, action string, as reading, context map[string][]string) {
	clear(dst)
	room := make(bits, len(dst))
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != effect || !onAction(s, action) || !onConditions(s, context) {
			continue
		}
		clear(room)
		for _, p := range append(s.Resource[:len(s.Resource):len(s.Resource)], s.NotResource...) {
			for j, x := range u.pattern(p, as, context) {
				room[j] |= x
			}
		}
		for j, x := range room {
			if s.NotResource != nil {
				x = ^x
			}
			dst[j] |= x
		}
	}
}

// excess finds a request that inner allows and outer does not, under some reading.
func (u *universe) excess(outer, inner *iam.Document, alone bool) (found *iam.Request, as reading) {
	var b [4]bits
	for i := range b {
		b[i] = make(bits, len(u.resources)/64+1)
	}
	for _, context := range contexts(outer, inner) {
		for _, action := range u.actions {
			for as := narrow; as <= wide; as++ {
				u.reach(b[0], inner, iam.Allow, action, as, context)
				u.reach(b[1], inner, iam.Deny, action, as, context)
				u.reach(b[2], outer, iam.Allow, action, as, context)
				u.reach(b[3], outer, iam.Deny, action, as, context)
				for j := range b[0] {
					granted := b[2][j]
					if !alone {
						b[0][j] &^= b[1][j]
						granted &^= b[3][j]
					}
					if over := b[0][j] &^ granted; over != 0 {
						if i := j*64 + mathbits.TrailingZeros64(over); i < len(u.resources) {
							return &iam.Request{Action: action, Resource: u.resources[i], Context: iam.Context{Values: context}}, as
						}
					}
				}
			}
		}
	}
	return nil, 0
}

func includes(outer, inner *iam.Document, only bool) iam.Inclusion {
	return iam.Includes([]*iam.Document{outer}, []*iam.Document{inner}, iam.InclusionOptions{AllowsOnly: only})
}

// checkWitness: the oracle too says that inner allows it and outer does not.
func checkWitness(t testing.TB, outer, inner *iam.Document, w *iam.Request) {
	t.Helper()
	so, err1 := iam.Compile(outer)
	si, err2 := iam.Compile(inner)
	if err1 != nil || err2 != nil || si.Decide(w) != iam.Allowed || so.Decide(w) != iam.Denied {
		t.Fatalf("%+v is no witness\nouter %s\ninner %s", *w, outer.Minify(), inner.Minify())
	}
	for as := narrow; as <= wide; as++ {
		if !allows(inner, w, as, false) || allows(outer, w, as, false) {
			t.Fatalf("%+v is no witness under reading %d\nouter %s\ninner %s", *w, as, outer.Minify(), inner.Minify())
		}
	}
}

// Includes against all requests of a small universe, and evaluation on some.
func TestIncludesAgainstBruteForce(t *testing.T) {
	r, u := roll(51), newUniverse()
	count, subsets := map[string]int{}, map[bool]int{}
	missed := map[bool]int{}
	for i := range rounds(10000) {
		outer := r.document()
		inner := outer
		if i%4 == 0 {
			inner = r.document()
		} else {
			inner = r.near(outer)
		}
		if i%4 == 1 {
			outer, inner = inner, outer
		}
		only := i%3 == 0
		got := includes(outer, inner, only)
		count[fmt.Sprintf("allows only %v: %v", only, got.Verdict)]++
		if got.Verdict == iam.Fails {
			if got.Witness != nil {
				checkWitness(t, outer, inner, got.Witness)
			} else if !only {
				t.Fatalf("no witness: %s", got.Reason)
			}
			continue
		}
		bad, as := u.excess(outer, inner, only)
		if bad == nil && only {
			bad, as = u.excess(outer, inner, false)
		}
		switch {
		case got.Verdict == iam.Holds && bad != nil:
			t.Fatalf("unsound (allows only %v) under reading %d: %+v\nouter %s\ninner %s", only, as, *bad, outer.Minify(), inner.Minify())
		case bad == nil:
			subsets[only]++
			if got.Verdict == iam.Undecided {
				missed[only]++
				t.Logf("missed (allows only %v): %s\nouter %s\ninner %s", only, got.Reason, outer.Minify(), inner.Minify())
			}
		}
	}
	for _, only := range []bool{false, true} {
		t.Logf("allows only %v: %d subsets by brute force, %d of them undecided (%.1f %%)", only, subsets[only], missed[only], 100*float64(missed[only])/float64(max(subsets[only], 1)))
	}
	t.Log(count)
	if count["allows only false: holds"] < 100 || count["allows only true: holds"] < 50 {
		t.Error("too few proofs: the test shows little")
	}
}

// Evaluation against the oracle: Allowed and Denied where all readings agree.
func TestDecideAgainstOracle(t *testing.T) {
	r, u := roll(52), newUniverse()
	for range rounds(2000) {
		d := r.document()
		s, err := iam.Compile(d)
		if err != nil {
			t.Fatal(err)
		}
		all := contexts(d)
		for range 40 {
			q := iam.Request{Action: r.of(u.actions...), Resource: r.of(u.resources...), Context: iam.Context{Values: all[r.Intn(len(all))]}}
			if slices.ContainsFunc([]string{"k", "n", "aws:u"}, func(k string) bool { return slices.Equal(q.Context.Values[k], []string{""}) }) {
				continue // whether an empty string is null is not documented
			}
			yes := 0
			for as := narrow; as <= wide; as++ {
				if allows(d, &q, as, false) {
					yes++
				}
			}
			want := []iam.Decision{iam.Denied, iam.Unknown, iam.Unknown, iam.Allowed}[yes]
			if got := s.Decide(&q); got != want {
				t.Fatalf("%+v: got %v, want %v\n%s", q, got, want, d.Minify())
			}
		}
	}
}
