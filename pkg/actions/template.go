package actions

import "strings"

// template is an ARN template of the reference, split into literals and
// variables: lit[0] var[0] lit[1] … var[n-1] lit[n].
type template struct {
	lits []string
	vars []string
	size int // bytes of literal text: the measure of how specific it is
}

// parseTemplate splits "arn:${Partition}:s3:::${BucketName}".
func parseTemplate(arn string) template {
	var t template
	arn = strings.Replace(arn, ":${Region}:*:", ":${Region}:${Account}:", 1)
	colons := 0
	for {
		lit, rest, ok := strings.Cut(arn, "${")
		t.lits = append(t.lits, lit)
		t.size += len(lit)
		if !ok {
			return t
		}
		name, rest, _ := strings.Cut(rest, "}")
		// What stands in the partition's, region's or account's place is that,
		// whatever the reference calls it.
		switch colons += strings.Count(lit, ":"); colons {
		case 1:
			name = "Partition"
		case 3:
			name = "Region"
		case 4:
			name = "Account"
		}
		t.vars = append(t.vars, name)
		arn = rest
	}
}

// envelope reports whether the variable is filled from the record and not from
// a parameter.
func envelope(name string) bool {
	return name == "Partition" || name == "Region" || name == "Account"
}

// match reports whether a concrete ARN has the template's form. Variables of the
// envelope hold no colon; the others hold at least one byte, and only the last
// one may hold "/" or ":" where the text after it allows.
func (t *template) match(arn string) bool {
	if !strings.HasPrefix(arn, t.lits[0]) {
		return false
	}
	return t.matchFrom(0, arn[len(t.lits[0]):])
}

func (t *template) matchFrom(i int, rest string) bool {
	if i == len(t.vars) {
		return rest == ""
	}
	lit := t.lits[i+1]
	if i == len(t.vars)-1 && lit == "" {
		return rest != "" || t.vars[i] == "Account" || t.vars[i] == "Region"
	}
	if envelope(t.vars[i]) {
		end := strings.IndexByte(rest, ':')
		if end < 0 || !strings.HasPrefix(rest[end:], lit) {
			return false
		}
		return t.matchFrom(i+1, rest[end+len(lit):])
	}
	return t.matchName(i, rest)
}

// matchName tries each end of a name variable. Names in the middle hold no "/"
// unless no reading without one fits; since a literal separates them, the first
// and the last occurrence of it suffice, which keeps hostile input linear.
func (t *template) matchName(i int, rest string) bool {
	lit := t.lits[i+1]
	first := strings.Index(rest, lit)
	if first == 0 && len(rest) > len(lit) {
		if next := strings.Index(rest[1:], lit); next >= 0 {
			first = next + 1
		}
	}
	if first > 0 && t.matchFrom(i+1, rest[first+len(lit):]) {
		return true
	}
	last := strings.LastIndex(rest, lit)
	return last > first && last > 0 && t.matchFrom(i+1, rest[last+len(lit):])
}

// partitionOf tells the partition of a region.
func partitionOf(region string) string {
	for _, p := range []struct{ prefix, partition string }{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"},
		{"us-iso-", "aws-iso"}, {"eu-isoe-", "aws-iso-e"}, {"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.partition
		}
	}
	return "aws"
}

// concrete reports whether a value taken from a record may become part of an
// ARN: whoever made the call chose it, so wildcards, variables and control
// characters make it underivable instead of widening a policy.
func concrete(value string) bool {
	if value == "" || len(value) > maxValue {
		return false
	}
	i := 0
	for i+8 <= len(value) && !suspicious(word(value, i)) {
		i += 8
	}
	for ; i < len(value); i++ {
		switch c := value[i]; {
		case c == '*' || c == '?' || c < ' ' || c == 0x7f:
			return false
		case c == '$' && i+1 < len(value) && value[i+1] == '{':
			return false
		}
	}
	return true
}

// word is the eight bytes of s at i.
func word(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// suspicious reports whether one of eight bytes is a control character or one that
// concrete looks at more closely.
func suspicious(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	star, question, dollar, del := w^ones*'*', w^ones*'?', w^ones*'$', w^ones*0x7f
	hit := (w-ones*' ')&^w | (star-ones)&^star | (question-ones)&^question | (dollar-ones)&^dollar | (del-ones)&^del
	return hit&tops != 0
}

// maxValue is the longest value that can name a resource, in bytes: an S3 key.
const maxValue = 1024

// isARN reports whether a value has the shape of an ARN.
func isARN(value string) bool {
	return strings.HasPrefix(value, "arn:") && strings.Count(value, ":") >= 5
}

// isRoleARN recognises the ARN of an IAM role, and isProfileARN that of an
// instance profile.
func isRoleARN(value string) bool    { return iamARN(value, "role/") }
func isProfileARN(value string) bool { return iamARN(value, "instance-profile/") }

func iamARN(value, kind string) bool {
	rest, ok := strings.CutPrefix(value, "arn:aws")
	if !ok {
		return false
	}
	_, rest, ok = strings.Cut(rest, ":iam::")
	if !ok || len(rest) < 13 || rest[12] != ':' || !digits(rest[:12]) {
		return false
	}
	name, ok := strings.CutPrefix(rest[13:], kind)
	return ok && concrete(name) && !strings.ContainsAny(name, ": ")
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
