package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestStepText(t *testing.T) {
	const policy, role = "arn:aws:iam::111122223333:policy/team/etl", "arn:aws:iam::111122223333:role/app/etl"
	for _, tt := range []struct {
		step Step
		want string
	}{
		{Step{Do: "create-policy", Policy: policy, File: "a.json"}, "create policy team/etl from a.json"},
		{Step{Do: "put-policy-version", Policy: policy, File: "a.json", Version: "v3"}, "put a.json as the new default version of team/etl, v3 until then"},
		{Step{Do: "put-policy-version", Policy: policy, File: "a.json"}, "put a.json as the new default version of team/etl"},
		{Step{Do: "delete-policy-version", Policy: policy, Version: "v1", Note: "five are the most"}, "delete version v1 of team/etl: five are the most"},
		{Step{Do: "delete-policy-version", Policy: policy}, "delete the oldest version of team/etl that is not in force"},
		{Step{Do: "attach-policy", Policy: policy, On: role, Needs: []int{1}}, "attach team/etl to role/app/etl, after 1"},
		{Step{Do: "detach-policy", Policy: "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", On: role, Needs: []int{1, 2, 3}, Gap: true},
			"detach ViewOnlyAccess (of AWS) from role/app/etl (leaves a gap), after 1, 2 and 3"},
		{Step{Do: "put-inline-policy", Policy: "x", On: role, File: "b.json"}, "put b.json as inline policy x of role/app/etl"},
		{Step{Do: "add-to-inline-policy", On: "permission-set/Dev", File: "c.json"}, "add the statements of c.json to the inline policy of permission-set/Dev"},
		{Step{Do: "delete-inline-policy", Policy: "x", On: role}, "delete inline policy x of role/app/etl"},
		{Step{Do: "provision", On: "permission-set/Dev"}, "provision permission-set/Dev to all its accounts"},
	} {
		if got := tt.step.full(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestPlanIsOneList: a policy of several principals is told with each of them, and its
// steps come once, in their order; names are clean.
func TestPlanIsOneList(t *testing.T) {
	shared := Policy{Steps: []Step{{Number: 3, Do: "detach-policy", Policy: "p", On: "q"}, {Number: 1, Do: "create-policy", Policy: "evil\x1b[31m\u202e"}}}
	r := &Run{Principals: []Principal{{Policies: []Policy{shared}}, {Policies: []Policy{shared, {Steps: []Step{{Number: 2, Do: "attach-policy"}}}}}}}
	for n := 4; n <= 9; n++ {
		r.Principals[0].Policies = append(r.Principals[0].Policies, Policy{Steps: []Step{{Number: n, Do: "attach-policy", Policy: fmt.Sprint("p", n)}}})
	}
	var numbers []int
	for _, s := range r.Plan() {
		numbers = append(numbers, s.Number)
	}
	if !slices.Equal(numbers, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Errorf("steps %v", numbers)
	}
	want := "9 steps, in an order in which nobody is ever allowed less than in the end: 1 new policy, 7 attachments, 1 detachment; each with its policy in principals.jsonl"
	if got := r.planText(""); got != want {
		t.Errorf("%q", got)
	}
	r.Principals[0].Policies[1].Steps[0].Gap = true
	if got := r.planText("out"); !strings.Contains(got, "9 steps, 1 of which leave a gap for a moment: ") || !strings.HasSuffix(got, "out/principals.jsonl") {
		t.Errorf("%q", got)
	}
}

// TestStepsAreClean: names in steps come from account files and logs.
func TestStepsAreClean(t *testing.T) {
	var out bytes.Buffer
	evil := "arn:aws:iam::111122223333:role/<script>x</script>"
	r := &Run{Principals: []Principal{{Principal: "p", Policies: []Policy{{Name: "x", Change: "replace", Steps: []Step{{Number: 1, Do: "detach-policy", Policy: "y", On: evil}}}}}}}
	if err := HTML(&out, r); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "<script>x") || !strings.Contains(text, "detach y from role/&lt;script&gt;") {
		t.Error("a name of a step is not escaped, or not there")
	}
}
