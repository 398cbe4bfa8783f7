package account

import (
	"fmt"
	"strings"
)

// wrapDepth is how deep in unknown wrappers documents are looked for.
const wrapDepth = 8

// loader gathers a snapshot.
type loader struct {
	snap    *Snapshot
	file    string // the current one
	warned  int    // warnings of the current file
	kinds   []recogniser
	details details
	reports []*report
	org     organization
	pending []pendingPolicy
}

// recogniser is one kind of document: how to know an object as such, and what to
// do with it.
type recogniser struct {
	kind string
	is   func(o object) bool
	take func(o object, at place)
}

func newLoader() *loader {
	l := &loader{snap: &Snapshot{Policies: map[string]*Policy{}, Profiles: map[string]string{}}, details: newDetails(), org: newOrganization()}
	l.kinds = append(l.used(), l.unused()...)
	return l
}

// used lists the kinds that fill the snapshot. An object may be several at once.
func (l *loader) used() []recogniser {
	return []recogniser{
		{KindAuthorization, isDetails, l.takeDetails},
		{KindAuthorization, isUser, func(o object, at place) { l.takeUser(o, at, &page{}) }},
		{KindAuthorization, isRole, func(o object, at place) { l.takeRole(o, at, &page{}) }},
		{KindAuthorization, isGroup, func(o object, at place) { l.takeGroup(o, at, &page{}) }},
		{KindPolicies, isPolicyList, func(o object, at place) { l.each(o, "policies", at, l.takePolicy) }},
		{KindPolicies, isPolicy, l.takePolicy},
		{KindLastAccessed, hasList("serviceslastaccessed"), l.takeReport},
		{KindSelectors, isSelectors, l.takeSelectors},
		{KindTrails, hasList("traillist"), func(o object, at place) { l.each(o, "traillist", at, l.takeTrail) }},
		{KindTrails, func(o object) bool { return isTrail(o.get("trail").object()) },
			func(o object, at place) { l.takeTrail(o.get("trail").object(), at) }},
		{KindTrails, isTrail, l.takeTrail},
		{KindCredentials, isCredentialJSON, l.takeCredentialJSON},
		{KindServiceControl, isControlList, l.takeControls},
		{KindServiceControl, isTree, l.takeTree},
		{KindServiceControl, isControl, l.takeControl},
		{KindServiceControl, isTargets, l.takeTargets},
		{KindServiceControl, isMembers, l.takeMembers},
		{KindServiceControl, isOrganization, l.takeOrganization},
		{KindResourcePolicy, isResourcePolicy, l.takeResourcePolicy},
		{KindKeyGrants, isGrants, l.takeGrants},
		{KindPolicyDocument, isBare, l.takeBare},
	}
}

// unused lists the kinds that are only known, each with what to tell the user.
func (l *loader) unused() []recogniser {
	say := func(msg string) func(object, place) {
		return func(_ object, at place) { l.warn(at, "%s", msg) }
	}
	return []recogniser{
		{KindEntities, hasList("entitydetailslist"), say("a report of entities doesn't name its service; not used: give the output of aws iam get-service-last-accessed-details")},
		{KindJob, func(o object) bool { return len(o) <= 2 && o.get("jobid").kind() == '"' }, say("only the id of a job; give the output of aws iam get-service-last-accessed-details --job-id ID")},
		{KindPolicyDocument, isPolicyDocument, say("a policy document without its owner is not used; give the output of aws iam get-account-authorization-details")},
		{KindListing, isListing, say("a listing without policies is not used; give the output of aws iam get-account-authorization-details")},
		{KindRecords, hasList("records"), say("CloudTrail records are not account data; give them as logs")},
	}
}

// place is where in the input a value stands, with what its surroundings tell.
type place struct {
	doc   int    // number of the document in the file, from 0
	path  string // members and indexes inside the document
	arn   string // of the principal that a wrapper names
	from  ARNSource
	hint  string // key of a wrapper or name of the file, which may name the principal
	keyed bool   // hint is a key
	depth int
}

// String gives the place as Warning.Where has it.
func (p place) String() string {
	path := strings.TrimPrefix(p.path, ".")
	if p.doc == 0 {
		return path
	}
	return strings.TrimSuffix(fmt.Sprintf("document %d: %s", p.doc+1, path), ": ")
}

func (p place) member(key string) place {
	if len(key) > 200 {
		key = key[:200] + "…"
	}
	p.path += "." + key
	p.depth++
	return p
}

func (p place) element(i int) place {
	p.path += fmt.Sprintf("[%d]", i)
	p.depth++
	return p
}

// document visits one document of a stream and tells when it is not known.
func (l *loader) document(v value, at place) {
	hits, misses := l.visit(v, at)
	switch {
	case hits == 0 && v.kind() == '{':
		l.warn(at, "not recognised: an object with %s", someKeys(v.object()))
	case hits == 0 && v.kind() != 0:
		l.warn(at, "not recognised: %s", v.called())
	case misses > 0:
		l.warn(at, "%d of its values are not recognised", misses)
	}
}

// visit finds documents in a value: the value itself, the elements of a list, or
// the members of an unknown object. It counts those found, and the objects that
// are nothing known though other elements of their list are.
func (l *loader) visit(v value, at place) (hits, misses int) {
	if at.depth > wrapDepth {
		return 0, 0
	}
	switch v.kind() {
	case '[':
		for i, e := range v.list() {
			h, m := l.visit(e, at.element(i))
			hits, misses = hits+h, misses+m
		}
		if hits == 0 {
			misses = 0
		}
	case '{':
		return l.visitObject(v.object(), at)
	}
	return hits, misses
}

func (l *loader) visitObject(o object, at place) (hits, misses int) {
	at = at.named(o)
	for _, k := range l.kinds {
		if k.is(o) {
			l.found(k.kind)
			k.take(o, at)
			hits++
		}
	}
	if hits > 0 {
		return hits, 0
	}
	for _, m := range o {
		if h, n := l.visit(m.val, at.keyedBy(m.key).member(m.key)); h > 0 {
			hits, misses = hits+h, misses+n
		}
	}
	if hits == 0 {
		return 0, 1
	}
	return hits, misses
}

// found records what the current file is.
func (l *loader) found(kind string) {
	f := File{Path: l.file, Kind: kind}
	for i := len(l.snap.Files) - 1; i >= 0 && l.snap.Files[i].Path == l.file; i-- {
		if l.snap.Files[i] == f {
			return
		}
	}
	l.snap.Files = append(l.snap.Files, f)
}

// each calls take for the objects of a list member. A lone object counts as a
// list of one, as some examples have it.
func (l *loader) each(o object, name string, at place, take func(object, place)) {
	v := o.get(name)
	at = at.member(o.spelling(name))
	switch v.kind() {
	case 0, 'n':
	case '{':
		l.warn(at, "want a list, have an object; taken as its only element")
		take(v.object(), at)
	case '[':
		for i, e := range v.list() {
			if e.kind() == '{' {
				take(e.object(), at.element(i))
			} else {
				l.warn(at.element(i), "want an object, have %s", e.called())
			}
		}
	default:
		l.warn(at, "want a list, have %s", v.called())
	}
}

// spelling is a member's name as the input has it.
func (o object) spelling(folded string) string {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].folded == folded {
			return o[i].key
		}
	}
	return folded
}

// someKeys lists the first members of an object for a message.
func someKeys(o object) string {
	if len(o) == 0 {
		return "no members"
	}
	var out []string
	for i, m := range o {
		if i == 5 {
			out = append(out, "…")
			break
		}
		out = append(out, quote(m.key))
	}
	return strings.Join(out, ", ")
}
