package lint

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// Severity says how much a finding matters.
type Severity string

// The severities, the heaviest first.
const (
	// Error: AWS refuses the document, or a part of it can never have an effect.
	Error Severity = "error"
	// Warning: it is likely not what was meant, or gives more than is safe.
	Warning Severity = "warning"
	// Suggestion: it may be shorter, clearer or narrower.
	Suggestion Severity = "suggestion"
)

// AtLeast reports whether s is as heavy as t or heavier.
func (s Severity) AtLeast(t Severity) bool { return s.rank() >= t.rank() }

func (s Severity) rank() int {
	switch s {
	case Error:
		return 3
	case Warning:
		return 2
	case Suggestion:
		return 1
	}
	return 0
}

// Type is a kind of policy; what is right differs between them.
type Type string

// The types. A document with a Principal is a trust policy where all its actions are of
// sts and it names no resource, else a resource policy; others are identity
// policies. Service and resource control policies look like those, so they must be told.
const (
	Auto     Type = "auto"
	Identity Type = "identity"
	Boundary Type = "boundary"
	Resource Type = "resource"
	Trust    Type = "trust"
	SCP      Type = "scp"
	RCP      Type = "rcp"
	// PermissionSet is the inline policy of a permission set of IAM Identity Center: an
	// identity policy with a quota of its own.
	PermissionSet Type = "permission-set"
)

// Types lists the types.
func Types() []Type {
	return []Type{Auto, Identity, PermissionSet, Boundary, Resource, Trust, SCP, RCP}
}

// hasPrincipal reports whether statements of the type have a Principal.
func (t Type) hasPrincipal() bool { return t == Resource || t == Trust || t == RCP }

// Rule is one thing that lint can find.
type Rule struct {
	ID         string // kebab-case, stable
	Severity   Severity
	Title      string
	Why        string   // what happens if it is left so
	Fix        string   // the remedy
	Source     string   // address of AWS's page about it
	Analyzer   []string // issue codes of IAM Access Analyzer's policy validation that mean the same
	Parliament []string // ids of duo-labs/parliament that mean the same
	Type       Type     // of the examples, Auto mostly
	Bad, Good  []string // documents, or single statements, that have it and that do not
}

//go:embed rules/*.txt
var ruleFiles embed.FS

// Rules lists all rules, by topic.
func Rules() []Rule { return loadRules() }

// loadRules reads the embedded files once.
var loadRules = sync.OnceValue(func() []Rule {
	var out []Rule
	err := fs.WalkDir(ruleFiles, "rules", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := ruleFiles.ReadFile(name)
		if err != nil {
			return err
		}
		rules, err := parseRules(string(data))
		out = append(out, rules...)
		return err
	})
	if err != nil {
		panic("the embedded rules are broken: " + err.Error()) // a test holds them
	}
	return out
})

// parseRules reads stanzas of "field: text" lines, divided by blank lines; lines
// that begin with "#" are comments.
func parseRules(data string) ([]Rule, error) {
	var out []Rule
	for i, stanza := range strings.Split(data, "\n\n") {
		r := Rule{Type: Auto}
		for line := range strings.Lines(stanza) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			name, rest, ok := strings.Cut(line, ": ")
			if !ok || !r.set(name, rest) {
				return nil, fmt.Errorf("stanza %d: cannot read %q", i+1, line)
			}
		}
		if r.ID != "" {
			out = append(out, r)
		}
	}
	return out, nil
}

// set reads one field; false for an unknown one.
func (r *Rule) set(name, rest string) bool {
	switch name {
	case "id":
		r.ID = rest
	case "severity":
		r.Severity = Severity(rest)
	case "title":
		r.Title = rest
	case "why":
		r.Why = rest
	case "fix":
		r.Fix = rest
	case "source":
		r.Source = page(rest)
	case "analyzer":
		r.Analyzer = strings.Fields(rest)
	case "parliament":
		r.Parliament = strings.Fields(rest)
	case "type":
		r.Type = Type(rest)
	case "bad":
		r.Bad = append(r.Bad, rest)
	case "good":
		r.Good = append(r.Good, rest)
	default:
		return false
	}
	return true
}

// page completes the name of a page of the IAM user guide.
func page(name string) string {
	if strings.HasPrefix(name, "https://") {
		return name
	}
	name, anchor, ok := strings.Cut(name, "#")
	if ok {
		anchor = "#" + anchor
	}
	return "https://docs.aws.amazon.com/IAM/latest/UserGuide/" + name + ".html" + anchor
}
