package actions

import (
	"slices"
	"strings"
)

// tagNames are the top-level parameters that carry the tags of a new resource, beside
// those that are named for it; tagMembers those of an object that describes it.
const (
	tagNames = "tags|tagset|taglist|tag|tagspecificationset|tagspecifications|tagspecification|tagspecificationsset|resourcetags|" +
		"tagslist|backupplantags|backupvaulttags|frameworktags|reportplantags|targetmodeltags"
	tagMembers = "tags|tagset|taglist|tagspecificationset|tagspecifications"
)

// tags reports whether a row names a tagging action: the event needs no other then.
func (r eventRow) tags() bool {
	_, name, _ := strings.Cut(r.action, ":")
	return strings.Contains(name, "Tag") && !strings.Contains(name, "Session")
}

// tagTargets is the tagging action that a create with tags needs too. Of operations
// that are not named as creating something, only those are taken whose documentation
// names it.
func (c *Catalog) tagTargets(s *service, a *actionRecord, event string) []target {
	noun, creates := createdNoun(event)
	if level := levelOf(a.level); level == Read || level == List || strings.Contains(a.name, "Tag") {
		return nil
	}
	tagging, documented := s.tagging(a, noun)
	if tagging == nil || tagging == a || !creates && !documented {
		return nil
	}
	t := c.target(s, tagging, event, Inferred)
	t.create, t.unsure = true, !documented && !makesTagged(event)
	if main := c.target(s, a, event, Logged); main.makes(noun) {
		t.same = main.action
	}
	t.guard = guard{{kind: 't', params: tagParams(noun), value: singular(noun)}}
	return []target{t}
}

// makesTagged reports whether an operation is named as making a resource of the kind
// that services tag; "Put", "Start" and "Publish" are said of much else.
func makesTagged(event string) bool {
	for _, v := range [...]string{"Create", "Run", "Allocate", "Register", "Request", "Import", "Copy", "Restore", "Purchase"} {
		if strings.HasPrefix(event, v) {
			return true
		}
	}
	return false
}

// makes reports whether what a create is decided on is what it makes: its only type is
// what the noun ends in, as a "TopicRule" is a "rule", and has a name of the caller's
// choosing.
func (t *target) makes(noun string) bool {
	if t.kinds != 1 || len(t.types) != 1 {
		return false
	}
	tp := &t.types[0]
	vars := names(&tp.form)
	return len(vars) > 0 && !assigned(vars[len(vars)-1]) && len(tp.kind()) > 3 && strings.HasSuffix(normal(noun), tp.kind())
}

// sameAsMain tags on create what the create itself is decided on, where that is the one
// new resource. It reports whether it did.
func (r *Resolver) sameAsMain(t *target, basis Basis) bool {
	found := -1
	for i := range r.uses {
		if u := &r.uses[i]; t.same != "" && u.Action == t.same {
			if found >= 0 || u.Resource == "" || u.Basis != Logged {
				return false
			}
			found = i
		}
	}
	if found < 0 {
		return false
	}
	u := r.uses[found]
	kind := bestType(t, u.Resource)
	if kind < 0 {
		return false
	}
	r.use(t, kind, u.Resource, u.Kind, basis)
	return true
}

// tagging finds the action that tags what an operation makes: the one that its
// documentation names, else the service's general one.
func (s *service) tagging(a *actionRecord, noun string) (tagging *actionRecord, documented bool) {
	for name := range splitList(a.deps) {
		prefix, name, _ := strings.Cut(name, ":")
		if !strings.EqualFold(prefix, s.prefix) || !strings.Contains(name, "Tag") || strings.HasPrefix(name, "Untag") {
			continue
		}
		if t, ok := s.find(name); ok && levelOf(t.level) == Tagging {
			return t, true
		}
	}
	for _, name := range []string{"TagResource", "CreateTags", "AddTagsToResource", "Tag" + noun, "AddTags", "TagResources", "CreateOrUpdateTags", "Tag"} {
		if t, ok := s.find(name); ok {
			return t, false
		}
	}
	return nil, false
}

// tagParams lists the top-level parameters that hold tags: those of tagNames, and
// "userPoolTags" of what makes a UserPool, "jobTags" of a ModelCustomizationJob.
func tagParams(noun string) []string {
	params := strings.Split(tagNames, "|")
	for i := range noun {
		if 'A' <= noun[i] && noun[i] <= 'Z' {
			params = append(params, strings.ToLower(noun[i:])+"tags")
		}
	}
	return params
}

// singular is the noun of an operation in lower case without the plural's "s".
func singular(noun string) string {
	return strings.TrimSuffix(strings.ToLower(noun), "s")
}

// tagged reports whether a parameter holds tags of what the event makes: by its own
// name, or as a member of an object that is named for it, as "workspaces[].tags". What
// a template's "data" hold is for later.
func (t *guardTerm) tagged(path string) bool {
	if slices.ContainsFunc(t.params, func(p string) bool { return underParam(path, p) }) {
		return true
	}
	outer, member, ok := strings.Cut(strings.TrimPrefix(path, "p."), ".")
	if !ok || t.value == "" || !containsFold(outer, t.value) || hasSuffixFold(outer, "data") {
		return false
	}
	for list := tagMembers; list != ""; {
		var name string
		name, list, _ = strings.Cut(list, "|")
		if hasMember(member, name) {
			return true
		}
	}
	return false
}

// dedupeTags drops a derived tagging target where a row already names it.
func dedupeTags(ts []target) []target {
	out := ts[:0]
	for i, t := range ts {
		same := func(o target) bool { return o.action == t.action }
		if t.create && (slices.ContainsFunc(ts[:i], same) || slices.ContainsFunc(ts[i+1:], func(o target) bool { return same(o) && !o.create })) {
			continue
		}
		out = append(out, t)
	}
	return out
}
