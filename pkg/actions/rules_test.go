package actions

import (
	"slices"
	"testing"
)

// Rules of which no record of the corpus would show that they broke.

func TestSeveralPrefixesAreCandidates(t *testing.T) {
	c := Default()
	for _, tt := range []struct {
		prefixes []string
		want     Basis
		n        int
	}{
		{[]string{"autoscaling", "application-autoscaling"}, Ambiguous, 2},
		{[]string{"autoscaling"}, Logged, 1},
		{[]string{"autoscaling", "s3"}, Logged, 1},
	} {
		got := c.namedTargets(tt.prefixes, "PutScalingPolicy", "PutScalingPolicy")
		got = slices.DeleteFunc(got, func(t target) bool { return t.create })
		if len(got) != tt.n || got[0].basis != tt.want || got[len(got)-1].basis != tt.want {
			t.Errorf("%v: %d targets, first %s", tt.prefixes, len(got), got[0].basis)
		}
	}
}

func TestNoGuardHolds(t *testing.T) {
	checkBases(t, testCall("dynamodb", "TransactWriteItems", "clientToken="),
		[]string{"?dynamodb:PutItem", "?dynamodb:DeleteItem", "?dynamodb:UpdateItem", "?dynamodb:ConditionCheckItem"})
	// One that holds leaves no doubt of the others.
	uses := NewResolver(Default()).Resolve(testCall("dynamodb", "TransactWriteItems", "transactItems[].put.tableName=t")).Uses
	if len(uses) != 1 || uses[0].Action != "dynamodb:PutItem" || uses[0].Basis != Logged {
		t.Errorf("%v", uses)
	}
}

// Resources of two owners do not tell whose the named one is.
func TestOwnerConflict(t *testing.T) {
	for _, tt := range []struct {
		owners []string
		want   string
	}{
		{[]string{"444455556666"}, "444455556666"},
		{[]string{"444455556666", "444455556666"}, "444455556666"},
		{[]string{"444455556666", "555566667777"}, "111122223333"},
		{[]string{"444455556666", "555566667777", "666677778888"}, "111122223333"},
	} {
		params := []string{"queueName=q"}
		for _, o := range tt.owners {
			params = append(params, "s[].accountId="+o)
		}
		got := NewResolver(Default()).Resolve(testCall("sqs", "DeleteQueue", params...)).Uses
		if want := "arn:aws:sqs:us-east-1:" + tt.want + ":q"; len(got) != 1 || got[0].Resource != want {
			t.Errorf("%v: %v, want %s", tt.owners, got, want)
		}
	}
}

func passes(c *Call) int {
	n := 0
	for _, u := range NewResolver(Default()).Resolve(c).Uses {
		if u.Action == "iam:PassRole" && u.Basis == Inferred {
			n++
		}
	}
	return n
}

// A call that only reads passes no role, nor does one that filters by it.
func TestRolesThatAreNotPassed(t *testing.T) {
	role := "=arn:aws:iam::111122223333:role/r"
	c := testCall("es", "CreateApplication", "name=a", "x.roleArn"+role)
	if passes(c) != 1 {
		t.Errorf("a write passes %d roles", passes(c))
	}
	if c.ReadOnly = True; passes(c) != 0 {
		t.Errorf("a read passes %d roles", passes(c))
	}
	if n := passes(testCall("es", "CreateApplication", "name=a", "x.roleArnFilter"+role)); n != 0 {
		t.Errorf("a filter passes %d roles", n)
	}
}

// What an error implies of listing the bucket, a denial does not.
func TestNoSuchKeyDenied(t *testing.T) {
	for message, want := range map[string]bool{"": true, "User: a is not authorized to perform: s3:GetObject": false} {
		c := testCall("s3", "GetObject", "bucketName=b", "key=k")
		c.ErrorCode, c.ErrorMessage = "404", message
		got := slices.ContainsFunc(NewResolver(Default()).Resolve(c).Uses, func(u Use) bool { return u.Action == "s3:ListBucket" })
		if got != want {
			t.Errorf("message %q: list %v", message, got)
		}
	}
}

func TestWeaker(t *testing.T) {
	for basis, want := range map[Basis]Basis{Logged: Ambiguous, Inferred: Ambiguous, InstanceProfile: Ambiguous, Ambiguous: Ambiguous, Dependent: Dependent} {
		if got := weaker(basis); got != want {
			t.Errorf("%s: %s", basis, got)
		}
	}
}

// Only what the call exercises needs something.
func TestNeedsOfExercised(t *testing.T) {
	p := &plan{targets: []target{{action: "a:X", deps: []dependent{{action: "b:Y", kind: KindNone}}}}}
	for action, want := range map[string]int{"a:X": 2, "c:Z": 1} {
		r := NewResolver(Default())
		r.uses = append(r.uses, Use{Action: action})
		if r.needs(p); len(r.uses) != want {
			t.Errorf("%s: %v", action, r.uses)
		}
	}
}

// Of the ARNs that resources[] lists, which one a parameter would have named is open.
func TestRestrictIsAmbiguous(t *testing.T) {
	key := "s[].ARN=arn:aws:kms:us-east-1:111122223333:key/"
	r := NewResolver(Default())
	for _, u := range r.Resolve(testCall("kms", "ReEncrypt", "x=1", key+"a", key+"b")).Uses {
		if u.Basis != Ambiguous {
			t.Errorf("%v", u)
		}
	}
	for _, u := range r.Resolve(testCall("kms", "ReEncrypt", "x=1", key+"a")).Uses {
		if u.Basis != Logged {
			t.Errorf("%v", u)
		}
	}
}

// One role may be passed to two services, and to each only once.
func TestPassedTwice(t *testing.T) {
	r := NewResolver(Default())
	role := "arn:aws:iam::111122223333:role/r"
	for _, to := range []string{"a.amazonaws.com", "b.amazonaws.com", "a.amazonaws.com", "b.amazonaws.com"} {
		r.pass(role, Inferred, to)
	}
	if len(r.uses) != 2 || r.uses[0].PassedTo == r.uses[1].PassedTo {
		t.Errorf("%v", r.uses)
	}
}

// A label that is two services but for its hyphens is neither.
func TestSqueezed(t *testing.T) {
	one := service{prefix: "rds-data"}
	for _, tt := range []struct {
		services []service
		want     int
	}{{[]service{one}, 1}, {[]service{one, {prefix: "rdsda-ta"}}, 0}, {[]service{{prefix: "other"}}, 0}} {
		c := &Catalog{facts: &facts{services: tt.services}, tables: &tables{}}
		if got := c.squeezed("rdsdata"); len(got) != tt.want {
			t.Errorf("%v: %q", tt.services, got)
		}
	}
}

func TestTrimGroup(t *testing.T) {
	for name, want := range map[string]string{
		"Financing_GetLine": "GetLine", "Instruments.Create": "Create",
		"Login_GET": "Login_GET", "a_b": "a_b", "_Get": "_Get", "Some_value": "Some_value", "Plain": "Plain", "x_G": "x_G",
	} {
		if got := trimGroup(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
