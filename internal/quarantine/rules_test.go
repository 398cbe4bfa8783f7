package quarantine

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
)

const (
	keyA = "AKIAEXAMPLEEXAMPLE01"
	keyB = "ASIAEXAMPLEEXAMPLE02"
)

// rules reads rules from text.
func rules(t testing.TB, text string) *Rules {
	t.Helper()
	l := loader{names: map[string]string{}}
	if err := l.rulesFile("rules", []byte(text)); err != nil {
		t.Fatal(err)
	}
	return newRules(l.rules)
}

func day(s string) time.Time {
	t, err := moment(s)
	if err != nil {
		panic(err)
	}
	return t
}

func stolen() trail.Event {
	return trail.Event{
		Time: day("2026-10-05T12:00:00Z"), SourceIP: "203.0.113.9",
		Identity: trail.Identity{
			Type: "AssumedRole", AccessKeyID: keyB, PrincipalID: "AROAEXAMPLEROLE000001:i-0123456789abcdef0",
			ARN:    "arn:aws:sts::111122223333:assumed-role/web/i-0123456789abcdef0",
			Issuer: trail.Issuer{ARN: "arn:aws:iam::111122223333:role/app/web"},
		},
	}
}

func TestLane(t *testing.T) {
	tests := []struct {
		name, rule string
		change     func(*trail.Event)
		want       bool
	}{
		{"key", "access_keys: [" + keyA + ", " + keyB + "]", nil, true},
		{"another key", "access_keys: [" + keyA + "]", nil, false},
		{"no key", "access_keys: [" + keyA + "]", func(e *trail.Event) { e.Identity.AccessKeyID = "" }, false},
		{"address", "addresses: [203.0.113.9]", nil, true},
		{"another address", "addresses: [203.0.113.90]", nil, false},
		{"block", "addresses: [198.51.100.0/24, 203.0.113.0/28]", nil, true},
		{"block with host bits", "addresses: [203.0.113.77/24]", nil, true},
		{"outside of the block", "addresses: [203.0.113.16/28]", nil, false},
		{"everything", "addresses: [0.0.0.0/0]", nil, true},
		{"everything of the other family", "addresses: ['::/0']", nil, false},
		{"mapped in the record", "addresses: [203.0.113.9]", func(e *trail.Event) { e.SourceIP = "::ffff:203.0.113.9" }, true},
		{"mapped in the rule", "addresses: ['::ffff:203.0.113.9', '::ffff:10.0.0.0/104']", nil, true},
		{"IPv6", "addresses: ['2001:DB8::/32']", func(e *trail.Event) { e.SourceIP = "2001:db8:0:0::1" }, true},
		{"IPv6 address", "addresses: ['2001:db8::1']", func(e *trail.Event) { e.SourceIP = "2001:0db8:0:0::1" }, true},
		{"service", "addresses: [Cloudformation.amazonaws.com]", func(e *trail.Event) { e.SourceIP = "cloudformation.amazonaws.com" }, true},
		{"service is no address", "addresses: [0.0.0.0/0]", func(e *trail.Event) { e.SourceIP = "cloudformation.amazonaws.com" }, false},
		{"within AWS", "addresses: [AWS Internal]", func(e *trail.Event) { e.SourceIP = "AWS Internal" }, true},
		{"no address", "addresses: [0.0.0.0/0, '::/0']", func(e *trail.Event) { e.SourceIP = "" }, false},
		{"session name", "sessions: [i-0123456789abcdef0]", nil, true},
		{"session glob", "sessions: ['i-0123*']", nil, true},
		{"question mark", "sessions: ['i-?123456789abcdef?']", nil, true},
		{"session ARN", "sessions: ['arn:aws:sts::111122223333:assumed-role/web/*']", nil, true},
		{"session of another role", "sessions: ['arn:aws:sts::111122223333:assumed-role/db/*']", nil, false},
		{"ARN by a glob", "sessions: ['*assumed-role/web/*']", nil, true},
		{"session id", "sessions: ['AROAEXAMPLEROLE000001:i-0123456789abcdef0']", nil, true},
		{"session name of a user", "sessions: [ann]", func(e *trail.Event) { e.Identity.ARN = "arn:aws:iam::111122223333:user/ann" }, false},
		{"session without an ARN", "sessions: ['i-*']", func(e *trail.Event) { e.Identity.ARN = "" }, true},
		{"federated user", "sessions: [bob]", func(e *trail.Event) { e.Identity.ARN = "arn:aws:sts::111122223333:federated-user/bob" }, true},
		{"user id", "sessions: [AIDAEXAMPLEUSER000001]", func(e *trail.Event) { e.Identity.PrincipalID = "AIDAEXAMPLEUSER000001" }, true},
		{"role", "principals: ['arn:aws:iam::111122223333:role/app/web']", nil, true},
		{"role by a glob", "principals: ['arn:aws:iam::*:role/app/*']", nil, true},
		{"role of a bare session", "principals: ['arn:aws:iam::111122223333:role/app/web']", func(e *trail.Event) { e.Identity.Issuer = trail.Issuer{} }, true},
		{"another role of a bare session", "principals: ['arn:aws:iam::111122223333:role/app/we']", func(e *trail.Event) { e.Identity.Issuer = trail.Issuer{} }, false},
		{"the session as principal", "principals: ['arn:aws:sts::111122223333:assumed-role/web/*']", nil, true},
		{"another user", "principals: ['arn:aws:iam::111122223333:user/*']", nil, false},
		{"case matters", "principals: ['arn:aws:iam::111122223333:role/app/WEB']", nil, false},
		{"from its instant", "from: 2026-10-05T12:00:00Z", nil, true},
		{"before from", "from: 2026-10-05T12:00:01Z", nil, false},
		{"until its instant", "to: 2026-10-05T12:00:00Z", nil, false},
		{"before to", "to: 2026-10-05T12:00:00.5Z", nil, true},
		{"a day", "{from: 2026-10-05, to: 2026-10-06}", nil, true},
		{"with an offset", "{from: '2026-10-05T13:59:00+02:00', to: '2026-10-05T14:01:00+02:00'}", nil, true},
		{"time unknown", "from: 2026-10-05", func(e *trail.Event) { e.Time = time.Time{} }, false},
		{"time unknown and not asked for", "access_keys: [" + keyB + "]", func(e *trail.Event) { e.Time = time.Time{} }, true},
		{"all parts", "{access_keys: [" + keyB + "], addresses: [203.0.113.9], sessions: ['i-*'], principals: ['*web'], from: 2026-10-01, to: 2026-11-01}", nil, true},
		{"key, but not the address", "{access_keys: [" + keyB + "], addresses: [192.0.2.1]}", nil, false},
		{"address, but not the key", "{access_keys: [" + keyA + "], addresses: [203.0.113.9]}", nil, false},
		{"key, but not the time", "{access_keys: [" + keyB + "], to: 2026-10-01}", nil, false},
		{"key, but not the session", "{access_keys: [" + keyB + "], sessions: [other]}", nil, false},
		{"key, but not the principal", "{access_keys: [" + keyB + "], principals: ['*other']}", nil, false},
		{"nothing known of the caller", "{addresses: ['::/0'], sessions: ['*'], principals: ['*']}", func(e *trail.Event) { *e = trail.Event{} }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := stolen()
			if tt.change != nil {
				tt.change(&e)
			}
			want := ""
			if tt.want {
				want = "quarantine:x"
			}
			text := "- name: x\n  " + tt.rule
			if strings.HasPrefix(tt.rule, "{") {
				text = "[{name: x, " + tt.rule[1:] + "]"
			}
			if got := rules(t, text).Lane(&e); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestFirstByName: several rules fit, in whatever order and by whatever part.
func TestFirstByName(t *testing.T) {
	parts := []string{
		"access_keys: [" + keyB + "]", "addresses: [203.0.113.9]", "addresses: [203.0.113.0/24]",
		"sessions: ['i-*']", "sessions: ['i-0*']", "principals: ['arn:*']", "from: 2026-01-01",
	}
	e := stolen()
	for i := range parts {
		for j := range parts {
			text := "- name: m\n  " + parts[i] + "\n- name: b\n  " + parts[j] + "\n- name: a\n  access_keys: [" + keyA + "]"
			if got := rules(t, text).Lane(&e); got != "quarantine:b" {
				t.Errorf("%s and %s: %q", parts[i], parts[j], got)
			}
		}
	}
}

func TestNilRules(t *testing.T) {
	var r *Rules
	e := stolen()
	if r.Lane(&e) != "" || r.Encode() != nil || len(r.Rules()) != 0 {
		t.Error("nil rules do something")
	}
}

// plain is Lane by the definition: every rule, part by part.
func plain(list []Rule, e *trail.Event) string {
	for _, r := range list { // sorted by name
		if plainFits(&r, e) {
			return "quarantine:" + r.Name
		}
	}
	return ""
}

func plainFits(r *Rule, e *trail.Event) bool {
	anyOf := func(list []string, fits func(string) bool) bool {
		return len(list) == 0 || slices.ContainsFunc(list, fits)
	}
	return (r.From.IsZero() || !e.Time.Before(r.From)) && (r.To.IsZero() || e.Time.Before(r.To)) &&
		anyOf(r.AccessKeys, func(k string) bool { return k == e.Identity.AccessKeyID }) &&
		anyOf(r.Addresses, func(a string) bool {
			p, ok := prefixOf(a)
			ip, err := netip.ParseAddr(e.SourceIP)
			return ok && err == nil && p.Contains(ip)
		}) &&
		anyOf(r.Sessions, func(p string) bool { return plainGlob(p, e.Identity.ARN[strings.LastIndex(e.Identity.ARN, "/")+1:]) }) &&
		anyOf(r.Principals, func(p string) bool { return plainGlob(p, e.Identity.Issuer.ARN) || plainGlob(p, e.Identity.ARN) })
}

func plainGlob(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return plainGlob(p[1:], s) || s != "" && plainGlob(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && plainGlob(p[1:], s[1:])
}

// TestLaneAgainstPlain compares the index with the definition on random rules.
func TestLaneAgainstPlain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	some := func(of func() string) (out []string) {
		for range r.IntN(3) {
			out = append(out, of())
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	hits := 0
	for round := range 300 {
		var list []Rule
		for n := range 1 + r.IntN(12) {
			rule := Rule{
				Name:       fmt.Sprintf("r%02d", n),
				AccessKeys: some(func() string { return pick(keyA, keyB) }),
				Addresses: some(func() string {
					return pick("203.0.113.0/24", "203.0.113.1", "203.0.0.0/16", "2001:db8::/32", "2001:db8::1")
				}),
				Sessions: some(func() string { return pick("*", "s1", "s?", "s*2", "other") }),
				Principals: some(func() string {
					return pick("*role/a", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/b", "arn:aws:sts::1:assumed-role/a/s1")
				}),
			}
			if r.IntN(3) == 0 {
				rule.From = day("2026-10-01").AddDate(0, 0, r.IntN(5))
			}
			if r.IntN(3) == 0 {
				rule.To = day("2026-10-06").AddDate(0, 0, r.IntN(5))
			}
			list = append(list, rule)
		}
		indexed := newRules(slices.Clone(list))
		for range 50 {
			role := pick("a", "b")
			e := trail.Event{Time: day("2026-09-30").Add(time.Duration(r.IntN(12*24)) * time.Hour),
				SourceIP: pick("203.0.113.1", "203.0.113.2", "203.0.9.9", "192.0.2.1", "2001:db8::1", "2001:db8::2", "s3.amazonaws.com"),
				Identity: trail.Identity{AccessKeyID: pick(keyA, keyB, ""), ARN: "arn:aws:sts::1:assumed-role/" + role + "/" + pick("s1", "s2", "s22"),
					Issuer: trail.Issuer{ARN: "arn:aws:iam::1:role/" + role}}}
			got, want := indexed.Lane(&e), plain(indexed.Rules(), &e)
			if got != want {
				t.Fatalf("round %d: %q, want %q\n%s\n%+v", round, got, want, indexed.Encode(), e)
			}
			if got != "" {
				hits++
			}
		}
	}
	if hits < 1000 {
		t.Errorf("only %d hits", hits)
	}
}

// many makes rules of all kinds.
func many(n int) *Rules {
	var list []Rule
	for i := range n {
		r := Rule{Name: fmt.Sprintf("r%06d", i)}
		switch i % 4 {
		case 0:
			r.AccessKeys = []string{fmt.Sprintf("ASIAEXAMPLE%09d", i)}
		case 1:
			r.Addresses = []string{fmt.Sprintf("10.%d.%d.0/24", i>>8&255, i&255), fmt.Sprintf("2001:db8:%x::/48", i&0xffff)}
		case 2:
			r.Sessions = []string{fmt.Sprintf("session-%d-*", i)}
		default:
			r.Principals = []string{fmt.Sprintf("arn:aws:iam::%012d:role/*", i)}
		}
		list = append(list, r)
	}
	return newRules(list)
}

func TestLaneDoesNotAllocate(t *testing.T) {
	r := many(1000)
	events := []trail.Event{stolen(), stolen(), stolen(), stolen()}
	events[1].SourceIP = "cloudformation.amazonaws.com"
	events[2].SourceIP, events[2].Identity.ARN = "2001:db8:5::1", "arn:aws:sts::111122223333:assumed-role/web/session-2-x"
	events[3].Identity.Issuer.ARN = ""
	for i := range events {
		if n := testing.AllocsPerRun(100, func() { _ = r.Lane(&events[i]) }); n != 0 {
			t.Errorf("event %d: %v allocations", i, n)
		}
	}
	if got := r.Lane(&events[2]); got != "quarantine:r000002" {
		t.Errorf("%q", got)
	}
}

func BenchmarkLane(b *testing.B) {
	for _, n := range []int{1, 1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r, e := many(n), stolen()
			b.ReportAllocs()
			for b.Loop() {
				_ = r.Lane(&e)
			}
		})
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("**", "")
	f.Add("*a*a*", "aa")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 20 {
			t.Skip()
		}
		if got, want := glob(pattern, s), plainGlob(pattern, s); got != want {
			t.Errorf("glob(%q, %q) is %v, want %v", pattern, s, got, want)
		}
	})
}
