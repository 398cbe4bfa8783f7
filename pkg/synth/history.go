package synth

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/usage"
)

// grantVerb says what a logged call did to what is granted.
type grantVerb uint8

const (
	verbNone    grantVerb = iota
	verbGive              // attached, put, added: from then on it is there
	verbTake              // detached, deleted, removed: from then on it is not
	verbDefault           // a managed policy has another document from then on
	verbForget            // a stored version was deleted, which changes no grant
	verbBorn              // the principal or group was created
	verbDied              // it was deleted or renamed
	verbBound             // its permissions boundary was put or deleted
)

// grantChange is one logged change of what is granted.
type grantChange struct {
	at      int64 // unix milliseconds
	verb    grantVerb
	put     bool   // a give that may replace what was there: an inline document
	version string // of a managed policy, "" not told
}

// thing is what a principal or group can have: a managed policy by ARN, an inline one by
// name, a group by name. Names are in lower case, as IAM tells them apart.
type thing struct {
	owner string // ownerName of the user, role or group
	kind  thingKind
	name  string
}

type thingKind uint8

const (
	attachedThing thingKind = iota
	inlineThing
	groupThing
)

// ownerName is the key of a user, role or group: IAM's names differ in more than case.
func ownerName(account, kind, name string) string {
	return account + "/" + kind + "/" + strings.ToLower(name)
}

// grantLog holds every logged change of grants, whoever made it and whatever lane the
// call is in: a policy that an intruder changed is changed.
type grantLog struct {
	things   map[thing][]grantChange  // given and taken
	owners   map[string][]grantChange // born, died, bound, by ownerName
	policies map[string][]grantChange // of managed policies, by ARN in lower case
	spelled  map[string]string        // managed policy ARNs as the calls spell them, by lower case
	sessions map[string]bool          // managed policies seen in policyArns, by ARN
	end      int64                    // of the logs, unix milliseconds
}

// grantCall tells how one IAM call changes grants. Source: IAM API reference, 2026-11.
type grantCall struct {
	verb  grantVerb
	owner string // role, user or group, named by the parameter OWNERName; "" for a managed policy
	kind  thingKind
	named string // the parameter that names the thing
}

// grantCalls are the calls of iam.amazonaws.com that change who may do what. CloudFormation
// and IAM Identity Center make them too, so their changes show the same way.
func grantCalls() map[string]grantCall {
	out := map[string]grantCall{
		"AddUserToGroup":          {verbGive, "user", groupThing, "p.groupName"},
		"RemoveUserFromGroup":     {verbTake, "user", groupThing, "p.groupName"},
		"CreatePolicyVersion":     {verb: verbDefault},
		"SetDefaultPolicyVersion": {verb: verbDefault},
		"DeletePolicyVersion":     {verb: verbForget},
		"DeletePolicy":            {verb: verbDied},
	}
	for _, owner := range []string{"Role", "User", "Group"} {
		name := strings.ToLower(owner)
		out["Attach"+owner+"Policy"] = grantCall{verbGive, name, attachedThing, "p.policyArn"}
		out["Detach"+owner+"Policy"] = grantCall{verbTake, name, attachedThing, "p.policyArn"}
		out["Put"+owner+"Policy"] = grantCall{verbGive, name, inlineThing, "p.policyName"}
		out["Delete"+owner+"Policy"] = grantCall{verbTake, name, inlineThing, "p.policyName"}
		out["Create"+owner] = grantCall{verb: verbBorn, owner: name}
		out["Delete"+owner] = grantCall{verb: verbDied, owner: name}
		out["Put"+owner+"PermissionsBoundary"] = grantCall{verb: verbBound, owner: name}
		out["Delete"+owner+"PermissionsBoundary"] = grantCall{verb: verbBound, owner: name}
		out["Update"+owner] = grantCall{verb: verbDied, owner: name} // with another name
	}
	return out
}

// ReadsArguments reports whether proposals depend on more of a call than who called what,
// when and with which outcome: a dataset may be read without the rest of the others
// ([usage.ReadTrimmed]). They ask for the arguments of what changes grants, and of
// sessions with policies of their own.
func ReadsArguments(c *usage.Call) bool {
	return c.EventSource == "sts.amazonaws.com" || c.EventSource == "iam.amazonaws.com"
}

// readGrants replays the changes of grants that a dataset's calls tell of.
func readGrants(t *usage.Table) *grantLog {
	g := &grantLog{things: map[thing][]grantChange{}, owners: map[string][]grantChange{}, policies: map[string][]grantChange{}, spelled: map[string]string{}, sessions: map[string]bool{}}
	calls := grantCalls()
	for i := range t.Calls {
		g.end = max(g.end, t.Calls[i].Last)
	}
	for i := range t.Calls {
		c := &t.Calls[i]
		switch {
		case c.EventSource == "sts.amazonaws.com":
			g.addSession(t, c)
		case c.EventSource != "iam.amazonaws.com" || c.Outcome != "allowed":
		default:
			if call, ok := calls[c.EventName]; ok {
				g.add(t, c, &call)
			}
		}
	}
	for _, m := range []map[string][]grantChange{g.owners, g.policies} {
		for _, list := range m {
			sortChanges(list)
		}
	}
	for _, list := range g.things {
		sortChanges(list)
	}
	return g
}

func sortChanges(list []grantChange) {
	slices.SortFunc(list, func(a, b grantChange) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.verb, b.verb), cmp.Compare(a.version, b.version))
	})
}

// addSession notes managed policies that limit sessions: what is taken out of them, a
// session may miss, whoever else has the policy.
func (g *grantLog) addSession(t *usage.Table, c *usage.Call) {
	for _, l := range t.Args.List(nil, c.ArgsID) {
		if strings.HasPrefix(l.Path, "p.policyArns") {
			g.sessions[l.Value] = true
		}
	}
}

func (g *grantLog) add(t *usage.Table, c *usage.Call, call *grantCall) {
	p := map[string]string{}
	for _, l := range t.Args.List(nil, c.ArgsID) {
		p[l.Path] = l.Value
	}
	switch {
	case c.EventName == "CreatePolicyVersion" && !strings.EqualFold(p["p.setAsDefault"], "true"):
		return
	case strings.HasPrefix(c.EventName, "Update") && p["p.new"+c.EventName[len("Update"):]+"Name"] == "":
		return
	}
	account := cmp.Or(c.RecipientAccount, c.Account)
	owner := ownerName(account, call.owner, p["p."+call.owner+"Name"])
	g.spelled[strings.ToLower(p["p.policyArn"])] = p["p.policyArn"]
	change := grantChange{verb: call.verb, put: call.kind == inlineThing, version: p["p.versionId"]}
	for _, at := range g.times(c) {
		change.at = at
		switch {
		case call.owner == "":
			arn := strings.ToLower(p["p.policyArn"])
			g.policies[arn] = append(g.policies[arn], change)
		case call.named == "":
			g.owners[owner] = append(g.owners[owner], change)
		default:
			x := thing{owner, call.kind, strings.ToLower(p[call.named])}
			g.things[x] = append(g.things[x], change)
		}
	}
}

// times are those of a call's records, the first and the last; one without a time may
// have been at the very end.
func (g *grantLog) times(c *usage.Call) []int64 {
	switch {
	case c.Day < 0 || c.Last == 0:
		return []int64{g.end}
	case c.First == c.Last:
		return []int64{c.Last}
	}
	return []int64{c.First, c.Last}
}
