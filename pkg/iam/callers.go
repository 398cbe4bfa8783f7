package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// callerGroup is all callers whom the statements name alike; caller is one of them.
type callerGroup struct {
	caller string // ARN or service name; "" where statements have no Principal
	none   bool   // statements without Principal alone: the identity they are attached to
	guess  guess
	names  map[*rule]naming
}

// callerGroups lists callers that stand for all: each that a policy names, ones
// that it does not name of each account named and of a foreign one, and a service,
// each with every guess at what its ARN does not tell. So each is named or not.
func (p *prover) callerGroups() []*callerGroup {
	rules := slices.Concat(p.outer.allows, p.outer.denies, p.inner.allows, p.inner.denies)
	names := namesOf(rules)
	p.strange = strangersTo(names)
	cost := 16
	for _, r := range rules {
		cost += 16 + r.principalCount()
	}
	var out []*callerGroup
	seen := map[string]bool{}
	for _, arn := range append(representatives(names, p.strange), "") {
		c := callerOf(&Request{Principal: arn})
		for _, c.guess = range guesses(&c, names) {
			if c.guess == nil {
				p.w.left = -1
			}
			if !p.w.spend(cost) {
				return out
			}
			g := &callerGroup{caller: arn, none: arn == "", guess: *c.guess, names: make(map[*rule]naming, len(rules))}
			var key strings.Builder
			for _, r := range rules {
				n := g.nameOf(&c, r)
				g.names[r] = n
				fmt.Fprint(&key, n)
			}
			if !seen[key.String()] {
				seen[key.String()] = true
				out = append(out, g)
			}
		}
	}
	return out
}

// guesses lists what may hold of a caller beside its ARN. It has one id, its account
// one canonical id, and one user federated; that of none named comes first.
func guesses(c *caller, names []principalName) []*guess {
	ids, canonicals, users, kinds := []string{""}, []string{""}, []string{""}, []string{""}
	add := func(list *[]string, s string, may bool) {
		if may && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, n := range names {
		add(&canonicals, n.name, n.kind == "CanonicalUser" && c.account != "")
		add(&ids, n.name, n.kind == "AWS" && c.mayHaveID(n.name))
		add(&users, n.name, n.kind == "AWS" && c.kind == federatedCaller && strings.Contains(n.name, ":user/"))
		add(&kinds, n.kind, n.kind != "AWS" && n.name == c.arn)
	}
	if len(kinds) > 1 {
		kinds = kinds[1:]
	}
	var out []*guess
	for _, kind := range kinds {
		for _, user := range users {
			for _, canonical := range canonicals {
				for _, id := range ids {
					for way := range 4 {
						out = append(out, &guess{id, canonical, user, kind, way&1 > 0, way&2 > 0})
						if len(out) > maxGuesses {
							return append(out, nil) // no guess: too many
						}
					}
				}
			}
		}
	}
	return out
}

// maxGuesses bounds the guesses at one caller; past it Includes gives up.
const maxGuesses = 1 << 12

// principalName is one value of a Principal or NotPrincipal element.
type principalName struct{ kind, name string }

func namesOf(rules []*rule) (out []principalName) {
	for _, r := range rules {
		for _, p := range []*Principals{r.src.Principal, r.src.NotPrincipal} {
			if p == nil {
				continue
			}
			for _, kind := range principalKinds(p) {
				for _, name := range p.ByKind[kind] {
					out = append(out, principalName{kind, name})
				}
			}
		}
	}
	return out
}

// strangers are names that no policy has.
type strangers struct {
	account string // whose callers are not named
	owner   string // of a resource that is not the caller's
	name    string // of a user, role or session
}

func strangersTo(names []principalName) strangers {
	var all strings.Builder
	for _, n := range names {
		all.WriteString(n.name + "\n")
	}
	text := all.String()
	account := func(n int) string {
		for strings.Contains(text, strconv.Itoa(n)) {
			n++
		}
		return strconv.Itoa(n)
	}
	s := strangers{account: account(999900001111), owner: account(999900002222), name: "stranger"}
	if s.account == s.owner {
		s.owner = account(999900003333)
	}
	for i := 2; strings.Contains(text, s.name); i++ {
		s.name = "stranger" + strconv.Itoa(i)
	}
	return s
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
	return naming{direct: truth(a == nil && na == nil || a != nil && (a.Any || slices.Contains(a.ByKind["AWS"], "*")))}
}

// representatives lists callers by what the policies name.
func representatives(names []principalName, s strangers) []string {
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
	add(s.of(s.account)...)
	add(s.name + ".amazonaws.com")
	for _, n := range names {
		add(s.told(n)...)
	}
	return out
}

// of lists callers of an account, of each kind that is named differently.
func (s strangers) of(account string) []string {
	return []string{
		"arn:aws:iam::" + account + ":user/" + s.name,
		"arn:aws:iam::" + account + ":role/" + s.name,
		"arn:aws:sts::" + account + ":assumed-role/" + s.name + "/session",
		"arn:aws:sts::" + account + ":federated-user/" + s.name,
		"arn:aws:iam::" + account + ":root",
	}
}

// told lists callers that a name in a Principal element may tell from others.
func (s strangers) told(n principalName) []string {
	if n.kind == "CanonicalUser" {
		return nil // guessed of all
	}
	if n.kind != "AWS" {
		return []string{n.name}
	}
	a, err := ParseARN(n.name)
	if err != nil {
		if len(n.name) != len(s.account) || strings.Trim(n.name, "0123456789") != "" {
			return nil // "*", or an id: guessed of all
		}
		return s.of(n.name)
	}
	out := append(s.of(a.Account), n.name)
	part, rest, _ := strings.Cut(a.Resource, "/")
	session := "arn:" + a.Partition + ":sts::" + a.Account + ":assumed-role/"
	switch part {
	case "role":
		role := rest[strings.LastIndexByte(rest, '/')+1:]
		out = append(out, session+role+"/"+s.name, "arn:"+a.Partition+":iam::"+a.Account+":role/"+role)
	case "assumed-role":
		role, _, _ := strings.Cut(rest, "/")
		out = append(out, session+role+"/"+s.name, "arn:"+a.Partition+":iam::"+a.Account+":role/"+role)
	}
	return out
}

// strength orders the ways of being named by what they grant: an account must
// delegate, a role is limited by boundaries, a user or session is not. least is how
// certain it has to be.
func (n naming) strength(least kleene) int {
	for i, k := range []kleene{n.direct, n.anyone, n.role, n.account} {
		if k >= least {
			return 4 - i
		}
	}
	return 0
}

// catches reports whether the statement, of a region to be proved, names the
// present caller. In doubt it does; a guess leaves none.
func (p *prover) catches(r *rule) bool { return p.who == nil || p.who.names[r].any() != no }

// coversPrincipal reports whether the rule names the present caller for certain, and a
// grant in a way that grants no less.
func (p *prover) coversPrincipal(r *rule, g *region) bool {
	if p.who == nil {
		return true
	}
	least := 1
	if r.effect == Allow {
		least = max(1, p.who.names[g.s].strength(maybe))
	}
	return p.who.names[r].strength(yes) >= least
}

// shows reports whether the request is a witness: inner allows and outer denies.
func (p *prover) shows(q *Request) (inner Decision, witness bool) {
	if p.who == nil || p.who.none {
		inner = p.inner.set.Decide(q)
		return inner, p.who == nil && inner == Allowed && p.outer.set.Decide(q) == Denied
	}
	q.Principal = p.who.caller
	if id := p.who.guess.id; id != "" && q.Context.Values["aws:userid"] == nil {
		if strings.HasPrefix(id, "AROA") {
			id += ":session"
		}
		q.Context.Values["aws:userid"] = []string{id}
	}
	for _, q.Account = range []string{p.strange.owner, ""} {
		if q.Account == "" && strings.HasSuffix(q.Principal, ":root") {
			break // in its own account the root user needs no policy
		}
		inner = p.granting(p.inner.set, q)
		if inner == Allowed && p.granting(p.outer.set, q) == Denied {
			return inner, true
		}
	}
	q.Account = p.strange.owner
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
