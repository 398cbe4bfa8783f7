package iam

import (
	"math/big"
	"strings"
	"time"
)

// longestNear bounds the values that are made of patterns with variables.
const longestNear = 1 << 12

// near lists request values at and next to a policy value.
func (v *value) near(kind operand, c *Context) []string {
	if !v.valid {
		return nil
	}
	switch kind {
	case numericOperand:
		var out []string
		for _, d := range []int64{0, 1, -1} {
			n := new(big.Rat).Add(v.number, big.NewRat(d, 1))
			out = append(out, strings.TrimRight(strings.TrimRight(n.FloatString(12), "0"), "."))
		}
		return out
	case dateOperand:
		var out []string
		for _, d := range []time.Duration{0, time.Second, -time.Second} {
			out = append(out, v.moment.Add(d).UTC().Format(time.RFC3339Nano))
		}
		return out
	case ipOperand:
		out := []string{v.block.Addr().String()}
		if before := v.block.Addr().Prev(); before.IsValid() {
			out = append(out, before.String())
		}
		return out
	case binaryOperand:
		return []string{v.src}
	case boolOperand, nullOperand, unknownOperand:
		return nil
	}
	toks, known := v.text.expand(c, longestNear)
	if known != yes {
		return nil
	}
	return []string{instance(toks, ""), instance(toks, "x")}
}

// instance is one string that the tokens accept.
func instance(toks []tok, star string) string {
	var b strings.Builder
	for _, t := range toks {
		switch t.kind {
		case litTok:
			b.WriteRune(t.r)
		case oneTok:
			b.WriteByte('x')
		case manyTok:
			b.WriteString(star)
		}
	}
	return b.String()
}
