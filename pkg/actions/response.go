package actions

import (
	"slices"
	"strings"
)

// answered is the rank of a name that only the response tells.
const answered = 20 * 16

// failure reports whether a member of a response is about what did not happen.
func failure(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return strings.Contains(n, "error") || strings.Contains(n, "fail") || strings.HasPrefix(n, "unprocessed")
	})
}

// responseFills lists what a member of the response fills: of a call that changes
// something, the response is about what the call named otherwise, so a required
// type's own variable takes the value, unless there are several.
func (c *Catalog) responseFills(p *plan, names []string) []fill {
	var out []fill
	if len(names) == 0 {
		return nil
	}
	for i := range p.targets {
		t := &p.targets[i]
		for j := range t.types {
			tp := &t.types[j]
			if !tp.told || t.create || len(t.params) > 0 {
				continue
			}
			prefix, _, _ := strings.Cut(t.action, ":")
			for v, name := range tp.form.vars {
				if !envelope(name) && c.answersTo(prefix, tp, name, names) {
					out = append(out, fill{target: i, kind: j, slot: tp.slot + v, rank: answered})
				}
			}
		}
	}
	return out
}

// answersTo reports whether a member of a response has the variable's own name or one
// that a row gives it.
func (c *Catalog) answersTo(prefix string, t *typePlan, variable string, names []string) bool {
	leaf := names[len(names)-1]
	if bareKey(leaf) {
		return false
	}
	v := strings.ToLower(variable)
	for _, key := range [...]string{strings.ToLower(t.name) + "/" + v, v} {
		if rank, found := c.aliasRank(rowKey{prefix, key}, names); found {
			return rank >= 0
		}
	}
	return normal(variable) == leaf
}

// changes reports whether an operation changes or ends what is there already: its
// response shows that, and nothing new.
func changes(event string) bool {
	for _, v := range [...]string{
		"Update", "Modify", "Delete", "Stop", "Terminate", "Cancel", "Reboot", "Retry", "Reset", "Replace", "Set", "Remove",
		"Disassociate", "Detach", "Disable", "Enable", "Accept", "Reject", "Decline", "Deregister", "Failover", "Enter", "Exit",
		"Revoke", "Authorize", "Promote", "Rotate", "Release", "Send",
	} {
		if strings.HasPrefix(event, v) {
			return true
		}
	}
	return false
}

// fromResponse uses the ARN of a type in the response of a call that changes something:
// what the call did it to. Of several, which one is meant is open.
func (r *Resolver) fromResponse(t *target, kind int, basis Basis) {
	arn := ""
	for i := range r.arns {
		a := &r.arns[i]
		if a.path.root != 'r' || a.typeOf(t) != kind || a.value == arn {
			continue
		}
		if arn != "" {
			return
		}
		arn = a.value
	}
	if arn != "" && r.fits(t, &t.types[kind], arn) {
		r.arn(t, kind, arn, basis)
	}
}

// fits reports whether an ARN agrees with what the parameters tell of a type's names.
func (r *Resolver) fits(t *target, tp *typePlan, arn string) bool {
	for v := range tp.form.vars {
		if len(r.slots[tp.slot+v].values) > 1 {
			return false
		}
	}
	mark := r.arena.mark()
	ok := r.build(t, tp, -1, 0) && matchGlob(r.arena.since(mark), arn)
	r.arena.drop(mark)
	return ok
}
