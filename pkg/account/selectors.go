package account

// TrailSelectors is one get-event-selectors answer (basic or advanced).
type TrailSelectors struct {
	TrailARN string // "" when the answer was cut down to the selectors
	File     string
	Basic    []BasicSelector
	Advanced []AdvancedSelector
}

// BasicSelector is one classic event selector.
type BasicSelector struct {
	ReadWrite                string // All, ReadOnly, WriteOnly
	Management               bool
	ExcludeManagementSources []string
	Data                     map[string][]string // resource type → ARN prefixes
}

// AdvancedSelector is one advanced event selector: all fields must match.
type AdvancedSelector struct {
	Name   string
	Fields []FieldSelector
}

// FieldSelector is one field's clauses.
type FieldSelector struct {
	Field                                 string
	Equals, StartsWith, EndsWith          []string
	NotEquals, NotStartsWith, NotEndsWith []string
}

// Trail is one trail of describe-trails.
type Trail struct {
	ARN, Name, File   string
	HomeRegion        string
	Bucket, Prefix    string
	MultiRegion       bool // delivers events of all regions
	Organization      bool // delivers events of all accounts of the organization
	GlobalServices    bool // includes events of global services such as IAM
	LogFileValidation bool // delivers digests, which prove that a quiet hour was quiet
	CustomSelectors   bool // has other selectors than the default; get-event-selectors tells which
}

// takeTrail reads one element of trailList.
func (l *loader) takeTrail(o object, at place) {
	t := &Trail{
		ARN: o.get("trailarn").text(), Name: o.get("name").text(), File: l.file,
		HomeRegion: o.get("homeregion").text(),
		Bucket:     o.get("s3bucketname").text(), Prefix: o.get("s3keyprefix").text(),
		MultiRegion:       o.get("ismultiregiontrail").truth(),
		Organization:      o.get("isorganizationtrail").truth(),
		GlobalServices:    o.get("includeglobalserviceevents").truth(),
		LogFileValidation: o.get("logfilevalidationenabled").truth(),
		CustomSelectors:   o.get("hascustomeventselectors").truth(),
	}
	if t.ARN == "" {
		l.warn(at, "a trail without TrailARN; ignored")
		return
	}
	l.snap.Trails = append(l.snap.Trails, t)
}

// takeSelectors reads get-event-selectors. A selector that can't be read in full
// is left out, since half of it would promise events that are not delivered.
func (l *loader) takeSelectors(o object, at place) {
	s := &TrailSelectors{TrailARN: o.get("trailarn").text(), File: l.file}
	if s.TrailARN == "" {
		l.warn(at, "event selectors without TrailARN: the trail is unknown")
	}
	l.each(o, "eventselectors", at, func(o object, at place) {
		before := l.warned
		b := l.basic(o, at)
		if l.warned > before {
			l.warn(at, "the event selector is ignored")
			return
		}
		s.Basic = append(s.Basic, b)
	})
	l.each(o, "advancedeventselectors", at, func(o object, at place) {
		before := l.warned
		a := l.advanced(o, at)
		if l.warned > before {
			l.warn(at, "the event selector is ignored")
			return
		}
		s.Advanced = append(s.Advanced, a)
	})
	l.snap.Selectors = append(l.snap.Selectors, s)
}

func (l *loader) basic(o object, at place) BasicSelector {
	b := BasicSelector{
		ReadWrite:                o.get("readwritetype").text(),
		Management:               !o.has("includemanagementevents") || o.get("includemanagementevents").truth(),
		ExcludeManagementSources: l.words(o, "excludemanagementeventsources", "", at),
		Data:                     map[string][]string{},
	}
	switch b.ReadWrite {
	case "":
		b.ReadWrite = "All" // the default of the API
	case "All", "ReadOnly", "WriteOnly":
	default:
		l.warn(at, "ReadWriteType is %s, want All, ReadOnly or WriteOnly", quote(b.ReadWrite))
	}
	l.each(o, "dataresources", at, func(o object, at place) {
		kind := o.get("type").text()
		if kind == "" {
			l.warn(at, "a data resource without Type")
			return
		}
		b.Data[kind] = append(b.Data[kind], l.words(o, "values", "", at)...)
	})
	return b
}

func (l *loader) advanced(o object, at place) AdvancedSelector {
	a := AdvancedSelector{Name: o.get("name").text()}
	l.each(o, "fieldselectors", at, func(o object, at place) {
		f := FieldSelector{
			Field:         o.get("field").text(),
			Equals:        l.words(o, "equals", "", at),
			StartsWith:    l.words(o, "startswith", "", at),
			EndsWith:      l.words(o, "endswith", "", at),
			NotEquals:     l.words(o, "notequals", "", at),
			NotStartsWith: l.words(o, "notstartswith", "", at),
			NotEndsWith:   l.words(o, "notendswith", "", at),
		}
		if f.Field == "" {
			l.warn(at, "a field selector without Field")
			return
		}
		a.Fields = append(a.Fields, f)
	})
	return a
}
