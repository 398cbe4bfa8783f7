package diff

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// fakeActions is a small table of facts.
type fakeActions map[string]string

func (f fakeActions) Expand(dst []string, pattern string) []string {
	for name := range f { // in any order: Compare must not care
		if iam.MatchAction(pattern, name) {
			dst = append(dst, name)
		}
	}
	return dst
}

func (f fakeActions) Level(action string) string { return f[action] }

func facts() fakeActions {
	return fakeActions{
		"s3:GetObject": "Read", "s3:GetObjectAcl": "Read", "s3:ListBucket": "List", "s3:PutObject": "Write",
		"s3:PutBucketPolicy": "Permissions management", "s3:PutObjectTagging": "Tagging",
		"iam:PassRole": "Write", "iam:GetRole": "Read", "ec2:RunInstances": "Write", "ec2:DescribeInstances": "List",
	}
}

// policy makes a document of statements in JSON, commas left out.
func policy(t testing.TB, statements ...string) []*iam.Document {
	t.Helper()
	d, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return []*iam.Document{d}
}

// allow is an Allow statement; several actions or resources are separated by spaces.
func allow(actions, resources string) string { return statement("", "Allow", actions, resources, "") }

func statement(sid, effect, actions, resources, condition string) string {
	list := func(s string) string { return fmt.Sprintf(`["%s"]`, strings.Join(strings.Fields(s), `","`)) }
	out := fmt.Sprintf(`{"Effect":%q,"Action":%s,"Resource":%s`, effect, list(actions), list(resources))
	if sid != "" {
		out += fmt.Sprintf(`,"Sid":%q`, sid)
	}
	if condition != "" {
		out += `,"Condition":` + condition
	}
	return out + "}"
}

func TestActions(t *testing.T) {
	notAction := `{"Effect":"Allow","NotAction":["s3:*","ec2:*"],"Resource":"*"}`
	for name, c := range map[string]struct {
		old, new []string
		want     string
	}{
		"same":             {[]string{allow("s3:*", "*")}, []string{allow("s3:*", "*")}, "6 → 6 actions"},
		"star to some":     {[]string{allow("*", "*")}, []string{allow("s3:GetObject iam:*", "*")}, "10 → 3 actions: removes 7 (Permissions management 1, Write 2, Tagging 1, Read 1, List 2)"},
		"other case":       {[]string{allow("S3:getobject", "*")}, []string{allow("s3:GetObject", "*")}, "1 → 1 actions"},
		"added":            {[]string{allow("s3:GetObject", "*")}, []string{allow("s3:Get*", "*")}, "1 → 2 actions: adds 1 (Read 1)"},
		"not action":       {[]string{notAction}, []string{allow("iam:GetRole", "*")}, "2 → 1 actions: removes 1 (Write 1)"},
		"denied by new":    {[]string{allow("s3:Get*", "*")}, []string{allow("s3:Get*", "*"), statement("", "Deny", "s3:GetObject", "*", "")}, "2 → 1 actions: removes 1 (Read 1)"},
		"denied in part":   {[]string{allow("s3:Get*", "*")}, []string{allow("s3:Get*", "*"), statement("", "Deny", "s3:GetObject", "arn:aws:s3:::b/*", "")}, "2 → 2 actions: narrows 1"},
		"denied at times":  {[]string{allow("s3:Get*", "*")}, []string{allow("s3:Get*", "*"), statement("", "Deny", "s3:GetObject", "*", `{"Bool":{"aws:SecureTransport":"false"}}`)}, "2 → 2 actions: narrows 1"},
		"unknown names":    {[]string{allow("new:Do new:Undo s3:GetObject", "*")}, []string{allow("NEW:do s3:GetObject", "*")}, "3 → 2 actions: removes 1 (unknown 1)"},
		"unknown pattern":  {[]string{allow("new:*", "*")}, []string{allow("new:Do", "*")}, "2 → 1 actions: removes 1 (unknown 1)"},
		"unknown, by star": {[]string{allow("*", "*")}, []string{allow("new:Do", "*")}, "11 → 1 actions: removes 10 (Permissions management 1, Write 3, Tagging 1, Read 3, List 2)"},
		"narrowed":         {[]string{allow("s3:GetObject", "*")}, []string{allow("s3:GetObject", "arn:aws:s3:::b/*")}, "1 → 1 actions: narrows 1"},
		"widened":          {[]string{allow("s3:GetObject", "arn:aws:s3:::b/*")}, []string{allow("s3:GetObject", "*")}, "1 → 1 actions: widens 1"},
		"nothing":          {nil, nil, "0 → 0 actions"},
		"everything new":   {nil, []string{allow("s3:List*", "*")}, "0 → 1 actions: adds 1 (List 1)"},
	} {
		t.Run(name, func(t *testing.T) {
			ch := Compare(policy(t, c.old...), policy(t, c.new...), facts())
			if got := ch.String(); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRemovedNames(t *testing.T) {
	ch := Compare(policy(t, allow("s3:* new:B New:A", "*")), policy(t, allow("s3:Get*", "*")), facts())
	want := []LevelGroup{
		{"Permissions management", []string{"s3:PutBucketPolicy"}}, {"Write", []string{"s3:PutObject"}},
		{"Tagging", []string{"s3:PutObjectTagging"}}, {"List", []string{"s3:ListBucket"}}, {"", []string{"New:A", "new:B"}},
	}
	if !reflect.DeepEqual(ch.Removed, want) || ch.Kept != 2 || ch.Before != 8 || ch.After != 2 || ch.Empty() {
		t.Errorf("%+v", ch)
	}
	if got := ch.RemovedCounts(); len(got) != 5 || got[4] != (LevelCount{"", 2}) {
		t.Errorf("counts %v", got)
	}
}

func TestNarrowed(t *testing.T) {
	mfa := `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	when := ` when {"Bool":{"aws:MultiFactorAuthPresent":["true"]}}`
	notResource := `{"Effect":"Allow","Action":"s3:GetObject","NotResource":["arn:aws:s3:::z","arn:aws:s3:::a"]}`
	get := func(resources string) []string { return []string{allow("s3:GetObject", resources)} }
	for name, c := range map[string]struct {
		old, new []string
		from, to string // "" when neither narrowed nor widened
		widened  bool
	}{
		"exact":                {get("arn:aws:s3:::b/*"), get("arn:aws:s3:::b/x arn:aws:s3:::b/a"), "arn:aws:s3:::b/*", "arn:aws:s3:::b/a|arn:aws:s3:::b/x", false},
		"written otherwise":    {get("arn:aws:s3:::b/* arn:aws:s3:::b/x"), get("arn:aws:s3:::b/*"), "", "", false},
		"split statements":     {get("a b"), []string{allow("s3:GetObject", "b"), allow("s3:Get*", "a")}, "", "", false},
		"stars":                {get("*"), get("**"), "", "", false},
		"condition added":      {get("*"), []string{statement("", "Allow", "s3:GetObject", "*", mfa)}, "*", "*" + when, false},
		"condition needless":   {[]string{allow("s3:GetObject", "*"), statement("", "Allow", "s3:GetObject", "arn:x", mfa)}, get("*"), "", "", false},
		"condition in order":   {[]string{statement("", "Allow", "s3:GetObject", "*", `{"StringEquals":{"a":["1","2"],"b":"3"}}`)}, []string{statement("", "Allow", "s3:GetObject", "*", `{"StringEquals":{"b":["3"],"a":["2","1"]}}`)}, "", "", false},
		"condition dropped":    {[]string{statement("", "Allow", "s3:GetObject", "*", mfa)}, get("*"), "*" + when, "*", true},
		"not resource":         {[]string{notResource}, get("arn:aws:s3:::b"), "NOT arn:aws:s3:::a, arn:aws:s3:::z", "arn:aws:s3:::b", false},
		"not resource, same":   {[]string{notResource}, []string{notResource}, "", "", false},
		"star to not resource": {get("*"), []string{notResource}, "*", "NOT arn:aws:s3:::a, arn:aws:s3:::z", false},
		"other resource":       {get("arn:aws:s3:::a"), get("arn:aws:s3:::b"), "arn:aws:s3:::a", "arn:aws:s3:::b", false},
		"variable":             {get("arn:aws:s3:::b/*"), get("arn:aws:s3:::b/${aws:username}"), "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}", false},
		"equivalent":           {get("arn:aws:s3:::b/*"), get("arn:aws:s3:::b/? arn:aws:s3:::b/ arn:aws:s3:::b/?*?"), "", "", false},
		"condition implied":    {[]string{statement("", "Allow", "s3:GetObject", "*", `{"StringEquals":{"aws:username":["ann","bob"]}}`)}, []string{statement("", "Allow", "s3:GetObject", "*", `{"StringLike":{"aws:username":["ann","b*"]}}`)}, `* when {"StringEquals":{"aws:username":["ann","bob"]}}`, `* when {"StringLike":{"aws:username":["ann","b*"]}}`, true},
		"deny added":           {get("*"), append(get("*"), statement("", "Deny", "s3:Get*", "arn:aws:s3:::b/*", mfa)), "*", "*|DENIED arn:aws:s3:::b/*" + when, false},
		"deny dropped":         {append(get("*"), statement("", "Deny", "s3:Get*", "arn:aws:s3:::b/*", "")), get("*"), "*|DENIED arn:aws:s3:::b/*", "*", true},
		"deny beside":          {get("arn:aws:s3:::a/*"), append(get("arn:aws:s3:::a/*"), statement("", "Deny", "s3:Get*", "arn:aws:s3:::b/*", "")), "", "", false},
		"case of resource":     {get("arn:aws:s3:::B"), get("arn:aws:s3:::b"), "arn:aws:s3:::B", "arn:aws:s3:::b", false},
	} {
		t.Run(name, func(t *testing.T) {
			ch := Compare(policy(t, c.old...), policy(t, c.new...), facts())
			var got []Narrowing
			for _, n := range append(ch.Narrowed, ch.Widened...) {
				if n.Action == "s3:GetObject" {
					got = append(got, n)
				}
			}
			if c.from == "" {
				if len(got) != 0 {
					t.Errorf("narrowed: %+v", got)
				}
				return
			}
			if len(got) != 1 || strings.Join(got[0].From, "|") != c.from || strings.Join(got[0].To, "|") != c.to || c.widened != (len(ch.Widened) > 0) {
				t.Errorf("narrowed %+v, widened %+v", ch.Narrowed, ch.Widened)
			}
		})
	}
}

func TestDeniesChanged(t *testing.T) {
	base := allow("s3:*", "*")
	deny := statement("", "Deny", "s3:PutObject s3:GetObject", "arn:aws:s3:::b/*", "")
	same := statement("Sid", "Deny", "s3:GetObject s3:PutObject", "arn:aws:s3:::b/*", "")
	for _, c := range []struct {
		old, new []string
		want     bool
	}{{[]string{base, deny}, []string{same, base}, false}, {[]string{base, deny}, []string{base}, true}, {[]string{base}, []string{base, deny}, true}} {
		if ch := Compare(policy(t, c.old...), policy(t, c.new...), facts()); ch.DeniesChanged != c.want {
			t.Errorf("denies changed: %v, want %v", ch.DeniesChanged, c.want)
		}
	}
}

func TestStatements(t *testing.T) {
	st := func(sid, actions, resources string) string { return statement(sid, "Allow", actions, resources, "") }
	for name, c := range map[string]struct {
		old, new []string
		want     string
	}{
		"kept in another order": {[]string{st("A", "s3:*", "*"), st("B", "ec2:*", "*")}, []string{st("B", "ec2:*", "*"), st("A", "s3:*", "*")}, "0 A kept [1] | 1 B kept [0]"},
		"changed by sid":        {[]string{st("A", "s3:*", "*")}, []string{st("A", "s3:GetObject", "*")}, "0 A changed [0]"},
		"kept, sid new":         {[]string{st("", "s3:* ec2:*", "*")}, []string{st("A", "ec2:* s3:*", "*")}, "0  kept [0]"},
		"dropped":               {[]string{st("A", "s3:*", "*"), st("", "ec2:*", "*")}, []string{st("A", "s3:*", "*")}, "0 A kept [0] | 1  dropped []"},
		"added":                 {nil, []string{st("A", "s3:*", "*")}, "-1 A added [0]"},
		"split":                 {[]string{st("A", "s3:*", "*"), st("B", "s3:Get* ec2:*", "*")}, []string{st("A", "s3:GetObject", "x"), st("A2", "s3:PutObject", "y"), st("B", "ec2:*", "*")}, "0 A split [0 1] | 1 B changed [2]"},
		"split without sids":    {[]string{st("", "s3:*", "*"), st("", "ec2:*", "*")}, []string{st("", "s3:Get*", "x"), st("", "ec2:Run*", "*"), st("", "s3:Put*", "y")}, "0  split [0 2] | 1  changed [1]"},
		"by resource":           {[]string{st("", "s3:Get*", "arn:aws:s3:::a/*"), st("", "s3:Get*", "arn:aws:s3:::b/*")}, []string{st("", "s3:GetObject", "arn:aws:s3:::b/x")}, "0  dropped [] | 1  changed [0]"},
		"sid twice":             {[]string{st("A", "s3:*", "*"), st("A", "ec2:*", "*")}, []string{st("A", "ec2:*", "*")}, "0 A dropped [] | 1 A kept [0]"},
		"effect":                {[]string{st("", "s3:*", "*")}, []string{statement("", "Deny", "s3:*", "*", "")}, "0  dropped [] | -1  added [0]"},
		"unrelated":             {[]string{st("", "s3:*", "*")}, []string{st("", "ec2:*", "*")}, "0  dropped [] | -1  added [0]"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range Compare(policy(t, c.old...), policy(t, c.new...), facts()).Statements {
				got = append(got, fmt.Sprint(s.Index, " ", s.Sid, " ", s.Kind, " ", s.Into))
			}
			if strings.Join(got, " | ") != c.want {
				t.Errorf("%s\nwant %s", strings.Join(got, " | "), c.want)
			}
		})
	}
}

func TestSeveralDocuments(t *testing.T) {
	old := append(policy(t, allow("s3:*", "*")), policy(t, allow("ec2:*", "*"))...)
	ch := Compare(append(old, nil), policy(t, allow("ec2:*", "*")), facts())
	if ch.Before != 8 || ch.After != 2 || ch.Statements[1].Index != 1 || ch.Statements[1].Kind != StatementKept {
		t.Errorf("%+v", ch)
	}
}

// random makes a policy of random statements over the facts.
func random(t *testing.T, r *rand.Rand) []*iam.Document {
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	var statements []string
	for range r.Intn(5) {
		s := fmt.Sprintf(`{"Sid":%q,"Effect":%q,%q:[%q,%q],%q:[%q,%q]`, pick("A", "B", "C"), pick("Allow", "Allow", "Deny"),
			pick("Action", "Action", "NotAction"), pick("s3:*", "s3:Get*", "iam:PassRole", "*", "x:Y"), pick("ec2:*", "x:*", "S3:PUTOBJECT"),
			pick("Resource", "Resource", "NotResource"), pick("*", "arn:aws:s3:::a/*"), pick("arn:aws:s3:::a/b", "arn:aws:s3:::?/*"))
		if r.Intn(3) == 0 {
			s += `,"Condition":{"StringLike":{"aws:username":"a*"}}`
		}
		statements = append(statements, s+"}")
	}
	return policy(t, statements...)
}

// plainAllowed tries an action on a resource for each pattern of random and each
// truth of its condition.
func plainAllowed(t *testing.T, docs []*iam.Document, action string) bool {
	set, err := iam.Compile(docs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, resource := range []string{"arn:aws:s3:::a/b", "arn:aws:s3:::a/c", "arn:aws:s3:::z/c", "arn:aws:ec2:::i"} {
		for _, user := range []string{"abc", "zed"} {
			values := map[string][]string{"aws:username": {user}}
			if set.Decide(&iam.Request{Action: action, Resource: resource, Context: iam.Context{Values: values}}) == iam.Allowed {
				return true
			}
		}
	}
	return false
}

func TestRandomPolicies(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 500 {
		old, new := random(t, r), random(t, r)
		ch, back := Compare(old, new, facts()), Compare(new, old, facts())
		if self := Compare(old, old, facts()); !self.Empty() || self.Kept != self.Before {
			t.Fatalf("a policy differs from itself: %+v\n%s", self, old[0].Format())
		}
		if !reflect.DeepEqual(ch.Removed, back.Added) || !reflect.DeepEqual(ch.Added, back.Removed) || ch.Kept != back.Kept {
			t.Fatalf("not symmetric:\n%+v\n%+v", ch, back)
		}
		removed := names(ch.Removed)
		if ch.Kept+len(removed) != ch.Before || ch.Kept+len(names(ch.Added)) != ch.After {
			t.Fatalf("%s does not add up: %+v", ch.String(), ch)
		}
		for action := range facts() {
			if want := plainAllowed(t, old, action) && !plainAllowed(t, new, action); want != slices.Contains(removed, action) {
				t.Fatalf("%s removed: want %v\n%s%s", action, want, old[0].Format(), new[0].Format())
			}
		}
		for _, n := range append(ch.Narrowed, ch.Widened...) {
			if slices.Equal(n.From, n.To) || slices.Contains(removed, n.Action) || !sort.StringsAreSorted(n.To) {
				t.Fatalf("not a narrowing: %+v", n)
			}
		}
	}
}

func names(groups []LevelGroup) []string {
	var out []string
	for _, g := range groups {
		out = append(out, g.Actions...)
	}
	return out
}

// manyActions is a table as large as the real one, with prefix search as it has.
type manyActions []string

func newManyActions(services, each int) manyActions {
	var out manyActions
	for s := range services {
		for a := range each {
			verb := []string{"Get", "List", "Put", "Tag", "Create"}[a%5]
			out = append(out, fmt.Sprintf("service%03d:%sThing%03d", s, verb, a))
		}
	}
	sort.Strings(out)
	return out
}

func (m manyActions) Expand(dst []string, pattern string) []string {
	for _, name := range m {
		if iam.MatchAction(pattern, name) {
			dst = append(dst, name)
		}
	}
	return dst
}

func (m manyActions) Level(action string) string {
	if strings.Contains(action, ":Put") {
		return "Write"
	}
	return "Read"
}

// proposal is a policy as one comes out for an administrator.
func proposal(t testing.TB, m manyActions, statements int) []*iam.Document {
	var list []string
	for i := range statements {
		actions := strings.Join(m[i*50:i*50+20], " ")
		list = append(list, allow(actions, fmt.Sprintf("arn:aws:x:::%d/* arn:aws:x:::%d", i, i)))
	}
	return policy(t, list...)
}

func BenchmarkAdministrator(b *testing.B) {
	m := newManyActions(400, 55)
	old, new := policy(b, allow("*", "*")), proposal(b, m, 60)
	b.Run("once", func(b *testing.B) {
		for b.Loop() {
			if ch := Compare(old, new, m); ch.Before != len(m) || len(ch.Narrowed) != 1200 {
				b.Fatal(ch.String())
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		c := NewComparer(m)
		for b.Loop() {
			c.Compare(old, new)
		}
	})
}

// Policies made to be slow must not be.
func TestHostilePolicies(t *testing.T) {
	m := newManyActions(100, 50)
	var patterns, resources, many []string
	for i := range 2000 {
		patterns = append(patterns, fmt.Sprintf("*%d*", i%40))
		resources = append(resources, fmt.Sprintf("arn:aws:s3:::*%d*", i))
	}
	for i := range 400 {
		many = append(many, allow(fmt.Sprintf("service*%02d", i%100), fmt.Sprintf("arn:aws:s3:::%d* arn:aws:s3:::*/%d", i, i)))
	}
	wide := policy(t, allow(strings.Join(patterns, " "), strings.Join(resources, " ")))
	ch := Compare(wide, policy(t, many...), m)
	if ch.Before == 0 || ch.Kept+len(names(ch.Removed)) != ch.Before {
		t.Error(ch.String())
	}
}
