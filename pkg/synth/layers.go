package synth

import (
	"fmt"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// layers are the policies that bear on requests beside those attached to principals:
// policies of resources, trust policies of roles, and grants of keys.
type layers struct {
	snapshot *account.Snapshot
	policies map[string][]*resourceLayer // by layerKey
	grants   map[string][]*account.KeyGrant
	owner    string // the only account of the snapshot, "" for several
	// boundaries are the permissions boundaries that were asked for, by ARN
	boundaries map[string]*iam.Set
}

// resourceLayer is one policy of a resource, compiled when it is first asked.
type resourceLayer struct {
	resource, account, what string
	document                *iam.Document
	set                     *iam.Set
	tried                   bool
}

// cause is what layers say of a success that no attached statement explains.
type cause struct {
	certain bool   // the text is what allows it; else what may, or would tell
	text    string // never empty
}

func newLayers(s *account.Snapshot) *layers {
	l := &layers{snapshot: s, policies: map[string][]*resourceLayer{}, grants: map[string][]*account.KeyGrant{}, boundaries: map[string]*iam.Set{}}
	if len(s.Accounts) == 1 {
		l.owner = s.Accounts[0]
	}
	for _, r := range s.ResourcePolicies {
		l.add(&resourceLayer{resource: r.Resource, account: r.Account, document: r.Document, what: "the resource policy of " + r.Resource})
	}
	for _, p := range s.Principals {
		if p.Trust != nil {
			l.add(&resourceLayer{resource: p.ARN, account: p.Account, document: p.Trust, what: "the trust policy of " + p.ARN})
		}
	}
	for _, g := range s.KeyGrants {
		l.grants[layerKey(g.Key)] = append(l.grants[layerKey(g.Key)], g)
	}
	return l
}

func (l *layers) add(r *resourceLayer) {
	l.policies[layerKey(r.resource)] = append(l.policies[layerKey(r.resource)], r)
}

// layerKey is the service and the resource of an ARN: region and account may be
// unknown on one side.
func layerKey(arn string) string {
	a, err := iam.ParseARN(account.ResourceBase(arn))
	if err != nil {
		return ""
	}
	return a.Service + ":" + a.Resource
}

// sameResource reports whether two ARNs of one layerKey can name one resource: "*" is
// a segment that is not known.
func sameResource(a, b string) bool {
	x, errX := iam.ParseARN(a)
	y, errY := iam.ParseARN(b)
	fits := func(s, t string) bool { return s == t || s == "*" || t == "*" }
	return errX == nil && errY == nil && fits(x.Region, y.Region) && fits(x.Account, y.Account) && x.Partition == y.Partition
}

// explain says what allows a success that no attached statement explains. Only what
// is certain lifts the block of its service: that a policy may allow it, under
// conditions that logs do not show, does not prove that the account files are those
// that were in force. What explains it is no identity statement, so nothing is kept or
// granted for it.
func (l *layers) explain(s *subject, identity *iam.Set, o *observation) cause {
	switch o.kind {
	case "arn":
	case "star":
		return cause{text: staleFiles}
	default:
		return cause{text: "its record does not tell the resource; " + staleFiles}
	}
	perhaps, proof, found, sure := "", "", 0, 0
	for _, r := range l.policies[layerKey(o.resource)] {
		if !sameResource(r.resource, account.ResourceBase(o.resource)) || r.compiled() == nil {
			continue
		}
		found++
		certain, maybe := l.allows(r, s, identity, o)
		if certain {
			sure, proof = sure+1, r.what
		}
		if maybe != "" && perhaps == "" {
			perhaps = r.what + " " + maybe
		}
	}
	certain, maybe := l.granted(s, o)
	switch {
	case sure > 0 && sure == found: // of several for one resource, which is in force is not known
		return cause{true, proof}
	case certain != "":
		return cause{true, certain}
	case perhaps != "":
		return cause{text: perhaps}
	case maybe != "":
		return cause{text: maybe}
	}
	return cause{text: wouldExplain(o, found > 0)}
}

func (r *resourceLayer) compiled() *iam.Set {
	if !r.tried {
		r.tried = true
		r.set, _ = iam.Compile(r.document)
	}
	return r.set
}

// allows evaluates a request under one resource policy, with the attached policies
// and the boundary. It was allowed, so nothing else stood in its way.
func (l *layers) allows(r *resourceLayer, s *subject, identity *iam.Set, o *observation) (certain bool, perhaps string) {
	q := iam.Request{Action: o.action, Resource: o.resource, Principal: s.p.ARN, Context: contextOf(s.p.ARN, s.p.Account, o)}
	var known bool
	q.Account, known = l.ownerOf(r, s, o)
	all := iam.Layers{Identity: identity, Boundary: l.boundary(s.p), Resource: r.set}
	switch iam.Evaluate(&all, &q) {
	case iam.Allowed:
		if known {
			return true, ""
		}
		return false, "allows it if the account of the resource is " + q.Account + ", which nothing tells"
	case iam.Unknown:
		return false, "may allow it, by conditions or by names that the logs do not show"
	}
	for _, session := range sessionsNamed(r.document, s.p) {
		q.Principal = session
		if iam.Evaluate(&all, &q) != iam.Denied {
			return false, "may allow it: it names a session of the role, and uses are counted by role"
		}
	}
	return false, ""
}

// ownerOf is the account of a resource. A bucket's ARN does not tell it: it is what
// stands beside the policy, or the only account there is.
func (l *layers) ownerOf(r *resourceLayer, s *subject, o *observation) (id string, known bool) {
	if a, err := iam.ParseARN(o.resource); err == nil && a.Account != "" {
		return a.Account, true
	}
	if r.account != "" {
		return r.account, true
	}
	return s.p.Account, l.owner == s.p.Account
}

// boundary is the permissions boundary of a principal, nil for none. One that cannot
// be read allows nothing here: what it lets pass is not known.
func (l *layers) boundary(p *account.Principal) *iam.Set {
	if p.Boundary == "" {
		return nil
	}
	set, ok := l.boundaries[p.Boundary]
	if !ok {
		if pol := l.snapshot.Policies[p.Boundary]; pol != nil && pol.Document != nil {
			set, _ = iam.Compile(pol.Document)
		}
		if set == nil {
			set = &iam.Set{}
		}
		l.boundaries[p.Boundary] = set
	}
	return set
}

// sessionsNamed lists the sessions of a role that a policy names.
func sessionsNamed(d *iam.Document, p *account.Principal) []string {
	if p.Kind != account.RoleKind {
		return nil
	}
	part := ":sts::" + p.Account + ":assumed-role/" + p.Name + "/"
	var out []string
	for i := range d.Statements {
		who := d.Statements[i].Principal
		if who == nil {
			continue
		}
		for _, name := range who.ByKind["AWS"] {
			if strings.Contains(name, part) {
				out = append(out, name)
			}
		}
	}
	return out
}

// granted says which grant of a key allows a request, or may.
// Source: AWS KMS developer guide, "Grants in AWS KMS": a grant gives its grantee the
// operations on the key, whatever the identity policies say; constraints are on the
// encryption context, which CloudTrail does not show for all operations. 2026-11.
func (l *layers) granted(s *subject, o *observation) (certain, perhaps string) {
	operation, isKMS := strings.CutPrefix(strings.ToLower(o.action), "kms:")
	if !isKMS {
		return "", ""
	}
	for _, g := range l.grants[layerKey(o.resource)] {
		if !sameResource(g.Key, o.resource) || !containsFold(g.Operations, operation) {
			continue
		}
		session := strings.Contains(g.Grantee, ":sts::"+s.p.Account+":assumed-role/"+s.p.Name+"/") && s.p.Kind == account.RoleKind
		if g.Grantee != s.p.ARN && !session {
			continue
		}
		text := fmt.Sprintf("the grant %s of key %s", g.ID, g.Key)
		switch {
		case g.Created.IsZero():
			perhaps = text + " may allow it: nothing tells since when it is there"
		case g.Created.UnixMilli() > o.firstMilli:
			perhaps = text + " does not explain the calls before it was made, on " + g.Created.Format(time.DateOnly)
		case session || g.Constrained || accountOf(o.resource) != s.p.Account:
			perhaps = text + " may allow it: for a session, an encryption context or an account that is not known to be this one"
		default:
			return text, ""
		}
	}
	return "", perhaps
}

func containsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

// explained finds the entry of a subject that a success counts in.
type explained map[Explained]int

// add counts a success that another policy explains, by the resource that has the
// policy: a bucket, not its objects.
func (e explained) add(s *subject, o *observation, by string) {
	key := Explained{Action: o.action, Resource: account.ResourceBase(o.resource), By: by}
	at, ok := e[key]
	if !ok {
		at = len(s.given)
		e[key] = at
		s.given = append(s.given, key)
	}
	s.given[at].Count += o.count
}
