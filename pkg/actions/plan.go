package actions

import (
	"slices"
	"strings"
	"unicode"
)

// plan is what all calls of one (event source, event name, event type) have in
// common: the candidate actions, and which parameter fills which part of an ARN.
type plan struct {
	key     planKey
	class   Class
	note    string
	targets []target
	guarded bool // some target has a guard
	making  bool // the event makes something new
	answers bool // of some type the response tells what the call is about
	lambda  bool
	slots   int // variables of all targets' types
	roles   []roleRow
	takes   bool                 // a parameter of it passes a role
	noRoles bool                 // no parameter of it does
	write   bool                 // the event sets something up: roles in parameters are passed
	passes  bool                 // iam:PassRole is a documented dependent of it or of one of its actions
	deps    []dependent          // what AWS lists of the operation itself
	paths   map[string]*pathPlan // by leaf path; bounded by maxPaths
	first   *pathPlan            // of the first leaf of the last call
	terms   int                  // of all targets' guards
}

// target is one candidate action of an event.
type target struct {
	action string
	level  Level
	basis  Basis
	guard  guard
	terms  int      // number of the guard's first term among the plan's
	params []string // only these parameters name the resource; empty: any
	create bool     // only resource types that the event creates (tags on create)
	unsure bool     // of tags on create: nothing but the service's having tags says that the event takes some
	same   string   // of tags on create: the action that is decided on what is tagged, "" for none
	types  []typePlan
	lists  bool    // the event lists or describes
	kinds  int     // number of resource types; 0: the action takes no resource
	ids    []idRow // id prefixes that tell the service's types apart
	deps   []dependent
}

// typePlan is one ARN template of one resource type of a target.
type typePlan struct {
	name     string
	word     string // the first of the name
	event    string // in lower case: rows may be about one event's use of the type
	about    string // the noun of the event, normalised
	required bool
	created  bool     // the event makes a new one of this type
	noun     bool     // and its name says so
	told     bool     // the response tells which one the call is about
	listed   bool     // without a name, the event is about all of this type
	beside   bool     // the event makes something new of another type
	primary  bool     // the event's noun, or the only type: a bare name means it
	owner    bool     // the event's noun, or what that begins with
	foreign  bool     // another type is that
	idLast   bool     // the service chooses the last name
	arn      template // as the reference has it: to recognise ARNs
	form     template // as requests carry it: to make ARNs
	variant  bool     // they differ
	slot     int      // of the form's first variable
	defaults []string // by variable: what the service takes where the call names none
}

// planKey identifies a plan.
type planKey struct{ source, name, kind string }

// newPlan works out a plan. It never returns nil.
func (c *Catalog) newPlan(call *Call) *plan {
	label := labelOf(call.EventSource)
	p := &plan{class: ClassUse, paths: map[string]*pathPlan{}}
	names := eventNames(call.EventName)
	if strings.ContainsFunc(call.EventName, unicode.IsControl) {
		p.class, p.note = ClassUnmapped, "the event's name has control characters"
		return p
	}
	if class, ok := c.notUse(label, names); ok {
		p.class, p.note = class, "no IAM decision on the caller is made here"
		return p
	}
	prefixes := c.prefixes(label)
	p.targets = c.targets(call.EventType == "AwsConsoleAction", label, prefixes, names)
	if class, ok := c.notUse(label, []string{"+"}); ok && len(p.targets) == 0 {
		p.class, p.note = class, "no IAM decision on the caller is made here"
		return p
	}
	if len(p.targets) == 0 {
		p.class = ClassUnmapped
		switch {
		case call.EventType == "AwsConsoleAction":
			p.class, p.note = ClassConsole, "console action without a row"
		case len(prefixes) == 0:
			p.note = "unknown event source"
		default:
			p.note = "no action of " + strings.Join(prefixes, ", ") + " has this name"
		}
		return p
	}
	p.authorize(c, names)
	p.prepare(c)
	_, p.making = createdNoun(names[len(names)-1])
	p.lambda = slices.Contains(prefixes, "lambda")
	p.write = p.write && !removal(names[len(names)-1])
	p.roles = c.roleRows(label, p.used(prefixes), names)
	p.noRoles = !p.passes && roleAt(p.roles, []string{"rolearn"}).kind == notARole
	p.takes = c.takesRole(p, names)
	return p
}

// prepare works out what the targets have in common and numbers their variables.
func (p *plan) prepare(c *Catalog) {
	p.settle(p.deps)
	for i := range p.targets {
		t := &p.targets[i]
		p.guarded = p.guarded || len(t.guard) > 0
		t.terms = p.terms
		p.terms += len(t.guard)
		p.write = p.write || t.writes()
		if _, a, ok := c.find(t.action); ok {
			t.deps = c.dependents(a)
		}
		p.settle(t.deps)
		for j := range t.types {
			t.types[j].slot = p.slots
			p.answers = p.answers || t.types[j].told
			p.slots += len(t.types[j].form.vars)
		}
	}
}

// writes reports whether an action changes something: by its level, where "Tagging" may
// stand for an action that makes something with tags.
func (t *target) writes() bool {
	return t.level == Write || t.level == Permissions || t.level == Tagging && !t.create && !strings.Contains(t.action, "Tag")
}

// used lists those of the source's prefixes that the targets' actions have:
// Application Auto Scaling's roles are not EC2 Auto Scaling's.
func (p *plan) used(prefixes []string) []string {
	var out []string
	for _, prefix := range prefixes {
		if slices.ContainsFunc(p.targets, func(t target) bool { return strings.HasPrefix(t.action, prefix+":") }) {
			out = append(out, prefix)
		}
	}
	return out
}

// notUse finds the row that says that an event is no IAM decision: one of every event
// of the label, of the event, or of events that end like it ("*_GET").
func (c *Catalog) notUse(label string, names []string) (Class, bool) {
	if class, ok := c.tables.notUse[rowKey{label, "*"}]; ok {
		return class, true
	}
	for _, name := range names {
		name = strings.ToLower(name)
		if class, ok := c.tables.notUse[rowKey{label, name}]; ok {
			return class, true
		}
		if i := strings.LastIndexByte(name, '_'); i > 0 {
			if class, ok := c.tables.notUse[rowKey{label, "*" + name[i:]}]; ok {
				return class, true
			}
		}
	}
	return "", false
}

// targets finds the candidate actions: rows first, then the rules.
func (c *Catalog) targets(console bool, label string, prefixes, names []string) []target {
	scopes := append([]string{label}, prefixes...)
	for _, name := range names {
		for _, scope := range scopes {
			if rows := c.tables.rowsOf(console, rowKey{scope, strings.ToLower(name)}); len(rows) > 0 {
				return c.rowTargets(rows, name)
			}
		}
		if t := c.namedTargets(prefixes, name, name); len(t) > 0 {
			return t // before the verbs: API Gateway's newer operations have actions of their own
		}
		if slices.Contains(prefixes, "apigateway") {
			if t := c.gatewayTargets(name); len(t) > 0 {
				return t
			}
		}
		if t := c.rowTargets(c.siblingRows(prefixes, name), name); len(t) > 0 {
			return t
		}
	}
	name := names[len(names)-1]
	if single, ok := strings.CutPrefix(name, "Batch"); ok {
		for _, alt := range []string{single, strings.TrimSuffix(single, "s"), strings.TrimSuffix(single, "es")} {
			if t := c.namedTargets(prefixes, alt, name); len(t) > 0 {
				return t
			}
		}
	}
	return nil
}

// siblings are the services that take S3's operations under a prefix of their own.
// Source: "Actions, resources, and condition keys" of each: actions with S3's names.
var siblings = [...]string{"s3-outposts", "s3-object-lambda", "s3express"}

// siblingRows is what the rows of an S3 operation say for a sibling of S3: the same
// actions, as far as the sibling has them.
func (c *Catalog) siblingRows(prefixes []string, name string) []eventRow {
	if len(prefixes) != 1 || !slices.Contains(siblings[:], prefixes[0]) {
		return nil
	}
	var out []eventRow
	for _, row := range c.tables.events[rowKey{"s3", strings.ToLower(name)}] {
		action, ok := strings.CutPrefix(row.action, "s3:")
		if _, _, known := c.findIn(prefixes[0], action); ok && known {
			row.action = prefixes[0] + ":" + action
			out = append(out, row)
		}
	}
	return out
}

// rowTargets turns rows into targets.
func (c *Catalog) rowTargets(rows []eventRow, event string) []target {
	var out []target
	for _, row := range rows {
		s, a, ok := c.find(row.action)
		if !ok {
			continue // generation checks that it exists
		}
		t := c.target(s, a, event, row.basis)
		t.guard = row.guard
		if row.param != "" {
			t.params = strings.Split(row.param, "+")
		}
		out = append(out, t)
		if row.basis == Logged && !slices.ContainsFunc(rows, eventRow.tags) {
			out = append(out, c.tagTargets(s, a, event)...)
		}
	}
	return dedupeTags(out)
}

// namedTargets finds the action of the event's own name. Where several
// prefixes of the source have one, each is a candidate.
func (c *Catalog) namedTargets(prefixes []string, name, event string) []target {
	var out []target
	for _, prefix := range prefixes {
		s, a, ok := c.findIn(prefix, name)
		if !ok {
			continue
		}
		out = append(out, c.target(s, a, event, Logged))
		out = append(out, c.tagTargets(s, a, event)...)
	}
	candidates := 0
	for i := range out {
		if !out[i].create {
			candidates++
		}
	}
	for i := range out {
		if candidates > 1 {
			out[i].basis = Ambiguous
		}
	}
	return out
}

// target compiles an action for an event.
func (c *Catalog) target(s *service, a *actionRecord, event string, basis Basis) target {
	t := target{action: s.prefix + ":" + a.name, level: levelOf(a.level), basis: basis}
	types := c.resourceTypes(s, a)
	t.lists = strings.HasPrefix(event, "List") || strings.HasPrefix(event, "Describe") || strings.HasPrefix(event, "Search")
	noun, creates := createdNoun(event)
	seen := map[string]bool{}
	required := 0
	for _, rt := range types {
		if rt.Required && !seen[rt.Name] {
			required++
		}
		seen[rt.Name] = true
	}
	t.kinds = len(seen)
	for _, rt := range types {
		tp := typePlan{name: rt.Name, word: firstWord(rt.Name), event: strings.ToLower(event), about: normal(verbless(event)), required: rt.Required, form: parseTemplate(rt.ARN)}
		tp.arn = tp.form
		if cut, ok := strings.CutSuffix(rt.ARN, "*"); ok {
			tp.arn = parseTemplate(cut + "${Any}") // "task:*" means each task
		}
		switch form := c.form(s.prefix, a.name, rt.Name); form {
		case "":
		case "!":
			continue
		default:
			tp.form = parseTemplate(form)
		}
		tp.variant = !slices.Equal(tp.arn.lits, tp.form.lits) || !slices.Equal(tp.arn.vars, tp.form.vars)
		tp.primary = t.kinds == 1 || rt.Required && required == 1 || sameNoun(verbless(event), rt.Name)
		tp.defaults = c.defaults(s.prefix, event, tp.form.vars)
		tp.noun = creates && (sameNoun(noun, rt.Name) || t.kinds == 1 && tailNoun(event, noun, rt.Name))
		tp.created = tp.noun || c.marked(s.prefix, event, rt.Name, "*")
		tp.listed = rt.Required || c.marked(s.prefix, event, rt.Name, "**")
		tp.told = tp.required && !tp.created && (changes(event) || creates && versionOf(noun, rt.Name)) || tp.defaults != nil && creates
		tp.beside = !tp.created && strings.HasPrefix(event, "Create")
		tp.idLast = lastAssigned(&tp.form)
		t.types = append(t.types, tp)
	}
	t.ids = c.tables.ids[s.prefix]
	t.owning(event)
	return t
}

// form is the curated ARN of a type as requests carry it, "" where the
// reference's template is right.
func (c *Catalog) form(prefix, action, kind string) string {
	kind = strings.ToLower(kind)
	if f, ok := c.tables.forms[rowKey{prefix, strings.ToLower(action) + "!" + kind}]; ok {
		return dash(f)
	}
	return c.tables.forms[rowKey{prefix, kind}]
}

// defaults lists the curated default of each variable for an event, nil without any.
func (c *Catalog) defaults(prefix, event string, vars []string) []string {
	var out []string
	for i, v := range vars {
		for _, alias := range c.tables.aliases[rowKey{prefix, strings.ToLower(event + "!" + v)}] {
			if value, ok := strings.CutPrefix(alias, "="); ok {
				if out == nil {
					out = make([]string, len(vars))
				}
				out[i] = value
			}
		}
	}
	return out
}

// marked reports whether a curated row marks the type for the event: "*", the event
// makes resources of the type beside the one that its name tells; "**", without a
// name it is about all of them.
func (c *Catalog) marked(prefix, event, kind, mark string) bool {
	return slices.Contains(c.tables.aliases[rowKey{prefix, strings.ToLower(event + "!" + kind)}], mark)
}

// createVerbs begin the names of operations that make something new.
var createVerbs = [...]string{
	"Create", "Run", "Allocate", "Request", "Import", "Copy", "Register", "Purchase", "Restore", "Upload",
	"Publish", "Clone", "Provision", "Generate", "Start", "Submit", "Build", "Launch", "Issue", "Put", "Add",
}

// createdNoun splits the verb off an operation that makes something, and what that
// is made from.
func createdNoun(event string) (string, bool) {
	for _, v := range createVerbs {
		noun, ok := strings.CutPrefix(event, v)
		noun, _, _ = strings.Cut(noun, "From")
		if noun = strings.TrimSuffix(noun, "ToPointInTime"); ok && noun != "" {
			return noun, true
		}
	}
	return "", false
}

// verbless drops the first word of an operation name.
func verbless(event string) string {
	for i := 1; i < len(event); i++ {
		if 'A' <= event[i] && event[i] <= 'Z' {
			return event[i:]
		}
	}
	return event
}

// normal is a name in lower case without anything but letters and digits.
func normal(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c := lowerByte(s[i]); 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			b = append(b, c)
		}
	}
	return string(b)
}

// gatewayTargets makes API Gateway's targets: the action is the verb, the
// resource the path, and the path's parameters tell the operations of the two
// API generations apart.
func (c *Catalog) gatewayTargets(name string) []target {
	var out []target
	ops := c.facts.gateway[strings.ToLower(name)]
	if len(ops) == 0 {
		ops = gatewayGuess(name)
	}
	for _, op := range ops {
		s, a, ok := c.findIn("apigateway", op.verb)
		if !ok {
			continue
		}
		t := target{action: s.prefix + ":" + a.name, level: levelOf(a.level), basis: Logged, kinds: 1}
		if op.path != "" {
			tmpl := parseTemplate("arn:${Partition}:apigateway:${Region}::" + op.path)
			t.types = []typePlan{{name: op.path, required: true, primary: true, arn: tmpl, form: tmpl}}
			for _, v := range tmpl.vars {
				if !envelope(v) && len(ops) > 1 {
					t.guard = append(t.guard, guardTerm{kind: 'h', params: []string{strings.ToLower(v)}})
				}
			}
		}
		if !slices.ContainsFunc(out, func(o target) bool { return o.action == t.action && o.samePath(&t) }) {
			out = append(out, t)
		}
	}
	for i := range out {
		for j := range out {
			if i != j && out[i].samePath(&out[j]) { // two verbs, and nothing tells them apart
				out[i].basis, out[i].guard = Ambiguous, nil
			}
		}
	}
	return out
}

// samePath reports whether two API Gateway targets have the same path.
func (t *target) samePath(o *target) bool {
	return len(t.types) == len(o.types) && (len(t.types) == 0 || t.types[0].name == o.types[0].name)
}

// gatewayGuess is the verb of an operation that the SDK's models do not have
// yet; the API follows one convention.
func gatewayGuess(name string) []gatewayOp {
	for _, v := range []struct{ word, verb string }{
		{"Create", "POST"}, {"Get", "GET"}, {"List", "GET"}, {"Delete", "DELETE"}, {"Update", "PATCH"}, {"Put", "PUT"},
	} {
		if strings.HasPrefix(name, v.word) {
			return []gatewayOp{{v.verb, ""}}
		}
	}
	return nil
}
