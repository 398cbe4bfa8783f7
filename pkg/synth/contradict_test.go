package synth

import (
	"strings"
	"testing"
)

// TestSuccessAgainstDeny: a success that something attached forbids is not explained by
// an Allow beside it, and blocks its service, unless what forbids it came later or may
// not apply.
func TestSuccessAgainstDeny(t *testing.T) {
	const allow = `{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue"],"Resource":"*"}`
	const queue, bound = "arn:aws:sqs:us-east-1:111122223333:q1", "arn:aws:iam::111122223333:policy/bound"
	doc := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	deny := func(rest string) string { return `{"Effect":"Deny","Action":"sqs:CreateQueue",` + rest + `}` }
	beside := func(rest string) func(*world) {
		return func(w *world) { w.inline["stop"] = doc(deny(rest)) }
	}
	bounded := func(statements ...string) func(*world) {
		return func(w *world) {
			w.managed[bound] = doc(statements...)
			w.extra = `"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"` + bound + `"},`
		}
	}
	for name, c := range map[string]struct {
		change func(*world)
		hint   string // of what is unexplained; "" nothing is
	}{
		"no deny":                          {func(*world) {}, ""},
		"a deny in the same document":      {func(w *world) { w.inline["app"] = doc(allow, deny(`"Resource":"*"`)) }, "the Deny statement 2 of policy app"},
		"a deny in another document":       {beside(`"Resource":"*"`), "the Deny statement 1 of policy stop"},
		"a deny of another resource":       {beside(`"Resource":"arn:aws:sqs:*:*:q2"`), ""},
		"a deny of all but the resource":   {beside(`"NotResource":"arn:aws:sqs:*:*:q1"`), ""},
		"a condition that logs don't show": {beside(`"Resource":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}`), ""},
		"a condition that logs show":       {beside(`"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`), "the Deny statement 1 of policy stop"},
		"a condition that is not met":      {beside(`"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`), ""},
		"a deny put after the calls": {func(w *world) {
			beside(`"Resource":"*"`)(w)
			w.changed(70, 0, "PutRolePolicy", "roleName", "app", "policyName", "stop")
			w.files = append(w.files, youngFile(window))
		}, ""},
		"a deny put between the calls": {func(w *world) {
			beside(`"Resource":"*"`)(w)
			w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "stop")
			w.files = append(w.files, youngFile(window))
		}, "the Deny statement 1 of policy stop"},
		"the boundary lets it pass":         {bounded(`{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`), ""},
		"the boundary lets others pass":     {bounded(`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`), "the permissions boundary " + bound},
		"the boundary denies it":            {bounded(`{"Effect":"Allow","Action":"*","Resource":"*"}`, deny(`"Resource":"*"`)), "the permissions boundary " + bound},
		"the boundary lets it pass at noon": {bounded(`{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`), ""},
		"the boundary is not known": {func(w *world) {
			w.extra = `"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"` + bound + `"},`
		}, ""},
		"the boundary came after the calls": {func(w *world) {
			bounded(`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)(w)
			w.changed(70, 0, "PutRolePermissionsBoundary", "roleName", "app", "permissionsBoundary", bound)
			w.files = append(w.files, youngFile(window))
		}, ""},
		"the boundary, and the queue's own policy": {func(w *world) {
			bounded(`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)(w)
			w.files = append(w.files, wrapped(queue, resourceDoc("Allow", `{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"}`, "sqs:CreateQueue", queue, "")))
		}, "names a session of the role"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = doc(allow)
			w.saw("sqs:CreateQueue", queue, "arn", 1, 60)
			c.change(w)
			r := w.propose(Options{})
			var app PrincipalResult
			for _, p := range r.Principals {
				if p.ARN == roleARN {
					app = p
				}
			}
			hint := ""
			if len(app.Unexplained) > 0 {
				hint = app.Unexplained[0].Hint
			}
			if (hint == "") != (c.hint == "") || !strings.Contains(hint, c.hint) {
				t.Errorf("unexplained: %q, want %q", hint, c.hint)
			}
			for _, x := range app.Proposals {
				if x.Name == "app" && c.hint != "" && fateOf(t, x, "sqs:DeleteQueue").Fate != FateBlocked {
					t.Errorf("sqs:DeleteQueue is not kept: %s", x.Printed)
				}
			}
		})
	}
}
