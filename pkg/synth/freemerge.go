package synth

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// grant is a set of actions on a set of resources, as a statement has them.
type grant struct{ actions, resources []string }

// Bounds of what is compared: statements, and the resources of all of them.
const (
	mostMerged    = 100
	mostResources = 2000
)

// mergeFree tells which grants may stand in one statement at no cost: no action of
// one works on a resource of the other, unless both have it. It returns for each the
// first that takes it in, itself where none does.
func (t *factTable) mergeFree(list []grant) []int {
	into := make([]int, len(list))
	resources := 0
	for i := range list {
		into[i] = i
		resources += len(list[i].resources)
	}
	if len(list) > mostMerged || resources > mostResources {
		return into
	}
	whole := append([]grant{}, list...)
	works := workMemo{t, map[[2]string]bool{}}
	for i := range list {
		for k := range i {
			if into[k] == k && works.apart(whole[k], whole[i]) && works.apart(whole[i], whole[k]) {
				into[i] = k
				whole[k] = grant{append(append([]string{}, whole[k].actions...), whole[i].actions...), append(append([]string{}, whole[k].resources...), whole[i].resources...)}
				break
			}
		}
	}
	return into
}

// mergeStatements joins the statements of a new document where that grants nothing
// more. They differ in actions and resources alone.
func (t *factTable) mergeStatements(list []iam.Statement) []iam.Statement {
	grants := make([]grant, len(list))
	for i, s := range list {
		grants[i] = grant{s.Action, s.Resource}
	}
	into := t.mergeFree(grants)
	for i, k := range into {
		if k != i {
			list[k].Action = append(list[k].Action, list[i].Action...)
			list[k].Resource = subsume(append(list[k].Resource, list[i].Resource...))
		}
	}
	var out []iam.Statement
	for i, k := range into {
		if k == i {
			slices.Sort(list[i].Action)
			out = append(out, list[i])
		}
	}
	return out
}

// workMemo remembers which actions work on which resources.
type workMemo struct {
	facts *factTable
	known map[[2]string]bool // by action and resource
}

// apart reports whether no action of a works on a resource that b alone has.
func (w workMemo) apart(a, b grant) bool {
	own := map[string]bool{}
	for _, r := range a.resources {
		own[r] = true
	}
	for _, r := range b.resources {
		if own[r] {
			continue
		}
		for _, name := range a.actions {
			key := [2]string{name, r}
			works, ok := w.known[key]
			if !ok {
				works = w.facts.worksOn(name, r)
				w.known[key] = works
			}
			if works {
				return false
			}
		}
	}
	return true
}

// worksOn reports whether an action may be allowed by a resource pattern, by its
// resource types. Doubt is yes.
func (t *factTable) worksOn(action, resource string) bool {
	i, ok := t.index[strings.ToLower(action)]
	if !ok || !strings.HasPrefix(resource, "arn:") || strings.Contains(resource, "${") {
		return true
	}
	for _, r := range t.facts[i].ResourceTypes {
		if meets(templatePattern(r.ARN), resource) && !deeper(resource, r.ARN) {
			return true
		}
	}
	return false
}

// meets reports whether two ARN patterns have a string in common, each of their six
// parts apart.
func meets(a, b string) bool {
	x, y := strings.SplitN(a, ":", 6), strings.SplitN(b, ":", 6)
	if len(x) != 6 || len(y) != 6 {
		return intersect(a, b)
	}
	for i := range x {
		if !intersect(x[i], y[i]) {
			return false
		}
	}
	return true
}

// templatePattern turns the template of a resource type into a pattern.
func templatePattern(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('*')
		_, template, _ = strings.Cut(rest, "}")
	}
}

// deeper reports whether a resource has a path where the template of a type has one
// bare name: buckets, queues and topics have names without slashes.
func deeper(resource, template string) bool {
	t, r := strings.SplitN(template, ":", 6), strings.SplitN(resource, ":", 6)
	return len(t) == 6 && len(r) == 6 && hasBareNames(t[2]) && strings.HasPrefix(t[5], "${") && strings.HasSuffix(t[5], "}") &&
		strings.Count(t[5], "$") == 1 && strings.Contains(r[5], "/")
}

// hasBareNames reports whether a service has a resource type of one bare name, which
// has no slash. Sources: Amazon S3 user guide, "General purpose bucket naming rules";
// Amazon SQS API reference, CreateQueue; Amazon SNS API reference, CreateTopic (2026-11).
func hasBareNames(service string) bool {
	return service == "s3" || service == "sqs" || service == "sns"
}
