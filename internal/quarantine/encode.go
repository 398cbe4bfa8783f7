package quarantine

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Encode is the canonical form of the rules, the same for the same rules in whatever
// files and order: a JSON list that Decode and Load read. Nil where there are none.
func (r *Rules) Encode() []byte {
	if r == nil {
		return nil
	}
	data, err := json.Marshal(r.rules)
	if err != nil {
		panic(err) // strings and times of four-digit years
	}
	return data
}

// Decode reads what Encode wrote; nothing is no rules.
func Decode(data []byte) (*Rules, error) {
	if len(data) == 0 {
		return nil, nil
	}
	l := loader{names: map[string]string{}}
	if err := l.rulesFile("rules", data); err != nil {
		return nil, err
	}
	return newRules(l.rules), nil
}

// Affected tells of which days events may be in another lane by the rules cur than
// they were by old: days since 1970-01-01 in UTC. all is true where a rule that is not
// bound to a time came, went or changed; days is true for every day then. A rule
// whose reason alone changed affects nothing.
func Affected(old, cur *Rules) (days func(day int32) bool, all bool) {
	var spans [][2]int32
	for _, pair := range [2][2]*Rules{{old, cur}, {cur, old}} {
		other := map[string]bool{}
		for _, r := range pair[1].Rules() {
			other[effect(r)] = true
		}
		for _, r := range pair[0].Rules() {
			if other[effect(r)] {
				continue
			}
			all = all || !r.timed()
			spans = append(spans, r.days())
		}
	}
	return func(day int32) bool {
		return slices.ContainsFunc(spans, func(s [2]int32) bool { return s[0] <= day && day <= s[1] })
	}, all
}

// effect is what a rule does, as a text: all of it but the reason.
func effect(r Rule) string {
	r.Reason = ""
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // as in Encode
	}
	return string(data)
}

// days are the first and the last day of a rule.
func (r *Rule) days() [2]int32 {
	span := [2]int32{math.MinInt32, math.MaxInt32}
	if !r.From.IsZero() {
		span[0] = dayOf(r.From)
	}
	if !r.To.IsZero() {
		span[1] = dayOf(r.To.Add(-time.Nanosecond))
	}
	return span
}

// dayOf is the day of a time since 1970.
func dayOf(t time.Time) int32 { return int32(t.Unix() / (24 * 60 * 60)) }
