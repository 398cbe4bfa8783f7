package synth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// TestReachAgainstOracle counts permissions one by one with the evaluator, and compares.
func TestReachAgainstOracle(t *testing.T) {
	facts := newFactTable(actions.Default())
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	words := []string{"a", "ab", "b", "x/1", "x/2", "x/y/3"}
	names := []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketTagging", "s3:ListAllMyBuckets"}
	patterns := []string{"*", "arn:aws:s3:::*", "arn:aws:s3:::a*", "arn:aws:s3:::a/*", "arn:aws:s3:::*/1", "arn:aws:s3:::a?/x/*", "arn:aws:s3:::ab", "arn:aws:s3:::b/x/1", "arn:aws:s3:::*b/*/3"}
	for round := range 300 {
		var people []*caller
		for p := range 3 {
			c := &caller{arn: fmt.Sprint("p", p)}
			for range rnd.IntN(12) {
				o := observation{action: pick(names), resource: "arn:aws:s3:::" + pick(words[:3]), kind: "arn", basis: "logged", outcome: "allowed"}
				if o.action == names[0] || o.action == names[1] || o.action == names[2] {
					o.resource += "/" + pick(words)
				}
				if o.action == names[5] {
					o.resource, o.kind = "*", "star"
				} else if rnd.IntN(8) == 0 {
					o.resource, o.kind = pick([]string{"arn:aws:s3:::a/*", "arn:aws:s3:::*", "arn:aws:s3:::a*/x/*"}), "pattern"
				}
				c.obs = append(c.obs, o)
			}
			people = append(people, c)
		}
		inv := newInventory(facts, people)
		var docs []*iam.Document
		for range 1 + rnd.IntN(2) {
			d := &iam.Document{Version: "2012-10-17"}
			for range 1 + rnd.IntN(3) {
				s := iam.Statement{Effect: iam.Allow, Action: iam.Strings{pick(append(names, "s3:*", "s3:Get*"))}, Resource: iam.Strings{pick(patterns), pick(patterns)}}
				switch rnd.IntN(6) {
				case 0:
					s.Effect = iam.Deny
				case 1:
					s.NotResource, s.Resource = s.Resource, nil
				}
				d.Statements = append(d.Statements, s)
			}
			docs = append(docs, d)
		}
		set, err := iam.Compile(docs...)
		if err != nil {
			t.Fatal(err)
		}
		r := newReach(inv, docs, func(s *iam.Statement) []int { known, _ := facts.granted(s); return known })
		b := &backtester{p: &proposer{facts: facts}, inventory: inv}
		used := b.used(people[:1])
		wanted := func(a int) bool { return slices.Contains(names, facts.names[a]) }
		var all, unused int64
		foreign := 0
		for _, name := range names {
			for _, arn := range oracleInventory(facts, inv, name) {
				if set.Decide(&iam.Request{Action: name, Resource: arn}) != iam.Allowed {
					continue
				}
				all++
				sees := func(c *caller, action string) bool {
					return slices.ContainsFunc(c.obs, func(o observation) bool {
						return (o.resource == arn || o.kind == "pattern" && globMatch(o.resource, arn)) && (action == "" || o.action == action)
					})
				}
				if !sees(people[0], name) {
					unused++
				}
				named := func(c *caller) bool { // by itself: what others used as a pattern shows no resource
					return slices.ContainsFunc(c.obs, func(o observation) bool { return o.resource == arn && o.action == name })
				}
				if arn != "*" && !sees(people[0], "") && (named(people[1]) || named(people[2])) {
					foreign++
				}
			}
		}
		gotAll, left := r.count(wanted, used)
		own := spread{}
		for i := range people[0].obs {
			inv.touch(own, &people[0].obs[i], everyList)
		}
		own.join()
		if got := r.foreign(own, wanted); gotAll != all || total(left) != unused || got != foreign {
			t.Fatalf("round %d: %d allowed, %d unused, %d foreign; want %d, %d, %d\n%s", round, gotAll, total(left), got, all, unused, foreign, docs[0].Format())
		}
	}
}

// oracleInventory lists the resources to which an action of the test applies.
func oracleInventory(facts *factTable, inv *inventory, name string) []string {
	var out []string
	for _, list := range inv.ofAction[facts.exact[name]] {
		out = append(out, inv.lists[list].arns...)
	}
	return out
}

func TestTemplates(t *testing.T) {
	facts := newFactTable(actions.Default())
	types := newTemplates(facts)
	for arn, want := range map[string]string{
		"arn:aws:s3:::lake/raw/1":                                         "*/*",
		"arn:aws:s3:::lake":                                               "*",
		"arn:aws:dynamodb:us-east-1:111122223333:table/a":                 "table/*",
		"arn:aws:dynamodb:us-east-1:111122223333:table/a/index/b":         "table/*/index/*",
		"arn:aws:sqs:us-east-1:111122223333:jobs":                         "*",
		"arn:aws:iam::111122223333:role/team/app":                         "role/*",
		"arn:aws:lambda:us-east-1:111122223333:function:f:prod":           "function:*:*",
		"arn:aws:logs:us-east-1:111122223333:log-group:/a/b:log-stream:c": "log-group:*:log-stream:*",
		"arn:aws:nothing:us-east-1:111122223333:x":                        "",
		"not an arn": "",
		"arn:aws:kms:us-east-1:111122223333:key/11111111-aaaa-4bbb-8ccc-1": "key/*",
	} {
		got := ""
		if n := types.find(arn); n > 0 {
			got = types.all[n-1].resource
		}
		if got != want {
			t.Errorf("%s: %q, want %q", arn, got, want)
		}
	}
}

// TestPatternUses: what AWS asks for at a creation is a pattern, and a use of all that it
// matches; an S3 key with a star in it is a key.
func TestPatternUses(t *testing.T) {
	facts := newFactTable(actions.Default())
	snapshot := func(id string) string { return "arn:aws:ec2:us-east-1::snapshot/" + id }
	use := func(action, resource, kind string) observation {
		return observation{action: action, resource: resource, kind: kind, basis: "logged", outcome: "allowed"}
	}
	maker := &caller{obs: []observation{use("ec2:CreateSnapshot", snapshot("*"), "arn"), use("s3:GetObject", "arn:aws:s3:::b/*", "arn")}}
	other := &caller{obs: []observation{use("ec2:DeleteSnapshot", snapshot("snap-1"), "arn"), use("ec2:DeleteSnapshot", snapshot("snap-2"), "arn"),
		use("ec2:DeleteSnapshot", "arn:aws:ec2:eu-west-1::snapshot/snap-3", "arn"), use("s3:GetObject", "arn:aws:s3:::b/k", "arn")}}
	inv := newInventory(facts, []*caller{maker, other})
	b := &backtester{p: &proposer{facts: facts}, inventory: inv}
	used := b.used([]*caller{maker})
	for action, want := range map[string][]string{
		"ec2:CreateSnapshot": {snapshot("*"), snapshot("snap-1"), snapshot("snap-2")},
		"s3:GetObject":       {"arn:aws:s3:::b/*"},
	} {
		var got []string
		for list, spans := range used[facts.exact[action]] {
			for _, s := range spans {
				got = append(got, inv.lists[list].arns[s.from:s.to]...)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", action, got, want)
		}
	}
}
