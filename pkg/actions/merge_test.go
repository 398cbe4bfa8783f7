package actions

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions/internal/factsfile"
	"github.com/tighten-iam/tighten/pkg/actions/reference"
)

// smallReference tells something new of sqs, and of a service that is new.
func smallReference() []*reference.Service {
	return []*reference.Service{
		{
			Name: "zz-new",
			Actions: []reference.Action{
				{Name: "CreateThing", Level: "Write", Types: []string{"thing"}, Keys: []string{"aws:RequestTag/${TagKey}"}, Tracked: true},
				{Name: "UseThing", Level: "Read"},
				{Name: "Ponder"},
			},
			Types:      []reference.Type{{Name: "thing", ARNs: []string{"arn:${Partition}:zz-new:${Region}:${Account}:thing/${ThingName}"}}},
			Operations: []reference.Operation{{Name: "CreateThing", Actions: []string{"zz-new:CreateThing", "iam:PassRole"}}},
		},
		{
			Name: "sqs",
			Actions: []reference.Action{
				{Name: "purgequeue", Level: "Read", Types: []string{"Queue", "stream"}, Keys: []string{"aws:ResourceTag/key", "sqs:New"}, Tracked: true},
				{Name: "BrandNew", Level: "Permissions management", Types: []string{"nowhere", "stream"}},
				{Name: "Boundless", Level: "Write", Types: []string{"nowhere"}},
				{Name: "SendMessage", Types: []string{"nowhere"}, Tracked: true},
			},
			Types: []reference.Type{
				{Name: "QUEUE", ARNs: []string{"arn:${Partition}:sqs:${Region}:${Account}:${Q}", "arn:${Partition}:sqs:${Region}:${Account}:fifo/${Q}"}},
				{Name: "stream", ARNs: []string{"arn:${Partition}:sqs:${Region}:${Account}:stream/${S}"}},
			},
		},
	}
}

// merge merges into the embedded facts and opens the result.
func merge(t *testing.T, date string, services ...*reference.Service) (*Catalog, Merged) {
	t.Helper()
	data, got, err := Default().Merge(services, date)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenFacts(data)
	if err != nil {
		t.Fatal(err)
	}
	return c, got
}

func TestMergeAdds(t *testing.T) {
	c, got := merge(t, "2031-01-02", smallReference()...)
	want := Merged{Services: 1, Actions: 4, ResourceTypes: 2, ARNs: 1, ConditionKeys: 2, Tracked: 3, LeftOut: 1, Levels: []LevelDiffers{{"sqs:PurgeQueue", Write, Read}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("merged %+v, want %+v", got, want)
	}
	if !strings.HasPrefix(c.Version(), "2031-01-02.1-updated+sha256:") || !c.Updated() || Default().Updated() {
		t.Errorf("version %s", c.Version())
	}
	purge, _ := c.Lookup("sqs:PurgeQueue")
	if purge.Name != "sqs:PurgeQueue" || purge.Level != Write || !purge.Tracked {
		t.Errorf("a known action keeps name and level and gains tracking: %+v", purge)
	}
	var arns []string
	for _, rt := range purge.ResourceTypes {
		arns = append(arns, rt.ARN)
	}
	if !slices.Equal(arns, []string{
		"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", "arn:${Partition}:sqs:${Region}:${Account}:fifo/${Q}",
		"arn:${Partition}:sqs:${Region}:${Account}:stream/${S}",
	}) {
		t.Errorf("templates %q", arns)
	}
	if !slices.Contains(purge.ConditionKeys, "sqs:New") || slices.Contains(purge.ConditionKeys, "aws:ResourceTag/key") {
		t.Errorf("condition keys %q", purge.ConditionKeys)
	}
	if _, ok := c.Lookup("sqs:Boundless"); ok {
		t.Error("an action whose resource types are unknown looks like one without")
	}
	if fresh, _ := c.Lookup("sqs:BrandNew"); len(fresh.ResourceTypes) != 1 || fresh.ResourceTypes[0].Name != "stream" {
		t.Errorf("an undefined type beside a defined one: %+v", fresh.ResourceTypes)
	}
	if got := c.ReferenceOperations("iam:PassRole"); !slices.Equal(got, []string{"zz-new:CreateThing"}) {
		t.Errorf("operations %q", got)
	}
}

// No document can have known what only an update brings: it is presumed to be logged
// at most, and not where the service has data events.
func TestMergedVisibility(t *testing.T) {
	services := smallReference()
	fresh := func(service, action, kind, arn string) {
		services = append(services, &reference.Service{
			Name: service, Actions: []reference.Action{{Name: action, Level: "Read", Types: []string{kind}}},
			Types:      []reference.Type{{Name: kind, ARNs: []string{arn}}},
			Operations: []reference.Operation{{Name: action, Actions: []string{service + ":" + action}}},
		})
	}
	fresh("s3", "ReadObjectRange", "object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}")
	fresh("backup-search", "Newest", "job", "arn:${Partition}:backup-search:${Region}:${Account}:search-job/${JobId}")
	fresh("athena", "Newest", "workgroup", "arn:${Partition}:athena:${Region}:${Account}:workgroup/${WorkGroupName}")
	fresh("athena2", "Newest", "workgroup", "arn:${Partition}:athena2:${Region}:${Account}:workgroup/${WorkGroupName}")
	services[1].Actions = append(services[1].Actions, reference.Action{Name: "Newest", Level: "Write"})
	services[1].Operations = []reference.Operation{{Name: "Newest", Actions: []string{"sqs:Newest"}}}
	c, _ := merge(t, "", services...)
	for action, want := range map[string]Visibility{
		"zz-new:CreateThing":   VisibilityUnknown,  // an operation has its name, but no document says that the service logs
		"s3:ReadObjectRange":   VisibilityUnknown,  // all of S3's operations are logged, says its page, but this one may be a data event
		"sqs:Newest":           VisibilityUnknown,  // a service with data events
		"backup-search:Newest": VisibilityUnknown,  // a row for all actions of the service does not know it
		"athena:Newest":        PresumedManagement, // "all Athena actions are logged" is about those of the day
		"athena2:Newest":       VisibilityUnknown,
		"zz-new:UseThing":      VisibilityUnknown, // operations are listed, none has its name
		"zz-new:Ponder":        VisibilityUnknown,
	} {
		f, ok := c.Lookup(action)
		if !ok || f.Visibility != want {
			t.Errorf("%s: %v %q, want %q", action, ok, f.Visibility, want)
		}
	}
	r := NewResolver(c).Resolve(&Call{
		EventSource: "zz-new.amazonaws.com", EventName: "CreateThing", EventType: "AwsApiCall", Region: "us-east-1",
		Account: "111122223333", RecipientAccount: "111122223333", Args: []Arg{{Path: "p.thingName", Value: "x"}},
	})
	if len(r.Uses) != 1 || r.Uses[0].Action != "zz-new:CreateThing" || r.Uses[0].Resource != "arn:aws:zz-new:us-east-1:111122223333:thing/x" {
		t.Errorf("uses %v: the new service resolves by the rules, and authorized actions grant nothing", r.Uses)
	}
}

// Whatever service a new action is of, an update alone never makes it documented.
func TestMergedIsNeverDocumented(t *testing.T) {
	var services []*reference.Service
	for i := range Default().facts.services {
		s := &Default().facts.services[i]
		r := &reference.Service{Name: s.prefix}
		for _, name := range []string{"CreateZzz", "GetZzz", "SendZzz", "DELETE2"} {
			r.Actions = append(r.Actions, reference.Action{Name: name, Level: "Read"})
			r.Operations = append(r.Operations, reference.Operation{Name: name, Actions: []string{s.prefix + ":" + name}})
		}
		services = append(services, r)
	}
	c, _ := merge(t, "", services...)
	presumed := 0
	for _, r := range services {
		for _, a := range r.Actions {
			f, ok := c.Lookup(r.Name + ":" + a.Name)
			switch {
			case !ok || f.Visibility != PresumedManagement && f.Visibility != VisibilityUnknown:
				t.Errorf("%s:%s is %s by %s", r.Name, a.Name, f.Visibility, f.Evidence.Rule)
			case f.Visibility == PresumedManagement && c.tables.dataPlanes[r.Name]:
				t.Errorf("%s is presumed to be logged by a service with data events", f.Name)
			case f.Visibility == PresumedManagement:
				presumed++
			}
		}
	}
	if presumed < 300 {
		t.Errorf("only %d are presumed to be logged: the test proves little", presumed)
	}
}

// A file cannot lead its actions to the resources of another service.
func TestMergeLeavesForeignARNsOut(t *testing.T) {
	role := "arn:${Partition}:iam::${Account}:role/${R}"
	c, got := merge(t, "",
		&reference.Service{
			Name: "s3", Actions: []reference.Action{{Name: "TakeRole", Types: []string{"rolelike"}}},
			Types: []reference.Type{{Name: "object", ARNs: []string{role}}, {Name: "rolelike", ARNs: []string{role}}},
		},
		&reference.Service{
			Name: "zz-new", Actions: []reference.Action{{Name: "Use", Types: []string{"thing"}}},
			Types: []reference.Type{{Name: "thing", ARNs: []string{role, "arn:${Partition}:zz-new:::thing/${T}"}}},
		})
	if got.ForeignARNs != 3 || got.LeftOut != 1 || got.ARNs != 0 {
		t.Errorf("%+v", got)
	}
	for _, action := range []string{"s3:GetObject", "s3:TakeRole", "zz-new:Use"} {
		f, _ := c.Lookup(action)
		for _, rt := range f.ResourceTypes {
			if owner, _ := serviceOf(rt.ARN); owner == "iam" {
				t.Errorf("%s is used on %s", action, rt.ARN)
			}
		}
	}
	if _, ok := c.Lookup("s3:TakeRole"); ok {
		t.Error("an action on nothing but foreign resources looks like one without any")
	}
	// What the embedded facts have of other services stays possible.
	if _, got := merge(t, "", asReference(&Default().facts.services[Default().facts.index["geo"]])); got.ForeignARNs != 0 {
		t.Errorf("geo: %+v", got)
	}
}

// Nothing that the embedded facts know is lost or becomes more visible.
func TestMergeTakesNothingAway(t *testing.T) {
	var empty []*reference.Service
	for _, s := range Default().Services() {
		empty = append(empty, &reference.Service{Name: s})
	}
	c, got := merge(t, "2000-01-01", empty...)
	if !reflect.DeepEqual(got, Merged{}) || !strings.HasPrefix(c.Version(), Default().facts.date) {
		t.Errorf("an empty reference adds %+v to make %s", got, c.Version())
	}
	if changes := Compare(Default(), c); len(changes) > 0 {
		t.Errorf("%d changes, the first %+v", len(changes), changes[0])
	}
	c, _ = merge(t, "", smallReference()...)
	for _, ch := range Compare(Default(), c) {
		if ch.After == "" || ch.Kind == ChangedVisibility || ch.Kind == ChangedLevel {
			t.Errorf("%+v", ch)
		}
	}
}

func TestMergeIsDeterministic(t *testing.T) {
	services := smallReference()
	a, _, err := Default().Merge(services, "2031-01-02")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(services)
	b, _, err := Default().Merge(services, "2031-01-02")
	if err != nil || !slices.Equal(a, b) {
		t.Errorf("another order gives other bytes (%v)", err)
	}
	if _, _, err := Default().Merge([]*reference.Service{services[0], services[0]}, ""); err == nil {
		t.Error("a service that is there twice is taken")
	}
	c, _ := merge(t, "", services...)
	if _, _, err := c.Merge(services, ""); err == nil {
		t.Error("merged facts are merged into")
	}
}

func TestOpenFactsRefuses(t *testing.T) {
	base := "tighten-facts/1\t2026-01-01\t" + Default().hash + "\n"
	for name, tt := range map[string]struct{ text, want string }{
		"format":         {"other/1\t2026-01-01\nS\ts3\n", "unknown format"},
		"no services":    {base, "no services"},
		"service order":  {base + "S\ts3\nS\tec2\n", "out of order"},
		"service twice":  {base + "S\ts3\nS\ts3\n", "out of order"},
		"action order":   {base + "S\ts3\nA\tb\tR\t\t\t\nA\tA\tR\t\t\t\n", "out of order"},
		"escape":         {base + "S\ts3\nA\tb\x1b[31m\tR\t\t\t\n", "malformed"},
		"level":          {base + "S\ts3\nA\tb\tX\t\t\t\n", "malformed"},
		"type position":  {base + "S\ts3\nA\tb\tR\t0\t\t\n", "malformed"},
		"key position":   {base + "S\ts3\nA\tb\tR\t\t7\t\n", "malformed"},
		"negative":       {base + "S\ts3\nK\ts3:x\nA\tb\tR\t\t-1\t\n", "malformed"},
		"key characters": {base + "S\ts3\nK\ts3:\u202e\n", "unfit"},
		"date":           {"tighten-facts/1\t\x1b\nS\ts3\n", "first line"},
		"line":           {base + "S\ts3\nX\n", "line 3"},
	} {
		if _, err := OpenFacts(factsfile.Pack([]byte(tt.text))); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt.want)
		}
	}
	if _, err := OpenFacts([]byte("not zstd")); err == nil {
		t.Error("something that is not packed is opened")
	}
	if c, err := OpenFacts(factsfile.Pack([]byte("tighten-facts/1\t2026-01-01\nS\ts3\nA\tb\tR\t\t\t\n"))); !errors.Is(err, ErrOtherBase) || c == nil {
		t.Errorf("facts of another version: %v", err)
	}
	if c, err := OpenFacts(factsFile); err != nil || c.Version() != Default().Version() {
		t.Errorf("the embedded file itself: %v", err)
	}
}

func TestCompare(t *testing.T) {
	c, _ := merge(t, "", smallReference()...)
	var got []string
	for _, ch := range Compare(Default(), c) {
		got = append(got, string(ch.Kind)+"|"+ch.Name+"|"+ch.Before+"|"+ch.After)
	}
	want := []string{
		"resource-type|sqs queue||arn:${Partition}:sqs:${Region}:${Account}:fifo/${Q}",
		"resource-type|sqs stream||arn:${Partition}:sqs:${Region}:${Account}:stream/${S}",
		"action|sqs:BrandNew||Permissions management",
		"resource|sqs:PurgeQueue||stream",
		"condition-key|sqs:PurgeQueue||sqs:New",
		"tracked|sqs:SendMessage|no|yes",
		"service|zz-new||3 actions",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, ch := range Compare(Default(), c) {
		if ch.Kind == ChangedAction && (ch.Visibility != "unknown" || !slices.Equal(ch.Resources, []string{"stream"})) {
			t.Errorf("a new action without visibility and resource types: %+v", ch)
		}
	}
	back := Compare(c, Default())
	if len(back) != len(want) || back[0].After != "" || back[len(back)-1].Before != "3 actions" {
		t.Errorf("the other way round: %v", back)
	}
}

// The binary carries facts, tables and policies in less than 1 MB.
func TestDataFitsTheBinary(t *testing.T) {
	const most = 1 << 20
	if n := len(factsFile) + len(tablesFile) + len(policiesFile); n >= most {
		t.Errorf("the embedded data has %d bytes, want less than %d", n, most)
	}
}

// asReference turns the embedded facts of a service into a reference.
func asReference(s *service) *reference.Service {
	out := &reference.Service{Name: s.prefix}
	names := map[string]bool{}
	for i := range s.types {
		names[s.types[i].name] = true
		out.Types = append(out.Types, reference.Type{Name: s.types[i].name, ARNs: slices.Collect(splitList(s.types[i].arns)), Keys: s.keys})
	}
	for i := range s.actions {
		out.Actions = append(out.Actions, reference.Action{Name: s.actions[i].name, Level: string(levelOf(s.actions[i].level)), Types: sortedKeys(names)})
	}
	return out
}

// What is true of AWS's names today passes the checks for those of tomorrow.
func TestEmbeddedFactsPassTheChecks(t *testing.T) {
	for i := range Default().facts.services {
		if s := asReference(&Default().facts.services[i]); s.Check() != nil {
			t.Errorf("%s: %v", s.Name, s.Check())
		}
	}
	if err := Default().facts.check(); err != nil {
		t.Error(err)
	}
}

// An update that ties every action to every resource type, and to a new one, makes none
// more visible than the embedded facts have it.
func TestMergeRaisesNoVisibility(t *testing.T) {
	var services []*reference.Service
	for i := range Default().facts.services {
		s := asReference(&Default().facts.services[i])
		s.Types = append(s.Types, reference.Type{Name: "zzz", ARNs: []string{"arn:${Partition}:" + s.Name + ":::zzz/${Z}"}})
		for j := range s.Actions {
			s.Actions[j].Types = append(s.Actions[j].Types, "zzz")
			s.Operations = append(s.Operations, reference.Operation{Name: s.Actions[j].Name})
		}
		services = append(services, s)
	}
	c, _ := merge(t, "", services...)
	rank := map[Visibility]int{Management: 2, PresumedManagement: 1}
	for _, name := range Default().Expand(nil, "*") {
		before, _ := Default().Lookup(name)
		after, _ := c.Lookup(name)
		if rank[after.Visibility] > rank[before.Visibility] {
			t.Errorf("%s: %s by %s becomes %s by %s", name, before.Visibility, before.Evidence.Rule, after.Visibility, after.Evidence.Rule)
		}
	}
}
