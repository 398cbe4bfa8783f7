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

// visibility tells where CloudTrail shows an action: by its own curated row, else
// by what documents say of its service as a whole (tables/logged.txt). Data event
// types that must be selected for all uses to show come with it. A service that no
// document names as logging its API is never presumed to.
func (c *Catalog) visibility(s *service, a *actionRecord) (Visibility, string, []string) {
	row, ok := c.curated(strings.ToLower(s.prefix + ":" + a.name))
	if !ok {
		return c.presumed(s, a), "", nil
	}
	if row.visibility == DataEvent && len(row.types) > 0 {
		return DataEvent, row.types[0], slices.Clone(row.types[1:])
	}
	return row.visibility, "", slices.Clone(row.types)
}

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
func (c *Catalog) presumed(s *service, a *actionRecord) Visibility {
	row, ok := c.tables.logged[s.prefix]
	switch {
	case !ok:
		return VisibilityUnknown
	case listed(row.names, a.name):
		return Management
	case !c.isOperation(s, a):
		return VisibilityUnknown
	case row.all:
		return Management
	case dataPlane(a.name):
		return VisibilityUnknown
	}
	return PresumedManagement
}

// isOperation reports whether a call shows an action: the API models have an operation
// of its name, or a curated row leads from an event to it.
func (c *Catalog) isOperation(s *service, a *actionRecord) bool {
	return strings.Contains(a.flags, "o") || listed(c.tables.models[s.prefix], a.name) ||
		len(c.tables.operations[s.prefix+":"+a.name]) > 0
}

// dataPlane reports whether an action's name is that of an operation on content:
// messages, events, records, objects, inference. Where no document says that such an
// operation is logged as a management event, nothing is presumed: services log them
// as data events or not at all ("Logging data events", CloudTrail user guide: data
// events are "resource operations performed on or within a resource").
func dataPlane(name string) bool {
	end := 1
	for end < len(name) && (name[end] < 'A' || name[end] > 'Z') {
		end++
	}
	if strings.Contains(contentVerbs, " "+name[:end]+" ") {
		return true
	}
	noun := strings.TrimSuffix(name, "s")
	for _, n := range []string{"Event", "Record", "Message", "Object", "Datapoint", "Metric", "Trace", "Recommendation", "Ranking", "ActivityTask", "Prediction", "Inference"} {
		if strings.HasSuffix(noun, n) && strings.Contains(contentAccess, " "+name[:end]+" ") {
			return true
		}
	}
	return false
}

const (
	contentVerbs  = " Send Receive Publish Post Poll Acknowledge Invoke Evaluate Predict Stream Ingest Push Converse Chat Recognize Infer Synthesize "
	contentAccess = " Put Get Delete Write Read Batch List Head Select "
)
