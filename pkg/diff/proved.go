package diff

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// shift is what one side allows and another does not, as iam.Subtract proves it.
type shift struct {
	actions bitset         // of which something is lost
	denied  map[int]string // action → the Deny statements that take from it, a line each
}

// lost asks iam what old allows and new does not. Actions of parts that are not
// decided are among them. Documents that iam refuses lose everything.
func (x *expansion) lost(old, new []*iam.Document) shift {
	out := shift{actions: x.none(), denied: map[int]string{}}
	d := iam.Subtract(given(old), given(new), iam.SubtractOptions{Expand: x.c.actions.Expand})
	if d.Reason != "" {
		out.actions.fill(x.size())
		return out
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		b := x.union(p.Actions).minus(x.union(p.ExceptActions))
		out.actions.add(b)
		if p.Deny != nil {
			lines := denialLines(p.Deny)
			b.each(func(id int) { out.denied[id] = joinLines(out.denied[id], lines) })
		}
	}
	return out
}

// given leaves out nil documents.
func given(docs []*iam.Document) []*iam.Document {
	return slices.DeleteFunc(slices.Clone(docs), func(d *iam.Document) bool { return d == nil })
}

// deniedPrefix begins the lines of Narrowing.From and To for Deny statements.
const deniedPrefix = "DENIED "

// denialLines describes a Deny statement as Narrowing.To has it.
func denialLines(d *iam.Denial) []string {
	var out []string
	for _, s := range scopes(&iam.Statement{Resource: d.Resources, NotResource: d.NotResources, Condition: d.Conditions}) {
		out = append(out, deniedPrefix+s.String())
	}
	return out
}

// joinLines adds lines to a text of sorted lines, once each.
func joinLines(text string, lines []string) string {
	if text != "" {
		lines = append(strings.Split(text, "\n"), lines...)
	}
	return strings.Join(sortedSet(lines), "\n")
}

// allows returns the actions of which a side allows something. With plain Allow
// statements alone that is what they cover.
func (x *expansion) allows(docs []*iam.Document, s *side) bitset {
	allowed, plain := x.none(), true
	for i, st := range s.stmts {
		plain = plain && st.Effect == iam.Allow && st.NotResource == nil
		if st.Effect == iam.Allow {
			allowed.add(s.covers[i])
		}
	}
	if plain {
		return allowed
	}
	return allowed.and(x.lost(docs, nil).actions)
}
