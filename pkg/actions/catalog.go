package actions

import (
	"crypto/sha256"
	_ "embed" // the data files
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./internal/gen

//go:embed data/facts.zst
var factsFile []byte

//go:embed data/tables.zst
var tablesFile []byte

//go:embed data/policies.zst
var policiesFile []byte

// Catalog is the table of facts. Immutable; safe for concurrent use.
type Catalog struct {
	version  string
	hash     string // of the facts file
	facts    *facts
	tables   *tables
	policies func() (map[string]managedPolicy, error)
	withData sync.Map // prefix → what typesWithData found
}

// defaultCatalog is decoded once, on first use, and never changes.
var defaultCatalog = sync.OnceValue(func() *Catalog {
	c, err := Open(factsFile, tablesFile, policiesFile)
	if err != nil {
		panic("the embedded facts are broken; run go generate ./pkg/actions: " + err.Error())
	}
	return c
})

// Default returns the embedded catalog, decoded on first use.
func Default() *Catalog { return defaultCatalog() }

// Open makes a catalog of three data files, as `go generate` writes them:
// facts, curated tables, AWS managed policies (whose decoding waits until a
// policy is asked for). An error says which file is broken and where.
func Open(factsData, tablesData, policiesData []byte) (*Catalog, error) {
	factsText, err := unpack(factsData)
	if err != nil {
		return nil, fmt.Errorf("facts file: %w", err)
	}
	tablesText, err := unpack(tablesData)
	if err != nil {
		return nil, fmt.Errorf("tables file: %w", err)
	}
	c := &Catalog{}
	if c.facts, err = decodeFacts(factsText); err != nil {
		return nil, err
	}
	if c.tables, err = decodeTables(tablesText); err != nil {
		return nil, err
	}
	c.hash = hashOf(factsData)
	form := ".1"
	if c.facts.base != "" {
		form = ".1-updated"
	}
	c.version = c.facts.date + form + "+sha256:" + hashOf(factsData, tablesData)
	c.policies = sync.OnceValues(func() (map[string]managedPolicy, error) { return decodePolicies(policiesData) })
	return c, nil
}

// hashOf is the start of the SHA-256 of the parts, one after the other.
func hashOf(parts ...[]byte) string {
	hash := sha256.New()
	for _, p := range parts {
		hash.Write(p)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

// Version names the facts, e.g. "2026-09-26.1+sha256:abcd": the date of the
// reference data, the form of the files, "-updated" for merged facts, and a hash
// of facts and tables.
func (c *Catalog) Version() string { return c.version }

// find returns an action and its service; the name may be in any case.
func (c *Catalog) find(action string) (*service, *actionRecord, bool) {
	prefix, name, ok := strings.Cut(action, ":")
	if !ok {
		return nil, nil, false
	}
	return c.findIn(prefix, name)
}

func (c *Catalog) findIn(prefix, name string) (*service, *actionRecord, bool) {
	i, ok := c.facts.index[prefix]
	if !ok {
		if i, ok = c.facts.index[strings.ToLower(prefix)]; !ok {
			return nil, nil, false
		}
	}
	s := &c.facts.services[i]
	a, ok := s.find(name)
	return s, a, ok
}

// Lookup finds an action by name, case-insensitively.
func (c *Catalog) Lookup(action string) (Fact, bool) {
	s, a, ok := c.find(action)
	if !ok {
		return Fact{}, false
	}
	f := Fact{
		Name:           s.prefix + ":" + a.name,
		Level:          levelOf(a.level),
		PermissionOnly: strings.Contains(a.flags, "p"),
		ResourceTypes:  c.resourceTypes(s, a),
		ConditionKeys:  s.conditionKeys(a),
		Dependents:     slices.Collect(splitList(a.deps)),
	}
	f.ReadOnly, f.BothWays = c.readOnly(f.Name, f.Level), c.tables.bothWays[f.Name]
	v := c.visibility(s, a)
	f.Visibility, f.DataType, f.MoreTypes, f.Unlogged = v.visibility, v.dataType, v.more, v.unlogged
	f.Evidence = Evidence{Rule: v.rule, Date: v.source.date}
	if address := c.tables.citations[v.source.document]; address != "" {
		f.Evidence.Document = "https://" + address
	}
	f.Tracked = strings.Contains(a.flags, "t") || listed(c.tables.tracked[s.prefix], a.name)
	return f, true
}

// conditionKeys is the sorted union of the action's keys and its types'.
func (s *service) conditionKeys(a *actionRecord) []string {
	var out []string
	add := func(list string) {
		for item := range splitList(list) {
			if i, err := strconv.Atoi(item); err == nil && i >= 0 && i < len(s.keys) {
				out = append(out, s.keys[i])
			}
		}
	}
	add(a.keys)
	for item := range splitList(a.types) {
		i, err := strconv.Atoi(strings.TrimSuffix(item, "*"))
		if err == nil && i >= 0 && i < len(s.types) {
			add(s.types[i].keys)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Expand appends to dst the canonical names of all actions that match an action
// pattern ("s3:Get*", "*"), sorted.
func (c *Catalog) Expand(dst []string, pattern string) []string {
	if pattern == "*" {
		pattern = "*:*"
	}
	lower := strings.ToLower(pattern)
	prefix, _, ok := strings.Cut(lower, ":")
	if !ok {
		return dst
	}
	// A service without wildcards needs no walk over all the others.
	services := c.facts.services
	if !strings.ContainsAny(prefix, "*?") {
		i, ok := c.facts.index[prefix]
		if !ok {
			return dst
		}
		services = services[i : i+1]
	}
	from := len(dst)
	for i := range services {
		s := &services[i]
		for j := range s.actions {
			name := s.prefix + ":" + s.actions[j].name
			if matchGlob(lower, strings.ToLower(name)) {
				dst = append(dst, name)
			}
		}
	}
	slices.Sort(dst[from:])
	return dst
}

// Services lists the service prefixes, sorted.
func (c *Catalog) Services() []string {
	out := make([]string, len(c.facts.services))
	for i := range c.facts.services {
		out[i] = c.facts.services[i].prefix
	}
	return out
}

// Prefixes lists the service prefixes that an event source can map to, in order
// of preference; none for an unknown source. It includes prefixes that only a
// curated row of one of the source's events leads to.
func (c *Catalog) Prefixes(eventSource string) []string {
	label := labelOf(eventSource)
	out := slices.Clone(c.prefixes(label))
	for _, p := range c.tables.rowPrefixes[label] {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// matchGlob matches an action pattern with * and ?. Both are in lower case.
func matchGlob(pattern, s string) bool {
	var star, mark = -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]) && pattern[p] != '*':
			p++
			i++
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
