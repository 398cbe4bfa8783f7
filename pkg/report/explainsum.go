package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// split takes the actions without a use out of a statement that has many.
func split(group []evidence) (shown, summed []evidence) {
	const many = 40
	for _, e := range group {
		if e.Count == 0 && e.mark != markAttempted && len(e.Quarantined) == 0 {
			summed = append(summed, e)
			continue
		}
		shown = append(shown, e)
	}
	if len(summed) <= many {
		return group, nil
	}
	return shown, summed
}

// sum is what stands for the unused actions of one service.
type sum struct {
	mark    mark
	service string
	n       int
	by      [6]int
	reasons map[string]int
}

// services prints one line for each service and sign.
func (p *page) services(list []evidence, o TextOptions) {
	sums := summed(list)
	for len(sums) > 0 {
		n := 1
		for n < len(sums) && sums[n].mark == sums[0].mark {
			n++
		}
		p.serviceLines(sums[:n], o)
		sums = sums[n:]
	}
}

// summed groups entries by sign and service: signs in the order of the legend,
// then what has most of the highest risk.
func summed(list []evidence) []sum {
	type key struct {
		mark    mark
		service string
		reason  string // of what is blocked
	}
	at := map[key]int{}
	var out []sum
	for _, e := range list {
		service, _, _ := strings.Cut(strings.ToLower(e.Action), ":")
		k := key{mark: e.mark, service: service}
		if e.mark == markBlocked || e.mark == markKept { // what is not understood is told in full
			k.reason = e.Reason
		}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, sum{mark: e.mark, service: service, reasons: map[string]int{}})
		}
		s := &out[i]
		s.n++
		s.by[levelIndex(e.Level)]++
		s.reasons[e.Reason]++
	}
	slices.SortStableFunc(out, func(a, b sum) int {
		return cmp.Or(cmp.Compare(rank(a.mark), rank(b.mark)), slices.Compare(b.by[:], a.by[:]), cmp.Compare(a.service, b.service))
	})
	return out
}

// reason is the one that most actions have.
func (s *sum) reason() string {
	all := tallies(s.reasons)
	text := Clean(all[0].name)
	if len(all) > 1 {
		text = "mostly: " + text
	}
	return text
}

// rank is the place of a sign in the legend.
func rank(m mark) int {
	all := marks()
	for i := range all {
		if all[i].mark == m {
			return i
		}
	}
	return len(all)
}

// serviceLines prints the services of one sign, and how much it leaves out.
func (p *page) serviceLines(sums []sum, o TextOptions) {
	some, _ := first(sums, o.most(len(sums)))
	t := table{cols: []shape{{}, {tight: true, least: 20, fit: fitNames}, {right: true}, {least: 16, fit: fitProse}, {least: 12, fit: fitProse}}}
	for i := range some {
		s := &some[i]
		e := evidence{mark: s.mark}
		r := row{removed: s.by}
		t.rows = append(t.rows, []cell{{string(s.mark), e.ink()}, {Clean(s.service), e.ink()},
			{plural(s.n, "action"), none}, {removedText(&r), none}, {s.reason(), faint}})
	}
	p.lines(t.lines(p.room, p.pen))
	rest := sums[len(some):]
	if len(rest) == 0 {
		return
	}
	n := 0
	for _, s := range rest {
		n += s.n
	}
	p.note(string(sums[0].mark)+" ", fmt.Sprintf("… and %s with %s; name an action, or 'service:*', to see them",
		plural(len(rest), "more service"), plural(n, "action")), faint)
}
