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
	operation := !strings.Contains(a.flags, "p") || strings.Contains(a.flags, "o")
	for i := range c.tables.visiblePats {
		row := &c.tables.visiblePats[i]
		if matchGlob(row.pattern, name) && (operation || row.visibility != Management) {
			return row.visibility, row.dataType
		}
	}
	if !operation || strings.Contains(a.flags, "n") && !strings.Contains(a.flags, "o") && !apiVerb(a.name) {
		return VisibilityUnknown, ""
	}
	return PresumedManagement, ""
}

// apiVerb reports whether an action that no source of operations knows yet has
// the name of one.
func apiVerb(name string) bool {
	for _, v := range [...]string{
		"Accept", "Add", "Associate", "Attach", "Batch", "Cancel", "Copy", "Create", "Delete", "Deregister",
		"Describe", "Detach", "Disable", "Disassociate", "Enable", "Export", "Get", "Import", "List", "Modify", "Put",
		"Register", "Reject", "Remove", "Restore", "Search", "Send", "Set", "Start", "Stop", "Submit", "Tag",
		"Untag", "Update",
	} {
		if strings.HasPrefix(name, v) {
			return true
		}
	}
	return false
}
