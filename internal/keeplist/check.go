package keeplist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// Warnings tell which actions of a list no known action matches, with the nearest names.
func (l *List) Warnings(c *actions.Catalog) []string {
	var out []string
	for i := range l.Entries {
		e := &l.Entries[i]
		for _, a := range e.Actions {
			if len(c.Expand(nil, a)) == 0 {
				out = append(out, fmt.Sprintf("%s: action %q matches no known action%s", e.Where, a, hint(c, a)))
			}
		}
	}
	return slices.Compact(out)
}

// hint names what may be meant.
func hint(c *actions.Catalog, action string) string {
	if near := c.Near(action); len(near) > 0 && !strings.ContainsAny(action, "*?") {
		return ": did you mean " + near[0] + "?"
	}
	service, _, _ := strings.Cut(action, ":")
	near := c.NearServices(service)
	switch {
	case len(near) == 0 || strings.ContainsAny(service, "*?"):
		return ""
	case near[0] == strings.ToLower(service):
		return fmt.Sprintf(": `tighten actions expand %s:*` lists those of %s", service, service)
	}
	return ": did you mean the service " + near[0] + "?"
}
