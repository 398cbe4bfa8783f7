package actions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// tables are the curated rows. Their sources, dates and examples are checked at
// generation and left out of the file that the binary carries; see tables/.
type tables struct {
	labels       map[string][]string   // event-source label → prefixes
	rowPrefixes  map[string][]string   // label → prefixes of the actions that its rows name
	events       map[rowKey][]eventRow // label or prefix, lower-case event
	console      map[rowKey][]eventRow // the same for AwsConsoleAction
	operations   map[string][]string   // action → "label:event" of the rows by which the event is the action
	needs        map[string][]string   // action → "label:event" of the rows by which the event needs it
	notUse       map[rowKey]Class      // event "*": every event of the label
	aliases      map[rowKey][]string   // prefix, "type/variable" or "variable" → parameters
	roles        []roleRow
	errors       map[string]Outcome
	errorPats    []errorRow
	sourceErrors []sourceError
	visible      map[string]visibleRow // exact, lower-case action
	visiblePats  []visibleRow
	logged       map[string]loggedRow // prefix → what documents say of the whole service
	inferred     map[string]bool      // actions that a row infers from an event: shown by its parameters
	dataPlanes   map[string]bool      // prefix → some actions are data events, or perhaps so
	citations    map[string]string    // name of a document → its address, without the scheme
	sources      map[string]sourceRow // label → which operations are its own
	models       map[string]string    // prefix → actions that newer API models have, each between spaces
	readOnly     map[string]bool
	bothWays     map[string]bool     // actions whose events are partly read, partly write events
	tracked      map[string]string   // prefix → names of actions, each between spaces
	takers       map[string]string   // prefix → operations that have a parameter for a role, each between spaces
	forms        map[rowKey]string   // prefix, type → the ARN as requests carry it
	ids          map[string][]idRow  // prefix → id prefixes
	authorized   map[rowKey][]string // prefix, lower-case event ("*" any) → what AWS lists of the operation
	types        map[string][]string // lower-case action → resource types that the reference omits
}

// rowKey is (label or prefix, lower-case event or variable).
type rowKey struct{ scope, name string }

// eventRow says that an event exercises an action where its guard holds.
type eventRow struct {
	guard  guard
	action string // canonical
	param  string // only this parameter names the resource; "" any
	basis  Basis
}

// roleRow says how a parameter of a call names a role to be passed.
type roleRow struct {
	scope, event string // label or prefix, lower-case event; "*" any
	param        string // normalised last name, or "a.b" for a nested one; "*" any
	kind         string // role, profile, none
	passedTo     string
	call         string // "label:event" in the row's spelling
}

// idRow says which resource type an id of that prefix names.
type idRow struct{ prefix, kind string }

// errorRow says what the error codes of a pattern tell of authorization.
type errorRow struct {
	pattern string
	outcome Outcome
}

// sourceError says what an error code tells of authorization in one source's events.
type sourceError struct {
	source, code string
	outcome      Outcome
}

// visibleRow is the curated visibility of an action pattern.
type visibleRow struct {
	pattern    string
	visibility Visibility
	types      []string // resources.type of the data events that show it
	unlogged   []string // those of them that never are logged
	source     citation
}

// citation is the document that a row was made by, and the day it was read.
type citation struct{ document, date string }

// sourceRow says which operations of its services an event source logs.
type sourceRow struct {
	extent string // only: no other source of the service does; also: others may; none: it logs none
	names  string // the operations, each between spaces
}

// loggedRow is a service that is documented as logging its API to CloudTrail.
type loggedRow struct {
	all   bool   // the document says so of every operation, not just of some
	names string // the actions that it names, each between spaces
	citation
}

// decodeTables parses the tables file: sections "[name]" of tab-separated rows.
func decodeTables(text string) (*tables, error) {
	t := &tables{
		labels:      map[string][]string{},
		rowPrefixes: map[string][]string{},
		events:      map[rowKey][]eventRow{},
		console:     map[rowKey][]eventRow{},
		operations:  map[string][]string{},
		needs:       map[string][]string{},
		inferred:    map[string]bool{},
		dataPlanes:  map[string]bool{},
		citations:   map[string]string{},
		sources:     map[string]sourceRow{},
		notUse:      map[rowKey]Class{},
		aliases:     map[rowKey][]string{},
		errors:      map[string]Outcome{},
		visible:     map[string]visibleRow{},
		logged:      map[string]loggedRow{},
		models:      map[string]string{},
		tracked:     map[string]string{},
		takers:      map[string]string{},
		readOnly:    map[string]bool{},
		bothWays:    map[string]bool{},
		forms:       map[rowKey]string{},
		ids:         map[string][]idRow{},
		types:       map[string][]string{},
		authorized:  map[rowKey][]string{},
	}
	defer t.order()
	section := ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		if err := t.row(section, strings.Split(line, "\t")); err != nil {
			return nil, fmt.Errorf("tables file, line %d (%s): %w", n, section, err)
		}
	}
	return t, nil
}

// order puts the longest, that is the most specific, visibility patterns first.
func (t *tables) order() {
	slices.SortStableFunc(t.visiblePats, func(a, b visibleRow) int { return len(b.pattern) - len(a.pattern) })
}

// tableColumns is the number of columns of each table as the program carries it:
// without example, and mostly without source and date.
func tableColumns(name string) int {
	switch name {
	case "labels", "errors", "readonly", "types", "models", "tracked", "takers", "citations":
		return 2
	case "notuse", "aliases", "forms", "ids", "authorized", "sources":
		return 3
	case "events", "console":
		return 4
	case "roles", "visibility", "logged":
		return 5
	}
	return -1
}

// row takes one row of a section in.
func (t *tables) row(section string, f []string) error {
	if want := tableColumns(section); len(f) != want {
		return fmt.Errorf("%d columns instead of %d", len(f), want)
	}
	switch section {
	case "labels":
		t.labels[f[0]] = strings.Fields(f[1])
	case "events":
		return t.eventRow(t.events, f)
	case "console":
		return t.eventRow(t.console, f)
	case "notuse":
		t.notUse[rowKey{f[0], strings.ToLower(f[1])}] = Class(f[2])
	case "aliases":
		t.aliases[rowKey{f[0], strings.ToLower(f[1])}] = strings.Fields(f[2])
	case "roles":
		t.roles = append(t.roles, roleRow{f[0], strings.ToLower(f[1]), f[2], f[3], dash(f[4]), f[0] + ":" + f[1]})
	case "errors":
		if source, code, ok := strings.Cut(f[0], "/"); ok {
			t.sourceErrors = append(t.sourceErrors, sourceError{source, code, Outcome(f[1])})
		} else if strings.Contains(f[0], "*") {
			t.errorPats = append(t.errorPats, errorRow{f[0], Outcome(f[1])})
		} else {
			t.errors[f[0]] = Outcome(f[1])
		}
	case "visibility", "logged", "citations", "sources":
		t.eventsRow(section, f)
	case "readonly":
		if f[1] == "both" {
			t.bothWays[f[0]] = true
		} else {
			t.readOnly[f[0]] = f[1] == "true"
		}
	case "models":
		t.models[f[0]] = spaced(f[1])
	case "tracked":
		t.tracked[f[0]] = spaced(f[1])
	case "takers":
		t.takers[f[0]] = spaced(f[1])
	case "forms":
		t.forms[rowKey{f[0], strings.ToLower(f[1])}] = f[2]
	case "types":
		t.types[strings.ToLower(f[0])] = strings.Fields(f[1])
	case "authorized":
		t.authorized[rowKey{f[0], strings.ToLower(f[1])}] = strings.Fields(f[2])
	case "ids":
		t.ids[f[0]] = append(t.ids[f[0]], idRow{f[1], f[2]})
	}
	return nil
}

// eventsRow takes one row of the tables in that tell where events show.
func (t *tables) eventsRow(section string, f []string) {
	switch section {
	case "visibility":
		t.visibleRow(f)
	case "logged":
		t.logged[f[0]] = loggedRow{f[1] == "all", spaced(dash(f[2])), citation{f[3], f[4]}}
	case "citations":
		t.citations[f[0]] = f[1]
	case "sources":
		t.sources[f[0]] = sourceRow{f[1], spaced(dash(f[2]))}
	}
}

// rowsOf lists the rows of an event. What the console does on its own has rows of
// its own; else a console action means what the API call of that name means.
func (t *tables) rowsOf(console bool, key rowKey) []eventRow {
	if console && len(t.console[key]) > 0 {
		return t.console[key]
	}
	return t.events[key]
}

// eventRow takes a row of events or console in: scope, event, guard, action.
// An action "~a" is inferred, "?a" ambiguous, "^a" a documented dependent; "a@param"
// takes its resource from that parameter.
func (t *tables) eventRow(into map[rowKey][]eventRow, f []string) error {
	g, err := parseGuard(dash(f[2]))
	if err != nil {
		return err
	}
	row := eventRow{guard: g, basis: Logged}
	action, inferred := strings.CutPrefix(f[3], "~")
	if inferred {
		row.basis = Inferred
	}
	action, doubtful := strings.CutPrefix(action, "?")
	if doubtful {
		row.basis = Ambiguous
	}
	action, needed := strings.CutPrefix(action, "^")
	if needed {
		row.basis = Dependent
	}
	row.action, row.param, _ = strings.Cut(action, "@")
	prefix, _, ok := strings.Cut(row.action, ":")
	if !ok {
		return errors.New("action without a service prefix")
	}
	key := rowKey{f[0], strings.ToLower(f[1])}
	into[key] = append(into[key], row)
	list := t.operations
	if row.basis == Inferred || row.basis == Dependent {
		list = t.needs
		t.inferred[row.action] = t.inferred[row.action] || row.basis == Inferred
	}
	if op := f[0] + ":" + f[1]; !slices.Contains(list[row.action], op) {
		list[row.action] = append(list[row.action], op)
	}
	if prefix != f[0] && !slices.Contains(t.rowPrefixes[f[0]], prefix) {
		t.rowPrefixes[f[0]] = append(t.rowPrefixes[f[0]], prefix)
	}
	return nil
}

// visibleRow takes a row of visibility in: pattern, visibility, data event types (of
// which "!" marks those that are never logged), document, date.
func (t *tables) visibleRow(f []string) {
	row := visibleRow{pattern: strings.ToLower(f[0]), visibility: Visibility(f[1]), source: citation{f[3], f[4]}}
	for name := range splitList(dash(f[2])) {
		name, unlogged := strings.CutPrefix(name, "!")
		if unlogged {
			row.unlogged = append(row.unlogged, name)
		}
		row.types = append(row.types, name)
	}
	if prefix, _, _ := strings.Cut(row.pattern, ":"); row.visibility == DataEvent || row.visibility == VisibilityUnknown {
		t.dataPlanes[prefix] = true
	}
	if strings.ContainsAny(row.pattern, "*?") {
		t.visiblePats = append(t.visiblePats, row)
	} else {
		t.visible[row.pattern] = row
	}
}

// spaced is a list of names as listed looks them up.
func spaced(names string) string { return " " + names + " " }

// listed reports whether a list of names, each between spaces, has the name.
func listed(names, name string) bool { return strings.Contains(names, " "+name+" ") }

// dash turns the placeholder of an empty column into the empty string.
func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// guard is a condition on a call's parameters, a list of terms that must all
// hold. The zero guard always holds.
type guard []guardTerm

// guardTerm tests one parameter.
type guardTerm struct {
	kind   byte     // 'h' present, 'n' absent, '=' has the value, '!' lacks it, '~' contains, '^' does not, 't' tags what is made
	params []string // any of them; lower case, below requestParameters
	value  string
}

// parseGuard reads "has:a|b no:c d=value e!=value f~part g!~part".
func parseGuard(s string) (guard, error) {
	var g guard
	for _, f := range strings.Fields(strings.ToLower(s)) {
		if list, ok := strings.CutPrefix(f, "has:"); ok {
			g = append(g, guardTerm{kind: 'h', params: strings.Split(list, "|")})
		} else if list, ok := strings.CutPrefix(f, "no:"); ok {
			g = append(g, guardTerm{kind: 'n', params: strings.Split(list, "|")})
		} else if name, value, ok := strings.Cut(f, "!~"); ok {
			g = append(g, guardTerm{kind: '^', params: []string{name}, value: value})
		} else if name, value, ok := strings.Cut(f, "~"); ok {
			g = append(g, guardTerm{kind: '~', params: []string{name}, value: value})
		} else if name, value, ok := strings.Cut(f, "!="); ok {
			g = append(g, guardTerm{kind: '!', params: []string{name}, value: value})
		} else if name, value, ok := strings.Cut(f, "="); ok {
			g = append(g, guardTerm{kind: '=', params: []string{name}, value: value})
		} else {
			return nil, fmt.Errorf("guard %q: want has:, no:, =, !=, ~ or !~", f)
		}
	}
	return g, nil
}

// fits compares a parameter's value as the term wants.
func (t *guardTerm) fits(value string) bool {
	switch t.kind {
	case '=', '!':
		return valuePrefix(strings.TrimSpace(value), t.value)
	case '~', '^':
		return containsFold(value, t.value)
	}
	return true
}

// containsFold reports whether value contains part, which is in lower case.
func containsFold(value, part string) bool {
	for i := 0; i+len(part) <= len(value); i++ {
		if strings.EqualFold(value[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// hasSuffixFold reports whether s ends in the tail, in any case.
func hasSuffixFold(s, tail string) bool {
	return len(s) >= len(tail) && strings.EqualFold(s[len(s)-len(tail):], tail)
}

// valuePrefix compares a value with the wanted one, which may end in "*".
func valuePrefix(value, want string) bool {
	if prefix, ok := strings.CutSuffix(want, "*"); ok {
		return len(value) >= len(prefix) && strings.EqualFold(value[:len(prefix)], prefix)
	}
	return strings.EqualFold(value, want)
}

// underParam reports whether a leaf's path is the parameter or lies within it.
// A param "*.x" is any member x at any depth.
func underParam(path, param string) bool {
	path, ok := strings.CutPrefix(path, "p.")
	if !ok {
		return false
	}
	if inner, ok := strings.CutPrefix(param, "*."); ok {
		for {
			if hasMember(path, inner) {
				return true
			}
			if _, path, ok = strings.Cut(path, "."); !ok {
				return false
			}
		}
	}
	return hasMember(path, param) || hasMember(unwrapped(path), param)
}

// unwrapped is the path within the object that some of EC2's calls wrap their
// parameters in, "CreateFlowLogsRequest.ResourceId"; "" in other paths.
func unwrapped(path string) string {
	if path == "" || path[0] < 'A' || path[0] > 'Z' {
		return ""
	}
	outer, inner, _ := strings.Cut(path, ".")
	if len(outer) == len("Request") || !strings.HasSuffix(outer, "Request") {
		return ""
	}
	return inner
}

// hasMember reports whether path begins with the member name, in any case.
func hasMember(path, name string) bool {
	if len(path) < len(name) || !strings.EqualFold(path[:len(name)], name) {
		return false
	}
	return len(path) == len(name) || path[len(name)] == '.' || path[len(name)] == '['
}
