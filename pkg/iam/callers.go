package iam

import (
	"fmt"
	"slices"
	"strings"
)

// Accounts that stand for one which no policy names, and for the owner of a
// resource that is not the caller's.
const (
	strangerAccount = "999900001111"
	ownerAccount    = "999900002222"
)

// callerGroup is all callers whom the statements name alike; caller is one of them.
type callerGroup struct {
	caller string // ARN or service name; "" where statements have no Principal
	none   bool   // statements without Principal alone: the identity they are attached to
	names  map[*rule]naming
}

// callerGroups lists callers that stand for all: each that a policy names, ones
// that it does not name of each account named and of a foreign one, and a service;
// each with any of the ids that a policy names in place of an ARN, and with none.
func (p *prover) callerGroups() []*callerGroup {
	rules := slices.Concat(p.outer.allows, p.outer.denies, p.inner.allows, p.inner.denies)
	var out []*callerGroup
	seen := map[string]bool{}
	ids := p.idsOf(rules)
	for _, arn := range append(representatives(rules), "") {
		for i := range ids {
			g, key := p.groupOf(arn, &ids[i], rules)
			if p.w.spent() {
				return out
			}
			if !seen[key] {
				seen[key] = true
				out = append(out, g)
			}
		}
	}
	return out
}

// groupOf names one caller by all rules; the key is equal where all names are.
func (p *prover) groupOf(arn string, ids *callerIDs, rules []*rule) (*callerGroup, string) {
	g := &callerGroup{caller: arn, none: arn == "", names: map[*rule]naming{}}
	c := callerOf(&Request{Principal: arn})
	c.ids = ids
	var key strings.Builder
	for _, r := range rules {
		if !p.w.spend(16 + r.principalCount()) {
			break
		}
		n := g.nameOf(&c, r)
		g.names[r] = n
		fmt.Fprint(&key, n)
	}
	return g, key.String()
}

// idsOf pairs the canonical ids with the unique ids that rules name, and with
// none.
func (p *prover) idsOf(rules []*rule) (out []callerIDs) {
	canonical, unique := []string{""}, []string{""}
	for _, r := range rules {
		for _, named := range []*Principals{r.src.Principal, r.src.NotPrincipal} {
			if named == nil {
				continue
			}
			canonical = append(canonical, named.ByKind["CanonicalUser"]...)
			for _, name := range named.ByKind["AWS"] {
				if isUniqueID(name) {
					unique = append(unique, name)
				}
			}
		}
	}
	canonical, unique = distinct(canonical), distinct(unique)
	if !p.w.spend(8 * len(canonical) * len(unique)) {
		return nil
	}
	for _, c := range canonical {
		for _, u := range unique {
			out = append(out, callerIDs{c, u})
		}
	}
	return out
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// isUniqueID reports the id of a user or a role (IAM user guide, unique identifiers).
func isUniqueID(name string) bool {
	return strings.HasPrefix(name, "AIDA") || strings.HasPrefix(name, "AROA")
}

// principalCount estimates what naming a caller costs.
func (r *rule) principalCount() (n int) {
	for _, p := range []*Principals{r.src.Principal, r.src.NotPrincipal} {
		if p != nil {
			for _, list := range p.ByKind {
				n += 16 * len(list)
			}
		}
	}
	return n
}

func (g *callerGroup) nameOf(c *caller, r *rule) naming {
	if !g.none {
		return c.named(r.src, false)
	}
	a, na := r.src.Principal, r.src.NotPrincipal
	return naming{direct: truth(a == nil && na == nil || a != nil && a.Any)}
}

// representatives lists callers by what the rules name.
func representatives(rules []*rule) []string {
	seen := map[string]bool{}
	var out []string
	add := func(list ...string) {
		for _, x := range list {
			if x != "" && !seen[x] {
				seen[x] = true
				out = append(out, x)
			}
		}
	}
	add(unnamed(strangerAccount)...)
	add("stranger.amazonaws.com")
	for _, r := range rules {
		for _, p := range []*Principals{r.src.Principal, r.src.NotPrincipal} {
			if p == nil {
				continue
			}
			for _, kind := range principalKinds(p) {
				for _, name := range p.ByKind[kind] {
					add(named(kind, name)...)
				}
			}
		}
	}
	return out
}

// unnamed lists callers of an account, of each kind that is named differently.
func unnamed(account string) []string {
	return []string{
		"arn:aws:iam::" + account + ":user/stranger",
		"arn:aws:iam::" + account + ":role/stranger",
		"arn:aws:sts::" + account + ":assumed-role/stranger/session",
		"arn:aws:sts::" + account + ":federated-user/stranger",
		"arn:aws:iam::" + account + ":root",
	}
}

// named lists callers that a name in a Principal element may tell from others.
func named(kind, name string) []string {
	switch {
	case kind == "CanonicalUser" || kind == "AWS" && isUniqueID(name):
		return nil // idsOf
	case kind != "AWS":
		return []string{name}
	}
	a, err := ParseARN(name)
	if err != nil {
		if name == "*" {
			return nil
		}
		return unnamed(name)
	}
	out := append(unnamed(a.Account), name)
	part, rest, _ := strings.Cut(a.Resource, "/")
	session := "arn:" + a.Partition + ":sts::" + a.Account + ":assumed-role/"
	switch part {
	case "role":
		role := rest[strings.LastIndexByte(rest, '/')+1:]
		out = append(out, session+role+"/session", "arn:"+a.Partition+":iam::"+a.Account+":role/"+role)
	case "assumed-role":
		role, _, _ := strings.Cut(rest, "/")
		out = append(out, session+role+"/session", "arn:"+a.Partition+":iam::"+a.Account+":role/"+role)
	}
	return out
}

// strength orders the ways of being named by what they grant: an account must
// delegate, a role is limited by boundaries, a user or session is not. Of a
// grant that must be covered only what is certain counts, of one that covers
// also what may be.
func (n naming) strength(least kleene) int {
	for i, k := range []kleene{n.direct, n.anyone, n.role, n.account} {
		if k >= least {
			return 4 - i
		}
	}
	return 0
}

// catches reports whether the statement, of a region to be proved, names the
// present caller for certain.
func (p *prover) catches(r *rule) bool { return p.who == nil || p.who.names[r].any() == yes }

// coversPrincipal reports whether the rule may name the present caller, and a
// grant in a way that grants no less.
func (p *prover) coversPrincipal(r *rule, g *region) bool {
	if p.who == nil {
		return true
	}
	least := 1
	if r.effect == Allow {
		least = p.who.names[g.s].strength(yes)
	}
	return p.who.names[r].strength(maybe) >= least
}

// shows reports whether the request is a witness: inner allows and outer denies.
func (p *prover) shows(q *Request) (inner Decision, witness bool) {
	if p.who == nil || p.who.none {
		inner = p.inner.set.Decide(q)
		return inner, p.who == nil && inner == Allowed && p.outer.set.Decide(q) == Denied
	}
	q.Principal = p.who.caller
	for _, q.Account = range []string{ownerAccount, ""} {
		if q.Account == "" && strings.HasSuffix(q.Principal, ":root") {
			break // in its own account the root user needs no policy
		}
		inner = p.granting(p.inner.set, q)
		if inner == Allowed && p.granting(p.outer.set, q) == Denied {
			return inner, true
		}
	}
	q.Account = ownerAccount
	return p.granting(p.inner.set, q), false
}

// granting evaluates a set as the resource policy of a request. From another
// account the caller's identity policies allow everything; in the account they
// allow nothing, so that delegation alone is no grant.
func (p *prover) granting(s *Set, q *Request) Decision {
	l := Layers{Resource: s}
	if q.Account != "" {
		l.Identity = p.anything
	}
	return Evaluate(&l, q)
}

// everything is an identity policy that allows all.
func everything() (*Set, error) {
	return Compile(&Document{Version: CurrentVersion, Statements: []Statement{
		{Effect: Allow, Action: Strings{"*"}, Resource: Strings{"*"}}}})
}
