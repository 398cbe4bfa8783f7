package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// manyStatements is a policy as one comes out for an administrator: 15 actions on
// two resources each.
func manyStatements(t testing.TB, n int) []*Document {
	var list []string
	for i := range n {
		var actions []string
		for j := range 15 {
			actions = append(actions, fmt.Sprintf("service%d:GetThing%d", i/2, i*100+j))
		}
		list = append(list, rawStatement("Allow", strings.Join(actions, " "), fmt.Sprintf("arn:aws:x:::%d arn:aws:x:::%d/*", i, i), ""))
	}
	return policy(t, list...)
}

// manyResources is a document of about 10 KB: some statements with long lists.
func manyResources(t testing.TB, skip int) []*Document {
	var list []string
	for i := range 6 {
		var resources []string
		for j := range 40 {
			if j%10 != skip {
				resources = append(resources, fmt.Sprintf("arn:aws:s3:::bucket-%d/team-%d/*", i, j))
			}
		}
		list = append(list, rawStatement("Allow", fmt.Sprintf("s3:Get* s3:Put* s3:List%d*", i), strings.Join(resources, " "), ""))
	}
	return policy(t, list...)
}

func BenchmarkSubtract(b *testing.B) {
	admin := policy(b, rawStatement("Allow", "*", "*", ""))
	forty := manyStatements(b, 40)
	run := func(name string, old, new []*Document, parts int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := Subtract(old, new, SubtractOptions{}); len(d.Parts) != parts {
					b.Fatalf("%d parts", len(d.Parts))
				}
			}
		})
	}
	run("Administrator", admin, forty, 41)
	run("AdministratorAdded", forty, admin, 0)
	run("SameForty", forty, forty, 0)
	run("TenKilobytes", manyResources(b, -1), manyResources(b, 3), 6)
}

// Policies made to be slow end within the budget.
func TestSubtractIsBounded(t *testing.T) {
	var patterns, resources, deep []string
	for i := range 1500 {
		patterns = append(patterns, fmt.Sprintf("*%d*%d*", i%40, i))
		resources = append(resources, fmt.Sprintf("arn:aws:s3:::*%d*?%d", i, i%7))
	}
	for i := range 300 {
		deep = append(deep, rawStatement("Allow", fmt.Sprintf("s*%d*:*%d", i, i%50), strings.Repeat("*a", 40)+fmt.Sprint(i), ""),
			rawStatement("Deny", fmt.Sprintf("*%d?:*", i), fmt.Sprintf("*%d*a*b", i), ""))
	}
	wide := policy(t, rawStatement("Allow", strings.Join(patterns, " "), strings.Join(resources, " "), ""))
	bombs := policy(t, deep...)
	for name, c := range map[string]struct{ old, new []*Document }{
		"wide, bombs": {wide, bombs}, "bombs, wide": {bombs, wide}, "wide, none": {wide, nil}, "bombs, fewer": {append(bombs, wide...), bombs},
	} {
		start := time.Now()
		d := Subtract(c.old, c.new, SubtractOptions{})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v, %d parts, %s", name, took, len(d.Parts), d.Verdict)
		}
		if d.Verdict == Holds {
			t.Errorf("%s: nothing is lost", name)
		}
	}
}
