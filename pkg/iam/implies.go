package iam

import (
	"slices"
	"strings"
)

// ConditionsImply reports whether every context that satisfies a satisfies b
// too. It is sound and incomplete: each clause of b must follow from one clause
// of a on the same key. literalA and literalB are Document.Literal of the
// documents that hold them.
func ConditionsImply(a, b Conditions, literalA, literalB bool) bool {
	w := newWork(matchBudget)
	return impliesAll([][]clause{compileConditions(a, literalA)}, compileConditions(b, literalB), w) && !w.spent()
}

// impliesAll: every clause of b follows from some clause of the conjunction of
// the lists in a.
func impliesAll(a [][]clause, b []clause, w *work) bool {
	for i := range b {
		if !impliesOne(a, &b[i], w) {
			return false
		}
	}
	return true
}

func impliesOne(a [][]clause, b *clause, w *work) bool {
	for _, list := range a {
		if !w.spend(len(list)/8 + 1) {
			return false
		}
		for i := range list {
			if list[i].key == b.key && w.spend(1) && list[i].implies(b, w) {
				return true
			}
		}
	}
	return false
}

// sameText reports clauses that are equal as written.
func (k *clause) sameText(o *clause) bool {
	if k.op != o.op || k.key != o.key || len(k.values) != len(o.values) || !strings.EqualFold(k.name, o.name) {
		return false
	}
	if len(k.values) == 1 && k.values[0].src != o.values[0].src {
		return false
	}
	if !k.sameOrder(o) && !slices.Equal(k.sources(), o.sources()) {
		return false
	}
	return k.literal == o.literal || !slices.ContainsFunc(k.values, func(v value) bool { return strings.Contains(v.src, "${") })
}

func (k *clause) sameOrder(o *clause) bool {
	for i := range k.values {
		if k.values[i].src != o.values[i].src {
			return false
		}
	}
	return true
}

func (k *clause) sources() []string {
	out := make([]string, len(k.values))
	for i := range k.values {
		out[i] = k.values[i].src
	}
	slices.Sort(out)
	return out
}

// implies decides k ⟹ b for two clauses on one key.
func (k *clause) implies(b *clause, w *work) bool {
	p, q := k.op, b.op
	if !w.spend(4 * len(k.values)) {
		return false
	}
	switch {
	case k.sameText(b):
		return true
	case p.operand == unknownOperand || q.operand == unknownOperand || p.operand == nullOperand:
		return false
	case q.operand == nullOperand:
		return k.needsKey() && b.wantsKey()
	case p.qualifier != q.qualifier || !absentAgrees(p, q):
		return false
	case p.negated && !q.negated:
		return false
	case !p.negated && q.negated:
		return len(k.values) > 0 && noneMeets(k, b, w)
	case p.negated:
		return len(b.values) > 0 && eachWithin(b, k, w)
	}
	return len(k.values) > 0 && eachWithin(k, b, w)
}

// absentAgrees: where the key is absent and p holds, q must hold too.
func absentAgrees(p, q operator) bool {
	absent := func(op operator) kleene {
		k := clause{op: op}
		return k.missing()
	}
	return absent(p) == no || absent(q) == yes
}

// needsKey reports that k holds only where the key has one value that is not empty.
func (k *clause) needsKey() bool {
	if k.op.qualifier != plain || k.op.negated || k.op.ifExists {
		return false
	}
	for i := range k.values {
		switch v := &k.values[i]; k.op.operand {
		case stringOperand, foldOperand, likeOperand:
			if len(v.text.vars) > 0 || matchTokens(v.text.wide, "") {
				return false
			}
		case binaryOperand:
			if len(v.binary) == 0 {
				return false
			}
		}
	}
	return true
}

// wantsKey reports a Null clause that asks for the key to be there.
func (k *clause) wantsKey() bool {
	return slices.ContainsFunc(k.values, func(v value) bool { return strings.EqualFold(v.src, "false") })
}

// eachWithin: each value of a, taken positively, accepts nothing that some value
// of b does not accept.
func eachWithin(a, b *clause, w *work) bool {
	for i := range a.values {
		in := false
		for j := range b.values {
			if in = w.spend(1) && valueWithin(a, b, &a.values[i], &b.values[j], w); in {
				break
			}
		}
		if !in {
			return false
		}
	}
	return true
}

func valueWithin(a, b *clause, x, y *value, w *work) bool {
	if !x.valid {
		return true // accepts nothing
	}
	if !y.valid {
		return false
	}
	p, q := a.op.operand, b.op.operand
	switch {
	case isText(p) && isText(q):
		return textWithin(p, q, x.text, y.text, w)
	case p != q:
		return false
	case p == numericOperand:
		return orderWithin(a.op.order, b.op.order, x.compareNumber(y))
	case p == dateOperand:
		return orderWithin(a.op.order, b.op.order, x.moment.Compare(y.moment))
	case p == ipOperand:
		return y.block.Bits() <= x.block.Bits() && y.block.Contains(x.block.Addr())
	case p == binaryOperand:
		return string(x.binary) == string(y.binary)
	}
	return false
}

// isGlob reports values that are compared as text with or without wildcards.
func isGlob(o operand) bool { return o == stringOperand || o == likeOperand }

func isText(o operand) bool {
	return o == stringOperand || o == foldOperand || o == likeOperand || o == arnOperand || o == boolOperand
}

// textWithin decides inclusion of two text values; variables are opaque.
func textWithin(p, q operand, x, y *pattern, w *work) bool {
	if isGlob(p) && isGlob(q) && x.exact && len(y.vars) == 0 {
		return w.spend(len(x.prefix)/8+1) && matchTokens(y.wide, x.prefix)
	}
	if !w.spend(48 + len(x.toks) + len(y.toks)) {
		return false
	}
	var t symbols
	a, b := x.language(&t), y.language(&t)
	switch {
	case p == boolOperand || q == boolOperand:
		return p == q && !a.vars && !b.vars && strings.EqualFold(x.prefix, y.prefix)
	case p == foldOperand && q == foldOperand && !a.vars && !b.vars:
		return strings.EqualFold(x.prefix, y.prefix)
	case p == foldOperand:
		return p == q && a.same(b)
	case q == foldOperand:
		return p == stringOperand && !a.vars && !b.vars && strings.EqualFold(x.prefix, y.prefix)
	case p == arnOperand && q == arnOperand:
		return !a.headVar && !b.headVar && textLanguage(a.forms[2]).within(textLanguage(b.forms[2]), w)
	case p == arnOperand || q == arnOperand:
		return false
	}
	return textLanguage(a.forms[0]).within(textLanguage(b.forms[0]), w)
}

// orderWithin decides {v: v p x} ⊆ {v: v q y} by the sign of x ↔ y.
func orderWithin(p, q order, sign int) bool {
	switch q {
	case equal:
		return p == equal && sign == 0
	case less:
		return p == less && sign <= 0 || (p == lessEqual || p == equal) && sign < 0
	case lessEqual:
		return (p == less || p == lessEqual || p == equal) && sign <= 0
	case greater:
		return p == greater && sign >= 0 || (p == greaterEqual || p == equal) && sign > 0
	}
	return (p == greater || p == greaterEqual || p == equal) && sign >= 0
}

// noneMeets: no value of a and value of b, both taken positively, accept the
// same value of a request.
func noneMeets(a, b *clause, w *work) bool {
	for i := range a.values {
		for j := range b.values {
			if !w.spend(1) || !valuesApart(a, b, &a.values[i], &b.values[j], w) {
				return false
			}
		}
	}
	return true
}

func valuesApart(a, b *clause, x, y *value, w *work) bool {
	if !x.valid || !y.valid {
		return true
	}
	p, q := a.op.operand, b.op.operand
	switch {
	case isText(p) && isText(q):
		return textApart(p, q, x.text, y.text, w)
	case p != q || a.op.order != equal || b.op.order != equal:
		return false
	case p == numericOperand:
		return x.compareNumber(y) != 0
	case p == dateOperand:
		return !x.moment.Equal(y.moment)
	case p == ipOperand:
		return !x.block.Overlaps(y.block)
	case p == binaryOperand:
		return string(x.binary) != string(y.binary)
	}
	return false
}

func textApart(p, q operand, x, y *pattern, w *work) bool {
	if len(x.vars)+len(y.vars) > 0 {
		return false
	}
	switch {
	case p == boolOperand || q == boolOperand || p == foldOperand || q == foldOperand:
		return p == q && !strings.EqualFold(x.prefix, y.prefix)
	case p == arnOperand && q == arnOperand:
		return disjointTokens(x.narrow, y.narrow, w)
	case p == arnOperand || q == arnOperand:
		return false
	}
	return disjointTokens(x.wide, y.wide, w)
}

// contradict reports that no context satisfies both lists, because two of their
// clauses exclude each other.
func contradict(a, b []clause, w *work) bool {
	for i := range a {
		if !w.spend(len(b)/8 + 1) {
			return false
		}
		for j := range b {
			if a[i].key == b[j].key && w.spend(1) && (a[i].excludes(&b[j], w) || b[j].excludes(&a[i], w)) {
				return true
			}
		}
	}
	return false
}

// excludes: k is positive and needs its key, and no value that it accepts
// satisfies o.
func (k *clause) excludes(o *clause, w *work) bool {
	if k.op.qualifier != plain || o.op.qualifier != plain || k.op.negated || k.op.ifExists ||
		k.op.operand == nullOperand || k.op.operand == unknownOperand || o.op.operand == unknownOperand {
		return false
	}
	switch {
	case o.op.operand == nullOperand:
		return k.needsKey() && !o.wantsKey()
	case o.op.negated:
		return eachWithin(k, o, w)
	}
	return noneMeets(k, o, w)
}
