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
// operation is logged and this surely is one. Else what is an operation, as far as
// the sources tell, is presumed to be logged: a permission without an operation of
// its name has no event of its own.
func (c *Catalog) presumed(s *service, a *actionRecord) Visibility {
	row, ok := c.tables.logged[s.prefix]
	modelled := strings.Contains(a.flags, "o")
	switch {
	case !ok:
		return VisibilityUnknown
	case listed(row.names, a.name), row.all && modelled:
		return Management
	case !modelled && (strings.Contains(a.flags, "p") || !apiVerb(a.name)), dataPlane(a.name):
		return VisibilityUnknown
	case row.all && !strings.Contains(a.flags, "n"):
		return Management
	}
	return PresumedManagement
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

// apiVerb reports whether an action that is in no model of operations, which
// end in 2024, has the name of an operation: a verb and what it acts on.
func apiVerb(name string) bool {
	for i := 1; i < len(name); i++ {
		if 'A' <= name[i] && name[i] <= 'Z' {
			return strings.Contains(apiVerbs, " "+name[:i]+" ")
		}
	}
	return false
}

// apiVerbs are the verbs of AWS's operation names.
const apiVerbs = " Accept Acknowledge Activate Add Allocate Apply Approve Archive Assign Associate Attach Authorize" +
	" Batch Cancel Check Close Complete Configure Confirm Copy Count Create Deactivate Decrease Define Delete Deploy" +
	" Deregister Describe Detach Detect Disable Disassociate Discover Download Enable Encrypt Estimate Evaluate" +
	" Execute Exit Export Failover Filter Generate Get Import Increase Initiate Invite Leave Link List Lock Lookup" +
	" Merge Migrate Modify Move Notify Open Pause Poll Preview Promote Provision Publish Purchase Put Query Reboot Refresh" +
	" Register Reject Release Remove Replace Request Reset Resolve Restart Restore Resume Retry Revoke Rollback Rotate" +
	" Run Schedule Search Send Set Share Skip Start Stop Submit Subscribe Suspend Swap Switch Tag Terminate Test" +
	" Transfer Unassign Undo Unlink Unlock Unsubscribe Untag Update Upgrade Upload Validate Verify View Withdraw "
