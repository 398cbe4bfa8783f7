package synth

import (
	"fmt"
	"strings"
	"testing"
)

// What the same run detaches makes room: AdministratorAccess beside nine policies that are
// not used is no reason to give up.
func TestFreedSlotsCount(t *testing.T) {
	for name, other := range map[string]string{"freed": idleDoc,
		"in use": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"arn:aws:sqs:us-east-1:111122223333:q1"}]}`} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.attached = []string{"arn:aws:iam::aws:policy/AdministratorAccess"}
			for i := range 9 {
				arn := fmt.Sprintf("arn:aws:iam::111122223333:policy/p%d", i)
				w.managed[arn] = other
				w.attached = append(w.attached, arn)
			}
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2, 3)
			r := w.propose(Options{Style: Exact})
			slots := 0
			for _, p := range r.Proposals {
				switch p.Change {
				case Remove:
				case Replace:
					slots += len(p.New)
				default:
					slots++
				}
				if p.Name != "AdministratorAccess" {
					continue
				}
				want := map[string]ChangeKind{"freed": Replace, "in use": Skip}[name]
				if p.Change != want || want == Replace && !strings.Contains(strings.Join(p.Notes, "\n"), "that other proposals of this run free") {
					t.Errorf("%s: %s %q", p.Change, p.Reason, p.Notes)
				}
			}
			if slots > managedPerPrincipal {
				t.Errorf("%d managed policies", slots)
			}
			if got := steps(r); strings.Contains(got, "GAP") || name == "freed" && !strings.HasPrefix(got, "1 detach-policy policy/p0") {
				t.Error(got)
			}
		})
	}
}
