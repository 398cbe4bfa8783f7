package account

import (
	"sort"
	"strings"
	"time"
)

// LastAccessed is one get-service-last-accessed-details report, its pages put
// together. A service or an action that is not in it is unknown, not unused.
type LastAccessed struct {
	ARN         string    // of the user, role, group or policy it was made for, "" when nothing tells
	ARNFrom     ARNSource // where ARN comes from
	File        string
	Created     time.Time // JobCreationDate; zero unknown
	Completed   time.Time // JobCompletionDate; zero unknown
	ActionLevel bool
	Truncated   bool // the last page is missing
	Services    []ServiceAccess
}

// ARNSource says how the principal of a report is known; the answer itself
// doesn't name it.
type ARNSource string

// The sources, in the order in which they are believed.
const (
	FromMember   ARNSource = "member"    // a member beside the report, such as "Arn"
	FromKey      ARNSource = "key"       // the key of an object that wraps reports
	FromFileName ARNSource = "file-name" // an encoded ARN, or the name of one principal alone
	FromEntity   ARNSource = "entity"    // the only entity that ever used any of its services
)

// ServiceAccess is one service of a report.
type ServiceAccess struct {
	Namespace string
	Last      time.Time // zero: never within the tracking period
	Entity    string    // ARN of the principal that used it last, "" none
	Entities  int
	Actions   []ActionAccess // sorted by name
}

// ActionAccess is one tracked action of a service.
type ActionAccess struct {
	Name string
	Last time.Time // zero: never within the tracking period
}

// report is one page, before it is known whom it is about.
type report struct {
	*LastAccessed
	hint  string
	keyed bool
	doc   int
	where string
}

// named lets an object that wraps something name the principal.
func (p place) named(o object) place {
	for _, name := range []string{
		"arn", "principalarn", "entityarn", "rolearn", "userarn", "grouparn", "policyarn", "principal", "entity", "identity",
	} {
		if arn := o.get(name).text(); iamARN(arn) {
			p.arn, p.from = arn, FromMember
			return p
		}
	}
	return p
}

// keyedBy notes the key under which a wrapper has a value.
func (p place) keyedBy(key string) place {
	if iamARN(key) {
		p.arn, p.from = key, FromKey
		return p
	}
	p.hint, p.keyed = key, true
	return p
}

// iamARN reports whether s names something that a report can be about.
func iamARN(s string) bool { return strings.HasPrefix(s, "arn:") && strings.Contains(s, ":iam::") }

// takeReport reads one page of get-service-last-accessed-details.
func (l *loader) takeReport(o object, at place) {
	if s := o.get("jobstatus").text(); s != "" && s != "COMPLETED" {
		l.warn(at, "the job of this last-accessed report is %s; not used: get it again when it has completed", quote(s))
		return
	}
	r := &report{
		LastAccessed: &LastAccessed{
			ARN: at.arn, ARNFrom: at.from, File: l.file,
			Created: l.date(o, "jobcreationdate", at), Completed: l.date(o, "jobcompletiondate", at),
			ActionLevel: o.get("jobtype").text() == "ACTION_LEVEL",
			Truncated:   more(o) || o.get("marker").text() != "",
		},
		hint: at.hint, keyed: at.keyed, doc: at.doc, where: at.String(),
	}
	l.each(o, "serviceslastaccessed", at, func(o object, at place) {
		if s, ok := l.service(o, at); ok {
			r.Services = append(r.Services, s)
			r.ActionLevel = r.ActionLevel || o.has("trackedactionslastaccessed")
		}
	})
	l.reports = append(l.reports, r)
}

// service reads one service. One with a date that can't be read is left out:
// without a date it would look unused.
func (l *loader) service(o object, at place) (ServiceAccess, bool) {
	s := ServiceAccess{
		Namespace: strings.ToLower(o.get("servicenamespace").text()),
		Entity:    o.get("lastauthenticatedentity").text(),
		Entities:  o.get("totalauthenticatedentities").number(),
	}
	last, err := date(o.get("lastauthenticated"))
	switch {
	case s.Namespace == "":
		l.warn(at, "a service without ServiceNamespace; ignored")
		return s, false
	case err != nil:
		l.warn(at, "%s of service %s; taken as unknown", err, quote(s.Namespace))
		return s, false
	case last.IsZero() && s.Entities > 0:
		l.warn(at, "service %s has entities but no LastAuthenticated; taken as unknown", quote(s.Namespace))
		return s, false
	}
	s.Last = last
	l.each(o, "trackedactionslastaccessed", at, func(o object, at place) {
		when, err := date(o.get("lastaccessedtime"))
		name := o.get("actionname").text()
		if err != nil || name == "" {
			l.warn(at, "a tracked action that can't be read; taken as unknown")
			return
		}
		s.Actions = append(s.Actions, ActionAccess{Name: name, Last: when})
	})
	s.Actions = mergeActions(s.Actions)
	return s, true
}

// finishReports finds out whom each report is about and joins its pages.
func (l *loader) finishReports() {
	names := newNames(l.snap.Principals)
	for _, r := range l.reports {
		if r.ARN == "" && r.keyed {
			if arn := names.find(r.hint); arn != "" {
				r.ARN, r.ARNFrom = arn, FromKey
			}
		}
	}
	l.joinPages()
	l.nameByFile(names)
	for _, r := range l.reports {
		if r.ARN == "" {
			r.ARN = r.onlyEntity()
			if r.ARN != "" {
				r.ARNFrom = FromEntity
			}
		}
	}
	l.joinPages() // the same report may have been named in different ways
	for _, r := range l.reports {
		l.file = r.File
		if r.ARN == "" {
			l.warn(place{path: r.where}, "nothing tells whose last-accessed report this is; put it under the principal's ARN as {\"arn:…\": {report}}, or name the file after it")
		}
		if r.Truncated {
			l.warn(place{path: r.where}, "a last-accessed report is cut off (IsTruncated); services that are missing count as unknown")
		}
		l.snap.LastAccessed = append(l.snap.LastAccessed, r.LastAccessed)
	}
	sort.SliceStable(l.snap.LastAccessed, func(i, j int) bool {
		a, b := l.snap.LastAccessed[i], l.snap.LastAccessed[j]
		if a.ARN != b.ARN {
			return a.ARN < b.ARN
		}
		return a.Completed.Before(b.Completed)
	})
}

// reportKey is what the pages of one report have in common.
type reportKey struct {
	arn, file, hint    string
	created, completed time.Time
	actions            bool
}

func (r *report) key() reportKey {
	k := reportKey{arn: r.ARN, created: r.Created, completed: r.Completed, actions: r.ActionLevel}
	if r.ARN == "" {
		k.file, k.hint = r.File, r.hint
	}
	return k
}

// joinPages merges pages of one report, and copies of it. Without an ARN only a
// page that follows a truncated one is a continuation.
func (l *loader) joinPages() {
	byKey := map[reportKey]*report{}
	var out []*report
	for _, r := range l.reports {
		prev := byKey[r.key()]
		if prev == nil || r.ARN == "" && !prev.Truncated {
			byKey[r.key()] = r
			out = append(out, r)
			continue
		}
		prev.Services = append(prev.Services, r.Services...)
		prev.Truncated = prev.Truncated && r.Truncated
	}
	for _, r := range out {
		r.Services = mergeServices(r.Services)
	}
	l.reports = out
}

// mergeServices sorts by namespace and joins doubles, the later use winning.
func mergeServices(list []ServiceAccess) []ServiceAccess {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Namespace < list[j].Namespace })
	out := list[:0]
	for _, s := range list {
		n := len(out)
		if n == 0 || out[n-1].Namespace != s.Namespace {
			out = append(out, s)
			continue
		}
		prev := &out[n-1]
		if s.Last.After(prev.Last) {
			prev.Last, prev.Entity = s.Last, s.Entity
		}
		prev.Entities = max(prev.Entities, s.Entities)
		prev.Actions = mergeActions(append(prev.Actions[:len(prev.Actions):len(prev.Actions)], s.Actions...))
	}
	return out
}

// mergeActions sorts by name and joins doubles, the later use winning.
func mergeActions(list []ActionAccess) []ActionAccess {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	out := list[:0]
	for _, a := range list {
		if n := len(out); n > 0 && out[n-1].Name == a.Name {
			if a.Last.After(out[n-1].Last) {
				out[n-1].Last = a.Last
			}
			continue
		}
		out = append(out, a)
	}
	return out
}

// nameByFile lets the name of a file tell whom its report is about, if it is the
// only one there.
func (l *loader) nameByFile(names names) {
	count := map[string]int{}
	for _, r := range l.reports {
		count[r.File]++
	}
	for _, r := range l.reports {
		if r.ARN != "" || count[r.File] > 1 {
			continue
		}
		if arn := names.find(baseName(r.File)); arn != "" {
			r.ARN, r.ARNFrom = arn, FromFileName
		}
	}
}

// onlyEntity returns the principal that alone ever used any service of the
// report. All it says then holds for that principal, even if it was made for a
// policy or a group.
func (r *report) onlyEntity() string {
	only := ""
	for _, s := range r.Services {
		switch {
		case s.Entity == "" && s.Last.IsZero():
		case s.Entities > 1, only != "" && s.Entity != only, !isPrincipalARN(s.Entity):
			return ""
		default:
			only = s.Entity
		}
	}
	return only
}

func isPrincipalARN(arn string) bool {
	return strings.Contains(arn, ":iam::") && (strings.Contains(arn, ":user/") || strings.Contains(arn, ":role/"))
}
