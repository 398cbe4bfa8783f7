package iam

import (
	"strings"
	"testing"
)

// clauseCase is one clause against the values of one key; nil: the key is absent.
type clauseCase struct {
	operator string
	policy   []string
	request  []string
	want     kleene
}

func one(s ...string) []string { return s }

func evaluateClause(c clauseCase, ctx Context) kleene {
	k := compileConditions(Conditions{{c.operator, []Clause{{"Svc:Key", c.policy}}}}, false)
	return holdAll(k, &ctx)
}

func TestOperators(t *testing.T) {
	for _, c := range []clauseCase{
		{"StringEquals", one("a", "b"), one("b"), yes},
		{"StringEquals", one("a*"), one("ab"), no},
		{"stringequals", one("A"), one("a"), no},
		{"StringNotEquals", one("a", "b"), one("b"), no},
		{"StringNotEquals", one("a", "b"), one("c"), yes},
		{"StringEqualsIgnoreCase", one("ABC"), one("abc"), yes},
		{"StringNotEqualsIgnoreCase", one("ABC"), one("abc"), no},
		{"StringLike", one("a*c?"), one("abbcd"), yes},
		{"StringLike", one("a${*}c"), one("abc"), no},
		{"StringLike", one("a${*}c"), one("a*c"), yes},
		{"StringNotLike", one("a*"), one("b"), yes},
		{"ArnLike", one("arn:aws:iam::*:role/a/*"), one("arn:aws:iam::111122223333:role/a/b/c"), yes},
		{"ArnEquals", one("arn:aws:iam::*:role/*"), one("arn:aws:iam::111122223333:role/x"), yes},
		{"ArnLike", one("arn:aws:*:role/x"), one("arn:aws:iam::111122223333:role/x"), no},
		{"ArnNotLike", one("arn:aws:iam::*:role/*"), one("arn:aws:iam::111122223333:user/x"), yes},
		{"ArnNotEquals", one("arn:aws:iam::*:role/*"), one("arn:aws:iam::111122223333:role/x"), no},
		{"ArnLike", one("*"), one("not an arn"), no},
		{"NumericEquals", one("1.0"), one("1"), yes},
		{"NumericNotEquals", one("1"), one("2"), yes},
		{"NumericLessThan", one("10"), one("9"), yes},
		{"NumericLessThan", one("10"), one("10"), no},
		{"NumericLessThanEquals", one("10"), one("10"), yes},
		{"NumericGreaterThan", one("10"), one("9"), no},
		{"NumericGreaterThanEquals", one("10"), one("1e1"), yes},
		{"NumericEquals", one("ten"), one("ten"), no},
		{"DateEquals", one("2026-01-02T00:00:00Z"), one("1767312000"), yes},
		{"DateNotEquals", one("2026-01-02"), one("2026-01-03"), yes},
		{"DateLessThan", one("2026-01-02"), one("2026-01-01T23:59:59Z"), yes},
		{"DateLessThanEquals", one("2026-01-02"), one("2026-01-02T00:00:00+00:00"), yes},
		{"DateGreaterThan", one("2026-01-02"), one("2026-01-02"), no},
		{"DateGreaterThanEquals", one("2026-01-02"), one("2026-01-02"), yes},
		{"Bool", one("true"), one("TRUE"), yes},
		{"Bool", one("false"), one("true"), no},
		{"Bool", one("maybe"), one("maybe"), no},
		{"BinaryEquals", one("QUJD"), one("QUJD"), yes},
		{"BinaryEquals", one("QUJD"), one("QUJE"), no},
		{"IpAddress", one("10.0.0.0/8"), one("10.255.0.1"), yes},
		{"IpAddress", one("10.0.0.0/8"), one("::ffff:10.0.0.1"), yes},
		{"IpAddress", one("0.0.0.0/0"), one("2001:db8::1"), no},
		{"IpAddress", one("2001:db8::/32"), one("2001:db8::1"), yes},
		{"IpAddress", one("10.0.0.0/33"), one("10.0.0.1"), no},
		{"NotIpAddress", one("10.0.0.0/8"), one("192.0.2.1"), yes},
		{"Null", one("true"), nil, yes},
		{"Null", one("true"), one("x"), no},
		{"Null", one("false"), one("x"), yes},
		{"Null", one("true"), one(""), yes},
		{"Null", one("false"), one(""), no},
		{"Null", one("true"), []string{}, yes},
		{"StringBogus", one("x"), one("x"), maybe},
		{"NumericBogus", one("1"), one("1"), maybe},
		{"NullIfExists", one("true"), nil, maybe},
		// absent keys
		{"StringEquals", one("a"), nil, no},
		{"StringNotEquals", one("a"), nil, yes},
		{"StringEqualsIfExists", one("a"), nil, yes},
		{"ForAllValues:StringEquals", one("a"), nil, yes},
		{"ForAnyValue:StringEquals", one("a"), nil, no},
		{"ForAnyValue:StringNotEquals", one("a"), nil, no},
		{"ForAnyValue:StringEqualsIfExists", one("a"), nil, maybe}, // two pages of the user guide contradict each other
		// lists
		{"ForAllValues:StringEquals", one("a", "b"), one("a", "b"), yes},
		{"ForAllValues:StringEquals", one("a"), one("a", "b"), no},
		{"ForAnyValue:StringEquals", one("a"), one("b", "a"), yes},
		{"ForAnyValue:StringNotEquals", one("a"), one("a", "b"), yes},
		{"ForAllValues:StringNotEquals", one("a"), one("b", "c"), yes},
		{"ForAnyValue:StringLike", one("*"), []string{}, no},
		{"ForAllValues:StringLike", one("x"), []string{}, yes},
		{"StringEquals", one("a"), one("a", "a"), no},
	} {
		ctx := Context{Values: map[string][]string{}}
		if c.request != nil {
			ctx.Values["svc:key"] = c.request
		}
		if got := evaluateClause(c, ctx); got != c.want {
			t.Errorf("%s %q with %q: got %d, want %d", c.operator, c.policy, c.request, got, c.want)
		}
		if c.request == nil && !strings.HasPrefix(c.operator, "NullIf") {
			if got := evaluateClause(c, Context{Partial: true}); got != maybe {
				t.Errorf("%s with unknown key: %d", c.operator, got)
			}
		}
	}
}

func TestVariables(t *testing.T) {
	ctx := Context{Values: map[string][]string{"aws:username": {"al*ce"}, "aws:tagkeys": {"one"}, "empty": {}},
		Lists: map[string]bool{"aws:tagkeys": true}}
	for _, c := range []struct {
		pattern, resource string
		want              bool
	}{
		{"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/al*ce/x", true},
		{"arn:aws:s3:::b/${AWS:UserName}", "arn:aws:s3:::b/al*ce", true},
		{"arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/alxce", false}, // the value is text
		{"arn:aws:s3:::b/${missing}", "arn:aws:s3:::b/", false},
		{"arn:aws:s3:::b/${missing, 'none'}", "arn:aws:s3:::b/none", true},
		{"arn:aws:s3:::b/${aws:username, 'none'}", "arn:aws:s3:::b/none", false},
		{"arn:aws:s3:::b/${aws:tagkeys}", "arn:aws:s3:::b/one", false}, // multivalued
		{"arn:aws:s3:::b/${empty, 'none'}", "arn:aws:s3:::b/none", false},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", true},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", false},
		{"arn:aws:s3:::b/${$}{x}", "arn:aws:s3:::b/${x}", true},
		{"arn:aws:s3:::b/${aws:username", "arn:aws:s3:::b/${aws:username", true},
	} {
		if got := newPattern(c.pattern, false).matchIn(c.resource, &ctx).sure == everyReading; got != c.want {
			t.Errorf("%s on %s: %v", c.pattern, c.resource, got)
		}
		if p := newPattern(c.pattern, true); p.match(c.resource) != 0 != (p.src == c.resource) {
			t.Errorf("old version: %s on %s", c.pattern, c.resource)
		}
	}
	unknown := Context{Partial: true}
	if got := newPattern("arn:aws:s3:::b/${aws:username}", false).matchIn("arn:aws:s3:::b/x", &unknown); got != always(maybe) {
		t.Errorf("unknown variable: %+v", got)
	}
}
