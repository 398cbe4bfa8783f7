package synth

import (
	"fmt"
	"strings"
)

// kin is what the places below the words of one place have in common: each alone may
// get too few new names to tell, and all together get some for certain.
type kin struct {
	places, names int
	expected      float64 // new names within the horizon, over all places
}

func (k *kin) String() string {
	return fmt.Sprintf("names: %d seen in %d places alike, %.0f expected", k.names, k.places, k.expected)
}

// kid is a word below one of several words.
type kid struct {
	first int32
	again bool // seen on another day too
}

// kinOf counts the words below tokens that stay, where some were seen on one day only;
// it returns nil where no new ones are to be expected.
func (o *opener) kinOf(tokens []*token, ix []int32) *kin {
	if len(tokens) < 2 || o.style == Exact {
		return nil
	}
	k := &kin{}
	second, third, days := 0.0, 0.0, 0
	for _, t := range tokens {
		kids := o.kids(ix[t.lo:t.hi])
		if !changing(kids) {
			continue
		}
		k.places++
		k.names += len(kids)
		life := int(o.to-t.first) + 1
		days += life
		for _, c := range kids {
			switch at := int(c.first-t.first) * 3; {
			case at >= 2*life:
				third++
			case at >= life:
				second++
			}
		}
	}
	if k.places < 2 || days < k.places*minLife {
		return nil
	}
	k.expected = ahead(second, third, float64(days)/float64(3*k.places), float64(o.horizon))
	if !o.opens(k.expected) {
		return nil
	}
	return k
}

// kids are the words that follow in some sightings.
func (o *opener) kids(ix []int32) map[string]kid {
	var out map[string]kid
	for _, i := range ix {
		s := &o.seen[i]
		if int(o.at[i]) == len(s.arn) || len(s.days) == 0 {
			continue
		}
		text := o.next(i)
		first, last := max(s.days[0], o.base), s.days[len(s.days)-1]
		c, ok := out[text]
		if !ok {
			if strings.Contains(text, "*") || skeleton(text) != text {
				continue
			}
			if out == nil {
				out = map[string]kid{}
			}
			c = kid{first: first}
		}
		c.again = c.again || first != last || c.first != first
		c.first = min(c.first, first)
		out[text] = c
	}
	return out
}

// changing reports whether some word was seen on one day only.
func changing(kids map[string]kid) bool {
	for _, c := range kids {
		if !c.again {
			return true
		}
	}
	return false
}

// openKin opens a place for the words that are left, since new ones come to places
// like it, and some of them were seen on one day only. It returns those that stay.
func (o *opener) openKin(p place, rest []*token, ix []int32) []*token {
	var group, stay []*token
	once := false
	for _, t := range rest {
		if strings.Contains(t.text, "*") || skeleton(t.text) != t.text {
			stay = append(stay, t)
			continue
		}
		group = append(group, t)
		once = once || t.days <= 1
	}
	if !once {
		return rest
	}
	open := group[0].text[:1] + "*" + sameEnding(group)
	if !o.canOpen(p, open, group, ix) {
		return rest
	}
	o.open(place{prefix: p.prefix + open, why: &opening{p.kin.String(), p.why}, dated: p.dated}, o.pool(group, ix))
	return stay
}

// sameEnding is the ending, such as ".json", that all tokens have, or "".
func sameEnding(tokens []*token) string {
	text := tokens[0].text
	ending := text[max(0, strings.LastIndexByte(text, '.')):]
	if len(ending) == len(text) {
		return ""
	}
	for _, t := range tokens {
		if !strings.HasSuffix(t.text, ending) || len(t.text) == len(ending) {
			return ""
		}
	}
	return ending
}
