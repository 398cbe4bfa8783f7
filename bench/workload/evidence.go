package workload

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

//go:embed services.txt
var serviceNames string

// trails lists the trails of the world and their event selectors: all management
// events everywhere, data events but for the dev account.
func (w *world) trails() list {
	l := list{obj("trailList", list{
		w.trail(w.prod, "main-trail", ""), w.trail(w.prod, "security-trail", "security-trail"),
		w.trail(w.dev, "main-trail", ""), w.trail(w.data, "main-trail", ""),
	})}
	common := []string{"AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::Lambda::Function"}
	return append(l,
		w.selectors(w.prod, "main-trail", append(slices.Clone(common), "AWS::SQS::Queue")...),
		w.selectors(w.prod, "security-trail"),
		w.selectors(w.dev, "main-trail"),
		w.selectors(w.data, "main-trail", common...))
}

// trail is one entry of describe-trails.
func (w *world) trail(account, name, prefix string) object {
	o := obj("Name", name, "S3BucketName", logBucket)
	if prefix != "" {
		o = o.with("S3KeyPrefix", prefix)
	}
	return o.with("IncludeGlobalServiceEvents", true, "IsMultiRegionTrail", true, "HomeRegion", home,
		"TrailARN", arn("cloudtrail", home, account, "trail/"+name), "LogFileValidationEnabled", prefix == "",
		"HasCustomEventSelectors", true, "HasInsightSelectors", account == w.prod && prefix == "", "IsOrganizationTrail", false)
}

// selectors is get-event-selectors of one trail with advanced selectors.
func (w *world) selectors(account, name string, dataTypes ...string) object {
	field := func(name, value string) object { return obj("Field", name, "Equals", texts(value)) }
	l := list{obj("Name", "Management events", "FieldSelectors", list{field("eventCategory", "Management")})}
	for _, t := range dataTypes {
		l = append(l, obj("Name", "All of "+t, "FieldSelectors", list{field("eventCategory", "Data"), field("resources.type", t)}))
	}
	return obj("TrailARN", arn("cloudtrail", home, account, "trail/"+name), "AdvancedEventSelectors", l)
}

// reports lists service last accessed reports, each with the ARN it was asked for.
func (w *world) reports() list {
	l := list{}
	for _, p := range []*principal{w.etl, w.web, w.worker, w.ci} {
		l = append(l, w.lastAccessed(p, true))
	}
	for _, p := range []*principal{w.admin, w.unused} {
		l = append(l, w.lastAccessed(p, false))
	}
	return l
}

// reported is when the reports were made: after the last day by more than the
// four hours that IAM may lag.
func (w *world) reported() time.Time { return w.cfg.Last.AddDate(0, 0, 1).Add(6 * time.Hour) }

// lastAccessed is get-service-last-accessed-details of one principal.
func (w *world) lastAccessed(p *principal, actions bool) object {
	kind := "SERVICE_LEVEL"
	if actions {
		kind = "ACTION_LEVEL"
	}
	services := list{}
	granted := w.grantedActions(p)
	for line := range strings.Lines(serviceNames) {
		prefix, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || !granted.service(prefix) {
			continue
		}
		services = append(services, w.serviceAccess(p, prefix, name, actions, granted))
	}
	return obj("Arn", p.arn, "JobStatus", "COMPLETED", "JobType", kind, "JobCreationDate", cliTime(w.reported().Add(-9*time.Second)),
		"ServicesLastAccessed", services, "JobCompletionDate", cliTime(w.reported()), "IsTruncated", false)
}

// serviceAccess is one service of a report.
func (w *world) serviceAccess(p *principal, prefix, name string, actions bool, granted grantedActions) object {
	last, region := w.lastUse(p, prefix+":")
	o := obj("ServiceName", name)
	if !last.IsZero() {
		o = o.with("LastAuthenticated", cliTime(last))
	}
	o = o.with("ServiceNamespace", prefix)
	count := 0
	if !last.IsZero() {
		o = o.with("LastAuthenticatedEntity", p.arn, "LastAuthenticatedRegion", region)
		count = 1
	}
	o = o.with("TotalAuthenticatedEntities", count)
	if !actions {
		return o
	}
	tracked := list{}
	for _, a := range granted {
		service, action, _ := strings.Cut(a, ":")
		if service != prefix || !trackedAction(a) {
			continue
		}
		t := obj("ActionName", action)
		if at, where := w.lastUse(p, a); !at.IsZero() {
			t = t.with("LastAccessedEntity", p.arn, "LastAccessedTime", cliTime(at), "LastAccessedRegion", where)
		}
		tracked = append(tracked, t)
	}
	if len(tracked) > 0 {
		o = o.with("TrackedActionsLastAccessed", tracked)
	}
	return o
}

// lastUse is the last attempt at an action, or at any of a service ("s3:"). Two
// uses that no log shows are known to IAM all the same.
func (w *world) lastUse(p *principal, action string) (at time.Time, region string) {
	a := w.truth.of(p)
	for name, t := range a.last {
		if name == action || strings.HasSuffix(action, ":") && strings.HasPrefix(name, action) {
			if t.After(at) || t.Equal(at) && a.where[name] < region {
				at, region = t, a.where[name]
			}
		}
	}
	if p == w.web && action == "sns:" || p == w.worker && action == "logs:" {
		at, region = w.cfg.Last.Add(20*time.Hour), home
	}
	return at, region
}

// grantedActions are the actions that a principal's policies name. "*" alone
// grants all services.
type grantedActions []string

// service tells whether any action of the service is granted.
func (g grantedActions) service(prefix string) bool {
	for _, a := range g {
		if a == "*" || strings.HasPrefix(a, prefix+":") {
			return true
		}
	}
	return false
}

// grantedActions lists the action elements of the principal's allowing statements.
func (w *world) grantedActions(p *principal) grantedActions {
	var g grantedActions
	names := append(slices.Clone(p.managed), p.inline...)
	for _, a := range p.aws {
		names = append(names, lastPart(a))
	}
	for _, name := range names {
		document, ok := w.policy(name, p.account).(raw)
		if !ok && name == "AWSLambdaBasicExecutionRole" {
			g = append(g, "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
			continue
		}
		g = append(g, allowedActions(string(document))...)
	}
	slices.Sort(g)
	return slices.Compact(g)
}

// allowedActions lists the action elements of a document's Allow statements.
func allowedActions(document string) []string {
	var d struct {
		Statement []struct {
			Effect string
			Action json.RawMessage
		}
	}
	if document == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		panic(err) // an embedded document is broken
	}
	var all []string
	for _, s := range d.Statement {
		var one string
		var many []string
		if s.Effect != "Allow" {
			continue
		}
		if json.Unmarshal(s.Action, &one) == nil {
			many = []string{one}
		} else if err := json.Unmarshal(s.Action, &many); err != nil {
			panic(err)
		}
		all = append(all, many...)
	}
	return all
}

// trackedAction tells whether IAM tracks the action: of those that the policies
// name literally, management actions of a few services, as its documentation
// lists them. PassRole and data events are never tracked.
func trackedAction(a string) bool {
	service, name, _ := strings.Cut(a, ":")
	if strings.Contains(name, "*") {
		return false
	}
	switch service {
	case "glue", "ecs", "ssm", "logs", "athena":
		return name != "PutLogEvents"
	case "kms":
		return name == "DescribeKey"
	case "lambda":
		return name != "InvokeFunction"
	case "dynamodb":
		return strings.HasSuffix(name, "Table")
	case "sns":
		return name != "Publish"
	case "secretsmanager", "ec2":
		return true
	}
	return false
}
