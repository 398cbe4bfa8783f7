package actions

import "strings"

// readOnly tells whether an action's events are read events. CloudTrail decides
// by operation; the access level is right but for the curated exceptions.
func (c *Catalog) readOnly(name string, level Level) bool {
	if ro, ok := c.tables.readOnly[name]; ok {
		return ro
	}
	return level == Read || level == List
}

// visibility finds the curated visibility of an action, else presumes. Only
// what is an API operation, as far as the sources tell, is presumed to be
// logged: a permission without an operation of its name has no event of its own.
func (c *Catalog) visibility(s *service, a *actionRecord) (Visibility, string) {
	name := strings.ToLower(s.prefix + ":" + a.name)
	if row, ok := c.tables.visible[name]; ok {
		return row.visibility, row.dataType
	}
	for i := range c.tables.visiblePats {
		if row := &c.tables.visiblePats[i]; matchGlob(row.pattern, name) {
			return row.visibility, row.dataType
		}
	}
	if strings.Contains(a.flags, "p") && !strings.Contains(a.flags, "o") {
		return VisibilityUnknown, ""
	}
	return PresumedManagement, ""
}
