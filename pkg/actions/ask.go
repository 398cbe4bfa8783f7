package actions

import (
	"slices"
	"strings"
)

// Near lists known actions with names like that of one that is not known, the
// nearest first, five at most: for a service or a name that is misspelt, or a
// name without its service.
func (c *Catalog) Near(action string) []string {
	const most, longest = 5, 150
	if len(action) > longest {
		return nil
	}
	prefix, name, ok := strings.Cut(strings.ToLower(action), ":")
	if !ok {
		prefix, name = "", prefix
	}
	type near struct {
		name string
		far  int
	}
	var found []near
	for i := range c.facts.services {
		s := &c.facts.services[i]
		off := 0
		if prefix != "" {
			if off = distance(prefix, s.prefix, 2); off > min(2, len(prefix)/2) {
				continue
			}
		}
		for j := range s.actions {
			other := strings.ToLower(s.actions[j].name)
			limit := max(2, len(name)/4)
			far := distance(name, other, limit)
			if far > limit && len(name) >= 4 && strings.Contains(other, name) {
				far = limit
			}
			if far <= limit && (prefix != "" || far == 0) {
				found = append(found, near{s.prefix + ":" + s.actions[j].name, far + 2*off})
			}
		}
	}
	slices.SortFunc(found, func(a, b near) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, f := range found[:min(most, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// NearServices lists the service prefixes with names like a prefix, the nearest first,
// five at most; the prefix itself first where it is one.
func (c *Catalog) NearServices(prefix string) []string {
	const most, longest = 5, 64
	if len(prefix) > longest {
		return nil
	}
	prefix = strings.ToLower(prefix)
	limit := max(1, min(2, len(prefix)/2))
	var out []string
	for far := 0; far <= limit; far++ {
		for i := range c.facts.services {
			if name := c.facts.services[i].prefix; distance(prefix, name, limit) == far {
				out = append(out, name)
			}
		}
	}
	return out[:min(most, len(out))]
}

// distance is the number of bytes to insert, delete or replace to make b of a,
// or some number above limit where it is more than that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		best := row[0]
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
			best = min(best, cost)
		}
		if best > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

// ReferenceOperations lists the operations ("s3:CopyObject") of which AWS's
// service reference says that the action may be needed, for some of their
// parameters: evidence to check with, which nothing is derived from. Only updated
// facts have some. action is a canonical name. Sorted.
func (c *Catalog) ReferenceOperations(action string) []string {
	var out []string
	for i := range c.facts.services {
		s := &c.facts.services[i]
		for j := range s.ops {
			o := &s.ops[j]
			if !strings.Contains(o.actions, action) { // which nearly all lack
				continue
			}
			for item := range splitList(o.actions) {
				if item == action {
					out = append(out, s.prefix+":"+o.name)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
