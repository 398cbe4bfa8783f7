package speed

import (
	"fmt"
	"strings"
)

// template is JSON with names in angle brackets, which a record fills in.
type template []part

// part is text, and what follows it: the number of a filler, -1 for none.
type part struct {
	text   string
	filler int
}

// compile reads a template. It panics on a name that no filler has, which is a
// mistake in this package, never in its input.
func compile(text string, fillers []filler) template {
	var t template
	for {
		before, rest, found := strings.Cut(text, "<")
		if !found {
			return append(t, part{text, -1})
		}
		name, after, _ := strings.Cut(rest, ">")
		t = append(t, part{before, find(name, fillers)})
		text = after
	}
}

func find(name string, fillers []filler) int {
	for i := range fillers {
		if fillers[i].name == name {
			return i
		}
	}
	panic(fmt.Sprintf("speed: no filler is called %q", name))
}

// fill appends the template.
func (m *maker) fill(t template) {
	for i := range t {
		m.out = append(m.out, t[i].text...)
		if t[i].filler >= 0 {
			m.fillers[t[i].filler].fill(m)
		}
	}
}

// filler writes what a name of a template stands for.
type filler struct {
	name string
	fill func(*maker)
}

// fillers are the names that templates use: the record's session and thing, and
// what AWS draws for each record.
func fillers() []filler {
	said := func(name string, value func(*maker) string) filler {
		return filler{name, func(m *maker) { m.out = append(m.out, value(m)...) }}
	}
	drawn := func(name string, n int, alphabet string) filler {
		return filler{name, func(m *maker) { m.out = m.text(m.out, n, alphabet) }}
	}
	return []filler{
		said("account", func(m *maker) string { return m.account.id }),
		said("region", func(m *maker) string { return m.region }),
		said("app", func(m *maker) string { return m.session.by.app }),
		said("bucket", func(m *maker) string { return m.thing.bucket }),
		said("n", func(m *maker) string { return m.thing.number }),
		said("id", func(m *maker) string { return m.thing.id }),
		said("kms", func(m *maker) string { return m.thing.key }),
		said("role", func(m *maker) string { return m.session.by.name }),
		said("roleid", func(m *maker) string { return m.session.by.id }),
		said("session", func(m *maker) string { return m.session.name }),
		said("accesskey", func(m *maker) string { return m.session.key }),
		said("agent", func(m *maker) string { return m.session.agent }),
		said("address", func(m *maker) string { return m.session.address }),
		said("began", func(m *maker) string { return m.session.began }),
		said("service", func(m *maker) string { return m.call.service }),
		said("action", func(m *maker) string { return m.call.name }),
		said("vpce", func(m *maker) string { return m.session.by.endpoint }),
		{"key", func(m *maker) { m.out = append(m.out, m.key...) }},
		{"time", func(m *maker) { m.out = m.at.AppendFormat(m.out, "2006-01-02T15:04:05Z") }},
		{"day", func(m *maker) { m.out = m.at.AppendFormat(m.out, "2006/01/02") }},
		{"uuid", func(m *maker) { m.out = m.uuid(m.out) }},
		{"size", func(m *maker) { m.number(1 << (4 + m.IntN(22))) }},
		{"small", func(m *maker) { m.number(64) }},
		drawn("hex8", 8, hexDigits), drawn("hex17", 17, hexDigits), drawn("hex32", 32, hexDigits), drawn("hex64", 64, hexDigits),
		drawn("id16", 16, base32), drawn("id52", 52, base32), drawn("id75", 75, base64), drawn("etag", 32, hexDigits), drawn("version", 32, base64),
		drawn("token", 640, base64), drawn("newkey", 16, base32),
	}
}
