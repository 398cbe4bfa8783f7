package synth

import (
	"slices"
	"strings"
)

// spread are resources of an inventory: spans by the number of their list.
type spread map[int32][]span

// everyList stands for all lists.
const everyList = -1

// add takes one resource. What is added is in order after join.
func (s spread) add(at spot) { s[at.list] = append(s[at.list], span{at.rank, at.rank + 1}) }

func (s spread) join() {
	for list, spans := range s {
		s[list] = join(spans)
	}
}

// touch adds the resources of one list, or of every one, that an observation shows. What
// a service asks for at creation is a pattern, as it is logged: snapshot/* of
// ec2:CreateSnapshot. Such a use is one of everything that the pattern matches, since no
// document can allow less.
func (v *inventory) touch(out spread, o *observation, list int32) {
	if !o.allowed() || o.documented() {
		return
	}
	if at, ok := v.at[o.resource]; ok && (list == everyList || list == at.list) {
		out.add(at)
	}
	if !patterned(o) {
		return
	}
	for _, n := range v.matched(o.resource) {
		if list == everyList || list == n.list {
			out[n.list] = append(out[n.list], n.spans...)
		}
	}
}

// patterned reports whether an observation is of a pattern. Names of S3 may hold a star
// of their own.
func patterned(o *observation) bool {
	if o.kind == "pattern" {
		return strings.HasPrefix(o.resource, "arn:")
	}
	parts := strings.SplitN(o.resource, ":", 4) // arn, partition, service, the rest
	return o.kind == "arn" && len(parts) == 4 && parts[2] != "s3" && (strings.HasSuffix(parts[3], "/*") || strings.HasSuffix(parts[3], ":*"))
}

// matches are what a pattern matches of one list.
type matches struct {
	list  int32
	spans []span
}

// matched finds what a pattern matches in the inventory, list by list.
func (v *inventory) matched(pattern string) []matches {
	v.patterns.Lock()
	defer v.patterns.Unlock()
	out, ok := v.patterns.matched[pattern]
	if ok {
		return out
	}
	for n, l := range v.lists {
		if n == anyResource {
			continue
		}
		if spans, _ := l.taken(pattern); len(spans) > 0 {
			out = append(out, matches{int32(n), spans})
		}
	}
	if v.patterns.matched == nil {
		v.patterns.matched = map[string][]matches{}
	}
	v.patterns.matched[pattern] = out
	return out
}

// both is what two lists of spans, each joined, have in common.
func both(a, b []span) []span {
	var out []span
	for len(a) > 0 && len(b) > 0 {
		s := span{max(a[0].from, b[0].from), min(a[0].to, b[0].to)}
		if s.from < s.to {
			out = append(out, s)
		}
		if a[0].to < b[0].to {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return slices.Clip(out)
}
