package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// verify checks every row against the catalog that it became part of: actions,
// prefixes and patterns exist, and the row's example, or the plainest call it
// is about, resolves as the row says.
func verify(c *actions.Catalog, dir string) error {
	v := &verifier{c: c, r: actions.NewResolver(c), services: c.Services()}
	var errs []error
	for _, t := range tableNames() {
		rows, err := readTable(dir, t.name, t.columns)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := v.row(t.name, &rows[i]); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// audit resolves every operation of the newest models and fails when fewer are
// understood than before. Those that remain are newer than the authorization
// reference, or of services that it no longer has. No operations: not read now.
func audit(c *actions.Catalog, operations []operation) error {
	r := actions.NewResolver(c)
	seen := map[operation]bool{}
	mapped := 0
	for _, op := range operations {
		if seen[op] {
			continue
		}
		seen[op] = true
		got := r.Resolve(&actions.Call{EventSource: op.label + ".amazonaws.com", EventName: op.name, EventType: "AwsApiCall"})
		if got.Class != actions.ClassUnmapped {
			mapped++
		}
	}
	if len(operations) == 0 {
		return nil
	}
	fmt.Printf("%-26s %6d of %d (floor %d)\n", "operations understood", mapped, len(seen), minMapped)
	if mapped < minMapped {
		return fmt.Errorf("operations understood: %d, below the floor of %d", mapped, minMapped)
	}
	return nil
}

type verifier struct {
	c        *actions.Catalog
	r        *actions.Resolver
	services []string
}

func (v *verifier) row(table string, r *tableRow) error {
	switch table {
	case "labels":
		return v.label(r)
	case "events", "console":
		return v.event(table, r)
	case "notuse":
		return v.notUse(r)
	case "aliases", "forms", "roles", "ids":
		if r.fields[0] != "*" && len(v.c.Prefixes(r.fields[0])) == 0 {
			return r.errorf("unknown service %q", r.fields[0])
		}
		if r.example == "-" {
			return nil
		}
		return v.example(r, r.fields[0], r.example)
	case "visibility":
		return v.visibility(r)
	case "logged":
		return v.logged(r)
	case "models", "tracked", "takers":
		return v.named(r, r.fields[1])
	case "sources":
		return v.operations(r)
	case "types":
		return v.types(r)
	case "authorized":
		return v.authorized(r)
	case "readonly":
		if f, ok := v.c.Lookup(r.fields[0]); !ok || f.Name != r.fields[0] {
			return r.errorf("no action %q in this spelling", r.fields[0])
		}
		if !slices.Contains([]string{"true", "false", "both"}, r.fields[1]) {
			return r.errorf("readOnly %q, want true, false or both", r.fields[1])
		}
	case "errors":
		if got := actions.Outcome(r.fields[1]); got != actions.Allowed && got != actions.Denied && got != actions.Undetermined {
			return r.errorf("outcome %q", r.fields[1])
		}
	}
	return nil
}

// visibility checks that the pattern matches something, that the visibility is one,
// and that data event types have the form of resources.type.
func (v *verifier) visibility(r *tableRow) error {
	if len(v.c.Expand(nil, r.fields[0])) == 0 {
		return r.errorf("no action matches %q", r.fields[0])
	}
	pattern := strings.ContainsAny(r.fields[0], "*?")
	switch got := actions.Visibility(r.fields[1]); {
	case got == actions.Management && pattern:
		return r.errorf("a pattern for management events: name the service in logged.txt")
	case got == actions.DataEvent && r.fields[2] == "-":
		return r.errorf("a data event without its type")
	case got != actions.Management && got != actions.DataEvent && got != actions.NeverLogged &&
		got != actions.NetworkActivity && got != actions.VisibilityUnknown:
		return r.errorf("visibility %q", got)
	}
	for _, t := range strings.Split(r.fields[2], ",") {
		if t != "-" && !dataType.MatchString(strings.TrimPrefix(t, "!")) {
			return r.errorf("data event type %q", t)
		}
	}
	return nil
}

var dataType = regexp.MustCompile(`^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`)

// logged checks the extent and that the operations named are actions, and no data
// events or others that a row of visibility.txt shows elsewhere.
func (v *verifier) logged(r *tableRow) error {
	if r.fields[1] != "all" && r.fields[1] != "some" {
		return r.errorf("extent %q, want all or some", r.fields[1])
	}
	if r.fields[2] == "-" {
		return v.named(r, "")
	}
	for _, name := range strings.Fields(r.fields[2]) {
		if f, ok := v.c.Lookup(r.fields[0] + ":" + name); ok && f.Visibility != actions.Management {
			return r.errorf("%s is %s by visibility.txt", f.Name, f.Visibility)
		}
	}
	return v.named(r, r.fields[2])
}

// named checks that the row's service has all the actions of a list, so spelt.
func (v *verifier) named(r *tableRow, names string) error {
	if _, ok := slices.BinarySearch(v.services, r.fields[0]); !ok {
		return r.errorf("no service %q", r.fields[0])
	}
	for _, name := range strings.Fields(names) {
		if f, ok := v.c.Lookup(r.fields[0] + ":" + name); !ok || f.Name != r.fields[0]+":"+name {
			return r.errorf("no action %q in this spelling", r.fields[0]+":"+name)
		}
	}
	return nil
}

// operations checks that each operation, sent to the source of that label, is an
// action that the call exercises.
func (v *verifier) operations(r *tableRow) error {
	none := r.fields[1] == "none"
	if !none && r.fields[1] != "only" && r.fields[1] != "also" || none != (r.fields[2] == "-") {
		return r.errorf("extent %q, want only or also with operations, or none", r.fields[1])
	}
	if len(v.c.Prefixes(r.fields[0])) == 0 {
		return r.errorf("unknown event source %q", r.fields[0])
	}
	for _, name := range strings.Fields(r.fields[2]) {
		if got := v.r.Resolve(&actions.Call{EventSource: r.fields[0] + ".amazonaws.com", EventName: name, EventType: "AwsApiCall"}); !none && len(got.Uses) == 0 {
			return r.errorf("no action for the operation %q", name)
		}
	}
	return nil
}

// types checks that the action has the types now; a type that the service does
// not define would be missing.
func (v *verifier) types(r *tableRow) error {
	f, ok := v.c.Lookup(r.fields[0])
	for _, name := range strings.Fields(r.fields[1]) {
		if !ok || !slices.ContainsFunc(f.ResourceTypes, func(t actions.ResourceType) bool { return t.Name == name }) {
			return r.errorf("no action %q or no resource type %q", r.fields[0], name)
		}
	}
	return nil
}

// authorized checks that the actions exist and that a call of the event that shows no
// parameters keeps them; of a doubted one ("?"), that the rules would add it.
func (v *verifier) authorized(r *tableRow) error {
	if _, ok := slices.BinarySearch(v.services, r.fields[0]); !ok {
		return r.errorf("no service %q", r.fields[0])
	}
	var wants []string
	for _, name := range strings.Fields(r.fields[2]) {
		action, doubted := strings.CutPrefix(name, "?")
		if f, ok := v.c.Lookup(action); !ok || f.Name != action {
			return r.errorf("no action %q in this spelling", action)
		}
		if !doubted {
			wants = append(wants, "^"+action)
		}
	}
	if r.fields[1] == "*" || r.example != "-" {
		return v.example(r, r.fields[0], r.example)
	}
	return v.check(r, r.fields[0], r.fields[1], "AwsApiCall", "=> "+strings.Join(wants, " "))
}

func (v *verifier) label(r *tableRow) error {
	for _, p := range strings.Fields(r.fields[1]) {
		if _, ok := slices.BinarySearch(v.services, p); !ok {
			return r.errorf("no service %q", p)
		}
	}
	if r.example == "-" {
		return r.errorf("a label needs an example: Event => action")
	}
	return v.example(r, r.fields[0], r.example)
}

func (v *verifier) event(table string, r *tableRow) error {
	action, _, _ := strings.Cut(strings.TrimLeft(r.fields[3], "~?^"), "@")
	if f, ok := v.c.Lookup(action); !ok || f.Name != action {
		return r.errorf("no action %q in this spelling", action)
	}
	example := r.example
	if example == "-" {
		example = plainest(r.fields[2]) + " => " + action
		if strings.HasPrefix(r.fields[3], "^") {
			example = plainest(r.fields[2]) + " => ^" + action
		}
	}
	eventType := "AwsApiCall"
	if table == "console" {
		eventType = "AwsConsoleAction"
	}
	return v.check(r, r.fields[0], r.fields[1], eventType, example)
}

// plainest is the shortest list of parameters for which a guard holds.
func plainest(guard string) string {
	params := []string{"other=1"}
	for _, f := range strings.Fields(guard) {
		if list, ok := strings.CutPrefix(f, "has:"); ok {
			name, _, _ := strings.Cut(list, "|")
			params = append(params, strings.TrimPrefix(name, "*.")+"=1")
		} else if name, value, ok := strings.Cut(f, "~"); ok && !strings.HasSuffix(name, "!") {
			params = append(params, name+"="+value)
		} else if name, value, ok := strings.Cut(f, "="); ok && !strings.HasSuffix(name, "!") {
			params = append(params, strings.TrimPrefix(name, "*.")+"="+strings.TrimSuffix(value, "*"))
		}
	}
	return strings.Join(params, " ")
}

func (v *verifier) notUse(r *tableRow) error {
	if class := actions.Class(r.fields[2]); class != actions.ClassUnauthenticated && class != actions.ClassSignIn {
		return r.errorf("class %q is not told by the event's name", class)
	}
	event := r.fields[1]
	if event == "*" || event == "+" {
		event = "Anything"
	}
	got := v.r.Resolve(&actions.Call{EventSource: r.fields[0] + ".amazonaws.com", EventName: event, EventType: "AwsApiCall"})
	if got.Class != actions.Class(r.fields[2]) {
		return r.errorf("class is %q", got.Class)
	}
	return nil
}

// example runs "Event params => wants".
func (v *verifier) example(r *tableRow, scope, example string) error {
	event, rest, _ := strings.Cut(example, " ")
	if source, name, ok := strings.Cut(event, ":"); ok {
		scope, event = source, name
	}
	return v.check(r, scope, event, "AwsApiCall", rest)
}

// check resolves a call with the parameters ("name=value …", "+" for a space)
// and compares: "action" must be among the uses, "action=resource" with that
// resource, "^action" as a documented dependent or, where the call shows no parameters, in doubt, "!action" must not be.
func (v *verifier) check(r *tableRow, scope, event, eventType, example string) error {
	params, wants, ok := strings.Cut(example, "=>")
	if !ok {
		return r.errorf("example %q lacks =>", example)
	}
	got := v.r.Resolve(&actions.Call{
		EventSource: scope + ".amazonaws.com", EventName: event, EventType: eventType,
		Region: "us-east-1", Account: "111122223333", RecipientAccount: "111122223333", Args: leaves(params),
	})
	for _, want := range strings.Fields(wants) {
		action, negative := strings.CutPrefix(want, "!")
		action, dependent := strings.CutPrefix(action, "^")
		action, resource, exact := strings.Cut(action, "=")
		found := slices.ContainsFunc(got.Uses, func(u actions.Use) bool {
			return u.Action == action && (u.Basis == actions.Dependent || dependent && u.Basis == actions.Ambiguous) == dependent && (!exact || u.Resource == resource)
		})
		if found == negative {
			return r.errorf("example: want %q, got %s %v", want, got.Class, got.Uses)
		}
	}
	return nil
}

// leaves turns "bucketName=b items[].id=x s[].ARN=y" into canonical leaves.
func leaves(params string) []actions.Arg {
	var out []actions.Arg
	for _, f := range strings.Fields(params) {
		path, value, _ := strings.Cut(f, "=")
		if !strings.HasPrefix(path, "s[]") && !strings.HasPrefix(path, "r.") {
			path = "p." + path
		}
		out = append(out, actions.Arg{Path: path, Value: strings.ReplaceAll(value, "+", " ")})
	}
	slices.SortFunc(out, func(a, b actions.Arg) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Value, b.Value))
	})
	return out
}
