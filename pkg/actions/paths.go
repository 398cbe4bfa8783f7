package actions

import (
	"slices"
	"strings"
)

// maxPaths bounds the leaf paths that a plan remembers, and maxPlans the plans
// that a resolver remembers: beyond, hostile input costs time, not memory.
const (
	maxPaths = 4096
	maxPlans = 16384
)

// pathPlan is what a leaf path means to the calls of one plan.
type pathPlan struct {
	path   string
	next   *pathPlan // of the leaf that came after it in the last call
	mark   leafMark
	terms  []bool // by number of a guard's term: the term is about it
	top    string // the name of a top-level parameter, "" of others
	root   byte   // p, r, s or a
	kind   pathKind
	names  []string // normalised members, without list wrappers
	fills  []fill   // variables that its value can fill
	role   roleUse
	only   []bool // by target: the path lies within the target's params
	table  string // of a DynamoDB batch: the table is a member's name
	anyID  bool   // the parameter names resources of any type
	answer bool   // a member of the response that may tell what the call was about
	naming bool   // it may name a resource
	typed  bool   // a parameter resourceType beside it tells which
	// targets: the values of Systems Manager's targets, instance ids or not.
	targets bool
}

// pathKind tells the members of resources[] that matter, and the parameters that
// hold more than a name.
type pathKind uint8

const (
	plainPath pathKind = iota
	arnPath            // s[].ARN
	prefixPath
	accountPath
	ownerPath    // a parameter that tells whose the resource is
	queuePath    // the URL of a queue
	functionPath // the name of a Lambda function
)

// fill is one variable that a path's value can fill; the lower rank wins.
type fill struct {
	target, kind, slot int
	rank               uint16
	inner              bool // another name follows it in the template
	bare               bool // the path is a bare key
	owner              owner
}

// owner says of which service and type an outer resource is, whose name a
// template holds: kind after the variable, word after the text before it.
type owner struct{ service, kind, word string }

// follow lists the plans of the call's leaf paths. Calls of one operation mostly have
// the same paths, so that each is first compared with the one that followed the last.
func (r *Resolver) follow(p *plan, leaves []Arg) {
	next := &p.first
	for i := range leaves {
		pp := *next
		if pp == nil || pp.path != leaves[i].Path {
			pp = r.pathOf(p, leaves[i].Path)
			*next = pp
		}
		r.paths = append(r.paths, pp)
		next = &pp.next
	}
}

// pathOf returns the plan of a leaf path, making it on first sight.
func (r *Resolver) pathOf(p *plan, path string) *pathPlan {
	if pp := p.paths[path]; pp != nil {
		return pp
	}
	if len(p.paths) >= maxPaths {
		clear(p.paths)
		p.first = nil
	}
	path = strings.Clone(path)
	pp := r.c.newPath(p, path)
	p.paths[path] = pp
	return pp
}

func (c *Catalog) newPath(p *plan, path string) *pathPlan {
	pp := &pathPlan{path: path, mark: markOf(path), names: members(path), terms: make([]bool, 0, p.terms)}
	if path != "" {
		pp.root = path[0]
	}
	if pp.root == 'p' && len(pp.names) == 1 {
		pp.top = pp.names[0]
	}
	for i := range p.targets {
		for j := range p.targets[i].guard {
			pp.terms = append(pp.terms, p.targets[i].guard[j].concerns(path))
		}
	}
	if pp.root == 's' && len(pp.names) == 1 {
		switch pp.names[0] {
		case "arn":
			pp.kind = arnPath
		case "arnprefix":
			pp.kind = prefixPath
		case "accountid":
			pp.kind = accountPath
		}
	}
	pp.only = make([]bool, len(p.targets))
	for i := range p.targets {
		pp.only[i] = within(pp.names, p.targets[i].params)
	}
	if pp.root == 'r' && p.answers && !failure(pp.names) {
		pp.answer = true
		pp.fills = c.responseFills(p, pp.names)
	}
	if pp.root != 'p' {
		return pp
	}
	pp.role, pp.table = roleAt(p.roles, pp.names), batchTable(path)
	pp.naming = naming(pp.names)
	if n := len(pp.names); n > 0 {
		switch leaf := pp.names[n-1]; {
		case ownerParam(pp.names):
			pp.kind = ownerPath
		case leaf == "queueurl" && n == 1:
			pp.kind = queuePath
		case leaf == "functionname" && p.lambda:
			pp.kind = functionPath
		}
		switch pp.names[n-1] {
		case "values":
			pp.targets = n == 2 && pp.names[0] == "targets"
		case "resourceid", "resourceidentifier", "resourceids":
			pp.anyID, pp.typed = true, n == 1
		case "resources", "parentid", "targetid", "childid", "sourceparentid", "destinationparentid":
			pp.anyID = true
		}
	}
	for i := range p.targets {
		if !pp.only[i] || p.targets[i].create && sourceParam(pp.names) {
			continue
		}
		prefix, _, _ := strings.Cut(p.targets[i].action, ":")
		for j := range p.targets[i].types {
			f, ok := c.fillOf(prefix, i, j, &p.targets[i].types[j], pp.names)
			if plainNames := withoutVerb(pp.names); !ok && plainNames != nil {
				f, ok = c.fillOf(prefix, i, j, &p.targets[i].types[j], plainNames)
			}
			if ok {
				pp.fills = append(pp.fills, f)
			}
		}
	}
	pp.fills = p.strongest(pp.fills)
	return pp
}

// sourceParam reports whether a path names what something new is made from.
func sourceParam(names []string) bool {
	return len(names) > 0 && (strings.HasPrefix(names[0], "source") || strings.HasPrefix(names[0], "original"))
}

// position tells whether another name follows the variable, and whether it is the
// last: of what the call makes, ids after the name are not the call's to choose.
func (t *typePlan) position(v int) (inner, last bool) {
	last = true
	named := strings.HasSuffix(normal(t.form.vars[v]), "name")
	for _, s := range t.form.vars[v+1:] {
		if !envelope(s) {
			inner = true
			last = last && named && t.created && assigned(s)
		}
	}
	return inner, last
}

// ownerOf is the resource that a variable of the template names.
func (t *typePlan) ownerOf(v int) owner {
	_, service, _ := strings.Cut(t.form.lits[min(1, len(t.form.lits)-1)], ":")
	service, _, _ = strings.Cut(service, ":")
	word := strings.TrimRight(t.form.lits[v], ":/")
	return owner{service, trimKey(normal(t.form.vars[v])), normal(word[strings.LastIndexAny(word, ":/")+1:])}
}

// withoutVerb is the path of an addition or a removal as if it were none: a
// call's addRouteTableId names a routeTableId. Nil: the path is no such one.
func withoutVerb(names []string) []string {
	n := len(names)
	if n == 0 {
		return nil
	}
	for _, verb := range []string{"add", "remove"} {
		if rest, ok := strings.CutPrefix(names[n-1], verb); ok && rest != "" {
			return append(slices.Clone(names[:n-1]), rest)
		}
	}
	return nil
}

// fillOf finds the one variable of a type that a path names best.
func (c *Catalog) fillOf(prefix string, target, kind int, t *typePlan, names []string) (fill, bool) {
	best := fill{rank: ^uint16(0)}
	bare := len(names) > 0 && bareKey(names[len(names)-1])
	for v, name := range t.form.vars {
		if envelope(name) {
			continue
		}
		inner, last := t.position(v)
		if rank, ok := c.rank(prefix, t, name, last, names); ok && !(rank > 10 && t.unknowable(name, names, rank)) {
			depth := min(len(names), 15)
			if f := (fill{target, kind, t.slot + v, uint16(rank*16 + depth), inner, bare, t.ownerOf(v)}); f.rank < best.rank {
				best = f
			}
		}
	}
	return best, best.rank < ^uint16(0)
}

// unknowable reports whether a path that has the rank cannot name the variable: a
// name is never an id, what will be new is not there yet, and the service assigns the ids of what a call makes unless
// the call has a parameter for that very id.
func (t *typePlan) unknowable(variable string, names []string, rank int) bool {
	if t.beside && len(names) == 1 && names[0] == "name" {
		return true // the name of what is made
	}
	if len(names) == 0 {
		return false
	}
	leaf := names[len(names)-1]
	if !t.created && strings.HasPrefix(leaf, "new") || otherKey(normal(variable), leaf) {
		return true
	}
	if !assigned(variable) {
		return false
	}
	if strings.HasSuffix(leaf, "name") || strings.HasSuffix(leaf, "names") {
		return true
	}
	if !t.created || slices.Contains(t.outer(), variable) {
		return false
	}
	chosen := strings.HasSuffix(leaf, "id") || strings.HasSuffix(leaf, "identifier") // by the caller
	if rank == 13 && leaf == "id" && strings.HasPrefix(t.event, "start") {
		return false // who starts a task by its id did not make it
	}
	return !chosen || rank > 12
}

// otherKey reports whether a parameter is the id of what the variable wants the
// name of: who has both means two things.
func otherKey(variable, leaf string) bool {
	return strings.HasSuffix(variable, "name") && variable != "resourcename" && strings.HasSuffix(leaf, "id") && !bareKey(leaf)
}

// outer lists the name variables that another one follows: those of the resources
// around this one.
func (t *typePlan) outer() []string {
	vars := names(&t.form)
	return vars[:max(len(vars)-1, 0)]
}

// assigned reports whether a variable is one that a name does not fill: services
// choose ids and times, and types have words of their own.
func assigned(variable string) bool {
	v := normal(variable)
	for _, tail := range [...]string{
		"id", "identifier", "version", "revision", "revisionnumber", "type", "time", "timestamp", "epoch",
		"randomstring", "token", "accesspointalias",
	} {
		if strings.HasSuffix(v, tail) {
			return true
		}
	}
	return strings.HasPrefix(v, "hash")
}

// rank tells how well a path names a variable: lower is better.
//
//	0–9  an alias row, in the row's order
//	10   the variable's own name, or its plural
//	11   the same without Name, Id, Arn…; of a variable "Id" the type's name before it
//	12   the resource type's name; of a variable "Id" that alone
//	13   a bare name, id or resource, of the type that the event is about, at the
//	     top or in an object named for the type
//	14   a part of the variable's or type's name, likewise
//	15   a bare name for the first name of several, where the event is named so
func (c *Catalog) rank(prefix string, t *typePlan, variable string, last bool, names []string) (int, bool) {
	if len(names) == 0 {
		return 0, false // a scalar requestParameters names nothing
	}
	kind := strings.ToLower(t.name)
	v := strings.ToLower(variable)
	event := t.event + "!"
	leaf := names[len(names)-1]
	generic := bareKey(normal(variable))
	others := t.foreign && len(names) == 1 && bareKey(leaf) // it names a type that the event is about
	for i, key := range [...]string{event + kind + "/" + v, event + v, kind + "/" + v, v} {
		if i > 2 && generic && others {
			break
		}
		if i, found := c.aliasRank(rowKey{prefix, key}, names); found {
			return i, i >= 0
		}
	}
	v = normal(variable)
	if t.stranger(names) || others && !t.sharing(v) {
		return 0, false
	}
	return c.ruleRank(prefix, t, v, last, names)
}

// ruleRank is the rank of a path that no row names.
func (c *Catalog) ruleRank(prefix string, t *typePlan, v string, last bool, names []string) (int, bool) {
	leaf, generic := names[len(names)-1], bareKey(v)
	if (leaf == v || plural(leaf, v)) && (len(names) == 1 || !bareKey(leaf)) {
		if generic {
			return 12, true // what is named for the type goes before
		}
		return 10, true
	}
	k := t.kind()
	if generic && leaf == k+v {
		return 11, true
	}
	if prefix == "ec2" && strings.HasSuffix(v, "id") && strings.Contains(leaf, "name") {
		return 0, false // EC2's ids are never the names that its calls also take
	}
	stem, leafStem := trimKey(v), trimKey(leaf)
	if stem != "" && leafStem != "" && (stem == leafStem || plural(leafStem, stem) || prefix+leafStem == stem || leafStem == prefix+stem) {
		if generic {
			return 12, true
		}
		return 11, true
	}
	if !last {
		if !t.foreign && len(names) == 1 && bareKey(leaf) && len(stem) > 2 && strings.HasPrefix(t.about, stem) {
			return 15, t.primary // the first name of several: of a bot's version the bot's
		}
		return 14, t.primary && len(names) <= 2 && wordTail(stem, leafStem)
	}
	if leafStem == k || plural(leafStem, k) || k == leafStem+"s" {
		if generic {
			return 11, true
		}
		return 12, true
	}
	if t.primary && bareKey(leaf) && (len(names) == 1 || len(names) == 2 && names[0] == k) {
		return 13, true
	}
	return 14, t.primary && len(names) <= 2 && (wordTail(stem, leafStem) || wordTail(k, leafStem))
}

// aliasRank finds the alias among a row's that a path ends in; -1 says that the
// path does not name the variable, nor may a rule say so. A bare "name" or "id"
// stands at the top: elsewhere it is that of something within.
func (c *Catalog) aliasRank(key rowKey, names []string) (rank int, found bool) {
	for i, alias := range c.tables.aliases[key] {
		switch {
		case alias == "-":
			return -1, true // no other parameter names it
		case alias[0] == '*' || alias[0] == '=':
			continue // what the event makes, lists, or takes where the call names none
		case alias[0] == '!':
			if aliasMatches(alias[1:], names) {
				return -1, true
			}
		case len(names) > 1 && bareKey(normal(alias)):
			continue
		case aliasMatches(alias, names):
			return min(i, 9), true
		}
	}
	return 0, false
}
