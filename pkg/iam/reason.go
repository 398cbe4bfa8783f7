package iam

import (
	"fmt"
	"strings"
)

// unproved is the reason of a region that was neither proved nor refuted.
func (c *cases) unproved(lits []literal, r *coverResult) string {
	what := "every resource"
	if len(r.misses) > 0 {
		what = clip(c.g.resource(r.misses[0].q.left))
	}
	out := fmt.Sprintf("%s: %s on %s is not proved", place(c.g.s), clip(c.g.action), what)
	if k := c.assumed(lits); k != "" {
		out += " where " + k
	}
	return out
}

// refuted is the reason that goes with a witness.
func (c *cases) refuted(q *Request) string {
	out := fmt.Sprintf("%s allows %s on %s", place(c.g.s), clip(q.Action), clip(q.Resource))
	if q.Principal != "" {
		out += " to " + clip(q.Principal)
	}
	if c.g.d != nil {
		return out + "; " + place(c.g.d) + " of the outer policy denies it"
	}
	if only := c.p.onlyWhen(q); only != "" {
		return out + "; the outer policy allows it only when " + only
	}
	return out + "; the outer policy does not"
}

// assumed writes the assumptions that a case adds.
func (c *cases) assumed(lits []literal) string {
	var out []string
	for _, l := range lits[min(len(c.start), len(lits)):] {
		text := l.k.describe()
		if l.is == no {
			text = "not " + text
		}
		out = append(out, text)
	}
	return clip(strings.Join(out, " and "))
}

// onlyWhen names the conditions that keep outer's closest Allow from applying.
func (p *prover) onlyWhen(q *Request) string {
	action := lowerASCII(q.Action)
	for _, r := range p.outer.allows {
		if !r.onAction(action) || r.onResource(q).may == 0 || p.who != nil && p.who.names[r].any() == no {
			continue
		}
		for i := range r.clauses {
			if r.clauses[i].holds(&q.Context) == no {
				return clip(r.clauses[i].describe())
			}
		}
	}
	return ""
}

// describe writes a clause as "key operator value, value".
func (k *clause) describe() string {
	return fmt.Sprintf("%s %s %s", k.key, k.name, strings.Join(k.sources(), ", "))
}
