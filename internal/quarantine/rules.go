package quarantine

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Rule sets the events apart that each of its matchers fits. The values of one
// matcher are alternatives; an empty matcher fits every event.
type Rule struct {
	Name       string    `json:"name"` // part of the lane: [a-z0-9-], at most 40
	Reason     string    `json:"reason,omitempty"`
	AccessKeys []string  `json:"access_keys,omitempty"` // AKIA… and ASIA…
	Addresses  []string  `json:"addresses,omitempty"`   // IP addresses, CIDR blocks, names of services
	Sessions   []string  `json:"sessions,omitempty"`    // ARNs, names or ids of sessions; globs
	Principals []string  `json:"principals,omitempty"`  // ARNs of roles, users and sessions; globs
	From       time.Time `json:"from,omitzero"`         // events before it do not fit
	To         time.Time `json:"to,omitzero"`           // events at or after it do not fit
}

// timed reports whether the rule is bound to a time.
func (r *Rule) timed() bool { return !r.From.IsZero() || !r.To.IsZero() }

// Rules are the rules of all files, indexed. They are not changed by use, so that
// workers may share them. A nil *Rules has no rules.
type Rules struct {
	rules    []Rule // canonical, sorted by name
	matchers []matcher

	// The rules by one of their matchers, the one that fits fewest events; so most
	// events are told from all rules by a few look-ups.
	keys       map[string][]int32
	addresses  addressIndex
	sessions   sessionIndex
	principals principalIndex
	rest       []int32
}

// matcher is a rule as Lane needs it. A nil part fits every event.
type matcher struct {
	lane       string
	keys       map[string]bool
	addresses  *addressIndex
	sessions   *sessionIndex
	principals *principalIndex
	from, to   time.Time
}

// none is more than the number of any rule.
const none = math.MaxInt32

// newRules indexes valid rules whose names differ.
func newRules(list []Rule) *Rules {
	if len(list) == 0 {
		return nil
	}
	r := &Rules{rules: list, keys: map[string][]int32{}}
	slices.SortFunc(r.rules, func(a, b Rule) int { return cmp.Compare(a.Name, b.Name) })
	r.matchers = make([]matcher, len(r.rules))
	for i := range r.rules {
		r.matchers[i] = newMatcher(&r.rules[i])
		r.add(&r.rules[i], int32(i))
	}
	return r
}

func newMatcher(rule *Rule) matcher {
	m := matcher{lane: usage.QuarantineLane(rule.Name), from: rule.From, to: rule.To}
	if len(rule.AccessKeys) > 0 {
		m.keys = map[string]bool{}
		for _, k := range rule.AccessKeys {
			m.keys[k] = true
		}
	}
	if len(rule.Addresses) > 0 {
		m.addresses = &addressIndex{}
		m.addresses.addAll(rule.Addresses, 0)
	}
	if len(rule.Sessions) > 0 {
		m.sessions = &sessionIndex{}
		m.sessions.addAll(rule.Sessions, 0)
	}
	if len(rule.Principals) > 0 {
		m.principals = &principalIndex{}
		m.principals.addAll(rule.Principals, 0)
	}
	return m
}

// add puts rule number n under the matcher that fits fewest events.
func (r *Rules) add(rule *Rule, n int32) {
	switch {
	case len(rule.AccessKeys) > 0:
		for _, k := range rule.AccessKeys {
			r.keys[k] = append(r.keys[k], n)
		}
	case len(rule.Sessions) > 0:
		r.sessions.addAll(rule.Sessions, n)
	case len(rule.Addresses) > 0:
		r.addresses.addAll(rule.Addresses, n)
	case len(rule.Principals) > 0:
		r.principals.addAll(rule.Principals, n)
	default:
		r.rest = append(r.rest, n)
	}
}

// Lane is the lane of an event: "" where no rule fits, else usage.QuarantineLane of
// the name of the first rule that does, by name. It does not allocate.
func (r *Rules) Lane(e *trail.Event) string {
	if r == nil {
		return ""
	}
	s := search{rules: r, event: e, best: none}
	if len(r.keys) > 0 {
		s.consider(r.keys[e.Identity.AccessKeyID])
	}
	r.sessions.find(&s)
	r.addresses.find(&s)
	r.principals.find(&s)
	s.consider(r.rest)
	if s.best == none {
		return ""
	}
	return r.matchers[s.best].lane
}

// search looks for the first rule that fits an event. Without rules, it looks only
// whether a part of a rule fits: any rule that is found fits then.
type search struct {
	rules *Rules
	event *trail.Event
	best  int32
}

// consider takes the first of some rules, in order, that fits and comes before the
// best so far.
func (s *search) consider(list []int32) {
	for _, n := range list {
		if n >= s.best || s.try(n) {
			return
		}
	}
}

// try takes a rule that comes before the best so far if it fits.
func (s *search) try(n int32) bool {
	fits := s.rules == nil || s.rules.matchers[n].fits(s.event)
	if fits {
		s.best = n
	}
	return fits
}

// fits reports whether all parts of a rule fit an event.
func (m *matcher) fits(e *trail.Event) bool {
	return m.inTime(e.Time) &&
		(m.keys == nil || m.keys[e.Identity.AccessKeyID]) &&
		(m.addresses == nil || m.addresses.fits(e)) &&
		(m.sessions == nil || m.sessions.fits(e)) &&
		(m.principals == nil || m.principals.fits(e))
}

// inTime reports whether a time is one of the rule. An event whose time cannot be
// read is in no rule that is bound to one.
func (m *matcher) inTime(t time.Time) bool {
	if m.from.IsZero() && m.to.IsZero() {
		return true
	}
	return !t.IsZero() && !t.Before(m.from) && (m.to.IsZero() || t.Before(m.to))
}

// Rules lists the rules in canonical form, sorted by name; not to be changed.
func (r *Rules) Rules() []Rule {
	if r == nil {
		return nil
	}
	return r.rules
}

// addressIndex finds rules by the address of a caller.
type addressIndex struct {
	bits4, bits6 []int // the lengths of the prefixes that are there, in order
	prefixes     map[netip.Prefix][]int32
	names        map[string][]int32 // of services, in lower case
}

// addAll adds canonical addresses, which newRules has checked.
func (x *addressIndex) addAll(list []string, n int32) {
	for _, a := range list {
		if p, ok := prefixOf(a); ok {
			x.addPrefix(p, n)
			continue
		}
		if x.names == nil {
			x.names = map[string][]int32{}
		}
		x.names[a] = append(x.names[a], n)
	}
}

func (x *addressIndex) addPrefix(p netip.Prefix, n int32) {
	if x.prefixes == nil {
		x.prefixes = map[netip.Prefix][]int32{}
	}
	x.prefixes[p] = append(x.prefixes[p], n)
	bits := &x.bits6
	if p.Addr().Is4() {
		bits = &x.bits4
	}
	if at, ok := slices.BinarySearch(*bits, p.Bits()); !ok {
		*bits = slices.Insert(*bits, at, p.Bits())
	}
}

func (x *addressIndex) fits(e *trail.Event) bool {
	s := search{event: e, best: none}
	x.find(&s)
	return s.best != none
}

// find considers the rules of the event's address.
func (x *addressIndex) find(s *search) {
	ip := s.event.SourceIP
	if ip == "" || len(x.prefixes)+len(x.names) == 0 {
		return
	}
	if len(x.names) > 0 {
		s.consider(x.names[ip]) // as AWS writes them: in lower case, or AWS Internal
	}
	if len(x.prefixes) == 0 || !looksLikeAddress(ip) {
		return
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return
	}
	addr = addr.Unmap()
	lengths := x.bits6
	if addr.Is4() {
		lengths = x.bits4
	}
	for _, bits := range lengths {
		if p, err := addr.Prefix(bits); err == nil {
			s.consider(x.prefixes[p])
		}
	}
}

// looksLikeAddress tells addresses from names before they are parsed, since an error
// of the parser costs an allocation.
func looksLikeAddress(s string) bool {
	if len(s) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") || !strings.ContainsAny(s, ".:") {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}
