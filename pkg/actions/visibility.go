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
	if !operation || !strings.Contains(a.flags, "o") && !apiVerb(a.name) || dataPlane(a.name) {
		return VisibilityUnknown, ""
	}
	return PresumedManagement, ""
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
