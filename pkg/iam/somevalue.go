package iam

import (
	"iter"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
)

// someValue looks for one value of a request that satisfies all wants. False is
// certain. The value may be wrong where variables or several kinds of comparison
// are involved; "" then stands for "not known".
func someValue(wants []want, w *work) (string, bool) {
	wants = settleVariables(wants, w)
	if v, known, ok := amongListed(wants); known {
		return v, ok
	}
	value, kinds := "", 0
	for _, kind := range []operand{stringOperand, numericOperand, dateOperand, ipOperand, binaryOperand} {
		part := ofKind(wants, kind)
		if len(part) == 0 {
			continue
		}
		v, ok := "", false
		if kind == stringOperand {
			v, ok = someText(part, w)
		} else {
			v, ok = someMeasure(part, kind, w)
		}
		if !ok {
			return "", false
		}
		if kinds++; kinds > 1 && value == "" || v != "" && !onlyExcludesEmpty(part) {
			value = v
		}
	}
	return value, true
}

// onlyExcludesEmpty: the part says no more than that the value is not empty.
func onlyExcludesEmpty(part []want) bool {
	return len(part) == 1 && !part[0].in && len(part[0].k.values) == 1 && part[0].k.values[0].src == ""
}

// ofKind picks the wants of one kind; all texts are one kind.
func ofKind(wants []want, kind operand) (out []want) {
	for _, x := range wants {
		if o := x.k.op.operand; o == kind || kind == stringOperand && isText(o) {
			out = append(out, x)
		}
	}
	return out
}

// settleVariables weakens wants so that no variable is left: a value that is not
// to be among others need not be told apart from those with variables; one that
// is to be among others may equal a variable, unless another want excludes the
// same variable.
func settleVariables(wants []want, w *work) []want {
	out := make([]want, 0, len(wants))
	for _, x := range wants {
		if !x.k.hasVariables() {
			out = append(out, x)
			continue
		}
		k := *x.k
		k.values = nil
		open := false
		for i := range x.k.values {
			v := &x.k.values[i]
			switch {
			case len(v.text.vars) == 0:
				k.values = append(k.values, *v)
			case x.in && !excludedElsewhere(x.k, v, wants, w):
				open = true
			}
		}
		if !open {
			out = append(out, want{&k, x.in})
		}
	}
	return out
}

func excludedElsewhere(k *clause, v *value, wants []want, w *work) bool {
	for _, o := range wants {
		if o.in {
			continue
		}
		for i := range o.k.values {
			if w.spend(1) && valueWithin(k, o.k, v, &o.k.values[i], w) {
				return true
			}
		}
	}
	return false
}

// amongListed answers where a want lists all values that are possible.
func amongListed(wants []want) (v string, known, ok bool) {
	for _, x := range wants {
		if !x.in || !x.k.enumerates() {
			continue
		}
		for i := range x.k.values {
			if v := plainText(x.k.values[i].text.toks); allMeet(wants, v) {
				return v, true, true
			}
		}
		return "", true, false
	}
	return "", false, false
}

// enumerates reports a clause that lists texts, without wildcards.
func (k *clause) enumerates() bool {
	return k.op.operand == stringOperand || k.op.operand == likeOperand &&
		!slices.ContainsFunc(k.values, func(v value) bool { return !v.text.exact })
}

func allMeet(wants []want, v string) bool {
	for _, x := range wants {
		if x.listed(v) != x.in {
			return false
		}
	}
	return true
}

// listed reports whether some value of the clause, taken positively, accepts v.
func (x want) listed(v string) bool {
	for i := range x.k.values {
		if x.k.values[i].matches(x.k.op, v, &Context{}) == yes {
			return true
		}
	}
	return false
}

// someText asks the automaton for a string that no negation of a want accepts.
func someText(wants []want, w *work) (string, bool) {
	q := query{left: textLanguage([]tok{{kind: manyTok}})}
	for _, x := range wants {
		t := term{negate: x.in}
		for i := range x.k.values {
			if toks, ok := x.k.values[i].tokens(x.k.op.operand); ok && w.spend(8*len(toks)+8) {
				t.languages = append(t.languages, textLanguage(toks))
			}
		}
		if !t.negate && len(t.languages) == 0 {
			continue
		}
		if t.negate && len(t.languages) == 0 {
			return "", false
		}
		q.terms = append(q.terms, t)
	}
	if w.spent() {
		return "", true
	}
	verdict, word := newSearch(q.left.forms[0], q.terms, func(*term) int { return 0 }, w).run()
	return string(word), verdict != Holds
}

// tokens is the language of a text value without variables; false for one that
// accepts nothing.
func (v *value) tokens(kind operand) ([]tok, bool) {
	switch {
	case !v.valid:
		return nil, false
	case kind == arnOperand:
		return v.text.narrow, colons(v.text.toks) >= 5
	case kind == foldOperand:
		return folded(v.text.toks), true
	case kind == boolOperand:
		s := strings.ToLower(plainText(v.text.toks))
		return folded(v.text.toks), s == "true" || s == "false"
	}
	return v.text.wide, true
}

// folded makes literals accept all cases of their letter.
func folded(toks []tok) []tok {
	out := make([]tok, len(toks))
	for i, t := range toks {
		out[i] = tok{kind: foldTok, r: t.r}
	}
	return out
}

// orbit lists the runes that are equal to r without case.
func orbit(r rune) []rune {
	out := []rune{r}
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		out = append(out, c)
	}
	return out
}

// someMeasure tries one value of each interval that the wants tell apart, and a
// text that is no number, date, address or binary value at all.
func someMeasure(wants []want, kind operand, w *work) (string, bool) {
	all := 1
	for _, x := range wants {
		all += len(x.k.values)
	}
	if !w.spend(all) {
		return "", true // not known
	}
	if c := (value{src: "x!"}); measures(wants, &c) {
		return c.src, true
	}
	candidates := borderValues(wants, kind)
	if kind == numericOperand {
		if !w.spend(all * 64) {
			return "", true
		}
		candidates = numbersAround(wants)
	}
	for c := range candidates {
		if !w.spend(measureCost * all) {
			return "", true
		}
		if measures(wants, &c) {
			return c.source(kind), true
		}
	}
	return "", false
}

// measureCost is what making a candidate and comparing it with one value costs.
const measureCost = 4

// source writes a value of a request.
func (v *value) source(kind operand) string {
	switch kind {
	case numericOperand:
		s := v.number.FloatString(24)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	case dateOperand:
		return v.moment.UTC().Format(time.RFC3339Nano)
	case ipOperand:
		return v.block.Addr().String()
	}
	return v.src
}

// borderValues are values at the borders of what the wants list.
func borderValues(wants []want, kind operand) iter.Seq[value] {
	return func(yield func(value) bool) {
		for _, x := range wants {
			for i := range x.k.values {
				if !x.k.values[i].valid {
					continue
				}
				for _, c := range x.k.values[i].around(kind) {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// numbersAround are the numbers that the wants list, one between each two of them
// and one beyond either end.
func numbersAround(wants []want) iter.Seq[value] {
	var list []*value
	for _, x := range wants {
		for i := range x.k.values {
			if x.k.values[i].valid {
				list = append(list, &x.k.values[i])
			}
		}
	}
	slices.SortFunc(list, (*value).compareNumber)
	return func(yield func(value) bool) {
		if len(list) == 0 || !yield(numberOf(new(big.Rat).Sub(list[0].number, big.NewRat(1, 1)))) {
			return
		}
		for i, v := range list {
			if !yield(*v) {
				return
			}
			next := new(big.Rat).Add(v.number, big.NewRat(1, 1))
			if i+1 < len(list) {
				next.Add(v.number, list[i+1].number).Mul(next, big.NewRat(1, 2))
			}
			if !yield(numberOf(next)) {
				return
			}
		}
	}
}

// measures reports whether a candidate satisfies all wants.
func measures(wants []want, c *value) bool {
	for _, x := range wants {
		in := false
		for i := range x.k.values {
			in = in || c.valid && x.k.values[i].valid && x.k.values[i].accepts(x.k.op, c)
		}
		if in != x.in {
			return false
		}
	}
	return true
}

// accepts compares as matches does, but with a value that was read already.
func (v *value) accepts(op operator, c *value) bool {
	switch op.operand {
	case numericOperand:
		return op.order.holds(c.compareNumber(v))
	case dateOperand:
		return op.order.holds(c.moment.Compare(v.moment))
	case ipOperand:
		return v.block.Contains(c.block.Addr())
	}
	return string(v.binary) == string(c.binary)
}

// around lists values at the borders of what v accepts.
func (v *value) around(kind operand) (out []value) {
	switch kind {
	case dateOperand:
		for _, d := range []time.Duration{0, -1, 1, -time.Second, time.Second} {
			out = append(out, value{moment: v.moment.Add(d), valid: true})
		}
	case ipOperand:
		for _, a := range borders(v.block) {
			out = append(out, value{block: netip.PrefixFrom(a, a.BitLen()), valid: true})
		}
	case binaryOperand:
		out = append(out, value{src: v.src, binary: v.binary, valid: true},
			value{src: "YW5vdGhlcg==", binary: []byte("another"), valid: true})
	}
	return out
}

func numberOf(n *big.Rat) value {
	rounded, _ := n.Float64()
	return value{number: n, rounded: rounded, valid: true}
}

// borders lists the first address of a block, the one before and the one behind it.
func borders(b netip.Prefix) []netip.Addr {
	first := b.Masked().Addr()
	out := []netip.Addr{first}
	last := first.AsSlice()
	for i := b.Bits(); i < 8*len(last); i++ {
		last[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(last)
	zero := netip.IPv6Unspecified()
	if !first.Is4() {
		zero = netip.IPv4Unspecified()
	}
	for _, x := range []netip.Addr{first.Prev(), a.Next(), zero} {
		if x.IsValid() {
			out = append(out, x)
		}
	}
	return out
}
