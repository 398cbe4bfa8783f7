package synth

import (
	"slices"
	"testing"
)

// TestTwinRegions: a seldom action stays on the same name in another region where the
// statement's other actions are used on it there.
func TestTwinRegions(t *testing.T) {
	const east, west, third = "arn:aws:sqs:us-east-1:111122223333:", "arn:aws:sqs:eu-west-1:111122223333:", "arn:aws:sqs:ap-south-1:111122223333:"
	for name, c := range map[string]struct {
		send, make map[string]int // days of CreateQueue and PurgeQueue by queue
		style      Style
		want       []string // resources of PurgeQueue
	}{
		"too seldom to tell":        {map[string]int{east + "q": 40, west + "q": 10}, map[string]int{east + "q": 4}, "", []string{west + "q", east + "q"}},
		"often enough to tell":      {map[string]int{east + "q": 40, west + "q": 40}, map[string]int{east + "q": 20}, "", []string{east + "q"}},
		"another name there":        {map[string]int{east + "q": 40, west + "p": 10}, map[string]int{east + "q": 4}, "", []string{east + "q"}},
		"seen there on other names": {map[string]int{east + "q": 40, west + "q": 10}, map[string]int{east + "q": 4, west + "p": 1}, "", []string{west + "p", east + "q"}},
		"the regions share nothing": {map[string]int{west + "q": 1}, map[string]int{east + "q": 1}, "", []string{east + "q"}},
		"exact":                     {map[string]int{east + "q": 40, west + "q": 10}, map[string]int{east + "q": 4}, Exact, []string{east + "q"}},
		"three regions":             {map[string]int{east + "q": 40, west + "q": 5, third + "q": 5}, map[string]int{east + "q": 4}, "", []string{third + "q", west + "q", east + "q"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:PurgeQueue","sqs:DeleteQueue"],"Resource":"arn:aws:sqs:*:*:*"}]}`
			for action, uses := range map[string]map[string]int{"sqs:CreateQueue": c.send, "sqs:PurgeQueue": c.make} {
				for _, queue := range sortedKeys(uses) {
					for d := range uses[queue] {
						w.saw(action, queue, "arn", int32(2*d))
					}
				}
			}
			e := fateOf(t, w.only(Options{Style: c.style}), "sqs:PurgeQueue")
			if !slices.Equal(e.Resources, c.want) {
				t.Errorf("%q (%s), want %q", e.Resources, e.Reason, c.want)
			}
			if twin := len(c.want) > 1 && name != "seen there on other names"; twin != (len(e.Patterns) > 0) {
				t.Errorf("reasons %+v", e.Patterns)
			}
		})
	}
}
