package iam

import (
	"encoding/base64"
	"math/big"
	"net"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A second evaluator, written from the IAM user guide alone and as plainly as
// possible: two-valued, one reading of colons at a time, everything looked at
// each time. Where the guide leaves a case open, a switch of oracle says how it is
// taken; Evaluate has to agree with all settings, or answer unknown.
type oracle struct {
	reading   reading
	context   map[string][]string
	lists     map[string]bool
	setting   int // the switches that are on
	consulted int // the switches that were asked for
}

const (
	sessionLimits = 1 << iota // a session policy limits a grant to "*"
	anyIfExists               // ForAnyValue with IfExists holds for an absent key
	listsMatch                // a plain operator takes the value of a list of one
	allSwitches   = 1<<iota - 1
)

func (n *oracle) on(sw int) bool {
	n.consulted |= sw
	return n.setting&sw != 0
}

// decide evaluates a request under all layers.
func (n *oracle) decide(l *oracleLayers, q *Request) bool {
	if strings.EqualFold(q.Action, "sts:GetCallerIdentity") {
		return true
	}
	account := strings.Split(q.Principal, ":")[4]
	everyDoc := append(append(append([]*Document{}, l.identity...), l.boundary...), l.session...)
	for _, level := range append(append([][]*Document{}, l.scps...), l.rcps...) {
		everyDoc = append(everyDoc, level...)
	}
	if n.any(everyDoc, Deny, q, nil) || n.any(append(append([]*Document{}, l.resource...), l.endpoints...), Deny, q, func(w string) bool { return w != "" }) {
		return false
	}
	for _, level := range l.scps {
		if !n.any(level, Allow, q, nil) {
			return false
		}
	}
	if l.endpoints != nil && !n.any(l.endpoints, Allow, q, func(w string) bool { return w != "" }) {
		return false
	}
	boundary := l.boundary == nil || n.any(l.boundary, Allow, q, nil)
	session := l.session == nil || n.any(l.session, Allow, q, nil)
	limits := boundary && session
	identity := n.any(l.identity, Allow, q, nil) && limits
	granted := func(ways ...string) bool {
		return n.any(l.resource, Allow, q, func(w string) bool { return w != "" && strings.Contains(strings.Join(ways, " "), w) })
	}
	if account != q.Account {
		return identity && granted("direct", "star", "role", "account")
	}
	return identity || granted("direct") || granted("role", "star") && limits ||
		granted("star") && (session || !n.on(sessionLimits))
}

type oracleLayers struct {
	identity, boundary, session, resource, endpoints []*Document
	scps, rcps                                       [][]*Document
}

// any reports a statement of the effect that applies. named, when given, accepts
// the way in which the statement's Principal names the caller.
func (n *oracle) any(docs []*Document, effect Effect, q *Request, named func(way string) bool) bool {
	for _, d := range docs {
		for i := range d.Statements {
			s := &d.Statements[i]
			if s.Effect == effect && n.applies(d, s, q) && (named == nil || named(strongestWay(s.Principal, q.Principal))) {
				return true
			}
		}
	}
	return false
}

// strongestWay is how a Principal element names a caller of the IAM user guide's
// table of principal types.
func strongestWay(p *Principals, caller string) string {
	role, user := strings.Contains(caller, "role/"), strings.Contains(caller, ":user/")
	names := []string{"*"}
	if !p.Any {
		names = p.ByKind["AWS"]
	}
	best := ""
	for _, way := range []string{"account", "role", "star", "direct"} {
		for _, name := range names {
			parts := strings.Split(caller, ":")
			switch {
			case way == "account" && (name == parts[4] || name == "arn:aws:iam::"+parts[4]+":root"),
				way == "role" && role && name == "arn:aws:iam::"+parts[4]+":role/"+strings.Split(parts[5], "/")[1],
				way == "star" && role && name == "*",
				way == "direct" && user && (name == "*" || name == caller),
				way == "direct" && strings.Contains(caller, "assumed-role/") && name == caller:
				best = way
			}
		}
	}
	return best
}

func (n *oracle) applies(d *Document, s *Statement, q *Request) bool {
	hit := false
	for _, a := range append(append([]string{}, s.Action...), s.NotAction...) {
		hit = hit || plainGlob(glyphs(strings.ToLower(a)), strings.ToLower(q.Action), false)
	}
	if hit == (s.NotAction != nil) {
		return false
	}
	hit = s.Resource == nil && s.NotResource == nil
	for _, r := range append(append([]string{}, s.Resource...), s.NotResource...) {
		if g, ok := n.resolve(r, d.Version == "2012-10-17", true); ok {
			hit = hit || n.resource(r, g, q.Resource)
		}
	}
	if hit == (s.NotResource != nil) {
		return false
	}
	for _, b := range s.Condition {
		for _, c := range b.Clauses {
			if !n.holds(b.Operator, c, d.Version == "2012-10-17") {
				return false
			}
		}
	}
	return true
}

// glyph is one character of a pattern: a wildcard where it says so.
type glyph struct {
	r    rune
	wild bool
}

func glyphs(s string) (out []glyph) {
	for _, r := range s {
		out = append(out, glyph{r, r == '*' || r == '?'})
	}
	return out
}

func literals(s string) (out []glyph) {
	for _, r := range s {
		out = append(out, glyph{r, false})
	}
	return out
}

var variableText = regexp.MustCompile(`^\$\{([^}]*)\}`)

// resolve puts values in place of variables: "If a variable has no value, or has
// several, the text matches nothing."
func (n *oracle) resolve(s string, variables, wild bool) (out []glyph, ok bool) {
	for s != "" {
		if m := variableText.FindStringSubmatch(s); m != nil && variables {
			s = s[len(m[0]):]
			if m[1] == "*" || m[1] == "?" || m[1] == "$" {
				out = append(out, literals(m[1])...)
				continue
			}
			v, found := n.variable(m[1])
			if !found {
				return nil, false
			}
			out = append(out, literals(v)...)
			continue
		}
		r := []rune(s)[0]
		s = s[len(string(r)):]
		out = append(out, glyph{r, wild && (r == '*' || r == '?')})
	}
	return out, true
}

func (n *oracle) variable(text string) (string, bool) {
	name, fallback, _ := strings.Cut(text, ",")
	name, fallback = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(fallback)
	v, there := n.context[name]
	if there {
		return strings.Join(v, ""), len(v) == 1 && !n.lists[name]
	}
	quoted := len(fallback) >= 2 && strings.HasPrefix(fallback, "'") && strings.HasSuffix(fallback, "'")
	return strings.Trim(fallback, "'"), quoted
}

// plainGlob is the definition of a glob; barred wildcards do not match ':'.
func plainGlob(p []glyph, s string, barred bool) bool {
	if len(p) == 0 {
		return s == ""
	}
	many := p[0] == glyph{'*', true}
	if many && plainGlob(p[1:], s, barred) {
		return true
	}
	if s == "" {
		return false
	}
	r := []rune(s)[0]
	rest := s[len(string(r)):]
	switch {
	case p[0].wild && barred && r == ':':
		return false
	case many:
		return plainGlob(p, rest, barred)
	}
	return (p[0].wild || p[0].r == r) && plainGlob(p[1:], rest, barred)
}

// resource matches an ARN pattern under the reading of n.
func (n *oracle) resource(src string, p []glyph, arn string) bool {
	switch {
	case src == "*":
		return true
	case n.reading == wideReading:
		return plainGlob(p, arn, false)
	case n.reading == tailReading:
		return tailGlob(p, arn, 1)
	}
	return segments(p, arn)
}

func splitGlyphs(p []glyph, most int) (out [][]glyph) {
	out = [][]glyph{nil}
	for _, g := range p {
		if g == (glyph{':', false}) && len(out) < most {
			out = append(out, nil)
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], g)
	}
	return out
}

// segments matches the six parts of an ARN each by itself. A pattern of fewer
// parts stands for all that begins so.
func segments(p []glyph, arn string) bool {
	parts := splitGlyphs(p, 6)
	last := parts[len(parts)-1]
	open := len(last) > 0 && last[len(last)-1] == glyph{'*', true}
	if len(parts) < 6 && !open {
		parts = append(parts, glyphs("*"))
		last, open = parts[len(parts)-1], true
	}
	given := strings.SplitN(arn, ":", len(parts))
	if len(given) != len(parts) {
		return false
	}
	for i := range len(parts) - 1 {
		if !plainGlob(parts[i], given[i], true) {
			return false
		}
	}
	end := given[len(given)-1]
	if len(splitGlyphs(p, 6)) == 6 {
		return plainGlob(last, end, false)
	}
	for k := range len(end) + 1 { // the final * takes whatever is left
		if (k == len(end) || utf8.RuneStart(end[k])) && plainGlob(last[:len(last)-1], end[:k], true) {
			return true
		}
	}
	return false
}

// tailGlob: of the first five segments, only a * that ends one matches ':'.
func tailGlob(p []glyph, s string, segment int) bool {
	if len(p) == 0 {
		return s == ""
	}
	if p[0] == (glyph{':', false}) {
		return strings.HasPrefix(s, ":") && tailGlob(p[1:], s[1:], segment+1)
	}
	ends := len(p) == 1 || p[1] == glyph{':', false}
	many := p[0] == glyph{'*', true}
	if many && tailGlob(p[1:], s, segment) {
		return true
	}
	if s == "" {
		return false
	}
	r := []rune(s)[0]
	rest := s[len(string(r)):]
	if p[0].wild && r == ':' && segment < 6 && !(many && ends) {
		return false
	}
	if many {
		return tailGlob(p, rest, segment)
	}
	return (p[0].wild || p[0].r == r) && tailGlob(p[1:], rest, segment)
}

// holds evaluates one key of one condition operator.
func (n *oracle) holds(operator string, c Clause, variables bool) bool {
	base := strings.ToLower(operator)
	all, any := strings.HasPrefix(base, "forallvalues:"), strings.HasPrefix(base, "foranyvalue:")
	base = base[strings.Index(base, ":")+1:]
	exists := strings.HasSuffix(base, "ifexists")
	base = strings.TrimSuffix(base, "ifexists")
	negated := strings.Contains(base, "not")
	base = strings.Replace(base, "not", "", 1)
	key := strings.ToLower(c.Key)
	values, there := n.context[key]
	empty := len(values) == 0 || len(values) == 1 && values[0] == ""
	test := func(got string) bool {
		for _, want := range c.Values {
			if n.compare(base, want, got, variables) {
				return !negated
			}
		}
		return negated
	}
	switch {
	case base == "null":
		for _, v := range c.Values {
			null := !there || empty
			if v == "true" && null || v == "false" && !null {
				return true
			}
		}
		return false
	case !there:
		return all || exists && (!any || n.on(anyIfExists)) || negated && !any
	case (all || any) && empty:
		return all
	case all:
		for _, v := range values {
			if !test(v) {
				return false
			}
		}
		return true
	case any:
		for _, v := range values {
			if test(v) {
				return true
			}
		}
		return false
	case len(values) != 1 || n.lists[key] && !n.on(listsMatch):
		return false
	}
	return test(values[0])
}

func (n *oracle) compare(base, want, got string, variables bool) bool {
	switch {
	case strings.HasPrefix(base, "string"), base == "bool":
		p, ok := n.resolve(want, variables, base == "stringlike")
		if ok && base == "stringequalsignorecase" || ok && base == "bool" {
			want = ""
			for _, g := range p {
				want += string(g.r)
			}
			return strings.EqualFold(want, got) && (base != "bool" || strings.EqualFold(got, "true") || strings.EqualFold(got, "false"))
		}
		return ok && plainGlob(p, got, false)
	case strings.HasPrefix(base, "arn"):
		p, ok := n.resolve(want, variables, true)
		return ok && len(splitGlyphs(p, 6)) == 6 && strings.Count(got, ":") >= 5 && segments(p, got)
	case base == "ipaddress":
		return inBlock(want, got)
	case base == "binaryequals":
		a, err1 := base64.StdEncoding.DecodeString(want)
		b, err2 := base64.StdEncoding.DecodeString(got)
		return err1 == nil && err2 == nil && string(a) == string(b)
	case strings.HasPrefix(base, "numeric"):
		a, ok1 := decimal(want)
		b, ok2 := decimal(got)
		return ok1 && ok2 && inOrder(strings.TrimPrefix(base, "numeric"), b.Cmp(a))
	}
	a, ok1 := instant(want)
	b, ok2 := instant(got)
	return ok1 && ok2 && inOrder(strings.TrimPrefix(base, "date"), b.Compare(a))
}

func inOrder(relation string, sign int) bool {
	return strings.Contains(relation, "less") && sign < 0 || strings.Contains(relation, "greater") && sign > 0 ||
		strings.HasSuffix(relation, "equals") && sign == 0
}

func inBlock(want, got string) bool {
	ip := net.ParseIP(got)
	if !strings.Contains(want, "/") {
		one := net.ParseIP(want)
		return one != nil && one.Equal(ip)
	}
	_, block, err := net.ParseCIDR(want)
	return err == nil && ip != nil && block.Contains(ip)
}

var (
	decimalText = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE]([+-]?[0-9]{1,2}|[0-9]{3}))?$`)
	instantText = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}((:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})|:[0-9]{2}(\.[0-9]+)?))?)?)?$`)
	epochText   = regexp.MustCompile(`^[+-]?[0-9]+$`)
)

func decimal(s string) (*big.Rat, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 || !decimalText.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// instant reads the forms of W3C's note on ISO 8601, in UTC where no zone is
// given, or seconds since 1970 of five digits or more.
func instant(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 4 && epochText.MatchString(s) {
		n, ok := new(big.Int).SetString(s, 10)
		if !ok || !n.IsInt64() {
			return time.Time{}, false
		}
		if n.Int64() > 99_999_999_999 {
			return time.UnixMilli(n.Int64()), true
		}
		return time.Unix(n.Int64(), 0), true
	}
	if !instantText.MatchString(s) {
		return time.Time{}, false
	}
	whole := s + "0000-01-01T00:00:00Z"[min(len(s), 19):]
	switch {
	case len(s) > 16 && s[16] != ':': // hours and minutes with a zone
		whole = s[:16] + ":00" + s[16:]
	case len(s) > 16 && strings.ContainsAny(s[16:], "Z+-"):
		whole = s
	case len(s) > 19:
		whole = s + "Z"
	}
	t, err := time.Parse(time.RFC3339Nano, whole)
	return t, err == nil
}
