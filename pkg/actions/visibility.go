package actions

import (
	"slices"
	"strings"
)

// readOnly tells whether an action's events are read events. CloudTrail decides
// by operation; the access level is right but for the curated exceptions.
func (c *Catalog) readOnly(name string, level Level) bool {
	if ro, ok := c.tables.readOnly[name]; ok {
		return ro
	}
	return level == Read || level == List
}

// shown is what the facts say of where CloudTrail shows an action.
type shown struct {
	visibility Visibility
	dataType   string   // the data event's type
	more       []string // further types that some uses are data events of
	unlogged   []string // those of them whose uses are never logged
	rule       Rule
	source     citation
}

// visibility tells where CloudTrail shows an action: by its own curated row, else
// by what documents say of its service as a whole (tables/logged.txt). Data event
// types that must be selected for all uses to show come with it. A service that no
// document names as logging its API is never presumed to.
func (c *Catalog) visibility(s *service, a *actionRecord) shown {
	row, ok := c.curated(strings.ToLower(s.prefix + ":" + a.name))
	if !ok || later(a) {
		return c.presumed(s, a)
	}
	out := shown{visibility: row.visibility, unlogged: slices.Clone(row.unlogged), rule: RuleRow, source: row.source}
	if row.visibility == DataEvent && len(row.types) > 0 {
		out.dataType, out.more = row.types[0], slices.Clone(row.types[1:])
	} else {
		out.more = slices.Clone(row.types)
	}
	return out
}

// later reports whether only an update brought the action: no document that the rows
// were made by can have known it.
func later(a *actionRecord) bool { return strings.IndexByte(a.flags, flagLater) >= 0 }

// curated finds the row of a lower-case action, else of the longest pattern.
func (c *Catalog) curated(name string) (visibleRow, bool) {
	if row, ok := c.tables.visible[name]; ok {
		return row, true
	}
	for i := range c.tables.visiblePats {
		if matchGlob(c.tables.visiblePats[i].pattern, name) {
			return c.tables.visiblePats[i], true
		}
	}
	return visibleRow{}, false
}

// presumed is the visibility that follows from the action's service. The service's
// document makes it management where it names the operation, or says that every
// operation is logged. Else an operation is presumed to be logged. An action that
// is none has no event of its own, so nothing is presumed of it.
//
// No document says of an action that is newer than it that it is logged: it is
// presumed to be at most, and not where the service has data events, as it may be one.
func (c *Catalog) presumed(s *service, a *actionRecord) shown {
	row, ok := c.tables.logged[s.prefix]
	unknown := func(rule Rule) shown { return shown{visibility: VisibilityUnknown, rule: rule, source: row.citation} }
	switch {
	case !ok:
		return unknown(RuleUndocumented)
	case !later(a) && listed(row.names, a.name):
		return shown{visibility: Management, rule: RuleNamed, source: row.citation}
	case !c.isOperation(s, a):
		return unknown(RuleNoOperation)
	case later(a) && c.nearData(s, a):
		return unknown(RuleLater)
	case row.all && !later(a) && c.besideData(s, a):
		return unknown(RuleBesideData)
	case row.all && c.tables.inferred[s.prefix+":"+a.name] && !c.hasOperation(s, a):
		return shown{visibility: Management, rule: RuleParameters, source: row.citation}
	case row.all && !later(a):
		return shown{visibility: Management, rule: RuleAll, source: row.citation}
	case dataPlane(a.name):
		return unknown(RuleContent)
	case later(a):
		return shown{visibility: PresumedManagement, rule: RuleLater, source: row.citation}
	}
	return shown{visibility: PresumedManagement, rule: RuleService, source: row.citation}
}

// nearData reports whether the action's service, or one whose resources it is used
// on, has operations that are data events or may be.
func (c *Catalog) nearData(s *service, a *actionRecord) bool {
	if c.tables.dataPlanes[s.prefix] {
		return true
	}
	for _, t := range c.resourceTypes(s, a) {
		if owner, _ := serviceOf(t.ARN); c.tables.dataPlanes[owner] {
			return true
		}
	}
	return false
}

// besideData reports whether an operation may be a data event although the service's
// page says that all are management events: it is used on resources of which
// operations are data events, and either it is newer than the reference that the
// pages were compared with, or its name is not that of an operation on the resource
// itself.
func (c *Catalog) besideData(s *service, a *actionRecord) bool {
	if !c.tables.dataPlanes[s.prefix] {
		return false
	}
	if dataPlane(a.name) { // on whatever resources: an update may add some
		return true
	}
	if controlPlane(a.name) && !strings.Contains(a.flags, "n") {
		return false
	}
	with := c.typesWithData(s)
	for item := range splitList(a.types) {
		if listed(with, strings.TrimSuffix(item, "*")) {
			return true
		}
	}
	return false
}

// typesWithData lists the positions, each between spaces, of the service's resource
// types on which operations are data events.
func (c *Catalog) typesWithData(s *service) string {
	if got, ok := c.withData.Load(s.prefix); ok {
		return got.(string)
	}
	out := " "
	for i := range s.actions {
		if row, ok := c.curated(strings.ToLower(s.prefix + ":" + s.actions[i].name)); !ok || row.visibility != DataEvent {
			continue
		}
		for item := range splitList(s.actions[i].types) {
			if item = strings.TrimSuffix(item, "*"); !listed(out, item) {
				out += item + " "
			}
		}
	}
	c.withData.Store(s.prefix, out)
	return out
}

// isOperation reports whether a call shows an action: the API models have an operation
// of its name, or a curated row leads from an event to it.
func (c *Catalog) isOperation(s *service, a *actionRecord) bool {
	name := s.prefix + ":" + a.name
	return c.hasOperation(s, a) || len(c.tables.operations[name]) > 0 || c.tables.inferred[name]
}

// hasOperation reports whether the API models have an operation of the action's name.
func (c *Catalog) hasOperation(s *service, a *actionRecord) bool {
	return strings.Contains(a.flags, "o") || listed(c.tables.models[s.prefix], a.name)
}

// dataPlane reports whether an action's name is that of an operation on content:
// messages, events, records, objects, inference. Where no document says that such an
// operation is logged as a management event, nothing is presumed: services log them
// as data events or not at all ("Logging data events", CloudTrail user guide: data
// events are "resource operations performed on or within a resource").
func dataPlane(name string) bool {
	verb := verbOf(name)
	if listed(contentVerbs, verb) {
		return !strings.HasSuffix(name, "Version") // a version of a function or state machine is published
	}
	noun := strings.TrimSuffix(name, "s")
	for _, n := range []string{"Event", "Record", "Message", "Object", "Datapoint", "Metric", "Trace", "Recommendation", "Ranking", "ActivityTask", "Prediction", "Inference"} {
		if strings.HasSuffix(noun, n) && listed(contentAccess, verb) {
			return true
		}
	}
	return false
}

// verbOf is the first word of an action's name.
func verbOf(name string) string {
	end := 1
	for end < len(name) && (name[end] < 'A' || name[end] > 'Z') {
		end++
	}
	return name[:min(end, len(name))]
}

// controlPlane reports whether an action's name is that of an operation on a resource
// itself, not on what it holds.
func controlPlane(name string) bool {
	if !listed(controlVerbs, verbOf(name)) || dataPlane(name) {
		return false
	}
	for _, n := range []string{"Data", "Document", "Documents", "Item", "Items", "Value", "Values"} {
		if strings.HasSuffix(name, n) {
			return false
		}
	}
	return true
}

const (
	controlVerbs  = " Add Associate Create Delete Deregister Describe Disassociate Export Get List Publish Put Register Release Remove Request Restore Set Start Stop Tag Untag Update "
	contentVerbs  = " Send Receive Publish Post Poll Acknowledge Invoke Evaluate Predict Stream Ingest Push Converse Chat Recognize Infer Synthesize "
	contentAccess = " Put Get Delete Write Read Batch List Head Select "
)
