package diff

import (
	"bytes"
	"fmt"
	"strings"
)

// context is the number of unchanged lines around a change.
const context = 3

// Unified renders the textual difference of two printed documents as a unified
// diff with three lines of context, as patch and git apply read it; names label
// the sides. Equal texts give "".
//
// Names are written as git writes them: quoted where they hold control characters,
// quotes or backslashes. The lines themselves are not escaped.
func Unified(oldName, newName string, old, new []byte) string {
	if bytes.Equal(old, new) {
		return ""
	}
	a, b := lines(old), lines(new)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", label(oldName), label(newName))
	for _, h := range hunks(edits(a, b), len(a), len(b)) {
		h.write(&out, a, b)
	}
	return out.String()
}

// lines splits a text after its newlines; the last line may lack one.
func lines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	out := strings.SplitAfter(string(text), "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// label writes a file name for a header. A tab ends a name with spaces, which
// patch would else cut.
func label(name string) string {
	plain := true
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			plain = false
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			plain = false
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	switch {
	case !plain:
		return `"` + b.String() + `"`
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}

// edit replaces the lines a[a0:a1] by b[b0:b1].
type edit struct{ a0, a1, b0, b1 int }

// hunk is a run of edits with the context around them.
type hunk struct {
	edit
	edits []edit
}

// hunks joins edits whose contexts touch.
func hunks(list []edit, alen, blen int) []hunk {
	var out []hunk
	for _, e := range list {
		n := len(out)
		if n > 0 && e.a0-out[n-1].edits[len(out[n-1].edits)-1].a1 <= 2*context {
			out[n-1].edits = append(out[n-1].edits, e)
			continue
		}
		out = append(out, hunk{edits: []edit{e}})
	}
	for i := range out {
		h := &out[i]
		first, last := h.edits[0], h.edits[len(h.edits)-1]
		before, after := min(context, first.a0), min(context, alen-last.a1)
		h.edit = edit{first.a0 - before, last.a1 + after, first.b0 - before, min(last.b1+after, blen)}
	}
	return out
}

func (h *hunk) write(out *strings.Builder, a, b []string) {
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(h.a0, h.a1), span(h.b0, h.b1))
	at := h.a0
	for _, e := range h.edits {
		prefixed(out, ' ', a[at:e.a0])
		prefixed(out, '-', a[e.a0:e.a1])
		prefixed(out, '+', b[e.b0:e.b1])
		at = e.a1
	}
	prefixed(out, ' ', a[at:h.a1])
}

// span writes a range of lines: the first one, counted from 1, and how many unless
// it is one. An empty range names the line before it.
func span(from, to int) string {
	switch n := to - from; n {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	default:
		return fmt.Sprintf("%d,%d", from+1, n)
	}
}

func prefixed(out *strings.Builder, mark byte, list []string) {
	for _, l := range list {
		out.WriteByte(mark)
		out.WriteString(l)
		if !strings.HasSuffix(l, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
