package account

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// names finds the principal that a file name or a key means. A wrong answer could
// remove permissions, so that only an exact and unique one counts.
type names struct {
	arns map[string][]*Principal // by the words of the ARN
	name map[string][]*Principal // by the words of the name
}

func newNames(principals []*Principal) names {
	n := names{arns: map[string][]*Principal{}, name: map[string][]*Principal{}}
	for _, p := range principals {
		a, b := joined(words(p.ARN)), joined(words(p.Name))
		n.arns[a] = append(n.arns[a], p)
		n.name[b] = append(n.name[b], p)
	}
	return n
}

// maxWords bounds the work on one name.
const maxWords = 40

// find returns the ARN of the principal that text means, or "".
func (n names) find(text string) string {
	if decoded, err := url.PathUnescape(text); err == nil {
		text = decoded
	}
	w := words(text)
	if len(w) > maxWords {
		return ""
	}
	if i := slices.Index(w, "arn"); i >= 0 {
		for j := len(w); j > i; j-- {
			if p := n.arns[joined(w[i:j])]; p != nil {
				return unique(p)
			}
		}
	}
	return n.byName(w)
}

// byName takes words off both ends as long as they only describe the file, and
// wants exactly one principal that bears a name that can be left.
func (n names) byName(w []string) string {
	var found []*Principal
	for i := 0; i < len(w) && descriptive(w[:i]); i++ {
		for j := len(w); j > i && descriptive(w[j:]); j-- {
			for _, p := range n.name[joined(w[i:j])] {
				if fits(p, w[:i], w[j:]) {
					found = append(found, p)
				}
			}
		}
	}
	return unique(found)
}

// fits reports whether the kind and the account that a name tells are p's.
func fits(p *Principal, around ...[]string) bool {
	for _, list := range around {
		for _, w := range list {
			if accountID(w) && w != p.Account {
				return false
			}
		}
	}
	return true
}

func unique(found []*Principal) string {
	arn := ""
	for _, p := range found {
		if arn != "" && p.ARN != arn {
			return ""
		}
		arn = p.ARN
	}
	return arn
}

// descriptive reports whether no word can be what names the principal.
func descriptive(w []string) bool {
	for _, s := range w {
		switch s {
		case "service", "services", "last", "accessed", "access", "lastaccessed", "advisor", "details", "report",
			"get", "iam", "aws", "arn", "role", "user", "job", "action", "level", "principal", "granularity":
		default:
			if !accountID(s) {
				return false
			}
		}
	}
	return true
}

// words splits at everything that isn't a letter or digit, as encodings of ARNs in
// file names do it in many ways.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r < 0x80 && (r < '0' || '9' < r && r < 'a' || r > 'z')
	})
}

func joined(w []string) string { return strings.Join(w, " ") }

// baseName is a file's name without folder and the usual endings.
func baseName(path string) string {
	name := filepath.Base(path)
	for _, end := range []string{".gz", ".json", ".jsonl", ".ndjson"} {
		name = strings.TrimSuffix(name, end)
	}
	return name
}
