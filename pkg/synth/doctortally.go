package synth

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// tally counts undecided permissions by the set of their needs.
type tally struct {
	granted, removable, kept, undecided, together, nothing, reports int
	byNeed                                                          map[Need]*unlockCount
}

// unlockCount is what is known of one need.
type unlockCount struct {
	alone, among int
	actions      map[string]bool
	principals   map[string]bool
}

func newUnlockCount() *unlockCount {
	return &unlockCount{actions: map[string]bool{}, principals: map[string]bool{}}
}

func (c *unlockCount) add(o *unlockCount) {
	c.alone += o.alone
	c.among += o.among
	maps.Copy(c.actions, o.actions)
	maps.Copy(c.principals, o.principals)
}

func newTally() *tally { return &tally{byNeed: map[Need]*unlockCount{}} }

// count adds one undecided permission; reports are the last-accessed reports that may
// decide it in place of needs.
func (t *tally) count(needs, reports []Need, action string, who []string) {
	if slices.ContainsFunc(needs, func(n Need) bool { return n.Kind == NeedNothing }) {
		t.nothing++
	} else {
		t.together++
		t.note(needs, action, who)
	}
	if t.note(reports, action, who); reports != nil {
		t.reports++
	}
}

func (t *tally) note(needs []Need, action string, who []string) {
	for _, n := range needs {
		c := t.byNeed[n]
		if c == nil {
			c = newUnlockCount()
			t.byNeed[n] = c
		}
		c.among++
		if len(needs) == 1 {
			c.alone++
		}
		c.actions[action] = true
		for _, w := range who {
			c.principals[w] = true
		}
	}
}

// add adds the counts of a document.
func (t *tally) add(o *tally) {
	t.undecided += o.undecided
	t.together += o.together
	t.nothing += o.nothing
	t.reports += o.reports
	for n, c := range o.byNeed {
		into := t.byNeed[n]
		if into == nil {
			into = newUnlockCount()
			t.byNeed[n] = into
		}
		into.add(c)
	}
}

// unlocks lists the needs, the most rewarding first. More days give what fewer give.
func (t *tally) unlocks(asOf time.Time) []Unlock {
	var days []Need
	for n := range t.byNeed {
		if n.Kind == NeedDays {
			days = append(days, n)
		}
	}
	out := make([]Unlock, 0, len(t.byNeed))
	for n, c := range t.byNeed {
		u := Unlock{Need: n, Uncertain: n.Kind == NeedLastAccessed}
		if n.Kind == NeedDays {
			c = newUnlockCount()
			for _, m := range days {
				if n.covers(m) {
					c.add(t.byNeed[m])
				}
			}
			u.Until = asOf.AddDate(0, 0, n.Days)
		}
		u.Alone, u.Among = c.alone, c.among
		u.Actions, u.Principals, u.Attached = samples(c.actions), samples(c.principals), len(c.principals)
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Unlock) int {
		return cmp.Or(-cmp.Compare(a.Alone, b.Alone), -cmp.Compare(a.Among, b.Among), compareNeeds(a.Need, b.Need))
	})
	return out
}

// samples are some of a set, the same ones each time.
func samples(set map[string]bool) []string {
	list := sortedKeys(set)
	if len(list) <= maxSamples {
		return list
	}
	out := make([]string, 0, maxSamples)
	for i := range maxSamples { // spread, so that not all are of one service
		out = append(out, list[i*len(list)/maxSamples])
	}
	return out
}
