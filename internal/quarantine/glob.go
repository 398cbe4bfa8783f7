package quarantine

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// globIndex finds patterns with * and ? that match a text: by what they begin with,
// so that many patterns cost little more than one.
type globIndex struct {
	lengths []int                  // of the beginnings that are there, in order
	begin   map[string][]globEntry // by the text before the first * or ?
}

type globEntry struct {
	pattern string
	rule    int32
}

func (x *globIndex) add(pattern string, rule int32) {
	if x.begin == nil {
		x.begin = map[string][]globEntry{}
	}
	begin := pattern
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		begin = pattern[:i]
	}
	x.begin[begin] = append(x.begin[begin], globEntry{pattern, rule})
	if at, ok := slices.BinarySearch(x.lengths, len(begin)); !ok {
		x.lengths = slices.Insert(x.lengths, at, len(begin))
	}
}

// find considers the rules whose patterns match a text.
func (x *globIndex) find(s *search, text string) {
	if text == "" {
		return
	}
	for _, n := range x.lengths {
		if n > len(text) {
			return
		}
		for _, e := range x.begin[text[:n]] {
			if e.rule >= s.best {
				break // entries are in the order of their rules
			}
			if glob(e.pattern, text) && s.try(e.rule) {
				break
			}
		}
	}
}

// glob matches as IAM does: * is any text, ? is any one character, and nothing
// else is special. It needs at most len(pattern) × len(s) steps.
func glob(pattern, s string) bool {
	p, i := 0, 0
	star, resume := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// sessionIndex finds rules by the session of a caller.
type sessionIndex struct {
	arn, id, name globIndex
}

// addAll adds patterns: of ARNs, of unique ids (AROA…:NAME), or of bare names.
func (x *sessionIndex) addAll(list []string, n int32) {
	for _, p := range list {
		switch {
		case strings.HasPrefix(p, "arn:"), strings.Contains(p, "/"):
			x.arn.add(p, n)
		case strings.Contains(p, ":"), uniqueID(p):
			x.id.add(p, n)
		default:
			x.name.add(p, n)
		}
	}
}

func (x *sessionIndex) fits(e *trail.Event) bool {
	s := search{event: e, best: none}
	x.find(&s)
	return s.best != none
}

func (x *sessionIndex) find(s *search) {
	id := &s.event.Identity
	x.arn.find(s, id.ARN)
	x.id.find(s, id.PrincipalID)
	if len(x.name.lengths) > 0 {
		x.name.find(s, sessionName(id))
	}
}

// uniqueID reports whether a text is the unique id of a user or role, which no
// session is named like.
func uniqueID(s string) bool {
	return len(s) >= 16 && (strings.HasPrefix(s, "AIDA") || strings.HasPrefix(s, "AROA")) && strings.Trim(s, alphanumeric) == ""
}

// sessionName is the name of a role's or a federated user's session, "" for others.
func sessionName(id *trail.Identity) string {
	if strings.Contains(id.ARN, ":assumed-role/") || strings.Contains(id.ARN, ":federated-user/") {
		return id.ARN[strings.LastIndexByte(id.ARN, '/')+1:]
	}
	if i := strings.IndexByte(id.PrincipalID, ':'); i >= 0 && id.ARN == "" {
		return id.PrincipalID[i+1:]
	}
	return ""
}

// principalIndex finds rules by the principal of a caller.
type principalIndex struct {
	arn     globIndex
	session globIndex // of role patterns: what the ARNs of their sessions look like
}

func (x *principalIndex) addAll(list []string, n int32) {
	for _, p := range list {
		x.arn.add(p, n)
		if s, ok := sessionPattern(p); ok {
			x.session.add(s, n)
		}
	}
}

func (x *principalIndex) fits(e *trail.Event) bool {
	s := search{event: e, best: none}
	x.find(&s)
	return s.best != none
}

// find considers the principal itself and, of a session, its role. Some records name
// the session alone.
func (x *principalIndex) find(s *search) {
	id := &s.event.Identity
	x.arn.find(s, id.ARN)
	if id.Issuer.ARN != "" {
		x.arn.find(s, id.Issuer.ARN)
		return
	}
	x.session.find(s, id.ARN)
}

// sessionPattern turns the pattern of a role's ARN into one of its sessions', which
// lack the role's path.
func sessionPattern(role string) (string, bool) {
	partition, rest, ok := strings.Cut(role, ":iam::")
	account, name, role2 := strings.Cut(rest, ":role/")
	if !ok || !role2 {
		return "", false
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	return partition + ":sts::" + account + ":assumed-role/" + name + "/*", true
}
