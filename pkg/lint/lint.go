package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// Finding is one thing that is wrong with a document.
type Finding struct {
	Rule       *Rule
	Message    string // what is wrong here; holds text of the document
	Path       string // JSON pointer within the document
	Document   int    // which document of the file, from 0
	Start, End Position
}

// Unreadable is a file, or a part of one, that holds no policy.
type Unreadable struct {
	Start   Position
	Message string // why, and what to do; may hold text of the file
}

// Result is what a file has.
type Result struct {
	Documents  int
	Findings   []Finding // by place
	Unreadable []Unreadable
}

// maxFindings bounds what one document may come to.
const maxFindings = 500

// Linter lints files. It remembers what it worked out of the facts, so one serves
// many files; it is not safe for concurrent use.
type Linter struct {
	know  *knowledge
	rules map[string]*Rule
}

// New prepares a linter. The catalog's date bounds what it knows: see the rules
// unknown-action and unknown-service.
func New(c *actions.Catalog) *Linter {
	l := &Linter{know: newKnowledge(c), rules: map[string]*Rule{}}
	rules := Rules()
	for i := range rules {
		l.rules[rules[i].ID] = &rules[i]
	}
	return l
}

// File lints the documents of one file as policies of a type; Auto detects the
// type of each. Places are those in data.
func (l *Linter) File(data []byte, t Type) Result {
	if bom := []byte("\xef\xbb\xbf"); len(data) >= 3 && string(data[:3]) == string(bom) {
		data = append([]byte("   "), data[3:]...) // keeps the offsets
	}
	docs, bad := documents(data)
	at := newPlaces(data)
	res := Result{Documents: len(docs)}
	for _, u := range bad {
		res.Unreadable = append(res.Unreadable, Unreadable{at.of(u.at), u.why})
	}
	for i := range docs {
		res.Findings = append(res.Findings, l.document(&docs[i], i, t, at)...)
	}
	return res
}

// document runs all checks on one document.
func (l *Linter) document(f *found, number int, t Type, at *places) []Finding {
	if t == Auto {
		t = f.kind
	}
	if t == Auto {
		t = detect(f.root)
	}
	d := newDocument(l, f.root, t)
	d.size, d.of = sizeOf(f.data), f.of
	for _, check := range checks() {
		check(d)
	}
	out := make([]Finding, 0, len(d.findings))
	for _, x := range d.findings {
		place := x.span
		if f.at != nil {
			place = *f.at
		}
		out = append(out, Finding{Rule: x.rule, Message: x.message, Path: pathTo(f.root, x.at),
			Document: number, Start: at.of(place.at), End: at.of(place.end)})
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Start.Line, b.Start.Line), cmp.Compare(a.Start.Column, b.Start.Column), cmp.Compare(a.Rule.ID, b.Rule.ID))
	})
	return out
}

// checks lists what runs on a document; each reports under several rules.
func checks() []func(*document) {
	return []func(*document){
		(*document).checkDocument, (*document).checkSids, (*document).checkSize,
		eachStatement((*document).checkElements),
		eachStatement((*document).checkActions), eachStatement((*document).checkRedundantActions),
		eachStatement((*document).checkResources), eachStatement((*document).checkRedundantResources),
		eachStatement((*document).checkMatch),
		eachStatement((*document).checkPrincipals), eachStatement((*document).checkTrust),
		eachStatement((*document).checkPolicyType),
		eachStatement((*document).checkConditions), eachStatement((*document).checkVariables),
		eachStatement((*document).checkKeysForActions),
		eachStatement((*document).checkBroad), eachStatement((*document).checkRoles),
		eachStatement((*document).checkMFA), eachStatement((*document).checkServicePrincipal),
		(*document).checkPowers, (*document).checkRedundantStatements,
	}
}

func eachStatement(check func(*document, *statement)) func(*document) {
	return func(d *document) {
		for i := range d.statements {
			check(d, &d.statements[i])
		}
	}
}

// draft is a finding before its place is looked up.
type draft struct {
	span
	rule    *Rule
	message string
}

// place is where a rule reports.
type place struct {
	id string
	at int
}

// report notes a finding; one rule reports one place once.
func (d *document) report(id string, at span, format string, args ...any) {
	rule := d.lint.rules[id]
	if rule == nil {
		panic("no rule " + id) // a test runs every rule
	}
	if len(d.findings) >= maxFindings {
		return
	}
	key := place{id, at.at}
	if d.reported[key] {
		return
	}
	d.reported[key] = true
	d.findings = append(d.findings, draft{at, rule, fmt.Sprintf(format, args...)})
}

// sizeOf counts the characters of a document that count against quotas: all but
// white space outside of strings.
func sizeOf(data []byte) int {
	n, inside := 0, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case inside && c == '\\':
			n++
			i++
		case c == '"':
			inside = !inside
		case !inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t'), c&0xc0 == 0x80:
			continue
		}
		n++
	}
	return n
}
