package lint

import (
	"bytes"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position is a place in a file; both count from 1, columns in Unicode characters.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// places tells the line and column of bytes of a file.
type places struct {
	data  []byte
	lines []int // offsets of the beginnings of lines
}

func newPlaces(data []byte) *places {
	p := &places{data: data, lines: []int{0}}
	for i := 0; ; {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			return p
		}
		i += n + 1
		p.lines = append(p.lines, i)
	}
}

func (p *places) of(at int) Position {
	at = min(max(at, 0), len(p.data))
	line := sort.SearchInts(p.lines, at+1) - 1
	return Position{line + 1, utf8.RuneCount(p.data[p.lines[line]:at]) + 1}
}

// pathTo is the JSON pointer of the innermost value or member that begins at an
// offset or holds it.
func pathTo(v *value, at int) string {
	var b strings.Builder
	for v != nil {
		var next *value
		for i, item := range v.items {
			if item.at <= at && at < item.end {
				b.WriteString("/" + strconv.Itoa(i))
				next = item
			}
		}
		for _, m := range v.members {
			if m.at <= at && at < m.value.end {
				b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(m.name))
				next = m.value
			}
		}
		if next != nil && at < next.at {
			break // the name of a member
		}
		v = next
	}
	return b.String()
}
