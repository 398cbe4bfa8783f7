package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// knowledge is what the checks ask of the facts, in the form in which they ask.
type knowledge struct {
	catalog  *actions.Catalog
	services map[string]bool
	keys     map[string]keyFact  // by keyForm
	globs    []keyGlob           // keys with a variable within
	vendors  map[string]bool     // what stands before the colon of condition keys
	arns     map[string][]string // service of an ARN → templates, split by nothing
	facts    map[string]*fact    // by action, as they are asked for
	expanded map[string][]string // by lower-case pattern, as they are asked for
	held     int                 // names in expanded
}

// keyFact is what is known of a condition key.
type keyFact struct {
	name string
	typ  actions.KeyType // "" where unknown
}

type keyGlob struct {
	pattern string
	start   string // what stands before its first "*"
	keyFact
}

// fact is what is known of an action, with what the checks look up.
type fact struct {
	actions.Fact
	keys  map[string]bool // forms of its condition keys
	types [][]string      // ARN patterns of its resource types, in six parts
}

func newKnowledge(c *actions.Catalog) *knowledge {
	k := &knowledge{
		catalog: c, services: map[string]bool{}, keys: map[string]keyFact{}, vendors: map[string]bool{},
		arns: map[string][]string{}, facts: map[string]*fact{}, expanded: map[string][]string{},
	}
	for _, s := range c.Services() {
		k.services[s] = true
		for _, t := range c.ResourceTypes(s) {
			if parts := strings.SplitN(t.ARN, ":", 6); len(parts) == 6 && !slices.Contains(k.arns[parts[2]], t.ARN) {
				k.arns[parts[2]] = append(k.arns[parts[2]], t.ARN)
			}
		}
	}
	for _, key := range c.ConditionKeys() {
		k.addKey(key.Name, key.Type)
	}
	for _, key := range globalKeys() {
		k.addKey(key.name, key.typ)
	}
	return k
}

func (k *knowledge) addKey(name string, typ actions.KeyType) {
	form := keyForm(name)
	if old, ok := k.keys[form]; ok && old.typ != typ {
		typ = "" // services differ: nothing is said of it
	}
	vendor, _, _ := strings.Cut(form, ":")
	k.vendors[vendor] = true
	if strings.Contains(form, "${") {
		pattern := variablesAs(form, "*")
		start, _, _ := strings.Cut(pattern, "*")
		k.globs = append(k.globs, keyGlob{pattern, start, keyFact{name, typ}})
		return
	}
	k.keys[form] = keyFact{name, typ}
}

// keyForm is a condition key without the name of a tag, in lower case:
// "aws:requesttag/" for "aws:RequestTag/${TagKey}".
func keyForm(key string) string {
	key = strings.ToLower(key)
	if i := strings.LastIndexByte(key, '/'); i >= 0 {
		switch tail := key[i+1:]; {
		case strings.HasPrefix(tail, "${") && strings.HasSuffix(tail, "}"), strings.HasPrefix(tail, "<"), tail == "tag-key":
			return key[:i+1]
		}
	}
	return key
}

// key finds a condition key as a policy writes it, and its form.
func (k *knowledge) key(name string) (keyFact, string, bool) {
	lower := strings.ToLower(name)
	if f, ok := k.keys[lower]; ok && !strings.HasSuffix(lower, "/") {
		return f, lower, true
	}
	if i := strings.IndexByte(lower, '/'); i >= 0 {
		if f, ok := k.keys[lower[:i+1]]; ok {
			return f, lower[:i+1], true
		}
	}
	for _, g := range k.globs {
		if strings.HasPrefix(lower, g.start) && len(lower) < 512 && glob(g.pattern, lower) {
			return g.keyFact, g.pattern, true
		}
	}
	return keyFact{}, lower, false
}

// action finds what is known of an action by its name; names in another case than
// the reference's are looked up each time.
func (k *knowledge) action(name string) *fact {
	if f, ok := k.facts[name]; ok {
		return f
	}
	got, ok := k.catalog.Lookup(name)
	if !ok {
		return nil
	}
	f := &fact{got, map[string]bool{}, nil}
	for _, t := range got.ResourceTypes {
		f.types = append(f.types, strings.SplitN(variablesAs(t.ARN, "?*"), ":", 6))
	}
	for _, key := range got.ConditionKeys {
		form := keyForm(key)
		if strings.Contains(form, "${") {
			form = variablesAs(form, "*")
		}
		f.keys[form] = true
	}
	k.facts[got.Name] = f
	return f
}

// maxHeld bounds the names that expansions keep in memory.
const maxHeld = 1 << 20

// expand lists the actions that a pattern takes. The answer is not complete, and ok
// false, when the document's budget is used up.
func (d *document) expand(pattern string) (names []string, ok bool) {
	k, lower := d.lint.know, strings.ToLower(pattern)
	if names, ok = k.expanded[lower]; ok {
		return names, d.spend(len(names))
	}
	prefix, _, _ := strings.Cut(lower, ":")
	cost := 1000
	if strings.ContainsAny(prefix, "*?") {
		cost = 30_000
	}
	if !d.spend(cost * max(1, len(pattern)/32)) {
		return nil, false
	}
	names = k.catalog.Expand(nil, pattern)
	if k.held += len(names); k.held > maxHeld {
		clear(k.expanded)
		k.held = len(names)
	}
	k.expanded[lower] = names
	return names, true
}

// taken lists the actions of a statement's Action element; ok is false where they
// are not all known.
func (d *document) taken(s *statement) (names []string, ok bool) {
	if !s.action.given() {
		return nil, false
	}
	if len(s.action.items) == 1 {
		return d.expand(s.action.items[0].text)
	}
	set := map[string]bool{}
	for _, a := range s.action.items {
		some, all := d.expand(a.text)
		if !all {
			return nil, false
		}
		for _, n := range some {
			set[n] = true
		}
	}
	return slices.Sorted(maps.Keys(set)), true
}

// variablesAs replaces each ${…} of a text.
func variablesAs(s, by string) string {
	var b strings.Builder
	for {
		lit, rest, ok := strings.Cut(s, "${")
		b.WriteString(lit)
		if !ok {
			return b.String()
		}
		_, tail, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("${" + rest)
			return b.String()
		}
		b.WriteString(by)
		s = tail
	}
}

// glob matches with * and ?.
func glob(pattern, s string) bool {
	return overlap(pattern, s, false)
}

// known reports whether a service is one of the facts.
func (k *knowledge) known(service string) bool { return k.services[strings.ToLower(service)] }

// near names a service whose prefix differs by little, "" for none.
func (k *knowledge) near(service string) string {
	service = strings.ToLower(service)
	if len(service) > 40 {
		return ""
	}
	for _, s := range slices.Sorted(maps.Keys(k.services)) {
		if distance(service, s) == 1 && len(s) > 2 {
			return s
		}
	}
	return ""
}

// distance is the number of letters to change, add or drop, 2 for more than one.
func distance(a, b string) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return 2
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case i == len(b):
		return 0
	case len(a) == len(b) && a[i+1:] == b[i+1:], len(a) < len(b) && a[i:] == b[i+1:]:
		return 1
	}
	return 2
}

// matches reports whether an action pattern takes a name.
func matches(pattern, name string) bool { return iam.MatchAction(pattern, name) }
