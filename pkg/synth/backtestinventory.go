package synth

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// inventory holds all resources that the whole log shows, by the templates of the
// service authorization reference that they fit.
type inventory struct {
	lists    []*arnList
	at       map[string]spot // by ARN
	byAction map[int][]spot  // by the index of an action: what anybody used it on, sorted
	ofAction [][]int32       // by the index of an action: the lists of its resource types
	patterns patternMemo
}

// patternMemo keeps what logged patterns match, as many principals have the same.
type patternMemo struct {
	sync.Mutex
	matched map[string][]matches
}

// spot is where an ARN stands: in which list, and where in it.
type spot struct{ list, rank int32 }

// anyResource is the list of what actions without resource types are used on.
const anyResource = 0

// arnList are the ARNs of one template, sorted.
type arnList struct{ arns []string }

func newInventory(facts *factTable, groups ...[]*caller) *inventory {
	v := &inventory{at: map[string]spot{}, byAction: map[int][]spot{}}
	templates := newTemplates(facts)
	v.lists = append(v.lists, &arnList{[]string{"*"}})
	for range len(templates.all) + 1 { // the last list is of those that fit none
		v.lists = append(v.lists, &arnList{})
	}
	v.ofAction = templates.ofAction
	each := func(f func(*observation)) {
		for _, all := range groups {
			for _, c := range all {
				for i := range c.obs {
					if o := &c.obs[i]; inInventory(o) {
						f(o)
					}
				}
			}
		}
	}
	each(func(o *observation) { v.add(templates, o.resource) })
	v.rank()
	each(func(o *observation) {
		if i, ok := facts.index[strings.ToLower(o.action)]; ok {
			v.byAction[i] = append(v.byAction[i], v.at[o.resource])
		}
	})
	for i, list := range v.byAction {
		slices.SortFunc(list, comparePlaces)
		v.byAction[i] = slices.Compact(list)
	}
	return v
}

// inInventory reports whether an observation shows a resource that is there. What was
// only denied may not exist.
func inInventory(o *observation) bool { return o.allowed() && !o.documented() && o.kind == "arn" }

func comparePlaces(a, b spot) int {
	return cmp.Or(cmp.Compare(a.list, b.list), cmp.Compare(a.rank, b.rank))
}

// add takes a resource.
func (v *inventory) add(t *templates, arn string) {
	if _, ok := v.at[arn]; ok {
		return
	}
	list := t.find(arn)
	if list == 0 {
		list = int32(len(v.lists)) - 1
	}
	v.at[arn] = spot{list: list}
	v.lists[list].arns = append(v.lists[list].arns, arn)
}

// rank sorts all lists.
func (v *inventory) rank() {
	for n, l := range v.lists {
		slices.Sort(l.arns)
		for i, arn := range l.arns {
			v.at[arn] = spot{int32(n), int32(i)}
		}
	}
	delete(v.at, "*")
}

// templates are all ARN templates of the facts, by service.
type templates struct {
	all       []template
	byService map[string][]int32 // numbers of lists: that of a template in all, plus 1
	ofAction  [][]int32
}

// template is a form of ARNs, such as
// arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}.
type template struct {
	region, account bool   // whether there is one
	resource        string // a pattern
	literals        int    // characters of resource
}

func newTemplates(facts *factTable) *templates {
	t := &templates{byService: map[string][]int32{}, ofAction: make([][]int32, len(facts.names))}
	number := map[string]int32{}
	for i := range facts.facts {
		types := facts.facts[i].ResourceTypes
		if len(types) == 0 {
			t.ofAction[i] = []int32{anyResource}
		}
		for _, rt := range types {
			n, ok := number[rt.ARN]
			if !ok {
				n = t.add(rt.ARN)
				number[rt.ARN] = n
			}
			if n > 0 && !slices.Contains(t.ofAction[i], n) {
				t.ofAction[i] = append(t.ofAction[i], n)
			}
		}
	}
	return t
}

// add returns the number of a new template's list, 0 for what is none.
func (t *templates) add(text string) int32 {
	parts := strings.SplitN(starVariables(text), ":", 6)
	if len(parts) != 6 {
		return 0
	}
	x := template{region: parts[3] != "", account: parts[4] != "", resource: parts[5]}
	x.literals = len(x.resource) - strings.Count(x.resource, "*")
	t.all = append(t.all, x)
	n := int32(len(t.all))
	t.byService[parts[2]] = append(t.byService[parts[2]], n)
	return n
}

// find gives the number of the list of the template that fits an ARN best: with the most
// literal characters. 0: none does.
func (t *templates) find(arn string) int32 {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return 0
	}
	best, literals := int32(0), -1
	for _, n := range t.byService[parts[2]] {
		x := &t.all[n-1]
		if x.literals > literals && x.region == (parts[3] != "") && x.account == (parts[4] != "") && globMatch(x.resource, parts[5]) {
			best, literals = n, x.literals
		}
	}
	return best
}

// starVariables puts * in place of each ${…}: what it stands for may be anything.
func starVariables(s string) string {
	for {
		from := strings.Index(s, "${")
		if from < 0 {
			return s
		}
		to := strings.IndexByte(s[from:], '}')
		if to < 0 {
			return s
		}
		s = s[:from] + "*" + s[from+to+1:]
	}
}

// globMatch matches a pattern whose star crosses everything.
func globMatch(pattern, s string) bool {
	star, back := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			back++
			p, i = star+1, back
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// span is a range of ranks in a list, end exclusive. Lists of spans are sorted and apart.
type span struct{ from, to int32 }

func size(spans []span) (n int64) {
	for _, s := range spans {
		n += int64(s.to - s.from)
	}
	return n
}

// holds reports whether a rank lies in spans.
func holds(spans []span, rank int32) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].to > rank })
	return i < len(spans) && spans[i].from <= rank
}

// join sorts spans, and merges those that touch.
func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return int(a.from) - int(b.from) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// without is what of spans others do not take.
func without(spans, others []span) []span {
	var out []span
	k := 0
	for _, s := range spans {
		for k > 0 && others[k-1].to > s.from {
			k--
		}
		for ; k < len(others) && others[k].from < s.to; k++ {
			o := others[k]
			if o.to <= s.from {
				continue
			}
			if o.from > s.from {
				out = append(out, span{s.from, o.from})
			}
			s.from = o.to
		}
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// maxTried bounds the resources of a list on which one pattern is tried: of more, every
// n-th is, and stands for those after it.
const maxTried = 50_000

// taken are the spans of a list that a pattern takes, by the reading in which a star
// crosses colons. sampled: not all were looked at.
func (l *arnList) taken(pattern string) (out []span, sampled bool) {
	cutAt := strings.IndexAny(pattern, "*?")
	if cutAt < 0 {
		if i, ok := slices.BinarySearch(l.arns, pattern); ok {
			return []span{{int32(i), int32(i) + 1}}, false
		}
		return nil, false
	}
	lo, hi := l.prefixed(pattern[:cutAt])
	if lo == hi || pattern[cutAt:] == "*" {
		return join([]span{{int32(lo), int32(hi)}}), false
	}
	step := (hi-lo-1)/maxTried + 1
	for i := lo; i < hi; i += step {
		if globMatch(pattern, l.arns[i]) {
			out = append(out, span{int32(i), int32(min(i+step, hi))})
		}
	}
	return join(out), step > 1
}

// prefixed is the range of the ARNs that begin with a text.
func (l *arnList) prefixed(head string) (lo, hi int) {
	lo, _ = slices.BinarySearch(l.arns, head)
	hi = lo + sort.Search(len(l.arns)-lo, func(i int) bool { return !strings.HasPrefix(l.arns[lo+i], head) })
	return lo, hi
}

// reach is what documents allow over the inventory. Conditions are taken as met; a Deny
// with conditions is left out.
type reach struct {
	inventory  *inventory
	statements []*iam.Statement
	patterns   [][]string      // of the resources of each, variables as stars; nil: any resource
	takes      map[int][]int16 // statements by the index of an action that they take
	memo       map[reachKey][]span
	parts      map[[2]int32][]span // of one statement on one list
	sampled    bool
}

type reachKey struct {
	statements string
	list       int32
}

// newReach reads documents. granted lists the known actions of a statement.
func newReach(v *inventory, docs []*iam.Document, granted func(*iam.Statement) []int) *reach {
	r := &reach{inventory: v, takes: map[int][]int16{}, memo: map[reachKey][]span{}, parts: map[[2]int32][]span{}}
	for _, d := range docs {
		for i := range d.Statements {
			s := &d.Statements[i]
			if s.Effect == iam.Deny && len(s.Condition) > 0 {
				continue
			}
			n := int16(len(r.statements))
			r.statements = append(r.statements, s)
			var list []string
			for _, p := range append(slices.Clone(s.Resource), s.NotResource...) {
				if !d.Literal() {
					p = starVariables(p)
				}
				list = append(list, p)
			}
			r.patterns = append(r.patterns, list)
			for _, a := range granted(s) {
				r.takes[a] = append(r.takes[a], n)
			}
		}
	}
	return r
}

// on are the resources of a list on which an action is allowed.
func (r *reach) on(action int, list int32) []span {
	taking := r.takes[action]
	if len(taking) == 0 {
		return nil
	}
	key := make([]byte, 0, 2*len(taking))
	for _, n := range taking {
		key = append(key, byte(n), byte(n>>8))
	}
	k := reachKey{string(key), list}
	out, ok := r.memo[k]
	if !ok {
		out = r.union(taking, list)
		r.memo[k] = out
	}
	return out
}

func (r *reach) union(taking []int16, list int32) []span {
	var allow, deny []span
	for _, n := range taking {
		part := r.part(n, list)
		if r.statements[n].Effect == iam.Deny {
			deny = append(deny, part...)
		} else {
			allow = append(allow, part...)
		}
	}
	return without(join(allow), join(deny))
}

// part are the resources of a list that one statement takes.
func (r *reach) part(n int16, list int32) []span {
	key := [2]int32{int32(n), list}
	out, ok := r.parts[key]
	if ok {
		return out
	}
	s, l := r.statements[n], r.inventory.lists[list]
	all := []span{{0, int32(len(l.arns))}}
	if s.Resource == nil && s.NotResource == nil {
		return all
	}
	for _, p := range r.patterns[n] {
		part, sampled := l.taken(p)
		out, r.sampled = append(out, part...), r.sampled || sampled
	}
	out = join(out)
	if s.NotResource != nil {
		out = without(join(all), out)
	}
	r.parts[key] = out
	return out
}
