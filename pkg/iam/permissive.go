package iam

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// DefaultLength is how long the resources are that a Figure counts, unless told
// otherwise. The pattern * then has the figure 800.005647.
const DefaultLength = 100

// Bound says how a Figure stands to the true count.
type Bound uint8

// The bounds of a figure. Uncounted is no figure at all: Log2 is NaN.
const (
	Exact Bound = iota
	AtMost
	Uncounted
)

// Figure is a permissiveness: the binary logarithm of how many resources, or how
// many pairs of action and resource, are let through. Two policies compare by
// figures of the same Length and actions: one bit less is half as much.
//
// Counted are the strings of 0 to Length characters over 256 characters: those
// that the patterns name, and as many others (for ASCII patterns the same as the
// 256 byte values). ? stands for one character, and * for any number, ':' and '/'
// too: of the three readings of colons this is the wide one. Log2 is accurate to
// 1e-6.
type Figure struct {
	Log2    float64 // -Inf when nothing is let through; neither it nor NaN is valid in JSON
	Bound   Bound
	Reasons []string // why the figure is not exact, sorted
	// TooLong counts the patterns of Allow that match nothing of at most Length
	// characters, and so add nothing.
	TooLong int
}

// String writes the figure with six decimals: "800.005647", "at most 12.000000",
// "nothing" or "unknown".
func (f Figure) String() string {
	switch {
	case f.Bound == Uncounted:
		return "unknown"
	case math.IsInf(f.Log2, -1):
		return "nothing"
	}
	text := strconv.FormatFloat(f.Log2, 'f', 6, 64)
	if f.Bound == AtMost {
		return "at most " + text
	}
	return text
}

// ActionFigure is the figure of one action: its resources.
type ActionFigure struct {
	Action string // as the caller wrote it
	Figure
}

// Measure is the answer of Permissiveness.
type Measure struct {
	Figure   // of all actions: pairs of action and resource
	ByAction []ActionFigure
}

// PermissivenessOptions tune Permissiveness and PatternPermissiveness.
type PermissivenessOptions struct {
	Length int // longest resource counted, in characters; 0 means DefaultLength, at most 1<<16
	Budget int // work units; 0 means the default: about a second and 200 MB at worst
	// NoResource names the actions that have no resource types: those are granted
	// on Resource * alone and count as one pair. nil: there are none.
	NoResource func(action string) bool

	alphabet int // characters; tests count over few
}

const (
	permissiveBudget = 10 << 20
	longestLength    = 1 << 16
)

func (o PermissivenessOptions) withDefaults() (PermissivenessOptions, error) {
	if o.Length < 0 || o.Length > longestLength {
		return o, fmt.Errorf("length %d is out of range: give 1 to %d characters", o.Length, longestLength)
	}
	o.Length = cmp.Or(o.Length, DefaultLength)
	o.alphabet = cmp.Or(o.alphabet, 256)
	if o.Budget <= 0 {
		o.Budget = permissiveBudget
	}
	return o, nil
}

// PatternPermissiveness counts the resources that at least one of the patterns
// accepts. "${" is plain text in them when literal (see Document.Literal);
// otherwise a policy variable counts as *, and the figure is AtMost.
func PatternPermissiveness(patterns []string, literal bool, o PermissivenessOptions) (Figure, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Figure{}, err
	}
	r := rule{effect: Allow, src: &Statement{}, literal: literal}
	r.compileResources(patterns)
	return newMeasurer(o, []rule{r}).figure(grant{[]int32{0}, false}, newWork(o.Budget)), nil
}

// Permissiveness counts the pairs of action and resource that the documents let
// through, Allow minus Deny, for the named actions: those that the caller knows
// of, since a count over all texts that * matches would say little. It fails on
// what Compile refuses and on action patterns.
//
// Conditions, variables and principals have no count, so the figure is AtMost
// where they occur: conditions and principals of Allow are taken as met, a Deny
// with conditions or for some principals only is left out, a variable counts as
// any text where that lets more through and as none where less. A statement
// without Resource counts as one on *. Past the budget a figure is AtMost too.
//
// When Includes holds between two policies, and both figures are Exact, that of
// the inner one is not larger.
func Permissiveness(docs []*Document, actions []string, o PermissivenessOptions) (Measure, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Measure{}, err
	}
	set, err := Compile(docs...)
	if err != nil {
		return Measure{}, err
	}
	names, err := distinctActions(actions)
	if err != nil {
		return Measure{}, err
	}
	return newMeasurer(o, set.statements).measure(&set.index, names), nil
}

// distinctActions drops repetitions, whatever their case.
func distinctActions(actions []string) ([]string, error) {
	seen := make(map[string]bool, len(actions))
	out := make([]string, 0, len(actions))
	for _, a := range actions {
		if hasWildcard(a) {
			return nil, fmt.Errorf("%q is a pattern: give the actions that it stands for", clip(a))
		}
		if a == "" {
			return nil, errors.New("an action is empty: give it as service:Name")
		}
		if low := lowerASCII(a); !seen[low] {
			seen[low] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// measurer counts for statements that were compiled together.
type measurer struct {
	o       PermissivenessOptions
	rules   []rule
	letters int // distinct characters that the patterns name
}

func newMeasurer(o PermissivenessOptions, rules []rule) *measurer {
	named := map[rune]bool{}
	for i := range rules {
		for _, p := range rules[i].patterns {
			for _, t := range p.toks {
				if t.kind == litTok {
					named[t.r] = true
				}
			}
		}
	}
	return &measurer{o, rules, len(named)}
}

// grant is what decides about an action: the statements on it, in order, and
// whether it has no resource types. Actions with equal grants are counted once.
type grant struct {
	rules      []int32
	noResource bool
}

func (g grant) key() string {
	return fmt.Sprint(g.noResource, g.rules)
}

// measure counts each grant with an equal share of what is left of the budget,
// the smallest first, so that one bomb leaves the others their figures.
func (m *measurer) measure(index *actionIndex, actions []string) Measure {
	keys := make([]string, len(actions))
	grants := map[string]grant{}
	for i, a := range actions {
		g := m.grantOf(index, a)
		keys[i] = g.key()
		grants[keys[i]] = g
	}
	order := make([]string, 0, len(grants))
	for k := range grants {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b string) int {
		return cmp.Or(cmp.Compare(m.size(grants[a]), m.size(grants[b])), strings.Compare(a, b))
	})
	figures := make(map[string]Figure, len(grants))
	left := m.o.Budget
	for i, k := range order {
		share := left / (len(order) - i)
		w := newWork(share)
		figures[k] = m.figure(grants[k], w)
		left -= share - max(w.left, 0)
	}
	return m.total(actions, keys, figures)
}

// grantOf finds the statements that bear on an action.
func (m *measurer) grantOf(index *actionIndex, action string) grant {
	low := lowerASCII(action)
	g := grant{noResource: m.o.NoResource != nil && m.o.NoResource(action)}
	for _, id := range index.find(nil, low) {
		if r := &m.rules[id]; !r.notAction || !anyGlob(r.actions, low) {
			g.rules = append(g.rules, id)
		}
	}
	return g
}

func (m *measurer) size(g grant) (n int) {
	for _, id := range g.rules {
		for _, p := range m.rules[id].patterns {
			n += len(p.toks) + 1
		}
	}
	return n
}

// total adds the figures of the actions up.
func (m *measurer) total(actions, keys []string, figures map[string]Figure) Measure {
	out := Measure{ByAction: make([]ActionFigure, len(actions))}
	var sum quantity
	used := make(map[string]bool, len(figures))
	for i, a := range actions {
		f := figures[keys[i]]
		out.ByAction[i] = ActionFigure{a, f}
		sum = sum.plus(exp2(f.Log2))
		out.Bound = max(out.Bound, f.Bound)
		if !used[keys[i]] {
			used[keys[i]] = true
			out.Reasons = append(out.Reasons, f.Reasons...)
			out.TooLong = max(out.TooLong, f.TooLong)
		}
	}
	slices.Sort(out.Reasons)
	out.Reasons = slices.Compact(out.Reasons)
	out.Log2 = sum.log2()
	if out.Bound == Uncounted {
		out.Log2 = math.NaN()
	}
	return out
}

// figure counts the resources of one grant.
func (m *measurer) figure(g grant, w *work) Figure {
	if m.letters > m.o.alphabet {
		return Figure{Log2: math.NaN(), Bound: Uncounted, Reasons: []string{fmt.Sprintf(
			"the patterns name %d different characters: a count over %d is not defined", m.letters, m.o.alphabet)}}
	}
	r := newExtent(m.o.Length)
	for _, id := range g.rules {
		r.add(&m.rules[id])
	}
	f := Figure{TooLong: r.tooLong, Log2: m.tally(r, g.noResource, w).log2()}
	slices.Sort(r.reasons)
	f.Reasons = slices.Compact(r.reasons)
	if len(f.Reasons) > 0 {
		f.Bound = AtMost
	}
	return f
}

// tally counts an extent, or bounds it and says so.
func (m *measurer) tally(r *extent, noResource bool, w *work) quantity {
	if noResource {
		if r.holds("*") {
			return scaled(1, 0)
		}
		return quantity{}
	}
	n, ok := r.count(m.o.alphabet, w)
	if !ok {
		r.because("an exact count is beyond the budget of work")
		return r.bound(m.o.alphabet)
	}
	return n
}
