package iam

import "strings"

// literal is an assumption on a clause: yes, that it holds, or no, that it does not.
// Where the evaluation is maybe, AWS does one or the other: both have to be proved.
type literal struct {
	k  *clause
	is kleene
}

// agrees reports whether a clause's value does not rule out the assumption.
func (l literal) agrees(v kleene) bool { return v == maybe || v == l.is }

// keyModel is what a key holds: nil values for an absent key.
type keyModel []string

// feasible reports whether some state of the key satisfies all assumptions, which
// are on that key, and gives one. No is certain; yes may be wrong where variables,
// unknown operators or several kinds of comparison are involved.
func feasible(lits []literal, key string, w *work) (keyModel, bool) {
	cost := 0
	for _, l := range lits {
		cost += 16 * (len(l.k.values) + 1)
	}
	if !w.spend(cost) {
		return nil, true
	}
	if clash(lits, w) {
		return nil, false
	}
	if agreeOn(lits, key, nil) {
		return nil, true
	}
	if m, ok := oneValue(lits, key, w); ok {
		return m, true
	}
	if singleValued(key) {
		return nil, false
	}
	if agreeOn(lits, key, []string{}) {
		return keyModel{}, true
	}
	return severalValues(lits, w)
}

// clash finds a clause that is assumed to hold and implies one that is assumed
// not to: the part that knows variables and unknown operators.
func clash(lits []literal, w *work) bool {
	for _, b := range lits {
		if b.is == no && excludedBy(b.k, lits, w) {
			return true
		}
	}
	return false
}

// excludedBy reports that the assumptions keep a clause from being false.
func excludedBy(k *clause, lits []literal, w *work) bool {
	for _, a := range lits {
		if a.is == no || !w.spend(1+4*len(a.k.values)) {
			continue
		}
		if a.k.sameText(k) || a.is == yes && a.k.implies(k, w) {
			return true
		}
	}
	return false
}

// agreeOn evaluates the assumptions for a state of the key in which no value is
// compared. Unknown operators agree with anything.
func agreeOn(lits []literal, key string, values []string) bool {
	c := Context{Values: map[string][]string{key: values}}
	for _, l := range lits {
		if l.k.op.operand != unknownOperand && !l.agrees(l.k.holds(&c)) {
			return false
		}
	}
	return true
}

// oneValue looks for a single value.
func oneValue(lits []literal, key string, w *work) (keyModel, bool) {
	if wants, ok := wantsOf(lits); ok {
		if v, ok := someValue(append(wants, want{k: emptyText(), in: false}), w); ok {
			return keyModel{v}, true
		}
	}
	return keyModel{""}, emptyAgrees(lits, key, w)
}

// emptyAgrees tries the empty string: for set operators and Null it is no value,
// for the others a text like any.
func emptyAgrees(lits []literal, key string, w *work) bool {
	wants := []want{{k: emptyText(), in: true}}
	var rest []literal
	for _, l := range lits {
		if l.k.op.qualifier != plain || l.k.op.operand == nullOperand || l.k.op.operand == unknownOperand {
			rest = append(rest, l)
		} else {
			wants = append(wants, want{l.k, (l.is != no) != l.k.op.negated})
		}
	}
	_, ok := someValue(wants, w)
	return ok && agreeOn(rest, key, []string{""})
}

// emptyText is the clause that the empty string alone satisfies.
func emptyText() *clause {
	return &clause{op: operator{operand: stringOperand}, values: []value{newValue("", stringOperand, true)}}
}

// want is a value that is to be among those that a clause lists, or not to be.
type want struct {
	k  *clause
	in bool
}

// wantsOf turns assumptions on a key with one value, not empty, into wants. False
// means that a Null clause contradicts them.
func wantsOf(lits []literal) (out []want, ok bool) {
	for _, l := range lits {
		switch l.k.op.operand {
		case unknownOperand:
		case nullOperand:
			if !l.agrees(truth(l.k.wantsKey())) {
				return nil, false
			}
		default:
			out = append(out, want{l.k, (l.is != no) != l.k.op.negated})
		}
	}
	return out, true
}

// severalValues looks for a list of two values or more. Operators without a set
// operator are false on it. What they are on a list of one value is not documented:
// as on that value, or false, as on a list that has it twice.
func severalValues(lits []literal, w *work) (keyModel, bool) {
	var all, some []want
	for _, l := range lits {
		wanted := want{l.k, (l.is != no) != l.k.op.negated}
		switch {
		case l.k.op.operand == unknownOperand:
		case l.k.op.operand == nullOperand:
			if !l.agrees(truth(l.k.wantsKey())) {
				return nil, false
			}
		case l.k.op.qualifier == plain:
			if l.is != no {
				return nil, false
			}
		case (l.k.op.qualifier == forAll) == (l.is != no):
			all = append(all, wanted)
		default:
			some = append(some, wanted)
		}
	}
	var out keyModel
	for _, x := range some {
		v, ok := someValue(append(all[:len(all):len(all)], x), w)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	if len(out) < 2 {
		v, ok := someValue(all, w)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	if len(out) < 2 {
		out = append(out, out[0])
	}
	return out, true
}

func (k *clause) hasVariables() bool {
	for i := range k.values {
		if t := k.values[i].text; t != nil && len(t.vars) > 0 {
			return true
		}
	}
	return false
}

// singleValued reports global condition keys that never hold a list (IAM user
// guide, AWS global condition context keys, "Value type"). key is in lower case.
func singleValued(key string) bool {
	switch key {
	case "aws:currenttime", "aws:ec2instancesourceprivateipv4", "aws:ec2instancesourcevpc", "aws:epochtime",
		"aws:federatedprovider", "aws:multifactorauthage", "aws:multifactorauthpresent", "aws:principalaccount",
		"aws:principalarn", "aws:principalisawsservice", "aws:principalorgid", "aws:principalservicename",
		"aws:principaltype", "aws:referer", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid",
		"aws:securetransport", "aws:sourceaccount", "aws:sourcearn", "aws:sourceidentity", "aws:sourceip",
		"aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:tokenissuetime", "aws:useragent",
		"aws:userid", "aws:username", "aws:viaawsservice", "aws:vpcsourceip":
		return true
	}
	for _, p := range []string{"aws:principaltag/", "aws:requesttag/", "aws:resourcetag/"} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}
