package iam

import "strings"

// clause is one key of a condition block, compiled.
type clause struct {
	op      operator
	name    string // the operator as written
	key     string // lower case
	values  []value
	literal bool
}

// compileConditions flattens c: every clause must hold.
func compileConditions(c Conditions, literal bool) []clause {
	var out []clause
	for _, b := range c {
		op := parseOperator(b.Operator)
		for _, cl := range b.Clauses {
			k := clause{op: op, name: b.Operator, key: strings.ToLower(cl.Key), literal: literal}
			for _, v := range cl.Values {
				k.values = append(k.values, newValue(v, op.operand, literal))
			}
			out = append(out, k)
		}
	}
	return out
}

// holdAll is the conjunction of clauses.
func holdAll(clauses []clause, c *Context) kleene {
	out := yes
	for i := range clauses {
		if out = min(out, clauses[i].holds(c)); out == no {
			return no
		}
	}
	return out
}

func (k *clause) holds(c *Context) kleene {
	values, there := c.lookup(k.key)
	switch {
	case k.op.operand == unknownOperand:
		return maybe
	case k.op.operand == nullOperand:
		return k.null(values, there)
	case there == no:
		return k.missing()
	case there == maybe:
		return maybe
	}
	switch k.op.qualifier {
	case forAll:
		return k.every(values, c)
	case forAny:
		return k.some(values, c)
	}
	if len(values) != 1 {
		return no // undocumented; independent evaluators agree that nothing matches a list
	}
	if c.Lists[k.key] {
		return maybe // undocumented
	}
	return k.test(values[0], c)
}

// missing is the value of the clause for an absent key.
func (k *clause) missing() kleene {
	switch k.op.qualifier {
	case forAll:
		return yes
	case forAny:
		// IfExists is said to be true then for any operator, ForAnyValue to be false.
		return min(truth(k.op.ifExists), maybe)
	}
	return truth(k.op.ifExists || k.op.negated)
}

// null answers the Null operator: "true" asks for an absent key, "false" for one
// whose value is not null. An empty string is taken as null: the user guide says
// so of the set operators ("a null data set, such as an empty string").
func (k *clause) null(values []string, there kleene) kleene {
	if there == yes && emptyValues(values) {
		there = no
	}
	out := no
	for i := range k.values {
		switch strings.ToLower(k.values[i].src) {
		case "true":
			out = max(out, there.not())
		case "false":
			out = max(out, there)
		}
	}
	return out
}

// emptyValues reports a key without values, or with one empty string.
func emptyValues(values []string) bool {
	return len(values) == 0 || len(values) == 1 && values[0] == ""
}

func (k *clause) every(values []string, c *Context) kleene {
	if emptyValues(values) {
		return yes
	}
	out := yes
	for _, v := range values {
		out = min(out, k.test(v, c))
	}
	return out
}

func (k *clause) some(values []string, c *Context) kleene {
	if emptyValues(values) {
		return no
	}
	out := no
	for _, v := range values {
		out = max(out, k.test(v, c))
	}
	return out
}

// test compares one request value with all values of the clause: any of them,
// or with a negated operator none.
func (k *clause) test(got string, c *Context) kleene {
	out := no
	for i := range k.values {
		if out = max(out, k.values[i].matches(k.op, got, c)); out == yes {
			break
		}
	}
	if k.op.negated {
		return out.not()
	}
	return out
}
