package synth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// holder is why a permission stays that the evidence would take or narrow.
type holder struct {
	by, where, reason string
	name              string // of the principal, where the document is shared
}

// keep changes the verdict on an action where the keep list or what was detected of
// somebody attached wants it to stay. It adds nothing: what stays lies within the
// attached resources.
func (n *narrower) keep(m *matcher, f *actions.Fact, v *verdict) {
	for _, sub := range n.unit.subjects {
		n.keepListed(sub, m, f, v)
	}
	if !v.lessens(m) {
		return
	}
	for _, sub := range n.unit.subjects {
		if h, resources := n.detectedFor(sub, m, f, v); h != nil {
			v.hold(h, resources)
			return
		}
	}
}

// lessens reports whether a verdict takes something of what is attached.
func (v *verdict) lessens(m *matcher) bool {
	return v.fate == FateRemoved || v.resources != nil && !sameResources(m.statement.Resource, v.resources)
}

// hold keeps an action on resources, nil for the attached ones, beside those on which
// the verdict keeps it.
func (v *verdict) hold(h *holder, resources []string) {
	would := "narrowed to the resources seen"
	if v.fate == FateRemoved {
		would = "removed: " + v.reason
	}
	if v.holder == nil {
		v.reason = fmt.Sprintf("%s; it would be %s", h.text(), would)
		v.holder = h
	}
	v.fate = FateKept
	if resources == nil {
		v.resources, v.found, v.cut, v.held = nil, nil, nil, nil
		return
	}
	v.held = subsume(append(v.held, resources...))
	v.addHeld()
}

// addHeld adds what is held to the resources, which may have been cut anew.
func (v *verdict) addHeld() {
	if v.held != nil {
		v.resources = subsume(append(slices.Clone(v.resources), v.held...))
	}
}

func (h *holder) text() string {
	if h.where != "" {
		return "kept by " + h.reason
	}
	if h.name != "" {
		return "kept for all to whom the document is attached, since " + h.name + " " + h.reason
	}
	return "kept, since the principal " + h.reason
}

// keepListed applies the entries of the keep list for one principal.
func (n *narrower) keepListed(sub *subject, m *matcher, f *actions.Fact, v *verdict) {
	for _, i := range sub.keep.entries {
		e := &sub.keep.list.entries[i]
		if len(e.Actions) > 0 && !matchesAny(e.Actions, f.Name) {
			continue
		}
		resources, some := e.on(m, f)
		if !some {
			continue
		}
		sub.keep.list.hits[i].Store(true)
		if v.lessens(m) {
			v.hold(&holder{by: string(e.Kind), where: e.Where, reason: e.cite()}, resources)
		}
	}
}

// on is what an entry keeps of a statement's resources: nil for all of them. some is
// false where it is about none of them. Where patterns overlap and neither is within
// the other, all stay: doubt removes nothing.
func (e *KeepEntry) on(m *matcher, f *actions.Fact) (resources []string, some bool) {
	if len(e.Resources) == 0 || slices.Contains(e.Resources, "*") {
		return nil, true
	}
	if m.scoped || m.statement.NotResource != nil {
		return nil, slices.ContainsFunc(e.Resources, func(r string) bool { return typed(f, r) })
	}
	whole := 0
	for _, a := range m.statement.Resource {
		if slices.ContainsFunc(e.Resources, func(r string) bool { return iam.MatchResource(r, a) }) {
			whole++
			resources = append(resources, a)
			continue
		}
		for _, r := range e.Resources {
			switch {
			case !typed(f, r) || !overlap(a, r):
			case iam.MatchResource(a, r):
				resources = append(resources, r)
			default:
				return nil, true
			}
		}
	}
	if whole == len(m.statement.Resource) {
		return nil, true
	}
	return resources, len(resources) > 0
}

// typed reports whether a resource pattern can be of an action's resource types.
func typed(f *actions.Fact, resource string) bool {
	return slices.ContainsFunc(f.ResourceTypes, func(t actions.ResourceType) bool {
		return overlapARN(openTemplate(t.ARN), resource)
	})
}

// overlapARN is overlap of patterns of ARNs, part by part: no ARN is of two services.
func overlapARN(p, q string) bool {
	const parts = 6 // arn, partition, service, region, account, resource
	a, b := strings.SplitN(p, ":", parts), strings.SplitN(q, ":", parts)
	if len(a) < parts || len(b) < parts {
		return overlap(p, q)
	}
	for i := range a {
		if !overlap(a[i], b[i]) {
			return false
		}
	}
	return true
}

// openTemplate turns an ARN template into a pattern: "arn:*:s3:::*" for
// "arn:${Partition}:s3:::${BucketName}".
func openTemplate(template string) string {
	var out strings.Builder
	for {
		before, rest, open := strings.Cut(template, "${")
		out.WriteString(before)
		if !open {
			return out.String()
		}
		out.WriteByte('*')
		_, template, _ = strings.Cut(rest, "}")
	}
}

// detectedFor says why an action stays of what was detected of a principal, and on what.
func (n *narrower) detectedFor(sub *subject, m *matcher, f *actions.Fact, v *verdict) (*holder, []string) {
	k := &sub.keep
	switch {
	case k.season != "" && v.fate == FateRemoved && n.concerns(sub, Seasonal, f):
		return n.holder(sub, Seasonal, "is "+k.season), nil
	case looks(f) && k.services[servicePrefix(f.Name)] && n.concerns(sub, Human, f):
		return n.holder(sub, Human, "is a person's ("+k.reasonOf(Human)+") and uses "+servicePrefix(f.Name)), nil
	case v.fate == FateRemoved && len(k.creators[strings.ToLower(f.Name)]) > 0:
		return n.undoes(sub, m, f, v)
	}
	return nil, nil
}

func (k *keeps) reasonOf(c Class) string {
	for _, d := range k.detected {
		if d.Class == c {
			return d.Reason
		}
	}
	return ""
}

// keptFor sums up what is held, by why.
func keptFor(vs [][]verdict) []KeptFor {
	byKey := map[string]*KeptFor{}
	for _, list := range vs {
		for i := range list {
			h := list[i].holder
			if h == nil || list[i].fate != FateKept {
				continue
			}
			k := byKey[h.by+"\x00"+h.text()]
			if k == nil {
				k = &KeptFor{For: h.by, Where: h.where, Reason: h.text()}
				byKey[h.by+"\x00"+h.text()] = k
			}
			k.Actions = append(k.Actions, list[i].name)
		}
	}
	var out []KeptFor
	for _, key := range sortedKeys(byKey) {
		k := byKey[key]
		slices.Sort(k.Actions)
		k.Actions = slices.Compact(k.Actions)
		out = append(out, *k)
	}
	return out
}

// keptNotes tell what is held, and how that is turned off.
func keptNotes(list []KeptFor) []string {
	var out []string
	for _, k := range list {
		how := ""
		if k.Where == "" {
			how = "; --detect, or not_detected in a keep list, turns this off"
		}
		out = append(out, fmt.Sprintf("%s: %s (%s)%s", plural(len(k.Actions), "permission"), k.Reason, some(k.Actions, 8), how))
	}
	return out
}
