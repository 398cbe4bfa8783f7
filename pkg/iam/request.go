package iam

import "unicode/utf8"

// Decision is the answer to a request.
type Decision uint8

// Unknown is the answer where the context that is missing, or the reading of
// colons in resource patterns, could decide either way.
const (
	Denied Decision = iota
	Allowed
	Unknown
)

// String returns "deny", "allow" or "unknown".
func (d Decision) String() string {
	switch d {
	case Allowed:
		return "allow"
	case Denied:
		return "deny"
	}
	return "unknown"
}

// Context holds condition keys → values. Keys compare case-insensitively.
type Context struct {
	Values map[string][]string // keys in lower case; an empty non-nil list is a key without values
	// Partial makes keys that are not in Values unknown instead of absent. A key
	// that is known to be absent then stands in Values with a nil list.
	Partial bool
	// Lists names the keys (in lower case) that are multivalued even when they
	// hold one value. Keys with any other number of values are lists anyway.
	Lists map[string]bool
}

// Request is one authorization question.
type Request struct {
	Action    string
	Resource  string
	Principal string // ARN; "" means a role of Account
	Account   string // of the resource; "" means the principal's
	Context   Context
}

// lookup returns a key's values and whether it is there.
func (c *Context) lookup(key string) ([]string, kleene) {
	v, ok := c.Values[key]
	switch {
	case ok:
		return v, truth(v != nil)
	case c.Partial:
		return nil, maybe
	}
	return nil, no
}

// single reports whether a key that is there with these values has exactly one.
func (c *Context) single(key string, values []string) bool {
	return len(values) == 1 && !c.Lists[key]
}

// expand puts the context's values in place of variables, as literal text, for
// matching with a text of size bytes. no: one has no single value, or the
// pattern asks for more text, so it matches nothing; maybe: one is not known.
// The size keeps a pattern of many variables from growing without bound.
func (p *pattern) expand(c *Context, size int) ([]tok, kleene) {
	known := yes
	out := make([]tok, 0, len(p.toks)+16)
	stars := 0
	for _, t := range p.toks {
		if t.kind == manyTok {
			stars++
		}
		if len(out)-stars > size {
			return nil, no
		}
		if t.kind != varTok {
			out = append(out, t)
			continue
		}
		v := p.vars[t.r]
		values, there := c.lookup(v.key)
		switch {
		case there == maybe:
			known = maybe
		case there == yes && c.single(v.key, values):
			out = appendText(out, values[0])
		case there == no && v.hasDefault:
			out = appendText(out, v.fallback)
		default:
			return nil, no
		}
	}
	return out, known
}

func appendText(dst []tok, s string) []tok {
	for len(s) > 0 {
		r, w := utf8.DecodeRuneInString(s)
		dst = append(dst, tok{r: r})
		s = s[w:]
	}
	return dst
}

// matchIn matches a resource pattern that may have variables.
func (p *pattern) matchIn(s string, c *Context) verdict {
	if len(p.vars) == 0 {
		m := p.match(s)
		return verdict{m, m}
	}
	toks, known := p.expand(c, len(s))
	switch known {
	case no:
		return verdict{}
	case maybe:
		return always(maybe)
	}
	l := lay(toks)
	m := l.match(0, s)
	return verdict{m, m}
}
