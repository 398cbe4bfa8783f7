package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

func statement(effect, action, resource, rest string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":[%s],"Resource":[%s]%s}`, effect, quoted(action), quoted(resource), rest)
}

func quoted(list string) string { return `"` + strings.ReplaceAll(list, ",", `","`) + `"` }

func docOf(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

const limitARN = "arn:aws:iam::111122223333:policy/limit"

// TestForbiddenByBoundary: what is reported is forbidden for certain.
func TestForbiddenByBoundary(t *testing.T) {
	when := `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	queues := "sqs:CreateQueue,sqs:PurgeQueue"
	for name, c := range map[string]struct {
		granted, boundary []string
		want              string
	}{
		"nothing":                             {[]string{statement("Allow", queues, "*", "")}, []string{statement("Allow", "*", "*", "")}, ""},
		"not allowed":                         {[]string{statement("Allow", queues, "*", "")}, []string{statement("Allow", "sqs:Create*", "*", "")}, "sqs:PurgeQueue"},
		"allowed under a condition":           {[]string{statement("Allow", queues, "*", "")}, []string{statement("Allow", "sqs:*", "*", when)}, ""},
		"allowed on another resource":         {[]string{statement("Allow", queues, "arn:aws:sqs:us-east-1:111122223333:a-*", "")}, []string{statement("Allow", "sqs:*", "arn:aws:sqs:us-east-1:111122223333:b-*", "")}, queues},
		"allowed on resources in common":      {[]string{statement("Allow", queues, "arn:aws:sqs:*:*:a*", "")}, []string{statement("Allow", "sqs:*", "arn:aws:sqs:*:*:*b", "")}, ""},
		"granted twice, once in common":       {[]string{statement("Allow", queues, "arn:aws:sqs:*:*:a", ""), statement("Allow", "sqs:PurgeQueue", "*", "")}, []string{statement("Allow", "sqs:*", "arn:aws:sqs:*:*:b", "")}, "sqs:CreateQueue"},
		"denied":                              {[]string{statement("Allow", queues, "*", "")}, []string{statement("Allow", "*", "*", ""), statement("Deny", "sqs:P*", "*", "")}, "sqs:PurgeQueue"},
		"denied under a condition":            {[]string{statement("Allow", queues, "*", "")}, []string{statement("Allow", "*", "*", ""), statement("Deny", "sqs:P*", "*", when)}, ""},
		"denied on a part":                    {[]string{statement("Allow", queues, "arn:aws:sqs:*:*:*", "")}, []string{statement("Allow", "*", "*", ""), statement("Deny", "sqs:*", "arn:aws:sqs:*:*:a", "")}, ""},
		"denied on all that is granted":       {[]string{statement("Allow", queues, "arn:aws:sqs:*:*:a-1", "")}, []string{statement("Allow", "*", "*", ""), statement("Deny", "sqs:*", "arn:aws:sqs:*:*:a-*", "")}, queues},
		"a variable decides":                  {[]string{statement("Allow", queues, "arn:aws:sqs:*:*:${aws:username}", "")}, []string{statement("Allow", "sqs:*", "arn:aws:sqs:*:*:b", "")}, ""},
		"NotAction of an Allow":               {[]string{statement("Allow", queues, "*", "")}, []string{`{"Effect":"Allow","NotAction":"sqs:Purge*","Resource":"*"}`}, "sqs:PurgeQueue"},
		"an action that is not known is left": {[]string{statement("Allow", "madeup:Thing", "*", "")}, []string{statement("Allow", "sqs:*", "*", "")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = docOf(c.granted...)
			w.managed[limitARN] = docOf(c.boundary...)
			w.extra = `"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"` + limitARN + `"},`
			w.saw("ec2:DescribeInstances", "*", "star", 1)
			got := w.propose(Options{}).Principals[0].Forbidden
			var list []string
			for _, f := range got {
				list = append(list, f.Actions...)
			}
			if strings.Join(list, ",") != c.want {
				t.Errorf("%+v, want %s", got, c.want)
			}
		})
	}
}

// TestForbiddenAgainstTheEvaluator: nothing that is reported is allowed by any pair of
// grant and limit over a small world of documents, actions and resources.
func TestForbiddenAgainstTheEvaluator(t *testing.T) {
	facts := newFactTable(actions.Default())
	masks := newMaskTable(facts)
	acts := []string{"sqs:CreateQueue", "sqs:PurgeQueue", "sqs:*", "sqs:?reateQueue"}
	places := []string{"*", "arn:aws:sqs:*:*:a*", "arn:aws:sqs:us-east-1:111122223333:ab", "arn:aws:sqs:*:*:?b"}
	concrete := []string{"arn:aws:sqs:us-east-1:111122223333:ab", "arn:aws:sqs:us-east-1:111122223333:a", "arn:aws:sqs:us-east-1:111122223333:cb"}
	parse := func(text string) *iam.Document {
		d, err := iam.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	reported := 0
	for n := range 4 * 4 * 4 * 4 * 4 * 4 {
		pick := func(list []string) string { out := list[n%4]; n /= 4; return out }
		grant := parse(docOf(statement("Allow", pick(acts), pick(places), "")))
		limit := parse(docOf(statement("Allow", pick(acts), pick(places), ""), statement("Deny", pick(acts), pick(places), "")))
		f := forbidder{facts: facts, masks: masks, grants: []*iam.Statement{&grant.Statements[0]}}
		f.limit([]*iam.Document{limit}, "b", "")
		f.deny(limit, "b", nil)
		identity, err1 := iam.Compile(grant)
		boundary, err2 := iam.Compile(limit)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, list := range f.out {
			for _, a := range []string{"sqs:CreateQueue", "sqs:PurgeQueue"} {
				if !slices.Contains(list.Actions, a) {
					continue
				}
				reported++
				for _, r := range concrete {
					q := iam.Request{Action: a, Resource: r, Principal: roleARN}
					if iam.Evaluate(&iam.Layers{Identity: identity, Boundary: boundary}, &q) != iam.Denied {
						t.Fatalf("%s on %s is reported, and allowed by\n%s\nwithin\n%s", a, r, grant.Format(), limit.Format())
					}
				}
			}
		}
	}
	if reported < 100 {
		t.Errorf("only %d reports", reported)
	}
}

// TestForbiddenByOrganization: service control policies of complete levels, Denies
// of any level, and resource control policies on the account's own resources alone.
func TestForbiddenByOrganization(t *testing.T) {
	control := func(id, kind, doc string) string {
		return fmt.Sprintf(`{"Policy":{"PolicySummary":{"Id":%q,"Arn":"arn:aws:organizations::999900001111:policy/o-exampleorgid/x/%s","Name":"n","Type":%q},"Content":%q}}`, id, id, kind, doc)
	}
	attached := func(id string) string {
		return `{"PolicyId":"` + id + `","Targets":[{"TargetId":"111122223333","Type":"ACCOUNT"}]}`
	}
	const scp, rcp = "p-service001", "p-resource01"
	list := func(ids string) string {
		return `{"TargetId":"111122223333","Policies":[{"Id":"` + ids + `","Type":"SERVICE_CONTROL_POLICY"}]}`
	}
	allowCreate := control(scp, "SERVICE_CONTROL_POLICY", docOf(statement("Allow", "sqs:Create*", "*", "")))
	rcpDoc := strings.Replace(docOf(statement("Deny", "sqs:*", "*", "")), `"Effect"`, `"Principal":"*","Effect"`, 1)
	for name, c := range map[string]struct {
		files    []string
		resource string
		want     string
	}{
		"all policies of the account":   {[]string{allowCreate, list(scp)}, "*", "sqs:PurgeQueue"},
		"perhaps not all":               {[]string{allowCreate, attached(scp)}, "*", ""},
		"a deny":                        {[]string{control(scp, "SERVICE_CONTROL_POLICY", docOf(statement("Deny", "sqs:Purge*", "*", ""))), attached(scp)}, "*", "sqs:PurgeQueue"},
		"a deny that is not attached":   {[]string{control(scp, "SERVICE_CONTROL_POLICY", docOf(statement("Deny", "sqs:Purge*", "*", "")))}, "*", ""},
		"resources of any account":      {[]string{control(rcp, "RESOURCE_CONTROL_POLICY", rcpDoc), attached(rcp)}, "*", ""},
		"resources of the account":      {[]string{control(rcp, "RESOURCE_CONTROL_POLICY", rcpDoc), attached(rcp)}, "arn:aws:sqs:*:111122223333:q", "sqs:CreateQueue,sqs:PurgeQueue"},
		"resources of another account":  {[]string{control(rcp, "RESOURCE_CONTROL_POLICY", rcpDoc), attached(rcp)}, "arn:aws:sqs:*:444455556666:q", ""},
		"the management account itself": {[]string{strings.ReplaceAll(allowCreate, "999900001111", acct), list(scp)}, "*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.files = c.files
			w.inline["app"] = docOf(statement("Allow", "sqs:CreateQueue,sqs:PurgeQueue", c.resource, ""))
			w.saw("ec2:DescribeInstances", "*", "star", 1)
			var got []string
			for _, f := range w.propose(Options{}).Principals[0].Forbidden {
				got = append(got, f.Actions...)
			}
			if strings.Join(got, ",") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

// TestForbiddenOfAdministratorsIsFast: the catalogue is expanded once.
func TestForbiddenOfAdministratorsIsFast(t *testing.T) {
	parse := func(text string) *iam.Document {
		d, err := iam.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	admin, limit := parse(docOf(statement("Allow", "*", "*", ""))), parse(docOf(statement("Allow", "s3:*,sqs:*,ec2:Describe*", "*", "")))
	facts := newFactTable(actions.Default())
	snapshot := &account.Snapshot{Policies: map[string]*account.Policy{limitARN: {ARN: limitARN, Document: limit}}}
	p := &proposer{facts: facts, masks: newMaskTable(facts), in: Input{Snapshot: snapshot}}
	s := &subject{p: &account.Principal{ARN: roleARN, Account: acct, Boundary: limitARN}}
	start := time.Now()
	for range 20 {
		got := p.forbidden(s, []*iam.Document{admin})
		if len(got) != 1 || len(got[0].Actions) < 10000 || slices.Contains(got[0].Actions, "s3:GetObject") || !slices.Contains(got[0].Actions, "iam:PassRole") {
			t.Fatalf("%d lists", len(got))
		}
	}
	t.Logf("%s each", time.Since(start)/20)
}
