package actions

import "strings"

// classOf tells a record that is no use of the caller by its envelope. It
// returns ClassUse for everything else.
func classOf(c *Call) Class {
	switch c.EventType {
	case "AwsServiceEvent":
		return ClassServiceEvent
	case "AwsConsoleSignIn", "AwsConsoleSignin":
		return ClassSignIn
	case "AwsVpceEvent":
		return ClassVPCEndpoint
	case "AwsCloudTrailInsight":
		return ClassInsight
	case "AwsAggregatedEvent":
		return ClassAggregated
	}
	switch c.Category {
	case "Insight":
		return ClassInsight
	case "Aggregated":
		return ClassAggregated
	}
	if c.PrincipalType == "AWSService" {
		return ClassAWSService
	}
	return ClassUse
}

// labelOf is the part of an event source that names the service: lower case,
// without the domain and without a region.
func labelOf(source string) string {
	label := strings.ToLower(strings.TrimSpace(source))
	for _, domain := range []string{".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".aws.amazon.com", ".aws.internal", ".amazon.com"} {
		if cut, ok := strings.CutSuffix(label, domain); ok {
			label = cut
			break
		}
	}
	if i := strings.LastIndexByte(label, '.'); i > 0 && isRegion(label[i+1:]) {
		label = label[:i]
	}
	return label
}

// isRegion recognises the shape of a region name, such as us-gov-east-1.
func isRegion(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 3 && digits(s[i+1:]) && strings.Count(s, "-") >= 2 && s[2] == '-'
}

// eventNames lists the spellings of an event name to try, best first: as it is,
// without an API date, without a version suffix, without the group that billing's
// consoles put before an operation ("Financing_GetFinancingLine").
func eventNames(name string) []string {
	name = strings.Join(strings.Fields(name), "")
	out := []string{name}
	add := func(s string) {
		if s != "" && s != out[len(out)-1] {
			out = append(out, s)
		}
	}
	add(trimVersion(name))
	add(trimDate(out[len(out)-1]))
	add(trimVersion(out[len(out)-1]))
	add(trimGroup(out[len(out)-1]))
	return out
}

// trimGroup drops what stands before the "_" or "." of a name, where an operation's
// name follows.
func trimGroup(name string) string {
	i := strings.IndexAny(name, "_.")
	if i <= 0 || len(name) < i+3 {
		return name
	}
	if first, second := name[i+1], name[i+2]; first < 'A' || 'Z' < first || second < 'a' || 'z' < second {
		return name // "Login_GET" is no operation with a group
	}
	return name[i+1:]
}

// trimVersion drops a trailing "v2" or "_v2" (any digit).
func trimVersion(name string) string {
	n := len(name)
	if n > 2 && (name[n-2] == 'v' || name[n-2] == 'V') && '1' <= name[n-1] && name[n-1] <= '9' {
		return strings.TrimSuffix(name[:n-2], "_")
	}
	return name
}

// trimDate drops a trailing API date: "20150331" or "2020_05_31".
func trimDate(name string) string {
	for _, n := range []int{8, 10} {
		if len(name) <= n {
			continue
		}
		tail := name[len(name)-n:]
		if n == 10 && (tail[4] != '_' || tail[7] != '_') {
			continue
		}
		tail = strings.ReplaceAll(tail, "_", "")
		if len(tail) == 8 && digits(tail) && (tail[0] == '1' || tail[0] == '2') {
			return strings.TrimSuffix(name[:len(name)-n], "_")
		}
	}
	return name
}
