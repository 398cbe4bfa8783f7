package actions

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions/internal/factsfile"
	"github.com/tighten-iam/tighten/pkg/actions/reference"
)

// Merged counts what a merge added.
type Merged struct {
	Services, Actions, ResourceTypes, ARNs, ConditionKeys int
	Tracked                                               int // actions that action last accessed tracks
	LeftOut                                               int // new actions that have resource types, none of which is defined
	ForeignARNs                                           int // ARN formats of other services, which were left out
	Levels                                                []LevelDiffers
}

// LevelDiffers is a known action of which the reference tells another access level;
// ours stays.
type LevelDiffers struct {
	Action          string
	Ours, Reference Level
}

// Merge adds AWS's service reference to the facts of c, which must be the
// embedded ones, and returns the facts file of both for [OpenFacts]. date is the
// day of the reference, the catalog's own where it is "" or earlier. The same
// services in any order give the same bytes.
//
// It adds and never takes away: what the reference lacks stays, and what it says
// of a known action only adds resource types, condition keys and tracking. An
// action's level and whether it has an operation decide what logs would show, so
// those of a known action stay as they are. An ARN format is taken only of the service
// itself, or of one whose resources the embedded facts have for it: else one service's
// file could lead its actions to what another service owns. The authorized actions of operations
// are kept as evidence for [Catalog.ReferenceOperations]; nothing is derived from
// them.
func (c *Catalog) Merge(services []*reference.Service, date string) ([]byte, Merged, error) {
	if c.facts.base != "" {
		return nil, Merged{}, errors.New("these facts are merged ones already: merge into the embedded facts")
	}
	m := &merger{byPrefix: map[string]*service{}}
	all := make([]*service, 0, len(c.facts.services)+len(services))
	for i := range c.facts.services {
		s := c.facts.services[i].clone()
		m.byPrefix[s.prefix] = s
		all = append(all, s)
	}
	services = slices.Clone(services)
	slices.SortFunc(services, func(a, b *reference.Service) int { return strings.Compare(a.Name, b.Name) })
	for i, r := range services {
		if i > 0 && services[i-1].Name == r.Name {
			return nil, Merged{}, fmt.Errorf("the service %s is there twice", r.Name)
		}
		s, known := m.byPrefix[r.Name]
		if !known {
			if len(r.Actions) == 0 {
				continue
			}
			m.got.Services++
			s = &service{prefix: r.Name}
			all = append(all, s)
		}
		m.service(s, r)
	}
	slices.SortFunc(all, func(a, b *service) int { return strings.Compare(a.prefix, b.prefix) })
	return factsfile.PackFast(c.facts.render(max(date, c.facts.date), mergedBase(c.hash), all)), m.got, nil
}

// mergedBase marks facts that were merged into those with a hash, by this version's
// rules of merging: others are to be merged again.
func mergedBase(hash string) string { return hash + ".2" }

// clone copies a service so far as a merge changes it.
func (s *service) clone() *service {
	out := *s
	out.keys, out.types, out.actions = slices.Clone(s.keys), slices.Clone(s.types), slices.Clone(s.actions)
	return &out
}

// render writes a facts file with other services.
func (f *facts) render(date, base string, services []*service) []byte {
	var w factsfile.Writer
	w.Head(date, base)
	for _, label := range sortedKeys(f.labels) {
		w.Line('L', label, strings.Join(f.labels[label], ","))
	}
	for _, op := range sortedKeys(f.gateway) {
		for _, g := range f.gateway[op] {
			w.Line('G', op, g.verb, g.path)
		}
	}
	for _, s := range services {
		w.Line('S', s.prefix)
		for i, k := range s.keys {
			if code := s.typeCode(i); code != 0 {
				w.Line('K', k, string(code))
			} else {
				w.Line('K', k)
			}
		}
		for _, t := range s.types {
			w.Line('T', t.name, t.arns, t.keys)
		}
		for _, a := range s.actions {
			w.Line('A', a.name, string(a.level)+a.flags, a.types, a.keys, a.deps)
		}
		for _, o := range s.ops {
			w.Line('O', o.name, o.actions)
		}
	}
	return w.Bytes()
}

// merger merges one service after the other.
type merger struct {
	byPrefix map[string]*service
	got      Merged
}

// merging is one service while it is merged into.
type merging struct {
	*service
	got        *Merged
	keyAt      map[string]string // condition key, and its keyForm → position
	typeAt     map[string]int    // lower-case name → position
	operations map[string]bool   // lower-case names of the API's operations
	owners     map[string]bool   // whose resources the service's ARN formats name
}

func (m *merger) service(s *service, r *reference.Service) {
	w := &merging{s, &m.got, map[string]string{}, map[string]int{}, map[string]bool{}, map[string]bool{r.Name: true}}
	for i := len(s.keys) - 1; i >= 0; i-- {
		w.keyAt[keyForm(s.keys[i])] = strconv.Itoa(i)
	}
	for i, k := range s.keys { // some services have one key in two spellings
		w.keyAt[k] = strconv.Itoa(i)
	}
	for i := range s.types {
		w.typeAt[strings.ToLower(s.types[i].name)] = i
		for arn := range splitList(s.types[i].arns) {
			owner, _ := serviceOf(arn)
			w.owners[owner] = true
		}
	}
	for i := range r.Operations {
		w.operations[strings.ToLower(r.Operations[i].Name)] = true
	}
	for i := range r.Types {
		w.addType(&r.Types[i])
	}
	var fresh []actionRecord
	for i := range r.Actions {
		a, known := s.find(r.Actions[i].Name)
		switch {
		case known:
			w.extend(a, &r.Actions[i])
		case len(r.Actions[i].Types) > 0 && len(w.positions(r.Actions[i].Types)) == 0:
			m.got.LeftOut++ // it would look like an action without resources
		default:
			fresh = append(fresh, w.action(&r.Actions[i]))
		}
	}
	s.actions = append(s.actions, fresh...)
	slices.SortFunc(s.actions, func(a, b actionRecord) int { return compareFold(a.name, b.name) })
	m.got.Actions += len(fresh)
	s.ops = operationsOf(r)
}

// key gives the position of a condition key, which is added where it is new.
// Keys of resource tags and the like are spelt with various variables.
func (w *merging) key(name string) string {
	form := keyForm(name)
	at, ok := w.keyAt[name]
	if !ok {
		at, ok = w.keyAt[form]
	}
	if !ok {
		at = strconv.Itoa(len(w.keys))
		w.keyAt[name], w.keyAt[form] = at, at
		w.keys = append(w.keys, name)
		w.got.ConditionKeys++
	}
	return at
}

// keyForm is a condition key without its variable part, in lower case: the same
// for aws:RequestTag/${TagKey} and aws:RequestTag/key.
func keyForm(key string) string {
	key = strings.ToLower(key)
	i := strings.LastIndexByte(key, '/')
	switch tail := key[i+1:]; {
	case i < 0:
		return key
	case tail == "key", tail == "tag-key", tail == "tagkey", strings.HasPrefix(tail, "${"), strings.HasPrefix(tail, "<"):
		return key[:i+1]
	}
	return key
}

// union adds positions to a list of positions.
func union(list string, more []string) string {
	for _, m := range more {
		held := false
		for item := range splitList(list) {
			held = held || strings.TrimSuffix(item, "*") == m
		}
		switch {
		case held:
		case list == "":
			list = m
		default:
			list += "," + m
		}
	}
	return list
}

func (w *merging) allKeys(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = w.key(n)
	}
	return out
}

// addType adds a resource type, or to a known one its new templates and keys. A
// template that differs in the names of its variables only is known. A new type all
// of whose templates are foreign is none.
func (w *merging) addType(r *reference.Type) {
	arns := slices.DeleteFunc(slices.Clone(r.ARNs), func(arn string) bool {
		owner, _ := serviceOf(arn)
		return !w.owners[owner]
	})
	w.got.ForeignARNs += len(r.ARNs) - len(arns)
	i, known := w.typeAt[strings.ToLower(r.Name)]
	if !known && len(arns) == 0 && len(r.ARNs) > 0 {
		return
	}
	if !known {
		i = len(w.types)
		w.typeAt[strings.ToLower(r.Name)] = i
		w.types = append(w.types, typeRecord{name: r.Name})
		w.got.ResourceTypes++
	}
	t := &w.types[i]
	held := map[string]bool{}
	for arn := range splitList(t.arns) {
		held[templateForm(arn)] = true
	}
	for _, arn := range arns {
		form := templateForm(arn)
		if held[form] {
			continue
		}
		held[form] = true
		if t.arns != "" {
			t.arns += ","
		}
		t.arns += arn
		if known {
			w.got.ARNs++
		}
	}
	t.keys = union(t.keys, w.allKeys(r.Keys))
}

// templateForm is a template without the names of its variables.
func templateForm(arn string) string {
	var b strings.Builder
	for {
		lit, rest, ok := strings.Cut(arn, "${")
		b.WriteString(strings.ToLower(lit))
		if !ok {
			return b.String()
		}
		b.WriteString("${}")
		_, arn, _ = strings.Cut(rest, "}")
	}
}

// positions are those of the types that are defined, here or in the facts.
func (w *merging) positions(types []string) []string {
	var out []string
	for _, t := range types {
		if at, ok := w.typeAt[strings.ToLower(t)]; ok {
			out = append(out, strconv.Itoa(at))
		}
	}
	return out
}

// extend adds to a known action.
func (w *merging) extend(a *actionRecord, r *reference.Action) {
	if ours := levelOf(a.level); r.Level != "" && ours != Level(r.Level) {
		w.got.Levels = append(w.got.Levels, LevelDiffers{w.prefix + ":" + a.name, ours, Level(r.Level)})
	}
	a.types = union(a.types, w.positions(r.Types))
	a.keys = union(a.keys, w.allKeys(r.Keys))
	if r.Tracked {
		a.flags += "t"
		w.got.Tracked++
	}
}

// action makes the record of a new action. It counts as an operation of the API
// where one has its name, and as a permission alone where the file lists the
// operations and none has.
func (w *merging) action(r *reference.Action) actionRecord {
	a := actionRecord{name: r.Name, level: codeOf(Level(r.Level), r.Name), flags: "n" + string(flagLater)}
	switch {
	case w.operations[strings.ToLower(r.Name)]:
		a.flags += "o"
	case len(w.operations) > 0 || r.Level == "":
		a.flags += "p"
	}
	if r.Tracked {
		a.flags += "t"
		w.got.Tracked++
	}
	a.types = union("", w.positions(r.Types))
	a.keys = union("", w.allKeys(r.Keys))
	return a
}

// codeOf is the reverse of levelOf. An action without a known level writes,
// unless its name says otherwise.
func codeOf(level Level, name string) byte {
	switch level {
	case Read:
		return 'R'
	case List:
		return 'L'
	case Tagging:
		return 'T'
	case Permissions:
		return 'P'
	case Write:
		return 'W'
	}
	switch {
	case strings.HasPrefix(name, "List"):
		return 'L'
	case strings.HasPrefix(name, "Get"), strings.HasPrefix(name, "Describe"), strings.HasPrefix(name, "BatchGet"):
		return 'R'
	}
	return 'W'
}

// operationsOf keeps the operations that say more than that an action allows the
// operation of its name, sorted.
func operationsOf(r *reference.Service) []operationRecord {
	var out []operationRecord
	for _, o := range r.Operations {
		list := slices.Clone(o.Actions)
		slices.Sort(list)
		list = slices.Compact(list)
		if len(list) == 0 || len(list) == 1 && list[0] == r.Name+":"+o.Name {
			continue
		}
		out = append(out, operationRecord{o.Name, strings.Join(list, ",")})
	}
	slices.SortFunc(out, func(a, b operationRecord) int {
		return strings.Compare(a.name+"\t"+a.actions, b.name+"\t"+b.actions)
	})
	return slices.Compact(out)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
