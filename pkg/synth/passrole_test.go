package synth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

const (
	execRole = "arn:aws:iam::111122223333:role/exec"
	hostRole = "arn:aws:iam::111122223333:role/host"
)

// serviceRole is the authorization details of a role that services may assume.
func serviceRole(arn string, services string) string {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	return fmt.Sprintf(`{"RoleDetailList":[{"RoleName":%q,"RoleId":"AROAEXAMPLE%s00000","Path":"/","Arn":%q,"RolePolicyList":[],"AttachedManagedPolicies":[],
	 "AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":[%s]},"Action":"sts:AssumeRole"}]}}]}`,
		name, strings.ToUpper(name), arn, quoted(services))
}

// passed adds a pass of a role that a call showed.
func (w *world) passed(role, service string, day int32) {
	r := w.saw("iam:PassRole", role, "arn", day)
	r.Basis, r.PassedTo = "inferred", service
}

// TestPassedTo: the condition is added where each pass is known and the role's trust
// policy names its service, and nowhere else.
func TestPassedTo(t *testing.T) {
	const ec2, lambda = "ec2.amazonaws.com", "lambda.amazonaws.com"
	plain := docOf(statement("Allow", "iam:PassRole,sqs:PurgeQueue", "*", ""))
	trusted := []string{serviceRole(execRole, lambda), serviceRole(hostRole, ec2)}
	for name, c := range map[string]struct {
		doc, rest string // rest: of the Condition, as it has to come out
		files     []string
		passes    func(*world)
		want      string // services by role, as printed; "" no condition of ours
	}{
		"one role":                        {plain, "", trusted, func(w *world) { w.passed(execRole, lambda, 1); w.passed(execRole, lambda, 60) }, "exec=lambda"},
		"two roles of two services":       {plain, "", trusted, func(w *world) { w.passed(execRole, lambda, 1); w.passed(hostRole, ec2, 2) }, "host=ec2 exec=lambda"},
		"one role of two services":        {plain, "", []string{serviceRole(execRole, ec2+","+lambda)}, func(w *world) { w.passed(execRole, lambda, 1); w.passed(execRole, ec2, 2) }, "exec=ec2+lambda"},
		"the trust policy names another":  {plain, "", []string{serviceRole(execRole, ec2)}, func(w *world) { w.passed(execRole, lambda, 1) }, ""},
		"a role that the files lack":      {plain, "", nil, func(w *world) { w.passed(execRole, lambda, 1) }, ""},
		"a pass of unknown service":       {plain, "", trusted, func(w *world) { w.passed(execRole, lambda, 1); w.passed(execRole, "", 2) }, ""},
		"another role of unknown service": {plain, "", trusted, func(w *world) { w.passed(execRole, lambda, 1); w.passed(hostRole, "", 2) }, ""},
		"a denied pass of unknown service": {plain, "", trusted, func(w *world) {
			w.passed(execRole, lambda, 1)
			w.saw("iam:PassRole", execRole, "arn", 3).Outcome = "denied"
		}, ""},
		"a pass that may be none": {plain, "", trusted, func(w *world) {
			w.passed(execRole, lambda, 1)
			w.saw("iam:PassRole", "", "none", 3).Basis = "ambiguous"
		}, ""},
		"the attached statement has one":      {docOf(statement("Allow", "iam:PassRole,sqs:PurgeQueue", "*", `,"Condition":{"StringLike":{"iam:passedtoservice":"*.amazonaws.com"}}`)), "", trusted, func(w *world) { w.passed(execRole, lambda, 1) }, ""},
		"the attached statement has another":  {docOf(statement("Allow", "iam:PassRole,sqs:PurgeQueue", "*", `,"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`)), `"aws:SourceVpc"`, trusted, func(w *world) { w.passed(execRole, lambda, 1) }, "exec=lambda"},
		"the attached statement is by a role": {docOf(statement("Allow", "iam:PassRole,sqs:PurgeQueue", execRole, "")), "", trusted, func(w *world) { w.passed(execRole, lambda, 1) }, "exec=lambda"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"], w.files = c.doc, c.files
			c.passes(w)
			p := w.only(Options{})
			if p.Change != Narrow || !p.Proof.OK() {
				t.Fatalf("%s: %s", p.Change, p.Reason)
			}
			var got []string
			for _, s := range p.New[0].Statements {
				for _, b := range s.Condition {
					for _, cl := range b.Clauses {
						if cl.Key == passedToKey {
							role := s.Resource[0][strings.LastIndexByte(s.Resource[0], '/')+1:]
							got = append(got, role+"="+strings.ReplaceAll(strings.Join(cl.Values, "+"), ".amazonaws.com", ""))
						}
					}
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q, want %q: %s", got, c.want, p.Printed[0])
			}
			if c.rest != "" && !strings.Contains(string(p.Printed[0]), c.rest) {
				t.Errorf("the attached condition is gone: %s", p.Printed[0])
			}
		})
	}
}

// TestCheckOfPassedTo: a condition on the service is covered for passes to it alone.
func TestCheckOfPassedTo(t *testing.T) {
	parse := func(text string) *iam.Document {
		d, err := iam.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	when := func(clauses string) string { return `,"Condition":{` + clauses + `}` }
	const vpc = `"StringLike":{"aws:SourceVpc":"vpc-*"}`
	lambda := `"StringEquals":{"iam:PassedToService":["lambda.amazonaws.com","ec2.amazonaws.com"]}`
	for name, c := range map[string]struct {
		old, new, to string
		ok           bool
	}{
		"to the service":            {"", when(lambda), "lambda.amazonaws.com", true},
		"to another":                {"", when(lambda), "ecs-tasks.amazonaws.com", false},
		"to one that is not known":  {"", when(lambda), "", false},
		"beside what is attached":   {when(vpc), when(vpc + "," + lambda), "lambda.amazonaws.com", true},
		"beside it, to another":     {when(vpc), when(vpc + "," + lambda), "ecs-tasks.amazonaws.com", false},
		"beside a condition more":   {"", when(vpc + "," + lambda), "lambda.amazonaws.com", false},
		"negated":                   {"", when(strings.Replace(lambda, "StringEquals", "StringNotEquals", 1)), "lambda.amazonaws.com", false},
		"the attached one, to any":  {when(lambda), when(lambda), "ecs-tasks.amazonaws.com", true},
		"the attached one is wider": {when(`"StringLike":{"iam:PassedToService":"*"}`), when(lambda), "lambda.amazonaws.com", true},
	} {
		t.Run(name, func(t *testing.T) {
			old := parse(docOf(statement("Allow", "iam:PassRole", "*", c.old)))
			seen := Seen{Principal: roleARN, Account: acct, Action: "iam:PassRole", Resource: execRole, Kind: "arn", PassedTo: c.to}
			p := Check(old, [][]byte{[]byte(docOf(statement("Allow", "iam:PassRole", execRole, c.new)))}, []Seen{seen})
			if p.OK() != c.ok {
				t.Errorf("%+v, want %v", p, c.ok)
			}
		})
	}
}
