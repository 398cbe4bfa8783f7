package synth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// again is what a stale snapshot needs.
const again = "take the authorization details again"

// dateSlack is how much the time of a record and the date that IAM keeps of the same call
// may differ.
const dateSlack = time.Minute

// history compares the snapshot with the logged changes. The snapshot has no date of its
// own: it is at least as young as the latest date in it, and as what the logs show to have
// been made and it has.
type history struct {
	log      *grantLog
	snap     *account.Snapshot
	young    map[string]int64           // by account: the snapshot was taken then or later, unix milliseconds
	shown    map[thing]bool             // what the snapshot shows
	names    map[string]string          // ownerName → ARN of those in the snapshot
	byOwner  map[string][]thing         // sorted, of the log
	policies map[string]*account.Policy // of the snapshot, by ARN in lower case
	beyond   map[string]string          // managed policy ARN, in lower case → why others may have it
	from     map[string]int32           // first day of the logs, by account
}

func newHistory(in Input, cov map[string]*accountCoverage) *history {
	h := &history{log: readGrants(in.Table), snap: in.Snapshot, young: map[string]int64{}, shown: map[thing]bool{},
		names: map[string]string{}, byOwner: map[string][]thing{}, policies: map[string]*account.Policy{}, beyond: map[string]string{}, from: map[string]int32{}}
	for id, at := range in.Snapshot.Latest {
		h.young[id] = at.UnixMilli()
	}
	for id, c := range cov {
		h.from[id] = c.first
	}
	for _, p := range in.Snapshot.Principals {
		h.show(ownerName(p.Account, string(p.Kind), p.Name), p.ARN, p.Attached, p.Inline, p.Groups)
	}
	for _, g := range in.Snapshot.Groups {
		h.show(ownerName(g.Account, "group", g.Name), g.ARN, g.Attached, g.Inline, nil)
	}
	for x := range h.log.things {
		h.byOwner[x.owner] = append(h.byOwner[x.owner], x)
	}
	for _, list := range h.byOwner {
		slices.SortFunc(list, func(a, b thing) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
	}
	for arn, p := range in.Snapshot.Policies {
		h.policies[strings.ToLower(arn)] = p
	}
	h.raise()
	h.findBeyond()
	return h
}

func (h *history) show(owner, arn string, attached []string, inline []*account.Policy, groups []string) {
	h.names[owner] = arn
	for _, a := range attached {
		h.shown[thing{owner, attachedThing, strings.ToLower(a)}] = true
	}
	for _, p := range inline {
		h.shown[thing{owner, inlineThing, strings.ToLower(p.Name)}] = true
	}
	for _, g := range groups {
		h.shown[thing{owner, groupThing, strings.ToLower(g)}] = true
	}
}

// raise makes the snapshot younger by what it shows and the logs saw being made: the first
// gift to somebody born in the logs.
func (h *history) raise() {
	for x, list := range h.log.things {
		born := last(h.log.owners[x.owner], verbBorn)
		if h.shown[x] && born > 0 && list[0].verb == verbGive && list[0].at >= born {
			id, _, _ := strings.Cut(x.owner, "/")
			h.young[id] = max(h.young[id], list[0].at)
		}
	}
}

// last is the time of the last change of a kind, 0 for none.
func last(list []grantChange, verb grantVerb) int64 {
	at := int64(0)
	for _, c := range list {
		if c.verb == verb {
			at = c.at
		}
	}
	return at
}

// after reports whether the snapshot is known to be younger than a time.
func (h *history) after(owner string, at int64) bool {
	id, _, _ := strings.Cut(owner, "/")
	return h.young[id] >= at
}

// word is what the logs say last of a thing: whether it was there from then on. Where
// records of one second say both, both is false: no contradiction is made of it.
func word(list []grantChange) (at int64, given, taken bool) {
	at = list[len(list)-1].at
	for _, c := range list {
		if c.at == at {
			given, taken = given || c.verb == verbGive, taken || c.verb == verbTake
		}
	}
	return at, given && !taken, taken && !given
}

// findBeyond finds managed policies that the logs show attached to somebody of whom the
// snapshot does not know it.
func (h *history) findBeyond() {
	for x, list := range h.log.things {
		at, given, _ := word(list)
		if x.kind != attachedThing || !given || h.shown[x] || h.after(x.owner, at) || last(h.log.owners[x.owner], verbDied) > at {
			continue
		}
		why := fmt.Sprintf("the logs show the policy attached to %s on %s, the account files do not: %s", whose(x.owner), date(millisDay(at)), again)
		if old := h.beyond[x.name]; old == "" || why < old {
			h.beyond[x.name] = why
		}
	}
}

// whose is "role NAME", of an ownerName.
func whose(owner string) string {
	parts := strings.SplitN(owner, "/", 3)
	return parts[1] + " " + parts[2]
}

// staleOwner says why the snapshot is older than the logs for a principal or a group, "".
// created is its CreateDate.
func (h *history) staleOwner(owner string, created time.Time) string {
	list := h.log.owners[owner]
	if at := last(list, verbDied); at > 0 && !h.after(owner, at) && (created.IsZero() || created.UnixMilli() < at) {
		return fmt.Sprintf("the logs show %s deleted or renamed on %s: %s", whose(owner), date(millisDay(at)), again)
	}
	if at := last(list, verbBorn); at > 0 && !created.IsZero() && created.Add(dateSlack).UnixMilli() < at {
		return fmt.Sprintf("the logs show %s created on %s, the account files have an older one: %s", whose(owner), date(millisDay(at)), again)
	}
	for _, x := range h.byOwner[owner] {
		at, given, taken := word(h.log.things[x])
		if contradicts := given && !h.shown[x] || taken && h.shown[x]; contradicts && !h.after(owner, at) {
			return fmt.Sprintf("a policy or group of %s was changed on %s, and the account files do not show it: %s", whose(owner), date(millisDay(at)), again)
		}
	}
	return ""
}

// stale says why the snapshot is older than the logs for a principal, "".
func (h *history) stale(p *account.Principal) string {
	if why := h.staleOwner(ownerName(p.Account, string(p.Kind), p.Name), p.Created); why != "" {
		return why
	}
	for _, g := range p.Groups {
		owner := ownerName(p.Account, "group", g)
		if h.names[owner] == "" {
			continue
		}
		if why := h.staleOwner(owner, time.Time{}); why != "" {
			return why
		}
	}
	return ""
}

// staleDocument says why a document in the snapshot may not be the one in force, "".
func (h *history) staleDocument(u *unit) string {
	switch {
	case u.kind == Inline:
		return h.staleInline(u)
	case u.kind == AWSManaged:
		return ""
	case h.log.sessions[u.policy.ARN]:
		return "the policy also limits sessions: the logs show it in policyArns of AssumeRole"
	case h.beyond[strings.ToLower(u.policy.ARN)] != "":
		return h.beyond[strings.ToLower(u.policy.ARN)]
	}
	return h.staleManaged(u.policy)
}

func (h *history) staleInline(u *unit) string {
	x, ok := inlineOf(u.owner, u.policy.Name)
	list := h.log.things[x]
	if !ok || len(list) == 0 {
		return ""
	}
	at, given, _ := word(list)
	if !given || h.after(x.owner, at) {
		return ""
	}
	return fmt.Sprintf("the policy was put on %s, and nothing tells that the account files are younger: %s", date(millisDay(at)), again)
}

// inlineOf is an inline policy of the owner with an ARN.
func inlineOf(owner, name string) (thing, bool) {
	a, err := iam.ParseARN(owner)
	if err != nil {
		return thing{}, false
	}
	kind, _, _ := strings.Cut(a.Resource, "/")
	return thing{ownerName(a.Account, kind, owner[strings.LastIndexByte(owner, '/')+1:]), inlineThing, strings.ToLower(name)}, true
}

func (h *history) staleManaged(p *account.Policy) string {
	list := h.log.policies[strings.ToLower(p.ARN)]
	owner := accountOf(p.ARN) + "/"
	changed := func(at int64) string {
		return fmt.Sprintf("the policy was changed on %s, and the account files are older: %s", date(millisDay(at)), again)
	}
	known := p.Updated
	if p.InForce.After(known) {
		known = p.InForce
	}
	for i, c := range list {
		switch {
		case h.after(owner, c.at) || known.Add(dateSlack).UnixMilli() >= c.at && !known.IsZero():
		case c.verb == verbDied:
			return fmt.Sprintf("the policy was deleted on %s: %s", date(millisDay(c.at)), again)
		case c.verb != verbDefault:
		case c.version == "":
			return changed(c.at)
		case c.version != p.VersionID && last(list[i:], verbDefault) == c.at:
			return changed(c.at)
		}
	}
	return ""
}
