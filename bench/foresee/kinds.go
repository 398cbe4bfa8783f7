package main

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// kinds finds the resource type of an ARN by the templates of the service
// authorization reference.
type kinds struct {
	catalog   *actions.Catalog
	templates map[string][]template // by service
}

// template is one ARN template as a pattern.
type template struct {
	kind    string
	pattern *regexp.Regexp
	literal int // characters that are no variable: of two that match, the longer tells more
}

func newKinds(c *actions.Catalog) *kinds { return &kinds{c, map[string][]template{}} }

// of returns "s3/object" for an object's ARN, "" for an ARN of no known type.
func (k *kinds) of(arn string) string {
	service := strings.Split(arn+"::", ":")[2]
	best, length := "", -1
	for _, t := range k.service(service) {
		if t.literal > length && t.pattern.MatchString(arn) {
			best, length = service+"/"+t.kind, t.literal
		}
	}
	return best
}

func (k *kinds) service(name string) []template {
	if l, ok := k.templates[name]; ok {
		return l
	}
	var l []template
	for _, a := range k.catalog.Expand(nil, name+":*") {
		f, _ := k.catalog.Lookup(a)
		for _, t := range f.ResourceTypes {
			l = append(l, newTemplate(t))
		}
	}
	k.templates[name] = l
	return l
}

var variable = regexp.MustCompile(`\$\{[^}]*\}`)

func newTemplate(t actions.ResourceType) template {
	parts := variable.Split(t.ARN, -1)
	literal := 0
	for i, p := range parts {
		literal += len(p)
		parts[i] = regexp.QuoteMeta(p)
	}
	return template{t.Name, regexp.MustCompile("^" + strings.Join(parts, ".*") + "$"), literal}
}

// actionElements lists the Action elements of a document's Allow statements.
func actionElements(document string) []string {
	var d struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(document), &d) != nil {
		return nil
	}
	var statements []struct {
		Effect string
		Action json.RawMessage
	}
	if json.Unmarshal(d.Statement, &statements) != nil {
		statements = append(statements[:0], struct {
			Effect string
			Action json.RawMessage
		}{})
		if json.Unmarshal(d.Statement, &statements[0]) != nil {
			return nil
		}
	}
	var all []string
	for _, s := range statements {
		var one string
		var many []string
		if s.Effect != "Allow" {
			continue
		}
		if json.Unmarshal(s.Action, &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(s.Action, &many) != nil {
			continue
		}
		all = append(all, many...)
	}
	return all
}
