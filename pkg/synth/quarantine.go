package synth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/usage"
)

// Quarantined counts the calls of one principal that one quarantine rule set apart.
type Quarantined struct {
	Rule  string
	Calls int64
	Last  time.Time // zero where no call tells its time
}

// apart is what quarantine rules set apart of a caller. It is no evidence of what is
// needed: proposals are made as though these calls were not in the logs. It only
// says why something is not kept, and that the logs do show what AWS saw.
type apart struct {
	obs   []observation // as those of a caller
	rules map[string]*Quarantined
	days  map[int32]bool // of the calls, whether they are uses or not
}

// call takes a call if it is quarantined.
func (a *apart) call(c *usage.Call) {
	if c.Lane == "" {
		return
	}
	if a.rules == nil {
		a.rules, a.days = map[string]*Quarantined{}, map[int32]bool{}
	}
	rule := ruleOf(c.Lane)
	q := a.rules[rule]
	if q == nil {
		q = &Quarantined{Rule: rule}
		a.rules[rule] = q
	}
	q.Calls += c.Events
	q.Last = latest(q.Last, c.Last)
	a.days[c.Day] = true
}

// ruleOf is the name of the rule of a lane.
func ruleOf(lane string) string {
	rule, ok := usage.QuarantineRule(lane)
	if !ok {
		return lane // of a newer version: set apart all the same
	}
	return rule
}

// latest is the later of two times, one in milliseconds; 0 is none.
func latest(t time.Time, millis int64) time.Time {
	if u := time.UnixMilli(millis).UTC(); millis > 0 && u.After(t) {
		return u
	}
	return t
}

// quarantined sums up what was set apart of several callers, by rule.
func quarantined(seen []*caller) []Quarantined {
	sum := map[string]Quarantined{}
	for _, c := range seen {
		for rule, q := range c.apart.rules {
			s := sum[rule]
			s.Rule = rule
			s.Calls += q.Calls
			s.Last = latest(s.Last, q.Last.UnixMilli())
			sum[rule] = s
		}
	}
	return inOrder(sum)
}

func inOrder(sum map[string]Quarantined) []Quarantined {
	var out []Quarantined
	for _, rule := range sortedKeys(sum) {
		out = append(out, sum[rule])
	}
	return out
}

// quarantinedUses sums up observations by rule.
func quarantinedUses(obs []*observation) []Quarantined {
	sum := map[string]Quarantined{}
	for _, o := range obs {
		rule := ruleOf(o.lane)
		s := sum[rule]
		s.Rule = rule
		s.Calls += o.count
		s.Last = latest(s.Last, o.lastMillis)
		sum[rule] = s
	}
	return inOrder(sum)
}

// tellQuarantined is "quarantined calls (rule NAME), N calls, last DATE"; "" for none.
func tellQuarantined(list []Quarantined) string {
	if len(list) == 0 {
		return ""
	}
	var names []string
	var calls int64
	var last time.Time
	for _, q := range list {
		names = append(names, q.Rule)
		calls += q.Calls
		last = latest(last, q.Last.UnixMilli())
	}
	rule, noun := "rule", "calls"
	if len(names) > 1 {
		rule = "rules"
	}
	if calls == 1 {
		noun = "call"
	}
	out := fmt.Sprintf("quarantined calls (%s %s), %d %s", rule, some(names, 3), calls, noun)
	if !last.IsZero() {
		out += ", last " + last.Format(time.DateOnly)
	}
	return out
}

// setApart lists the quarantined observations of an action that a statement may allow.
func (n *narrower) setApart(m *matcher, action string) []*observation {
	var out []*observation
	for _, o := range n.apart[strings.ToLower(action)] {
		if m.mayAllow(o, n.context(o)) {
			out = append(out, o)
		}
	}
	return out
}

// onlyApart says that nothing but quarantined calls used the action, or tried to; ""
// where there are none.
func (v *verdict) onlyApart() string {
	if len(v.apart) == 0 {
		return ""
	}
	verb := "tried"
	if slices.ContainsFunc(v.apart, func(o *observation) bool { return o.allowed() }) {
		verb = "used"
	}
	return verb + " only in " + tellQuarantined(quarantinedUses(v.apart))
}

// why is the reason of a verdict with what was set apart.
func (v *verdict) why() string {
	only := v.onlyApart()
	switch {
	case only == "":
		return v.reason
	case len(v.obs) > 0:
		return v.reason + "; not counted: " + tellQuarantined(quarantinedUses(v.apart))
	case v.fate == FateRemoved:
		return only + "; " + strings.TrimPrefix(v.reason, "unused; ")
	}
	return v.reason + "; " + only
}

// apartNotes names the permissions that only quarantined calls used and that go, since
// a person should look whether the rules are right.
func apartNotes(vs [][]verdict) []string {
	rules := map[string]map[string]bool{}
	for _, list := range vs {
		for i := range list {
			v := &list[i]
			if v.fate != FateRemoved {
				continue
			}
			for _, q := range quarantinedUses(v.apart) {
				if rules[q.Rule] == nil {
					rules[q.Rule] = map[string]bool{}
				}
				rules[q.Rule][v.name] = true
			}
		}
	}
	var out []string
	for _, rule := range sortedKeys(rules) {
		out = append(out, fmt.Sprintf("removed, since only calls that quarantine rule %s sets apart used them: %s", rule, some(sortedKeys(rules[rule]), 8)))
	}
	return out
}

// sawApart reports whether what AWS saw of the principal at a time is a quarantined
// call: then the logs show it. One on the same day is taken for it.
func (s *subject) sawApart(t time.Time) bool {
	return slices.ContainsFunc(s.seen, func(c *caller) bool { return c.apart.days[timeDay(t)] })
}

// usedApart is sawApart of what a test on actions lets through.
func (s *subject) usedApart(t time.Time, wanted func(action string) bool) bool {
	day := timeDay(t)
	for _, c := range s.seen {
		for i := range c.apart.obs {
			o := &c.apart.obs[i]
			if wanted(o.action) && !o.documented() && slices.Contains(o.dayList, day) {
				return true
			}
		}
	}
	return false
}

// lastCall is when a caller was last seen: by what is not set apart, and by anything.
func (c *caller) lastCall() (counted, any int64) {
	counted = -1
	for i := range c.obs {
		counted = max(counted, c.obs[i].lastMillis)
	}
	any = counted
	for i := range c.apart.obs {
		any = max(any, c.apart.obs[i].lastMillis)
	}
	return counted, any
}

// withApart adds to the reason of a principal how many of its calls are set apart.
func (out *PrincipalResult) withApart() {
	if tell := tellQuarantined(out.Quarantined); tell != "" {
		out.Reason = strings.TrimPrefix(out.Reason+"; not counted: "+tell, "; ")
	}
}
