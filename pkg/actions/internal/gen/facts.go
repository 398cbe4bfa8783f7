package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/actions/internal/factsfile"
)

// Floors: generation fails when a source shrinks below them, since a registry
// package that lost its data would silently loosen or break proposals.
const (
	minServices       = 456
	minActions        = 22_091
	minResourceTypes  = 2_334
	minKeyTypes       = 2_439
	minDependents     = 1_584
	minPermissionOnly = 1_286
	minOperations     = 18_587
	minGateway        = 227
	minPolicies       = 1_594
	minMapped         = 18_725
)

// action is one entry of the package's actions/<service>.json.
type action struct {
	Name             string   `json:"name"`
	AccessLevel      string   `json:"accessLevel"`
	ConditionKeys    []string `json:"conditionKeys"`
	DependentActions []string `json:"dependentActions"`
	IsPermissionOnly bool     `json:"isPermissionOnly"`
	ResourceTypes    []struct {
		Name             string   `json:"name"`
		Required         bool     `json:"required"`
		DependentActions []string `json:"dependentActions"`
	} `json:"resourceTypes"`
}

// resourceType is one entry of resourceTypes/<service>.json.
type resourceType struct {
	Key           string   `json:"key"`
	ARN           string   `json:"arn"`
	ConditionKeys []string `json:"conditionKeys"`
}

// conditionKey is one entry of conditionKeys/<service>.json.
type conditionKey struct {
	Key  string `json:"key"`
	Type string `json:"type"`
}

// reference is one version of the service authorization reference.
type reference struct {
	date      string
	keyTypes  map[string]map[string]string       // service → condition key → type
	actions   map[string]map[string]action       // service → lower-case name
	resources map[string]map[string]resourceType // service → lower-case key
}

// readReference reads the package's data directory.
func readReference(p npmPackage, cache string) (*reference, error) {
	ref := &reference{
		actions:   map[string]map[string]action{},
		resources: map[string]map[string]resourceType{},
		keyTypes:  map[string]map[string]string{},
	}
	err := p.read(cache, "", func(name string, r io.Reader) error {
		base := strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".json")
		switch {
		case name == "package.json":
			var meta struct{ UpdatedAt string }
			if err := json.NewDecoder(r).Decode(&meta); err != nil {
				return err
			}
			ref.date, _, _ = strings.Cut(meta.UpdatedAt, "T")
		case strings.HasPrefix(name, "data/actions/"):
			m := map[string]action{}
			ref.actions[base] = m
			return json.NewDecoder(r).Decode(&m)
		case strings.HasPrefix(name, "data/resourceTypes/"):
			m := map[string]resourceType{}
			ref.resources[base] = m
			return json.NewDecoder(r).Decode(&m)
		case strings.HasPrefix(name, "data/conditionKeys/"):
			m := map[string]conditionKey{}
			ref.keyTypes[base] = map[string]string{}
			err := json.NewDecoder(r).Decode(&m)
			for _, k := range m {
				ref.keyTypes[base][k.Key] = k.Type
			}
			return err
		}
		return nil
	})
	return ref, err
}

// makeFacts renders the facts: see decode.go of package actions for the form. It
// returns the newest models' operations too.
func makeFacts(cache string) ([]byte, []operation, error) {
	ref, err := readReference(newestIAMData(), cache)
	if err != nil {
		return nil, nil, err
	}
	old, err := readReference(olderIAMData(), cache)
	if err != nil {
		return nil, nil, err
	}
	models, err := readModels(cache)
	if err != nil {
		return nil, nil, err
	}
	w := &factsWriter{ref: ref, old: old, models: models}
	w.out.Head(ref.date, "")
	w.labels()
	w.gateway()
	for _, service := range sortedKeys(ref.actions) {
		if err := w.service(service); err != nil {
			return nil, nil, err
		}
	}
	return w.out.Bytes(), models.newest, w.checkFloors()
}

// factsWriter renders and counts.
type factsWriter struct {
	ref, old *reference
	models   *models
	out      factsfile.Writer

	services, actions, types, keyTypes, dependents, permissionOnly, operations int
}

func (w *factsWriter) checkFloors() error {
	counts := []struct {
		what       string
		got, floor int
	}{
		{"services", w.services, minServices},
		{"actions", w.actions, minActions},
		{"resource types", w.types, minResourceTypes},
		{"typed condition keys", w.keyTypes, minKeyTypes},
		{"actions with dependents", w.dependents, minDependents},
		{"permission-only actions", w.permissionOnly, minPermissionOnly},
		{"actions with an operation", w.operations, minOperations},
		{"API Gateway operations", len(w.models.gateway), minGateway},
	}
	for _, c := range counts {
		fmt.Printf("%-26s %6d (floor %d)\n", c.what, c.got, c.floor)
		if c.got < c.floor {
			return fmt.Errorf("%s: %d, below the floor of %d: check the source before lowering it", c.what, c.got, c.floor)
		}
	}
	return nil
}

// labels writes the event-source labels that the API models map to another
// service prefix: through the signing name, else through the end of the host's
// name ("data.iot" is of "iot").
func (w *factsWriter) labels() {
	for _, label := range sortedKeys(w.models.labels) {
		if _, isPrefix := w.ref.actions[label]; isPrefix {
			continue
		}
		names := sortedKeys(w.models.labels[label])
		prefixes := w.prefixesAmong(names)
		for len(prefixes) == 0 && len(names) > 0 && !w.spelt(label) {
			names = tails(names)
			prefixes = w.prefixesAmong(names)
		}
		if len(prefixes) > 0 {
			w.out.Line('L', label, strings.Join(prefixes, ","))
		}
	}
}

// prefixesAmong lists the names that are service prefixes.
func (w *factsWriter) prefixesAmong(names []string) []string {
	var out []string
	for _, n := range names {
		if _, ok := w.ref.actions[n]; ok {
			out = append(out, n)
		}
	}
	return out
}

// spelt reports whether the label is a prefix but for its hyphens: the resolver
// finds that itself.
func (w *factsWriter) spelt(label string) bool {
	_, ok := w.ref.actions[strings.ReplaceAll(label, "-", "")]
	return ok
}

// tails drops the first part of each dotted name, and names without dots.
func tails(names []string) []string {
	var out []string
	for _, n := range names {
		if _, tail, ok := strings.Cut(n, "."); ok {
			out = append(out, tail)
		}
	}
	return out
}

// gateway writes the verb and path of each API Gateway operation.
func (w *factsWriter) gateway() {
	slices.Sort(w.models.gateway)
	for _, line := range w.models.gateway {
		w.out.Line('G', line)
	}
}

// service writes one service: its condition keys, resource types, actions.
func (w *factsWriter) service(prefix string) error {
	w.services++
	keys := w.conditionKeys(prefix)
	keyIndex := func(list []string) string { return indices(list, keys) }
	w.out.Line('S', prefix)
	for _, k := range keys {
		if err := w.key(k, w.ref.keyTypes[prefix][k]); err != nil {
			return fmt.Errorf("%s: %w", prefix, err)
		}
	}
	types := sortedKeys(w.ref.resources[prefix])
	for _, t := range types {
		r := w.ref.resources[prefix][t]
		w.types++
		w.out.Line('T', r.Key, strings.ReplaceAll(r.ARN, ", ", ","), keyIndex(r.ConditionKeys))
	}
	for _, name := range sortedKeys(w.ref.actions[prefix]) {
		a := w.ref.actions[prefix][name]
		level, err := levelCode(a.AccessLevel)
		if err != nil {
			return fmt.Errorf("%s:%s: %w", prefix, a.Name, err)
		}
		typeList, err := typeIndices(a, types)
		if err != nil {
			return fmt.Errorf("%s:%s: %w", prefix, a.Name, err)
		}
		w.actions++
		w.out.Line('A', a.Name, level+w.flags(prefix, name), typeList,
			keyIndex(a.ConditionKeys), w.dependentList(prefix, name))
	}
	return nil
}

// conditionKeys is the sorted union of the service's condition keys.
func (w *factsWriter) conditionKeys(prefix string) []string {
	set := map[string]bool{}
	for _, a := range w.ref.actions[prefix] {
		for _, k := range a.ConditionKeys {
			set[k] = true
		}
	}
	for _, r := range w.ref.resources[prefix] {
		for _, k := range r.ConditionKeys {
			set[k] = true
		}
	}
	return sortedKeys(set)
}

// key writes a condition key with the code of its type, "" where the reference
// does not define the key.
func (w *factsWriter) key(name, typ string) error {
	if typ == "" {
		w.out.Line('K', name)
		return nil
	}
	code, ok := actions.KeyType(typ).Code()
	if !ok {
		return fmt.Errorf("condition key %s: unknown type %q", name, typ)
	}
	w.keyTypes++
	w.out.Line('K', name, string(code))
	return nil
}

// flags of an action: p permission-only and n absent (both as of the older
// package), o an operation of that name exists in the SDK's models.
func (w *factsWriter) flags(prefix, name string) string {
	flags := ""
	old, known := w.old.actions[prefix][name]
	if known && old.IsPermissionOnly {
		w.permissionOnly++
		flags += "p"
	}
	if !known {
		flags += "n"
	}
	if w.models.operations[prefix][name] {
		w.operations++
		flags += "o"
	}
	return flags
}

// dependentList is the older package's dependent actions, of the action and of
// all its resource types.
func (w *factsWriter) dependentList(prefix, name string) string {
	set := map[string]bool{}
	old := w.old.actions[prefix][name]
	for _, d := range old.DependentActions {
		set[d] = true
	}
	for _, t := range old.ResourceTypes {
		for _, d := range t.DependentActions {
			set[d] = true
		}
	}
	if len(set) > 0 {
		w.dependents++
	}
	return strings.Join(sortedKeys(set), ",")
}

// levelCode abbreviates an access level. Where the reference gives two ("Tagging,
// Write"), the more telling one holds, which is the single one that the reference
// gave before 2026.
func levelCode(level string) (string, error) {
	for _, l := range []struct{ name, code string }{
		{"Permissions management", "P"}, {"Tagging", "T"}, {"Write", "W"}, {"Read", "R"}, {"List", "L"},
	} {
		if strings.Contains(level, l.name) {
			return l.code, nil
		}
	}
	return "", fmt.Errorf("unknown access level %q", level)
}

// typeIndices lists an action's resource types by position; "*" marks a
// required one. A type that the service does not define has no template and is
// dropped, but must not make the action look like one without resources.
func typeIndices(a action, types []string) (string, error) {
	var list []string
	for _, t := range a.ResourceTypes {
		i, ok := slices.BinarySearch(types, strings.ToLower(t.Name))
		if !ok {
			return "", fmt.Errorf("resource type %q is not defined", t.Name)
		}
		s := strconv.Itoa(i)
		if t.Required {
			s += "*"
		}
		list = append(list, s)
	}
	return strings.Join(list, ","), nil
}

// indices gives the positions of the members of list within the sorted all.
func indices(list, all []string) string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	out := make([]string, len(list))
	for i, k := range list {
		n, _ := slices.BinarySearch(all, k)
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ",")
}
