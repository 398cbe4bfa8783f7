package iam

import (
	"math/rand"
	"slices"
	"testing"
)

// checkExplanation holds an explanation against Evaluate.
func checkExplanation(t *testing.T, name string, l *Layers, q *Request) Explanation {
	t.Helper()
	x := Explain(l, q)
	if want := Evaluate(l, q); x.Decision != want {
		t.Fatalf("%s: explained as %v, evaluated as %v", name, x.Decision, want)
	}
	if len(x.Denies) > 0 && x.Decision != Denied {
		t.Errorf("%s: %v in spite of an explicit deny", name, x.Decision)
	}
	for _, d := range x.Denies {
		if s := x.Layers[d.Layer].Statements[d.Statement]; s.Effect != Deny || s.Applies != Allowed {
			t.Errorf("%s: %+v is no deny that applies", name, s)
		}
	}
	if x.Decision == Allowed && len(x.Missing) > 0 {
		t.Errorf("%s: allowed, and %v missing", name, x.Missing)
	}
	checkStatements(t, name, &x)
	return x
}

// checkStatements: a statement applies as its parts say.
func checkStatements(t *testing.T, name string, x *Explanation) {
	t.Helper()
	for _, layer := range x.Layers {
		for _, s := range layer.Statements {
			parts := []Decision{s.Action.Holds, s.Resource.Holds}
			if s.Principal.Element != "" {
				parts = append(parts, s.Principal.Holds)
			}
			for _, c := range s.Clauses {
				parts = append(parts, c.Holds)
			}
			failed, doubt := slices.Contains(parts, Denied), slices.Contains(parts, Unknown)
			switch {
			case failed != (s.Applies == Denied) && !doubt, s.Applies == Allowed && (failed || doubt), s.Applies == Unknown && !doubt:
				t.Errorf("%s: statement %d of document %d: %v, but its parts are %v", name, s.Statement, s.Doc, s.Applies, parts)
			}
		}
	}
}

func TestExplainAgreesWithEvaluateOnGoldenCases(t *testing.T) {
	denied, missing, bare := 0, 0, 0
	for _, w := range readGolden(t) {
		l, q := w.layers(t), w.request(t)
		x := checkExplanation(t, w.ID, l, q)
		q.Context = Context{Partial: true}
		checkExplanation(t, w.ID+" without context", l, q)
		switch {
		case x.Decision != Denied:
		case len(x.Denies) > 0:
			denied++
		case len(x.Missing) > 0:
			missing++
		default:
			bare++
			t.Logf("%s: denied without a reason", w.ID)
		}
	}
	t.Logf("%d explicit denies, %d with a missing allow, %d without a reason", denied, missing, bare)
	if denied < 100 || missing < 500 || bare > 0 {
		t.Error("explanations are missing")
	}
}

func TestExplainAgreesWithEvaluateOnRandomPolicies(t *testing.T) {
	m, r := newMaker(77), rand.New(rand.NewSource(78))
	sets := func() *Set {
		for {
			if s, err := Compile(m.document()); err == nil {
				return s
			}
		}
	}
	seen := map[Decision]int{}
	for range rounds(3000) {
		d := m.document()
		id, err := Compile(d)
		if err != nil {
			continue
		}
		l := &Layers{Identity: id}
		if r.Intn(3) == 0 {
			l.Boundary = sets()
		}
		if r.Intn(4) == 0 {
			l.SCPs = []*Set{sets(), id}
		}
		if r.Intn(4) == 0 {
			l.RCPs = []*Set{sets()}
		}
		if r.Intn(4) == 0 {
			l.Session = id
		}
		q := m.request(d)
		q.Context.Partial = r.Intn(2) == 0
		if r.Intn(2) == 0 {
			q.Principal = "arn:aws:iam::111122223333:user/u"
		}
		seen[checkExplanation(t, show(d), l, q).Decision]++
	}
	if len(seen) != 3 {
		t.Errorf("the test shows little: %v", seen)
	}
}

func TestExplainNamesWhatDecides(t *testing.T) {
	const user = "arn:aws:iam::111122223333:user/u"
	none := compileText(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	all := compileText(t, allowAll)
	deny := compileText(t, allowAll, `{"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"}`)
	q := Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: user}
	abroad := q
	abroad.Account = "444455556666"
	for _, c := range []struct {
		name    string
		l       Layers
		q       Request
		denies  int
		missing []LayerKind
	}{
		{"identity", Layers{Identity: none}, q, 0, []LayerKind{IdentityLayer}},
		{"identity and boundary", Layers{Identity: none, Boundary: none}, q, 0, []LayerKind{IdentityLayer, BoundaryLayer}},
		{"second SCP", Layers{Identity: all, SCPs: []*Set{all, none}}, q, 0, []LayerKind{SCPLayer}},
		{"no resource policy abroad", Layers{Identity: all}, abroad, 0, []LayerKind{ResourceLayer}},
		{"neither side abroad", Layers{Identity: none}, abroad, 0, []LayerKind{IdentityLayer, ResourceLayer}},
		{"explicit deny", Layers{Identity: deny, Boundary: none}, q, 1, nil},
		{"explicit deny of an RCP", Layers{Identity: all, RCPs: []*Set{deny}}, q, 1, nil},
	} {
		x := checkExplanation(t, c.name, &c.l, &c.q)
		var kinds []LayerKind
		for _, i := range x.Missing {
			kinds = append(kinds, x.Layers[i].Kind)
		}
		if len(x.Denies) != c.denies || !slices.Equal(kinds, c.missing) {
			t.Errorf("%s: denies %v, missing %v", c.name, x.Denies, kinds)
		}
	}
	slr := Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"}
	if x := Explain(&Layers{Identity: none, SCPs: []*Set{deny}}, &slr); len(x.Denies) != 0 {
		t.Error("an SCP denies a service-linked role")
	}
	if x := Explain(&Layers{}, &Request{Action: "sts:GetCallerIdentity", Resource: "*"}); !x.Unconditional || x.Decision != Allowed {
		t.Errorf("%+v", x)
	}
}
