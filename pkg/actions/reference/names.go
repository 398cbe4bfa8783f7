package reference

import (
	"fmt"
	"strings"
)

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	figures = "0123456789"
)

// made reports whether s has one to most bytes, all of which are in set.
func made(s string, most int, set string) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		if strings.IndexByte(set, s[i]) < 0 {
			return false
		}
	}
	return true
}

// prefixName reports whether s can be a service prefix, such as "s3" or
// "access-analyzer".
func prefixName(s string) bool {
	return made(s, 64, letters[:26]+figures+"-") && s[0] != '-'
}

// actionName reports whether s can be the name of an action or operation.
func actionName(s string) bool {
	return made(s, 128, letters+figures+"_-") && strings.IndexByte(letters, s[0]) >= 0
}

// typeName reports whether s can be the name of a resource type.
func typeName(s string) bool {
	return made(s, 128, letters+figures+" _-./") && strings.TrimSpace(s) == s
}

// keyName reports whether s can be a condition key: "s3:prefix",
// "aws:RequestTag/${TagKey}".
func keyName(s string) bool {
	before, after, ok := strings.Cut(s, ":")
	return ok && made(before, 128, letters+figures+"${}-._/") && made(after, 192, letters+figures+"${}<>/:._-*+=@ ") && strings.TrimSpace(after) == after
}

// maxVariables bounds the variables of a template; AWS's have up to nine.
const maxVariables = 12

// badTemplate says what is wrong with an ARN format, "" for nothing: it has an
// ARN's six parts, names its service, and does not match everything.
func badTemplate(arn string) string {
	if !made(arn, 512, letters+figures+"${}:/-_.*+@#=~") {
		return "holds other characters than ARN formats do, or is too long"
	}
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case len(parts) < 6 || parts[0] != "arn":
		return "has not the six parts of an ARN"
	case parts[1] != "${Partition}" && parts[1] != "aws" && !strings.HasPrefix(parts[1], "aws-"):
		return "is of an unknown partition"
	case parts[2] == "" || strings.Contains(parts[2], "*"):
		return "names no service"
	case strings.Trim(parts[5], "*:/") == "":
		return "names no resource"
	}
	return badVariables(arn)
}

// badVariables says what is wrong with the ${Variables} of an ARN format.
func badVariables(arn string) string {
	rest := arn
	for n := 0; ; n++ {
		lit, after, ok := strings.Cut(rest, "${")
		if strings.Contains(lit, "$") { // braces without it are AWS's own slips
			return "has a dollar sign outside of a variable"
		}
		if !ok {
			return ""
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || !made(name, 64, letters+figures+"_-") {
			return "has a variable without a proper name"
		}
		if n == maxVariables {
			return fmt.Sprintf("has more than %d variables", maxVariables)
		}
		rest = tail
	}
}

// printable reports whether s is printable ASCII.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// quote makes text of a file fit for a message: escaped and short.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%+q...", s[:most])
	}
	return fmt.Sprintf("%+q", s)
}
