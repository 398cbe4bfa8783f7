package quarantine

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// rulesOf reads a list of rules, or a mapping whose only member "rules" is one.
func rulesOf(n *node) ([]*node, error) {
	if n.kind == mapping {
		if len(n.members) != 1 || n.members[0].key != "rules" {
			return nil, at(n.line, "want a list of rules, or findings of GuardDuty")
		}
		n = n.members[0].value
	}
	switch {
	case n.kind != list:
		return nil, at(n.line, "want a list of rules, not %v", n.kind)
	case len(n.items) == 0:
		return nil, at(n.line, "no rules")
	}
	return n.items, nil
}

// ruleOf reads one rule. On error the rule has the name, as far as it is known.
func ruleOf(n *node) (Rule, error) {
	var r Rule
	if n.kind != mapping {
		return r, at(n.line, "want a rule with name and matchers, not %v", n.kind)
	}
	if m := n.member("name"); m != nil && m.value.kind == scalar && checkName(m.value.text) == nil {
		r.Name = m.value.text // for the errors of members before it
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		if seen[m.key] {
			return r, at(m.line, "%q is there twice", m.key)
		}
		seen[m.key] = true
		if err := r.set(m); err != nil {
			var placed *lineError
			if errors.As(err, &placed) {
				return r, err
			}
			return r, at(m.value.line, "%s: %w", m.key, err)
		}
	}
	return r, r.check(n.line, seen)
}

func (n *node) member(key string) *member {
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i]
		}
	}
	return nil
}

// set takes one member.
func (r *Rule) set(m member) (err error) {
	switch m.key {
	case "name":
		r.Name, err = m.value.checked(checkName)
	case "reason":
		r.Reason, err = m.value.checked(checkReason)
	case "access_keys":
		r.AccessKeys, err = m.value.texts(accessKey)
	case "addresses":
		r.Addresses, err = m.value.texts(address)
	case "sessions":
		r.Sessions, err = m.value.texts(session)
	case "principals":
		r.Principals, err = m.value.texts(principal)
	case "from":
		r.From, err = m.value.moment()
	case "to":
		r.To, err = m.value.moment()
	default:
		return at(m.line, "unknown member %q; want name, reason, access_keys, addresses, sessions, principals, from or to", m.key)
	}
	return err
}

// check looks at a rule as a whole.
func (r *Rule) check(line int, seen map[string]bool) error {
	switch {
	case !seen["name"]:
		return at(line, "the rule has no name")
	case len(r.AccessKeys)+len(r.Addresses)+len(r.Sessions)+len(r.Principals) == 0 && !r.timed():
		return at(line, "the rule has no matcher: give access_keys, addresses, sessions, principals, from or to")
	case !r.To.IsZero() && !r.From.Before(r.To):
		return at(line, "to is not after from")
	}
	return nil
}

func (n *node) checked(check func(string) error) (string, error) {
	if n.kind != scalar {
		return "", fmt.Errorf("want a text, not %v", n.kind)
	}
	if err := check(n.text); err != nil {
		return "", err
	}
	return n.text, nil
}

func (n *node) moment() (time.Time, error) {
	if n.kind != scalar {
		return time.Time{}, fmt.Errorf("want a time, not %v", n.kind)
	}
	return moment(n.text)
}

// texts reads a list of texts into canonical form: sorted, each once.
func (n *node) texts(canonical func(string) (string, error)) ([]string, error) {
	switch {
	case n.kind != list:
		return nil, fmt.Errorf("want a list, not %v", n.kind)
	case len(n.items) == 0:
		return nil, errors.New("the list is empty; leave it out to take every event")
	}
	out := make([]string, 0, len(n.items))
	for _, item := range n.items {
		if item.kind != scalar {
			return nil, at(item.line, "want a text, not %v", item.kind)
		}
		s, err := canonical(item.text)
		if err != nil {
			return nil, at(item.line, "%w", err)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
