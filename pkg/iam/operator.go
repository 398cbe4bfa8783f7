package iam

import "strings"

// operand is what kind of values a condition operator compares.
type operand uint8

const (
	unknownOperand operand = iota // an operator that IAM does not document
	stringOperand                 // exact text
	foldOperand                   // text without case
	likeOperand                   // text with * and ?
	arnOperand                    // ARN pattern, segment by segment
	numericOperand
	dateOperand
	boolOperand
	binaryOperand
	ipOperand
	nullOperand
)

// order is how an ordered operator compares the request's value with the policy's.
type order uint8

const (
	equal order = iota
	less
	lessEqual
	greater
	greaterEqual
)

// qualifier is a set operator.
type qualifier uint8

const (
	plain  qualifier = iota
	forAll           // ForAllValues:
	forAny           // ForAnyValue:
)

// operator is a condition operator taken apart.
type operator struct {
	operand   operand
	order     order
	qualifier qualifier
	negated   bool
	ifExists  bool
}

// parseOperator reads an operator's name without case. An undocumented one has
// unknownOperand.
func parseOperator(name string) operator {
	var op operator
	base := strings.ToLower(name)
	if rest, ok := strings.CutPrefix(base, "forallvalues:"); ok {
		base, op.qualifier = rest, forAll
	} else if rest, ok := strings.CutPrefix(base, "foranyvalue:"); ok {
		base, op.qualifier = rest, forAny
	}
	base, op.ifExists = strings.CutSuffix(base, "ifexists")
	if rest, ok := strings.CutPrefix(base, "numeric"); ok {
		op.compare(numericOperand, rest)
	} else if rest, ok := strings.CutPrefix(base, "date"); ok {
		op.compare(dateOperand, rest)
	} else {
		op.operand, op.negated = plainOperator(base)
	}
	if op.operand == nullOperand && op.ifExists {
		op.operand = unknownOperand
	}
	return op
}

func (op *operator) compare(kind operand, relation string) {
	op.operand = kind
	switch relation {
	case "equals":
	case "notequals":
		op.negated = true
	case "lessthan":
		op.order = less
	case "lessthanequals":
		op.order = lessEqual
	case "greaterthan":
		op.order = greater
	case "greaterthanequals":
		op.order = greaterEqual
	default:
		op.operand = unknownOperand
	}
}

func plainOperator(base string) (kind operand, negated bool) {
	switch base {
	case "stringequals", "stringnotequals":
		kind = stringOperand
	case "stringequalsignorecase", "stringnotequalsignorecase":
		kind = foldOperand
	case "stringlike", "stringnotlike":
		kind = likeOperand
	case "arnequals", "arnlike", "arnnotequals", "arnnotlike":
		kind = arnOperand
	case "ipaddress", "notipaddress":
		kind = ipOperand
	case "bool":
		kind = boolOperand
	case "binaryequals":
		kind = binaryOperand
	case "null":
		kind = nullOperand
	}
	return kind, strings.Contains(base, "not")
}

// holds applies an order to the sign of a comparison request ↔ policy.
func (o order) holds(sign int) bool {
	switch o {
	case less:
		return sign < 0
	case lessEqual:
		return sign <= 0
	case greater:
		return sign > 0
	case greaterEqual:
		return sign >= 0
	}
	return sign == 0
}
