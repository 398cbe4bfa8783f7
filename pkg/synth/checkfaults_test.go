package synth

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// slip is one fault in a proposed document.
type slip struct {
	what string
	doc  *iam.Document
}

// slips are faults of the kinds that a synthesis can make: a use dropped, a pattern widened,
// statements swapped, a Deny ignored, a condition lost.
func slips(d *iam.Document) []slip {
	var out []slip
	add := func(what string, change func(*iam.Document)) {
		c := &iam.Document{Version: d.Version}
		for i := range d.Statements {
			s := d.Statements[i]
			s.Action, s.Resource = slices.Clone(s.Action), slices.Clone(s.Resource)
			s.NotAction, s.NotResource = slices.Clone(s.NotAction), slices.Clone(s.NotResource)
			c.Statements = append(c.Statements, s)
		}
		change(c)
		out = append(out, slip{what, c})
	}
	for i := range d.Statements {
		at := fmt.Sprintf("statement %d: ", i+1)
		add(at+"dropped", func(c *iam.Document) { c.Statements = slices.Delete(c.Statements, i, i+1) })
		add(at+"the other effect", func(c *iam.Document) {
			s := &c.Statements[i]
			s.Effect = map[iam.Effect]iam.Effect{iam.Allow: iam.Deny, iam.Deny: iam.Allow}[s.Effect]
		})
		add(at+"its conditions lost", func(c *iam.Document) { c.Statements[i].Condition = nil })
		add(at+"on everything", func(c *iam.Document) { c.Statements[i].Resource, c.Statements[i].NotResource = iam.Strings{"*"}, nil })
		add(at+"all but its actions", func(c *iam.Document) {
			s := &c.Statements[i]
			s.Action, s.NotAction = s.NotAction, s.Action
		})
		add(at+"all but its resources", func(c *iam.Document) {
			s := &c.Statements[i]
			s.Resource, s.NotResource = s.NotResource, s.Resource
		})
		for k, a := range d.Statements[i].Action {
			add(at+"without "+a, func(c *iam.Document) { c.Statements[i].Action = slices.Delete(c.Statements[i].Action, k, k+1) })
			add(at+"with the service of "+a, func(c *iam.Document) { c.Statements[i].Action[k] = servicePrefix(a) + ":*" })
			add(at+"with another end of "+a, func(c *iam.Document) { c.Statements[i].Action[k] = a[:len(a)-2] + "*" })
		}
		for k, r := range d.Statements[i].Resource {
			add(at+"without "+r, func(c *iam.Document) { c.Statements[i].Resource = slices.Delete(c.Statements[i].Resource, k, k+1) })
			add(at+"wider than "+r, func(c *iam.Document) { c.Statements[i].Resource[k] = r[:strings.LastIndexAny(r, ":/")+1] + "*" })
			add(at+"narrower than "+r, func(c *iam.Document) { c.Statements[i].Resource[k] = strings.TrimSuffix(r, "*") + "x" })
			add(at+"in any account, "+r, func(c *iam.Document) { c.Statements[i].Resource[k] = strings.Replace(r, acct, "*", 1) })
		}
		for k := i + 1; k < len(d.Statements); k++ {
			add(fmt.Sprintf("%sresources swapped with statement %d", at, k+1), func(c *iam.Document) {
				a, b := &c.Statements[i], &c.Statements[k]
				a.Resource, b.Resource, a.NotResource, b.NotResource = b.Resource, a.Resource, b.NotResource, a.NotResource
			})
			add(fmt.Sprintf("%sactions swapped with statement %d", at, k+1), func(c *iam.Document) {
				a, b := &c.Statements[i], &c.Statements[k]
				a.Action, b.Action, a.NotAction, b.NotAction = b.Action, a.Action, b.NotAction, a.NotAction
			})
		}
	}
	return out
}

// universe are requests on which documents are compared one by one: what was seen, and what
// is near it.
type universe struct {
	actions, resources []string
	contexts           []iam.Context
}

// worse reports whether a document allows a request of the universe that the old one does
// not, or no longer allows one that was seen and that the old one allows.
func (u *universe) worse(old, now *iam.Document, seen map[[2]string]bool) string {
	before, errBefore := iam.Compile(old)
	after, err := iam.Compile(now)
	if errBefore != nil || err != nil {
		return ""
	}
	for _, a := range u.actions {
		for _, r := range u.resources {
			for _, c := range u.contexts {
				q := iam.Request{Action: a, Resource: r, Context: c}
				was, is := before.Decide(&q), after.Decide(&q)
				switch {
				case was != iam.Allowed && is == iam.Allowed:
					return fmt.Sprintf("gained %s on %s", a, r)
				case was == iam.Allowed && is != iam.Allowed && seen[[2]string{a, r}] && c.Values["aws:requestedregion"][0] == "us-east-1":
					return fmt.Sprintf("lost %s on %s", a, r)
				}
			}
		}
	}
	return ""
}

// TestCheckRefusesFaults seeds faults into proposals of random worlds. Each that changes
// what is allowed for the worse, by evaluating request after request, must fail the proof.
func TestCheckRefusesFaults(t *testing.T) {
	const least = 200
	queue := func(name string) string { return "arn:aws:sqs:us-east-1:111122223333:" + name }
	names := []string{"app-orders", "app-mail", "app-jobs", "other", "secret-keys"}
	u := universe{actions: []string{"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:PurgeQueue", "sqs:TagQueue", "sqs:UntagQueue", "sqs:AddPermission", "sns:CreateTopic", "sns:DeleteTopic"}}
	for _, n := range names {
		u.resources = append(u.resources, queue(n), strings.Replace(queue(n), acct, "444455556666", 1), "arn:aws:sns:us-east-1:111122223333:"+n)
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		u.contexts = append(u.contexts, iam.Context{Values: map[string][]string{"aws:requestedregion": {region}, "aws:principalarn": {roleARN}, "aws:principalaccount": {acct}}})
	}
	faults, caught, kinds := 0, 0, map[string]int{}
	for seed := range int64(12) {
		r := rand.New(rand.NewSource(seed))
		w := newWorld(t)
		w.inline["app"] = faultyWorld(r)
		seen := map[[2]string]bool{}
		old, err := iam.Parse([]byte(w.inline["app"]))
		if err != nil {
			t.Fatal(err)
		}
		set, err := iam.Compile(old)
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			a, n := u.actions[r.Intn(6)], names[r.Intn(len(names))]
			q := iam.Request{Action: a, Resource: queue(n), Context: u.contexts[0]}
			if set.Decide(&q) == iam.Allowed {
				w.saw(a, queue(n), "arn", int32(r.Intn(40)), int32(50+r.Intn(40)))
				seen[[2]string{a, queue(n)}] = true
			}
		}
		p := w.only(Options{})
		if p.Change != Narrow || len(p.New) != 1 {
			continue
		}
		var requests []Seen
		for _, key := range sortedSeen(seen) {
			requests = append(requests, Seen{Principal: roleARN, Account: acct, Action: key[0], Resource: key[1], Kind: "arn", Region: "us-east-1"})
		}
		if proof := Check(old, p.Printed, requests); !proof.OK() {
			t.Fatalf("seed %d: the proposal itself: %s", seed, proof.Counterexample())
		}
		for _, s := range slips(p.New[0]) {
			why := u.worse(old, s.doc, seen)
			if why == "" {
				continue // what it means did not change, or only within what is attached and unused
			}
			faults++
			kinds[why[:4]]++
			if proof := Check(old, [][]byte{s.doc.Format()}, requests); proof.OK() {
				t.Errorf("seed %d, %s: passed, though it has %s\n%s", seed, s.what, why, s.doc.Format())
				continue
			}
			caught++
		}
	}
	t.Logf("%d of %d faults refused (%v)", caught, faults, kinds)
	if faults < least || kinds["gain"] < least/4 || kinds["lost"] < least/4 {
		t.Errorf("only %d faults (%v), want %d of both kinds", faults, kinds, least)
	}
}

func sortedSeen(seen map[[2]string]bool) [][2]string {
	var out [][2]string
	for k := range seen {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	return out
}

// faultyWorld is an attached document: two or three Allow statements, one under a condition,
// and a Deny or two.
func faultyWorld(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	statements := []string{
		`{"Sid":"A","Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue"],"Resource":` + pick(`"arn:aws:sqs:*:111122223333:app-*"`, `["arn:aws:sqs:us-east-1:111122223333:app-*","arn:aws:sqs:us-east-1:111122223333:other"]`) + `}`,
		`{"Sid":"B","Effect":"Allow","Action":["sqs:TagQueue","sqs:UntagQueue"],"Resource":"arn:aws:sqs:us-east-1:111122223333:*"` +
			pick("", `,"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`) + `}`,
	}
	if r.Intn(2) == 0 {
		statements = append(statements, `{"Sid":"C","Effect":"Allow","Action":["sqs:AddPermission","sns:CreateTopic"],"Resource":["arn:aws:sqs:*:111122223333:app-jobs","arn:aws:sns:*:111122223333:app-*"]}`)
	}
	statements = append(statements, pick(
		`{"Sid":"D","Effect":"Deny","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:secret-*"}`,
		`{"Sid":"D","Effect":"Deny","Action":"sqs:*","NotResource":["arn:aws:sqs:*:111122223333:app-*","arn:aws:sqs:*:111122223333:other"]}`,
		`{"Sid":"D","Effect":"Deny","NotAction":["sqs:*","sns:*"],"Resource":"*"},{"Sid":"E","Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"}`,
		`{"Sid":"D","Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}}`))
	r.Shuffle(len(statements), func(i, j int) { statements[i], statements[j] = statements[j], statements[i] })
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}
