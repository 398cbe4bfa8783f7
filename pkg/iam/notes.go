package iam

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// NoteKind says what Parse found odd.
type NoteKind string

// The oddities that a document may have and still parse.
const (
	DuplicateMember NoteKind = "duplicate-member" // the last one was taken; Compile refuses it
	CaseVariant     NoteKind = "case-variant"     // "action" for "Action": not read; Compile refuses it
	UnknownMember   NoteKind = "unknown-member"   // kept and printed, without meaning here
	LoneSurrogate   NoteKind = "lone-surrogate"   // \ud800 without its other half: read as U+FFFD
	ByteOrderMark   NoteKind = "byte-order-mark"  // before the document; not printed again
	EmptyStatement  NoteKind = "empty-statement"  // no statement at all
	EmptyList       NoteKind = "empty-list"       // [] or {} where at least one is wanted
	DuplicateSid    NoteKind = "duplicate-sid"    // a Sid must be unique within a document
	PlainValue      NoteKind = "plain-value"      // a condition value that is a number or a boolean
	LongString      NoteKind = "long-string"      // longer than the longest ARN, 2,048 characters
	DeepNesting     NoteKind = "deep-nesting"     // deeper than the policy language nests
	// ForbiddenCharacter is one beyond U+00FF, which IAM refuses in policy
	// documents (IAM user guide, "IAM and AWS STS quotas"); the first is noted.
	ForbiddenCharacter NoteKind = "forbidden-character"
)

// Doubtful reports the kinds by which a document may mean something else than
// it seems to. The other ones are matters of form.
func (k NoteKind) Doubtful() bool {
	switch k {
	case DuplicateMember, CaseVariant, UnknownMember, LoneSurrogate, EmptyList:
		return true
	}
	return false
}

// Note is one oddity of a document that Parse accepted.
type Note struct {
	Kind NoteKind
	// Path is a JSON pointer, long names clipped. A lone object or string counts
	// as a list of one: "/Statement/0/action".
	Path string
	At   Place // of the member's name, of the value where there is no name
}

// Notes lists what Parse found odd, in document order, up to 100 of a kind.
func (d *Document) Notes() []Note { return d.notes }

// Limits of what is noted.
const (
	maxNotes     = 100 // of a kind: bounds what hostile input can make Parse remember
	longestARN   = 2048
	grammarDepth = 6 // document, Statement, statement, Condition, operator, key, value
)

// noteList collects notes, each kind bounded on its own, so that one can't
// crowd out another.
type noteList struct {
	notes []Note
	count map[NoteKind]int
}

func (l *noteList) add(kind NoteKind, path []string, at Place) {
	if l.count == nil {
		l.count = map[NoteKind]int{}
	}
	if l.count[kind]++; l.count[kind] <= maxNotes {
		l.notes = append(l.notes, Note{kind, Pointer(path...), at})
	}
}

func (r *treeReader) note(kind NoteKind, offset int) {
	r.notes.add(kind, r.path, Place{Offset: offset})
}

// inGrammar reports that a path leads through members of the policy language
// alone.
func inGrammar(path []string) bool {
	if !slices.Contains(documentMembers(), path[0]) {
		return false
	}
	path = path[1:]
	if len(path) > 0 && isPosition(path[0]) {
		path = path[1:]
	}
	return len(path) == 0 || slices.Contains(statementMembers(), path[0])
}

func isPosition(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// notesOf completes the reader's notes by what the policy language finds odd.
func notesOf(t *tree) []Note {
	w := noteWalk{noteList: t.notes, root: t.root}
	w.document()
	if at := outsideCharset(t.text); at >= 0 {
		w.add(ForbiddenCharacter, nil, Place{Offset: at})
	}
	slices.SortStableFunc(w.notes, func(a, b Note) int { return a.At.Offset - b.At.Offset })
	for i := range w.notes {
		n := &w.notes[i]
		n.At = placeIn(t.text, n.At.Offset, n.At.Length)
		n.Path = w.listed(n.Path)
	}
	return w.notes
}

// outsideCharset returns where the first character stands that IAM refuses in
// policy documents, -1 for nowhere. Those that JSON refuses are not here.
func outsideCharset(text string) int {
	for i, r := range text {
		if r > 0xff && !(i == 0 && r == '\ufeff') {
			return i
		}
	}
	return -1
}

// noteWalk looks through a document that could be read.
type noteWalk struct {
	noteList
	root *node
	path []string
}

// listed gives paths through a lone statement the form that they have in a list.
func (w *noteWalk) listed(path string) string {
	const prefix = "/Statement/"
	rest, ok := strings.CutPrefix(path, prefix)
	s := w.root.get("Statement")
	if !ok || s == nil || s.kind != objectNode || rest == "0" || strings.HasPrefix(rest, "0/") {
		return path
	}
	return prefix + "0/" + rest
}

func (w *noteWalk) value(kind NoteKind, n *node) {
	w.add(kind, w.path, Place{Offset: int(n.at), Length: int(n.end - n.at)})
}

func (w *noteWalk) name(kind NoteKind, m *member) {
	w.add(kind, w.path, Place{Offset: int(m.at), Length: len(m.raw)})
}

// inside walks one step with a name on the path.
func (w *noteWalk) inside(name string, walk func()) {
	w.path = append(w.path, name)
	walk()
	w.path = w.path[:len(w.path)-1]
}

func (w *noteWalk) document() {
	w.members(w.root, documentMembers(), func(m *member) {
		if m.name != "Statement" {
			w.long(m.value)
		}
	})
	statements := statementNodes(w.root.get("Statement"))
	if len(statements) == 0 {
		w.value(EmptyStatement, w.root)
	}
	sids := map[string]bool{}
	w.inside("Statement", func() {
		for i, s := range statements {
			w.inside(strconv.Itoa(i), func() { w.statement(s, sids) })
		}
	})
}

// members notes what is unknown and visits what is known.
func (w *noteWalk) members(n *node, known []string, visit func(*member)) {
	for i := range n.members {
		m := &n.members[i]
		w.inside(m.name, func() {
			if kind, odd := classify(m.name, known); odd {
				w.name(kind, m)
			} else {
				visit(m)
			}
		})
	}
}

func (w *noteWalk) statement(s *node, sids map[string]bool) {
	w.members(s, statementMembers(), func(m *member) {
		switch m.name {
		case "Sid":
			if sids[m.value.str] {
				w.value(DuplicateSid, m.value)
			}
			sids[m.value.str] = m.value.str != ""
			w.long(m.value)
		case "Condition":
			w.nested(m.value, 2)
		case "Principal", "NotPrincipal":
			w.nested(m.value, 1)
		default:
			w.nested(m.value, 0)
		}
	})
}

// nested visits the lists and texts that stand under some levels of objects.
func (w *noteWalk) nested(n *node, levels int) {
	if n.kind != objectNode || levels == 0 {
		w.list(n)
		return
	}
	if len(n.members) == 0 {
		w.value(EmptyList, n)
	}
	for i := range n.members {
		w.inside(n.members[i].name, func() { w.nested(n.members[i].value, levels-1) })
	}
}

func (w *noteWalk) list(n *node) {
	if n.kind != arrayNode {
		w.text(n)
		return
	}
	if len(n.items) == 0 {
		w.value(EmptyList, n)
	}
	for i, x := range n.items {
		w.inside(strconv.Itoa(i), func() { w.text(x) })
	}
}

// text looks at one string, or at a number or boolean in place of one.
func (w *noteWalk) text(n *node) {
	if n.kind == scalarNode {
		w.value(PlainValue, n)
	}
	w.long(n)
}

func (w *noteWalk) long(n *node) {
	if n.kind == stringNode && len(n.str) > longestARN && utf8.RuneCountInString(n.str) > longestARN {
		w.value(LongString, n)
	}
}

// classify tells unknown members and case variants from known ones.
func classify(name string, known []string) (NoteKind, bool) {
	kind := UnknownMember
	for _, k := range known {
		if k == name {
			return "", false
		}
		if strings.EqualFold(k, name) {
			kind = CaseVariant
		}
	}
	return kind, true
}
