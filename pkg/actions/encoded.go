package actions

import "strings"

// encodedARN reports whether a value begins as a percent-encoded ARN does. The
// parameters in a REST request's path are logged as they were sent: "Log Amazon MSK
// API calls with CloudTrail" shows a clusterArn so.
func encodedARN(value string) bool {
	return len(value) > 6 && value[3] == '%' && strings.EqualFold(value[:6], "arn%3a")
}

// decoded is the ARN that a percent-encoded one stands for, decoded once; "" where
// that is none: an encoded ARN is never a name.
func (r *Resolver) decoded(value string) string {
	if len(value) > 3*maxValue {
		return ""
	}
	mark := r.arena.mark()
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '%' {
			hi, lo := -1, -1
			if i+2 < len(value) {
				hi, lo = nibble(value[i+1]), nibble(value[i+2])
			}
			if hi < 0 || lo < 0 {
				r.arena.drop(mark)
				return ""
			}
			c, i = byte(hi<<4|lo), i+2
		}
		r.arena.addByte(c)
	}
	if arn := r.arena.since(mark); wellFormed(arn) {
		return arn
	}
	r.arena.drop(mark)
	return ""
}

// nibble is the value of a hexadecimal digit, -1 for another character.
func nibble(c byte) int {
	switch l := lowerByte(c); {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= l && l <= 'f':
		return int(l-'a') + 10
	}
	return -1
}

// wellFormed reports whether a value is an ARN in all its parts, and may become part
// of a policy: a partition of AWS, a service, an account id or none, a resource.
func wellFormed(arn string) bool {
	if !isARN(arn) || !concrete(arn) || !strings.HasPrefix(arn, "arn:aws") || strings.ContainsAny(arn, "% \"") {
		return false
	}
	service, resource := serviceOf(arn)
	_, account := placeOf(arn)
	return service != "" && resource != "" && (account == "" || account == "aws" || len(account) == 12 && digits(account))
}

// escaped reports whether a name holds a percent-encoded character. Whether the
// service decided on the name as it was sent or on the decoded one, the record does not
// tell. A key of an object store is logged decoded, and may hold a "%".
func escaped(variable, value string) bool {
	i := strings.IndexByte(value, '%')
	return i >= 0 && i+2 < len(value) && variable != "ObjectName" && nibble(value[i+1]) >= 0 && nibble(value[i+2]) >= 0
}

// tagsPath uses the path of API Gateway's tagging calls, which ends in the
// percent-encoded ARN of what is tagged. Source: the type Tags of "Actions, resources,
// and condition keys for Amazon API Gateway Management".
func (r *Resolver) tagsPath(t *target, basis Basis) bool {
	if len(t.types) != 1 || !strings.HasPrefix(t.types[0].name, "/tags/") {
		return false
	}
	arn := r.value("resourcearn")
	if !wellFormed(arn) {
		return false
	}
	mark := r.arena.mark()
	for _, s := range [...]string{"arn:", r.accounts[0], ":apigateway:", orStar(r.region), "::/tags/"} {
		r.arena.add(s)
	}
	for i := 0; i < len(arn); i++ {
		switch c := arn[i]; c {
		case ':':
			r.arena.add("%3A")
		case '/':
			r.arena.add("%2F")
		default:
			r.arena.addByte(c)
		}
	}
	s := r.arena.since(mark)
	r.use(t, 0, s, kindOf(s), basis)
	return true
}
