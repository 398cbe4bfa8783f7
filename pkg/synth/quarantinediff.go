package synth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// QuarantineChange is what one permission would be beside the proposal if the calls that
// quarantine rules set apart counted.
type QuarantineChange struct {
	Action    string
	Removed   bool     // the proposal has none of it; else it has it on fewer resources
	Resources []string // those that would be added, sorted
	Rules     []string // sorted
}

// counted says what of a document would differ if quarantined calls counted. What is
// blocked, and by what, stays as it is.
func (n *narrower) counted(old *iam.Document, vs [][]verdict) []QuarantineChange {
	if len(n.apart) == 0 {
		return nil
	}
	all := *n
	all.byName = map[string][]*observation{}
	for name, obs := range n.byName {
		all.byName[name] = obs
	}
	for name, obs := range n.apart {
		all.byName[name] = slices.Concat(n.byName[name], obs)
	}
	byAction := map[string]*QuarantineChange{}
	for i, list := range vs {
		var m *matcher
		for k := range list {
			v := &list[k]
			if len(v.apart) == 0 || v.index < 0 {
				continue
			}
			if m == nil {
				m = newMatcher(old, i)
			}
			f := &n.facts.facts[v.index]
			with := all.decideAction(m, f)
			all.keep(m, f, &with)
			addQuarantined(byAction, v, with.beside(v, m))
		}
	}
	var out []QuarantineChange
	for _, a := range sortedKeys(byAction) {
		out = append(out, *byAction[a])
	}
	return out
}

// addQuarantined notes what the quarantined calls of a verdict would add. An action of
// several statements is removed only if it is so from all of those it stands in.
func addQuarantined(byAction map[string]*QuarantineChange, v *verdict, more []string) {
	if len(more) == 0 {
		return
	}
	c := byAction[v.name]
	if c == nil {
		c = &QuarantineChange{Action: v.name, Removed: true}
		byAction[v.name] = c
	}
	c.Removed = c.Removed && v.fate == FateRemoved
	c.Resources = subsume(append(c.Resources, more...))
	for _, q := range quarantinedUses(v.apart) {
		if !slices.Contains(c.Rules, q.Rule) {
			c.Rules = append(c.Rules, q.Rule)
		}
	}
	slices.Sort(c.Rules)
}

// beside lists the resources that a verdict has and another one has not.
func (v *verdict) beside(without *verdict, m *matcher) []string {
	if v.fate == FateRemoved {
		return nil
	}
	mine := v.resources
	if mine == nil {
		mine = attachedResources(m.statement)
	}
	if without.fate == FateRemoved {
		return mine
	}
	if without.resources == nil {
		return nil
	}
	var out []string
	for _, r := range mine {
		if !slices.ContainsFunc(without.resources, func(w string) bool { return iam.MatchResource(w, r) }) {
			out = append(out, r)
		}
	}
	return out
}

// attachedResources are the resources of a statement; those that NotResource leaves out
// are named so.
func attachedResources(s *iam.Statement) []string {
	if s.NotResource == nil {
		return s.Resource
	}
	return []string{"all but " + strings.Join(s.NotResource, ", ")}
}

// countedFresh is counted for a document that is made from usage alone.
func (p *proposer) countedFresh(byAction map[string][]*observation, seen []*caller) []QuarantineChange {
	apart := map[string][]*observation{}
	for _, c := range seen {
		for i := range c.apart.obs {
			if o := &c.apart.obs[i]; o.adds() {
				apart[o.action] = append(apart[o.action], o)
			}
		}
	}
	var out []QuarantineChange
	for _, a := range sortedKeys(apart) {
		with := &verdict{resources: p.freshResources(slices.Concat(byAction[a], apart[a]))}
		without := &verdict{name: a, fate: FateRemoved, apart: apart[a]}
		if len(byAction[a]) > 0 {
			without.fate, without.resources = FateUsed, p.freshResources(byAction[a])
		}
		one := map[string]*QuarantineChange{}
		addQuarantined(one, without, with.beside(without, nil))
		if one[a] != nil {
			out = append(out, *one[a])
		}
	}
	return out
}

// freshResources are those of a new document for what an action was seen on.
func (p *proposer) freshResources(obs []*observation) []string {
	const one = "x:Y" // any action will do
	if g := p.scratchResources(map[string][]*observation{one: obs})[one]; g != nil {
		return texts(g.patterns)
	}
	return []string{"*"}
}

// quarantineNotes tell what would be wider if quarantined calls counted; what would not
// be removed, apartNotes tell.
func quarantineNotes(list []QuarantineChange) []string {
	var out []string
	for _, c := range list {
		if !c.Removed {
			out = append(out, c.note())
		}
	}
	return out
}

func (c *QuarantineChange) note() string {
	return fmt.Sprintf("if quarantined calls counted (%s), %s would also be allowed on %s", some(c.Rules, 3), c.Action, some(c.Resources, 5))
}
