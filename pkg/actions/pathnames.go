package actions

import (
	"slices"
	"strings"
)

// How the names of parameters are compared with the variables of ARN formats.

// wordTail reports whether one name ends in the other: a "model" is a
// "custommodel", a "dbsubnetgroup" a "subnetgroup".
func wordTail(a, b string) bool {
	return min(len(a), len(b)) >= 3 && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a))
}

// aliasMatches reports whether the path ends in the alias ("name" or
// "outer.name", normalised). An alias that begins with "." is the whole path.
func aliasMatches(alias string, names []string) bool {
	whole := strings.HasPrefix(alias, ".")
	parts := strings.Split(strings.TrimPrefix(alias, "."), ".")
	if len(parts) > len(names) || whole && len(parts) != len(names) {
		return false
	}
	tail := names[len(names)-len(parts):]
	for i := range parts {
		if normal(parts[i]) != tail[i] {
			return false
		}
	}
	return true
}

// plural reports whether leaf is a plural of name, or a list or set of it.
func plural(leaf, name string) bool {
	rest, ok := strings.CutPrefix(leaf, name)
	if ok {
		return rest == "s" || rest == "es" || rest == "set" || rest == "list" || rest == "sset"
	}
	y, ok := strings.CutSuffix(name, "y")
	return ok && leaf == y+"ies"
}

// trimKey drops the word that says what kind of key a name is.
func trimKey(s string) string {
	for _, tail := range []string{"identifiers", "identifier", "names", "name", "ids", "id", "arns", "arn", "key"} {
		if cut, ok := strings.CutSuffix(s, tail); ok && cut != "" {
			return cut
		}
	}
	return s
}

// bareKey reports whether a parameter can name the resource that the event is about.
func bareKey(leaf string) bool {
	switch leaf {
	case "name", "id", "identifier", "resource", "resourceid", "resourceidentifier", "resourcename", "names", "ids", "resourceids", "identifiers":
		return true
	}
	return false
}

// members splits a leaf path into normalised names and drops the wrappers that
// EC2's lists and requests add.
func members(path string) []string {
	var out []string
	_, rest, ok := strings.Cut(strings.ReplaceAll(path, "[]", ""), ".")
	for ok && rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		if n := normal(name); n != "" && !wrapper(n) {
			out = append(out, n)
		}
	}
	if len(out) > 1 && len(out[0]) > len("request") && strings.HasSuffix(out[0], "request") {
		out = out[1:]
	}
	return out
}

// wrapper reports whether a member is only the way that XML and its lists are
// written: items.item, member, content.
func wrapper(name string) bool {
	switch name {
	case "items", "item", "member", "members", "content":
		return true
	}
	return false
}

// within reports whether one of the path's members is one of the parameters. No
// parameters mean any path.
func within(names, params []string) bool {
	if len(params) == 0 {
		return true
	}
	return slices.ContainsFunc(params, func(p string) bool { return slices.Contains(names, normal(p)) })
}
