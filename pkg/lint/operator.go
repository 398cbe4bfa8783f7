package lint

import "strings"

// class is what kind of values an operator compares.
type class uint8

const (
	noClass class = iota // not an operator
	stringClass
	arnClass
	numericClass
	dateClass
	boolClass
	ipClass
	binaryClass
	nullClass
)

// operator is the name of a condition operator, taken apart.
type operator struct {
	class     class
	like      bool // "*" and "?" in values are wildcards
	negated   bool
	ifExists  bool
	forAll    bool
	forAny    bool
	canonical string // without qualifier and IfExists, in lower case
}

// parseOperator reads a name without case, as IAM does.
func parseOperator(name string) operator {
	var op operator
	s := strings.ToLower(name)
	if rest, ok := strings.CutPrefix(s, "forallvalues:"); ok {
		s, op.forAll = rest, true
	} else if rest, ok := strings.CutPrefix(s, "foranyvalue:"); ok {
		s, op.forAny = rest, true
	}
	s, op.ifExists = strings.CutSuffix(s, "ifexists")
	op.canonical = s
	op.class, op.like = classOf(s)
	if op.class == nullClass && op.ifExists {
		op.class = noClass // Null takes no IfExists
	}
	op.negated = strings.Contains(s, "not")
	return op
}

func classOf(s string) (class, bool) {
	switch s {
	case "stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase":
		return stringClass, false
	case "stringlike", "stringnotlike":
		return stringClass, true
	case "arnequals", "arnlike", "arnnotequals", "arnnotlike":
		return arnClass, true
	case "bool":
		return boolClass, false
	case "binaryequals":
		return binaryClass, false
	case "ipaddress", "notipaddress":
		return ipClass, false
	case "null":
		return nullClass, false
	}
	for prefix, c := range map[string]class{"numeric": numericClass, "date": dateClass} {
		switch rest, ok := strings.CutPrefix(s, prefix); {
		case !ok:
		case rest == "equals" || rest == "notequals" || rest == "lessthan" || rest == "lessthanequals" ||
			rest == "greaterthan" || rest == "greaterthanequals":
			return c, false
		}
	}
	return noClass, false
}
