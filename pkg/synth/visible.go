package synth

import (
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
)

// sight says whether the logs could have shown an action, and why (not).
type sight struct {
	ok     bool
	reason string
}

// viewer answers sight questions for one document: an action is visible only if
// it is for every principal attached. Answers are kept by what they depend on.
type viewer struct {
	opts     *Options
	subjects []*subject
	memo     map[sightKey]sight
}

type sightKey struct {
	vis      actions.Visibility
	read     bool
	both     bool
	dataType string
	service  string
}

// excludable are the services whose management events a trail may leave out.
// Source: CloudTrail user guide, "Logging management events" (AWS KMS and Amazon
// RDS Data API events can be excluded).
var excludable = map[string]string{"kms": "kms.amazonaws.com", "rds-data": "rdsdata.amazonaws.com"}

func newViewer(o *Options, subjects []*subject) *viewer {
	return &viewer{opts: o, subjects: subjects, memo: map[sightKey]sight{}}
}

// see tells whether a use of the action would have been in the logs.
func (v *viewer) see(f *actions.Fact) sight {
	key := sightKey{f.Visibility, f.ReadOnly, f.BothWays, strings.Join(dataTypes(f), ","), servicePrefix(f.Name)}
	if isPassRole(f.Name) {
		key.service = f.Name
	}
	if s, ok := v.memo[key]; ok {
		return s
	}
	s := v.decide(f)
	v.memo[key] = s
	return s
}

func (v *viewer) decide(f *actions.Fact) sight {
	var s sight
	for _, sub := range v.subjects {
		if s = v.decideFor(sub, f); !s.ok {
			return s
		}
	}
	return s
}

func (v *viewer) decideFor(sub *subject, f *actions.Fact) sight {
	if s := v.windowOf(sub); !s.ok {
		return s
	}
	if isPassRole(f.Name) {
		return v.passRole(sub)
	}
	// Where the action's events go both ways, both must show.
	if f.BothWays {
		other := *f
		other.BothWays, other.ReadOnly = false, !f.ReadOnly
		if s := v.decideFor(sub, &other); !s.ok {
			return s
		}
	}
	switch f.Visibility {
	case actions.Management:
		return v.documented(sub, f)
	case actions.PresumedManagement:
		if v.opts.Strict {
			return sight{reason: "only presumed to be a management event (--evidence strict)"}
		}
		return v.management(sub, f, "presumed management event")
	case actions.DataEvent:
		return v.dataEvents(sub, f)
	case actions.NeverLogged:
		return sight{reason: "CloudTrail never logs it"}
	case actions.NetworkActivity:
		return sight{reason: "only network activity events show it"}
	}
	return sight{reason: "not known where CloudTrail shows it"}
}

func (v *viewer) windowOf(sub *subject) sight {
	w := sub.window
	if sub.cov != nil {
		w = sub.cov.oneRegion(w)
	}
	switch {
	case sub.cov == nil:
		return sight{reason: fmt.Sprintf("the logs hold nothing of account %s", sub.p.Account)}
	case sub.cov.unplaced > 0:
		return sight{reason: fmt.Sprintf("%d objects could not be read in full and do not tell their account and day", sub.cov.unplaced)}
	case sub.cov.regionFilter:
		return sight{reason: "the scan left out regions (--regions), so it cannot show what was not used"}
	case sub.hole != "":
		return sight{reason: sub.hole}
	case w.Days < v.opts.MinWindow:
		return sight{reason: fmt.Sprintf("observed %d days%s, a removal needs %d", w.Days, w.missed(), v.opts.MinWindow)}
	case sub.cov.known && !sub.cov.multi:
		return sight{reason: "no trail of the account is multi-region"}
	case v.opts.Strict && !sub.cov.multi && len(sub.cov.regions) < 2:
		return sight{reason: "logs of one region only, and no trail is known to be multi-region"}
	}
	return sight{ok: true, reason: fmt.Sprintf("%d days observed", w.Days)}
}

// implicitRole are actions that pass a role named in another object, such as a task
// definition or a launch template. Sources: Amazon ECS developer guide ("Grant
// permissions to pass a role"), Amazon EC2 Auto Scaling user guide ("Launch template
// support"), Systems Manager user guide ("Automation"), 2026-11.
var implicitRole = map[string]bool{
	"ecs:runtask": true, "ecs:starttask": true, "ecs:createservice": true, "ecs:updateservice": true, "ecs:createtaskset": true,
	"autoscaling:createautoscalinggroup": true, "autoscaling:updateautoscalinggroup": true, "autoscaling:startinstancerefresh": true,
	"ec2:createfleet": true, "ec2:requestspotfleet": true, "ssm:startautomationexecution": true,
}

// passRole is never logged itself; it shows in the calls that take a role, so it
// is visible where every call of the principal could be mapped.
func (v *viewer) passRole(sub *subject) sight {
	for _, c := range sub.seen {
		if c.unmappedCalls() > 0 {
			return sight{reason: "some calls of this principal are unmapped and could take a role"}
		}
	}
	for _, c := range sub.seen {
		for i := range c.obs {
			if o := &c.obs[i]; isPassRole(o.action) && o.basis == "ambiguous" && o.kind == "none" {
				return sight{reason: "a call to " + o.source + " takes a role, and its record does not show the parameters"}
			}
			if implicitRole[strings.ToLower(c.obs[i].action)] {
				return sight{reason: c.obs[i].action + " passes roles that its records do not name"}
			}
		}
	}
	if v.opts.Strict {
		return sight{reason: "PassRole is never logged, only inferred (--evidence strict)"}
	}
	return sight{ok: true, reason: "no call that takes a role was seen"}
}

func (v *viewer) management(sub *subject, f *actions.Fact, what string) sight {
	c := sub.cov
	source, exempt := excludable[servicePrefix(f.Name)]
	if c.selectorOK {
		from, ok := c.selected(func(t *account.TrailSelectors) bool { return selectsManagement(t, f.ReadOnly, source) })
		if !ok {
			return sight{reason: "the trail's event selectors leave such management events out"}
		}
		if sub.since(from).Days >= v.opts.MinWindow {
			return sight{ok: true, reason: what + ", logged by the event selectors"}
		} // they are too young: what the logs themselves show has to do
	}
	if exempt && !c.everyWeek(c.sources[source], sub.window) {
		return sight{reason: fmt.Sprintf("trails can exclude %s, and the logs do not hold it throughout", source)}
	}
	if !f.ReadOnly && !c.writes {
		return sight{reason: "the logs hold no write event of the account at all"}
	}
	if f.ReadOnly && !c.everyWeek(c.reads, sub.window) {
		return sight{reason: "trails can leave out read events, and the logs do not hold them throughout"}
	}
	return sight{ok: true, reason: what}
}

// documented sees a management event; where some uses of the action are data events
// (an asynchronous call, say), those must show as well.
func (v *viewer) documented(sub *subject, f *actions.Fact) sight {
	s := v.management(sub, f, "management event")
	if s.ok && len(f.MoreTypes) > 0 {
		return v.dataEvents(sub, f)
	}
	return s
}

// dataTypes lists all data event types as which uses of an action are logged.
func dataTypes(f *actions.Fact) []string {
	if f.DataType == "" {
		return f.MoreTypes
	}
	return append([]string{f.DataType}, f.MoreTypes...)
}

// dataEvents sees a data event where a trail selects each of its types in full.
func (v *viewer) dataEvents(sub *subject, f *actions.Fact) sight {
	types := dataTypes(f)
	if len(types) == 0 {
		return sight{reason: "data event of an unknown type"}
	}
	for _, t := range types {
		if !sub.cov.selectorOK {
			return sight{reason: fmt.Sprintf("data event (%s), and no event selectors were given for account %s", t, sub.p.Account)}
		}
		from, ok := sub.cov.selected(func(s *account.TrailSelectors) bool { return selectsData(s, t, f.ReadOnly) })
		if !ok {
			return sight{reason: fmt.Sprintf("data event (%s), not selected in full by a trail of account %s", t, sub.p.Account)}
		}
		if w := sub.since(from); w.Days < v.opts.MinWindow {
			return sight{reason: fmt.Sprintf("data event (%s), and the trail or its event selectors were changed: observed %d days since, a removal needs %d", t, w.Days, v.opts.MinWindow)}
		}
	}
	if len(sub.cov.data) == 0 {
		return sight{reason: "data events are selected, and the logs hold none: they may be of another trail"}
	}
	return sight{ok: true, reason: "data event, selected in full"}
}

// since is the part of the subject's window from a day on.
func (s *subject) since(from int32) Window {
	return s.cov.since(s.window, from)
}

// since is the part of a window from a day on.
func (c *accountCoverage) since(w Window, from int32) Window {
	if w.Days == 0 || from <= timeDay(w.From) {
		return w
	}
	return c.window(from, timeDay(w.To))
}

// oneRegion is what counts of a window where the trail became multi-region, or may have,
// within it: days before that count only if the logs have more than one region of them.
func (c *accountCoverage) oneRegion(w Window) Window {
	if !c.multi || w.Days == 0 || c.multiFrom <= timeDay(w.From) {
		return w
	}
	before := 0
	for _, days := range c.regions {
		for d := range days {
			if d < c.multiFrom {
				before++
				break
			}
		}
	}
	if before > 1 {
		return w
	}
	return c.since(w, c.multiFrom)
}

// selectsManagement reports whether a trail logs all management events of one
// direction, source included when the trail can exclude it.
func selectsManagement(t *account.TrailSelectors, read bool, excludableSource string) bool {
	for _, b := range t.Basic {
		if b.Management && direction(b.ReadWrite, read) && !contains(b.ExcludeManagementSources, excludableSource) {
			return true
		}
	}
	for _, a := range t.Advanced {
		if advancedCovers(a, "Management", "", read, excludableSource) {
			return true
		}
	}
	return false
}

// wholeType are the values by which a basic selector takes a resource type in full.
// Source: CloudTrail API reference, DataResource.
var wholeType = map[string]bool{"arn:aws:s3": true, "arn:aws:s3:::": true, "arn:aws:lambda": true, "arn:aws:dynamodb": true}

// selectsData reports whether a trail logs all data events of a type.
func selectsData(t *account.TrailSelectors, dataType string, read bool) bool {
	if dataType == "" {
		return false
	}
	for _, b := range t.Basic {
		for _, prefix := range b.Data[dataType] {
			if wholeType[prefix] && direction(b.ReadWrite, read) {
				return true
			}
		}
	}
	for _, a := range t.Advanced {
		if advancedCovers(a, "Data", dataType, read, "") {
			return true
		}
	}
	return false
}

func direction(readWrite string, read bool) bool {
	return readWrite == "" || strings.EqualFold(readWrite, "All") || strings.EqualFold(readWrite, "ReadOnly") == read
}

// advancedCovers reports whether one advanced selector takes all events of a
// category (and type, and direction); any other field restricts it, so no.
func advancedCovers(a account.AdvancedSelector, category, dataType string, read bool, source string) bool {
	gotCategory, gotType := false, dataType == ""
	for _, f := range a.Fields {
		switch {
		case f.Field == "eventCategory":
			gotCategory = onlyEquals(f) && contains(f.Equals, category)
		case f.Field == "resources.type":
			gotType = onlyEquals(f) && contains(f.Equals, dataType)
		case f.Field == "readOnly":
			if !onlyEquals(f) || !contains(f.Equals, fmt.Sprint(read)) {
				return false
			}
		case f.Field == "eventSource" && category == "Management" && len(f.Equals)+len(f.StartsWith)+len(f.EndsWith)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0:
			if source != "" && contains(f.NotEquals, source) {
				return false
			}
		default:
			return false
		}
	}
	return gotCategory && gotType
}

func onlyEquals(f account.FieldSelector) bool {
	return len(f.Equals) > 0 && len(f.StartsWith)+len(f.EndsWith)+len(f.NotEquals)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if s != "" && strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

func servicePrefix(action string) string {
	p, _, _ := strings.Cut(action, ":")
	return strings.ToLower(p)
}
