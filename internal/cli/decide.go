package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/simulate"
	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// oneOff is one request, from flags.
type oneOff struct {
	action, resource, principal, resourceAccount string
	account, context                             []string
	policies, boundary, session, scps, rcps      []string
	resourcePolicy, endpoint                     []string
	format                                       format
}

func (o *oneOff) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&o.action, "action", "", "the action, such as s3:GetObject")
	fl.StringVar(&o.resource, "resource", "", `ARN of the resource; "*" for actions that take none`)
	fl.StringVar(&o.principal, "principal", "", "ARN of the caller (user, role or session); with --account also a name that fits one")
	fl.StringArrayVar(&o.account, "account", nil, "account files: the principal's policies and boundary are taken from there (repeatable)")
	fl.StringVar(&o.resourceAccount, "resource-account", "", "account of the resource (default: as its ARN says, else the caller's)")
	fl.StringArrayVar(&o.context, "context", nil, "condition key: KEY=VALUE, again for a list; KEY:=JSON for a list of one, or null for known to be absent (repeatable)")
	for _, f := range []struct {
		list       *[]string
		name, help string
	}{
		{&o.policies, "policy", "file with identity policies"},
		{&o.boundary, "boundary", "file with the permissions boundary"},
		{&o.session, "session", "file with session policies"},
		{&o.scps, "scp", "file with service control policies; each flag is a level of the organization"},
		{&o.rcps, "rcp", "file with resource control policies; each flag is a level"},
		{&o.resourcePolicy, "resource-policy", "file with the resource's policy"},
		{&o.endpoint, "endpoint-policy", "file with the VPC endpoint's policy"},
	} {
		fl.StringArrayVar(f.list, f.name, nil, f.help+" (repeatable)")
	}
	addFormat(c, &o.format)
}

// given names a flag of one request that is set.
func (o *oneOff) given(c *cobra.Command) string {
	for _, name := range []string{"principal", "account", "resource-account", "context", "policy", "boundary", "session", "scp", "rcp", "resource-policy", "endpoint-policy", "format"} {
		if c.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

func (o *oneOff) run(env Env, partial bool, expect string) error {
	if !slices.Contains([]string{"", "allow", "deny", "unknown"}, expect) {
		return usagef("--expect %s: want allow, deny or unknown", expect)
	}
	q, err := o.request(partial)
	if err != nil {
		return usageError{err}
	}
	d := &decider{request: q}
	if err := o.layers(env, d); err != nil {
		return err
	}
	x := iam.Explain(&d.layers, d.request)
	wire := d.wire(&x)
	if o.format == "json" {
		err = report.JSON(env.Stdout, wire)
	} else {
		err = report.DecisionText(env.Stdout, wire, textOptions(env))
	}
	if err == nil && expect != "" && expect != wire.Decision {
		return outcome{ExitDiffer, fmt.Sprintf("the decision is %s, not %s", wire.Decision, expect)}
	}
	return err
}

// request reads what the flags say of the request itself.
func (o *oneOff) request(partial bool) (*iam.Request, error) {
	q := &iam.Request{Action: o.action, Resource: o.resource, Principal: o.principal, Account: o.resourceAccount}
	q.Context = iam.Context{Partial: partial, Values: map[string][]string{}, Lists: map[string]bool{}}
	for _, c := range o.context {
		if err := addContext(&q.Context, c); err != nil {
			return nil, fmt.Errorf("--context %s: %w", c, err)
		}
	}
	if a, err := iam.ParseARN(q.Resource); err == nil && q.Account == "" && isAccount(a.Account) {
		q.Account = a.Account
	}
	if err := simulate.CheckRequest(q); err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	return q, nil
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

// addContext reads KEY=VALUE or KEY:=JSON. A key that comes again has a list of values.
func addContext(c *iam.Context, text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return fmt.Errorf("want KEY=VALUE, such as aws:SecureTransport=true")
	}
	key, isJSON := strings.CutSuffix(strings.ToLower(key), ":")
	if !isJSON {
		if old, again := c.Values[key]; again {
			c.Lists[key] = true
			value, c.Values[key] = "", append(old, value)
			return nil
		}
		c.Values[key] = []string{value}
		return nil
	}
	if _, again := c.Values[key]; again {
		return fmt.Errorf("the key is given before")
	}
	var raw json.RawMessage
	if err := json.Unmarshal([]byte(value), &raw); err != nil {
		return fmt.Errorf("not valid JSON: %w", err)
	}
	values, list, err := simulate.Values(raw)
	if list {
		c.Lists[key] = true
	}
	c.Values[key] = values
	return err
}

// decider collects what bears on one request, and remembers the names of documents.
type decider struct {
	request *iam.Request
	layers  iam.Layers
	names   map[layerAt][]string
	derived []string // context keys that follow from the principal
	notes   []string
}

// layerAt is a layer of an explanation.
type layerAt struct {
	kind  iam.LayerKind
	level int
}

// layers fills the decider's layers from files and account data.
func (o *oneOff) layers(env Env, d *decider) error {
	d.names = map[layerAt][]string{}
	identity, err := readPolicies(env, o.policies)
	if err != nil {
		return err
	}
	if len(o.account) > 0 {
		more, err := d.fromAccount(env, o)
		if err != nil {
			return err
		}
		identity = append(more, identity...)
	}
	if d.layers.Identity, err = d.set(layerAt{kind: iam.IdentityLayer}, identity); err != nil {
		return err
	}
	for _, f := range []struct {
		kind  iam.LayerKind
		files []string
		set   **iam.Set
	}{
		{iam.BoundaryLayer, o.boundary, &d.layers.Boundary},
		{iam.SessionLayer, o.session, &d.layers.Session},
		{iam.ResourceLayer, o.resourcePolicy, &d.layers.Resource},
		{iam.EndpointLayer, o.endpoint, &d.layers.Endpoints},
	} {
		if err := d.layer(env, layerAt{kind: f.kind}, f.files, f.set); err != nil {
			return err
		}
	}
	if d.layers.SCPs, err = d.levels(env, iam.SCPLayer, o.scps); err != nil {
		return err
	}
	d.layers.RCPs, err = d.levels(env, iam.RCPLayer, o.rcps)
	return err
}

func (d *decider) layer(env Env, at layerAt, files []string, set **iam.Set) error {
	if len(files) == 0 {
		return nil
	}
	list, err := readPolicies(env, files)
	if err != nil {
		return err
	}
	*set, err = d.set(at, list)
	return err
}

func (d *decider) levels(env Env, kind iam.LayerKind, files []string) (out []*iam.Set, err error) {
	for i, f := range files {
		var s *iam.Set
		if err := d.layer(env, layerAt{kind, i}, []string{f}, &s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (d *decider) set(at layerAt, files []policyFile) (*iam.Set, error) {
	for _, f := range files {
		if _, err := iam.Compile(f.Document); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		d.names[at] = append(d.names[at], f.Name)
	}
	return iam.Compile(documentsOf(files)...)
}

// fromAccount returns the identity policies of the principal, and sets its boundary,
// the context keys that follow from it, and the trust policy of a role to be assumed.
func (d *decider) fromAccount(env Env, o *oneOff) ([]policyFile, error) {
	if o.principal == "" {
		return nil, usagef("--principal is needed with --account: whose policies?")
	}
	catalog, err := env.catalog()
	if err != nil {
		return nil, err
	}
	s, err := account.Load(o.account, catalog.ManagedPolicy)
	if err != nil {
		return nil, err
	}
	arn, err := findPrincipal(o.principal, &usage.Table{}, s)
	if err != nil {
		return nil, err
	}
	p := s.Principal(arn)
	if sessionRole(o.principal) == nil {
		d.request.Principal = arn
	}
	d.derive(p)
	if len(o.boundary) == 0 && p.Boundary != "" {
		b := d.granted(p.Boundary, s.Policies[p.Boundary])
		if d.layers.Boundary, err = d.set(layerAt{kind: iam.BoundaryLayer}, b); err != nil {
			return nil, err
		}
	}
	if target := s.Principal(d.request.Resource); target != nil && target.Trust != nil && len(o.resourcePolicy) == 0 &&
		strings.HasPrefix(strings.ToLower(d.request.Action), "sts:assumerole") {
		trust := []policyFile{{Name: "trust policy of " + target.Name, Document: target.Trust}}
		if d.layers.Resource, err = d.set(layerAt{kind: iam.ResourceLayer}, trust); err != nil {
			return nil, err
		}
	}
	return d.identity(s, p), nil
}

func (d *decider) identity(s *account.Snapshot, p *account.Principal) (out []policyFile) {
	for _, g := range s.Grants(p) {
		name := g.Policy.Name
		if g.Policy.ARN == "" {
			name += " (inline)"
		}
		if g.Via != nil {
			name += " of group " + g.Via.Name
		}
		out = append(out, d.granted(name, g.Policy)...)
	}
	for _, g := range s.MissingGroups(p) {
		d.notes = append(d.notes, fmt.Sprintf("the files lack the group %q: what it grants or denies is not known", g))
		out = append(out, unseen("group "+g)...)
	}
	return out
}

// granted is a policy's document, or what stands for one that cannot be read.
func (d *decider) granted(name string, p *account.Policy) []policyFile {
	why := account.ErrNoDocument
	if p != nil && p.Document != nil {
		_, err := iam.Compile(p.Document)
		if err == nil {
			return []policyFile{{Name: name, Document: p.Document}}
		}
		why = err
	} else if p != nil && p.Err != nil {
		why = p.Err
	}
	d.notes = append(d.notes, fmt.Sprintf("the policy %s is not known: %s", name, why))
	return unseen(name)
}

// unseen stands for policies that are in force and not in the files: they may allow or
// deny anything.
func unseen(name string) []policyFile {
	perhaps := iam.Conditions{{Operator: "Undocumented", Clauses: []iam.Clause{{Key: "policy-not-known", Values: []string{name}}}}}
	doc := &iam.Document{Version: iam.CurrentVersion}
	for _, e := range []iam.Effect{iam.Allow, iam.Deny} {
		doc.Statements = append(doc.Statements, iam.Statement{Sid: "NotKnown", Effect: e,
			Action: iam.Strings{"*"}, Resource: iam.Strings{"*"}, Condition: perhaps})
	}
	return []policyFile{{Name: name + " (not known)", Document: doc}}
}

// derive sets the context keys that AWS fills in from the principal, where the flags do
// not say otherwise.
func (d *decider) derive(p *account.Principal) {
	c := &d.request.Context
	set := func(key, value string) {
		key = strings.ToLower(key)
		if _, given := c.Values[key]; !given && value != "" {
			c.Values[key] = []string{value}
			d.derived = append(d.derived, key)
		}
	}
	set("aws:PrincipalArn", p.ARN)
	set("aws:PrincipalAccount", p.Account)
	if p.Kind == account.UserKind {
		set("aws:username", p.Name)
		set("aws:userid", p.ID)
		set("aws:PrincipalType", "User")
	} else {
		set("aws:PrincipalType", "AssumedRole")
	}
	for k, v := range p.Tags {
		set("aws:PrincipalTag/"+k, v)
	}
	slices.Sort(d.derived)
}
