package iam

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// value is one condition value of a policy, compiled for its operator.
type value struct {
	src     string
	text    *pattern     // strings, ARNs and booleans
	number  *big.Rat     // numeric
	rounded float64      // nearest to number: tells most numbers apart
	moment  time.Time    // date
	block   netip.Prefix // IP
	binary  []byte
	valid   bool // false: malformed, matches nothing
}

func newValue(src string, kind operand, literal bool) value {
	v := value{src: src, valid: true}
	switch kind {
	case stringOperand, foldOperand, boolOperand:
		v.text = newText(src, false, literal)
	case likeOperand:
		v.text = newText(src, true, literal)
	case arnOperand:
		v.text = newPattern(src, literal)
		v.valid = len(v.text.vars) > 0 || !shortARN(src)
	case numericOperand:
		if v.number, v.valid = parseNumber(src); v.valid {
			v.rounded, _ = v.number.Float64()
		}
	case dateOperand:
		v.moment, v.valid = parseDate(src)
	case ipOperand:
		v.block, v.valid = parseBlock(src)
	case binaryOperand:
		var err error
		v.binary, err = base64.StdEncoding.DecodeString(src)
		v.valid = err == nil
	}
	return v
}

func colons(toks []tok) (n int) {
	for _, t := range toks {
		if t == (tok{r: ':'}) {
			n++
		}
	}
	return n
}

func shortARN(s string) bool { return strings.Count(s, ":") < 5 }

// matches compares one value of the request, positively: negation is the clause's.
func (v *value) matches(op operator, got string, c *Context) kleene {
	if !v.valid {
		return no
	}
	switch op.operand {
	case numericOperand:
		n, ok := parseNumber(got)
		return truth(ok && op.order.holds(n.Cmp(v.number)))
	case dateOperand:
		t, ok := parseDate(got)
		return truth(ok && op.order.holds(t.Compare(v.moment)))
	case ipOperand:
		a, err := netip.ParseAddr(got)
		return truth(err == nil && v.block.Contains(a.Unmap()))
	case binaryOperand:
		b, err := base64.StdEncoding.DecodeString(got)
		return truth(err == nil && bytes.Equal(b, v.binary))
	}
	return v.matchesText(op.operand, got, c)
}

func (v *value) matchesText(kind operand, got string, c *Context) kleene {
	toks := v.text.toks
	if len(v.text.vars) > 0 {
		expanded, known := v.text.expand(c, len(got))
		if known != yes {
			return known
		}
		toks = expanded
	}
	switch kind {
	case foldOperand:
		return truth(strings.EqualFold(plainText(toks), got))
	case boolOperand:
		want := strings.ToLower(plainText(toks))
		return truth((want == "true" || want == "false") && strings.EqualFold(want, got))
	case arnOperand:
		if shortARN(got) || colons(toks) < 5 {
			return no
		}
		return truth(matchTokens(lay(toks).narrow, got))
	}
	return truth(matchTokens(toks, got))
}

func plainText(toks []tok) string {
	var b strings.Builder
	for _, t := range toks {
		b.WriteRune(t.r)
	}
	return b.String()
}

// parseNumber reads a decimal number exactly. Length and exponent are bounded:
// the exact form of 1e999999999 would not fit into memory.
func parseNumber(s string) (*big.Rat, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 0 || len(s) > 64 || strings.Trim(s, "0123456789+-.eE") != "" {
		return nil, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > len("e-99") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// compareNumber compares two valid numbers exactly. Rounding keeps their order, so
// that numbers whose rounded forms differ need no exact comparison.
func (v *value) compareNumber(o *value) int {
	if v.rounded != o.rounded {
		return cmp.Compare(v.rounded, o.rounded)
	}
	return v.number.Cmp(o.number)
}

// parseDate reads an ISO 8601 date or time, or seconds (or milliseconds, beyond
// the year 5138) since 1970.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) > len("2006") {
		if n > 99_999_999_999 {
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	layouts := [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05",
		"2006-01-02", "2006-01", "2006"}
	for _, f := range layouts {
		if t, err := time.Parse(f, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseBlock reads an address or a CIDR block; IPv4 written as IPv6 becomes IPv4.
func parseBlock(s string) (netip.Prefix, bool) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, false
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}
