package account

import (
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// ControlKind tells service control policies from resource control policies.
type ControlKind string

// The kinds, as AWS Organizations calls them.
const (
	ServiceControl  ControlKind = "SERVICE_CONTROL_POLICY"
	ResourceControl ControlKind = "RESOURCE_CONTROL_POLICY"
)

// Control is one service or resource control policy of an organization.
type Control struct {
	ID, Name string
	Kind     ControlKind
	File     string
	Document *iam.Document // nil when the input has none that can be read
	Targets  []string      // ids of the roots, units and accounts it is known to be attached to, sorted
}

// Organization is what the files tell of AWS Organizations. Its maps hold only what
// some answer says; nothing is guessed.
type Organization struct {
	Management string              // id of the management account, "" not known: its principals are under no policy
	Controls   []*Control          // sorted by id
	Parents    map[string]string   // id of an account or unit → id of the unit or root it is in
	Members    map[string]bool     // ids of accounts that are known to be in the organization
	Roots      []string            // ids, sorted
	Listed     map[string][]string // target + "/" + kind → ids of all policies attached to it, sorted
}

// Level is one place of the organization whose policies bear on an account.
type Level struct {
	Target   string     // id: an account, a unit, the root
	Controls []*Control // known to be attached there, sorted by id
	// Complete: Controls are all that are attached there, and each has its document, so
	// that what none of them allows is not allowed.
	Complete bool
}

// Levels lists the places whose policies of a kind bear on an account, the account
// first, as far as the files tell. It is empty for a management account and for an
// account of which nothing tells that it is in the organization.
func (o *Organization) Levels(account string, kind ControlKind) []Level {
	if o == nil || account == "" || account == o.Management {
		return nil
	}
	var out []Level
	seen := map[string]bool{}
	for id := account; id != "" && !seen[id]; id = o.Parents[id] {
		seen[id] = true
		out = append(out, o.level(id, kind))
	}
	if o.Members[account] && len(o.Roots) == 1 && !seen[o.Roots[0]] { // whatever lies between
		out = append(out, o.level(o.Roots[0], kind))
	}
	return slices.DeleteFunc(out, func(l Level) bool { return len(l.Controls) == 0 })
}

func (o *Organization) level(id string, kind ControlKind) Level {
	l := Level{Target: id}
	listed, all := o.Listed[id+"/"+string(kind)]
	l.Complete = all
	known := 0
	for _, c := range o.Controls {
		if c.Kind != kind {
			continue
		}
		if slices.Contains(listed, c.ID) {
			known++
		} else if !slices.Contains(c.Targets, id) {
			continue
		}
		l.Controls = append(l.Controls, c)
		l.Complete = l.Complete && c.Document != nil
	}
	l.Complete = l.Complete && known == len(listed)
	return l
}

// fullAccess are the policies that AWS attaches by default, which allow everything.
// Source: AWS Organizations user guide, "Service control policies" and "Resource
// control policies", 2026-11.
func fullAccess(id string) bool { return id == "p-FullAWSAccess" || id == "p-RCPFullAWSAccess" }

const allowEverything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// organization gathers what the files tell, before names are known.
type organization struct {
	controls map[string]*Control
	parents  map[string]string
	members  map[string]bool
	roots    map[string]bool
	master   map[string]bool
	listed   map[string][]string
	targets  []pendingTargets
	lists    []pendingList
	bare     []*bareDocument
}

// pendingTargets is a list-targets-for-policy answer, which does not name the policy.
type pendingTargets struct {
	policy string
	ids    []string
}

// pendingList is a list-policies-for-target answer, which does not name the target.
type pendingList struct {
	target string
	kind   ControlKind
	ids    []string
}

func newOrganization() organization {
	return organization{controls: map[string]*Control{}, parents: map[string]string{}, members: map[string]bool{},
		roots: map[string]bool{}, master: map[string]bool{}, listed: map[string][]string{}}
}

// control is the policy with an id, made when it is new.
func (g *organization) control(id string) *Control {
	c := g.controls[id]
	if c == nil {
		c = &Control{ID: id}
		g.controls[id] = c
	}
	return c
}

// saw books an ARN of AWS Organizations: arn:aws:organizations::MANAGEMENT:KIND/o-ORG/ID.
func (g *organization) saw(arn string) {
	a, err := iam.ParseARN(arn)
	if err != nil || a.Service != "organizations" {
		return
	}
	if accountID(a.Account) {
		g.master[a.Account] = true
	}
	parts := strings.Split(a.Resource, "/")
	switch id := parts[len(parts)-1]; parts[0] {
	case "root":
		g.roots[id] = true
	case "account":
		g.members[id] = true
	}
}

// takeControls reads list-policies and list-policies-for-target of AWS Organizations.
func (l *loader) takeControls(o object, at place) {
	var ids []string
	var kind ControlKind
	l.each(o, "policies", at, func(o object, at place) {
		if c := l.summary(o, at); c != nil {
			ids, kind = append(ids, c.ID), c.Kind
			l.controlDocument(c, o, at)
		}
	})
	target := l.idBeside(o, at, "targetid", func(hint string) string {
		if !at.keyed && !strings.Contains(strings.ToLower(hint), "target") {
			return "" // list-policies, of an account that the name tells
		}
		return targetID(hint)
	})
	if target != "" && !more(o) && kind != "" {
		l.org.lists = append(l.org.lists, pendingList{target, kind, ids})
	}
	for _, id := range ids {
		if target != "" {
			l.org.targets = append(l.org.targets, pendingTargets{id, []string{target}})
		}
	}
}

// summary reads a PolicySummary; nil for kinds that grant or deny nothing.
func (l *loader) summary(o object, at place) *Control {
	id, kind := o.get("id").text(), ControlKind(o.get("type").text())
	switch {
	case id == "":
		l.warn(at, "a policy of the organization without Id; ignored")
		return nil
	case kind != ServiceControl && kind != ResourceControl:
		l.warn(at, "%s is a %s; only service and resource control policies bear on permissions", quote(id), quote(string(kind)))
		return nil
	}
	l.org.saw(o.get("arn").text())
	c := l.org.control(id)
	c.Kind, c.Name = kind, o.get("name").text()
	if c.File == "" {
		c.File = l.file
	}
	return c
}

// takeControl reads describe-policy, or the Policy member of it alone.
func (l *loader) takeControl(o object, at place) {
	if p := o.get("policy").object(); p.has("policysummary") {
		o, at = p, at.member("Policy")
	}
	if c := l.summary(o.get("policysummary").object(), at); c != nil {
		l.controlDocument(c, o, at)
	}
}

// controlDocument reads the Content beside or in a summary, if there is one.
func (l *loader) controlDocument(c *Control, o object, at place) {
	if o.get("content").absent() {
		return
	}
	_, doc, err := policyDocument(o.get("content"))
	if err != nil {
		l.warn(at, "can't read the content of %s: %s", quote(c.ID), shorten(err.Error()))
		return
	}
	c.Document, c.File = doc, l.file
	l.notes(doc, at)
}

// takeTargets reads list-targets-for-policy.
func (l *loader) takeTargets(o object, at place) {
	p := pendingTargets{policy: l.idBeside(o, at, "policyid", policyID)}
	l.each(o, "targets", at, func(o object, at place) {
		l.org.saw(o.get("arn").text())
		if id := o.get("targetid").text(); id != "" {
			p.ids = append(p.ids, id)
		}
		if o.get("type").text() == "ROOT" {
			l.org.roots[o.get("targetid").text()] = true
		}
	})
	if p.policy == "" {
		l.warn(at, "the targets of a policy that nothing names: put its id (p-…) into the file's name, or beside Targets as PolicyId")
		return
	}
	l.org.targets = append(l.org.targets, p)
}

// takeOrganization reads describe-organization.
func (l *loader) takeOrganization(o object, _ place) {
	o = o.get("organization").object()
	if id := o.get("masteraccountid").text(); accountID(id) {
		l.org.master[id] = true
	}
}

// takeMembers reads list-accounts, list-accounts-for-parent, list-roots,
// list-organizational-units-for-parent and list-parents, as far as each tells.
func (l *loader) takeMembers(o object, at place) {
	parent := l.idBeside(o, at, "parentid", parentID)
	for _, list := range []string{"accounts", "organizationalunits", "roots"} {
		l.each(o, list, at, func(o object, _ place) {
			id := o.get("id").text()
			l.org.saw(o.get("arn").text())
			if list == "roots" {
				l.org.roots[id] = true
			} else if parent != "" && id != "" && id != parent {
				l.org.parents[id] = parent
			}
		})
	}
	child := l.idBeside(o, at, "childid", childID)
	l.each(o, "parents", at, func(o object, at place) {
		id := o.get("id").text()
		if o.get("type").text() == "ROOT" {
			l.org.roots[id] = true
		}
		if child == "" {
			l.warn(at, "the parent of something that nothing names: put the id of the child into the file's name")
			return
		}
		l.org.parents[child] = id
		if accountID(child) {
			l.org.members[child] = true
		}
	})
}

// isMembers knows the lists of accounts, units, roots and parents.
func isMembers(o object) bool {
	for _, list := range []string{"accounts", "organizationalunits", "roots"} {
		if l := o.get(list).list(); len(l) > 0 && strings.Contains(l[0].object().get("arn").text(), ":organizations:") {
			return true
		}
	}
	l := o.get("parents").list()
	return len(l) > 0 && l[0].object().has("id") && l[0].object().has("type")
}

func isTargets(o object) bool {
	l := o.get("targets").list()
	return len(l) > 0 && l[0].object().has("targetid")
}

func isOrganization(o object) bool {
	return o.get("organization").object().has("masteraccountid")
}

// isControlList knows a list of policies of AWS Organizations.
func isControlList(o object) bool {
	list := o.get("policies").list()
	if len(list) == 0 || isTree(o) {
		return false
	}
	e := list[0].object()
	return strings.HasSuffix(e.get("type").text(), "_POLICY") && e.has("id")
}

func isControl(o object) bool {
	return o.has("content") && o.has("policysummary") || o.get("policy").object().has("policysummary")
}

// finishOrganization puts together what names and ids say.
func (l *loader) finishOrganization() {
	g := &l.org
	l.placeControls()
	if len(g.controls)+len(g.parents)+len(g.members)+len(g.roots)+len(g.master) == 0 {
		return
	}
	out := &Organization{Parents: g.parents, Members: g.members, Roots: sortedKeys(g.roots), Listed: g.listed}
	if len(g.master) == 1 {
		out.Management = sortedKeys(g.master)[0]
	}
	if len(g.master) > 1 {
		l.warn(place{}, "the files tell of %d organizations: service and resource control policies are not used; give those of one", len(g.master))
		return
	}
	for _, id := range sortedIDs(g.controls) {
		c := g.controls[id]
		if fullAccess(id) && c.Document == nil {
			c.Document, _ = iam.Parse([]byte(allowEverything))
			if c.Kind == "" {
				c.Kind = ServiceControl
				if strings.Contains(id, "RCP") {
					c.Kind = ResourceControl
				}
			}
		}
		if c.Kind == "" {
			l.warn(place{}, "%s: only its targets are in the input; give the output of aws organizations describe-policy --policy-id %s", quote(id), quote(id))
			continue
		}
		l.tellControl(c)
		out.Controls = append(out.Controls, c)
	}
	l.snap.Organization = out
}

// tellControl warns of what keeps a policy from being used.
func (l *loader) tellControl(c *Control) {
	if c.Document == nil {
		l.warn(place{}, "%s has no document in the input; give the output of aws organizations describe-policy --policy-id %s", quote(c.ID), quote(c.ID))
	}
	if len(c.Targets) == 0 && !fullAccess(c.ID) {
		l.warn(place{}, "nothing tells where %s is attached: not used; give the output of aws organizations list-targets-for-policy in a file named after its id", quote(c.ID))
	}
}

// placeControls gives lists and bare documents to the policies that they are of.
func (l *loader) placeControls() {
	g := &l.org
	for _, t := range g.targets {
		c := g.control(t.policy)
		c.Targets = append(c.Targets, t.ids...)
	}
	for _, p := range g.lists {
		key := p.target + "/" + string(p.kind)
		g.listed[key] = append(g.listed[key], p.ids...)
		sort.Strings(g.listed[key])
		g.listed[key] = slices.Compact(g.listed[key])
	}
	for _, b := range g.bare {
		if c := g.named(b.hint); c != nil && c.Document == nil {
			c.Document, c.File = b.doc, b.file
			continue
		}
		l.file = b.file
		l.warn(b.at, "a policy document without its owner is not used; give the output of aws iam get-account-authorization-details, or name the file after the service control policy that it is")
	}
	l.file = ""
	for _, c := range g.controls {
		sort.Strings(c.Targets)
		c.Targets = slices.Compact(c.Targets)
	}
}

// named finds the one policy of which a text is the id or the name.
func (g *organization) named(hint string) *Control {
	hint = baseName(hint)
	var found *Control
	for _, id := range sortedIDs(g.controls) {
		c := g.controls[id]
		if c.ID != hint && c.Name != hint && policyID(hint) != c.ID {
			continue
		}
		if found != nil {
			return nil
		}
		found = c
	}
	return found
}

func sortedIDs(m map[string]*Control) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
