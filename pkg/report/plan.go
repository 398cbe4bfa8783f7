package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Plan lists the steps of all policies of a run in their order, each once, though a
// policy that several principals have is told with each of them.
func (r *Run) Plan() []Step {
	seen := map[int]bool{}
	var out []Step
	for i := range r.Principals {
		for k := range r.Principals[i].Policies {
			for _, s := range r.Principals[i].Policies[k].Steps {
				if !seen[s.Number] {
					seen[s.Number] = true
					out = append(out, s)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Step) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// text is the step as an instruction: "attach etl-tightened to role/etl". It is not clean.
func (s *Step) text() string {
	name, on := tail(s.Policy), tail(s.On)
	inline := "inline policy " + name + " of " + on
	if name == "" {
		inline = "the inline policy of " + on
	}
	switch s.Do {
	case "create-policy":
		return "create policy " + name + " from " + s.File
	case "put-policy-version":
		out := "put " + s.File + " as the new default version of " + name
		if s.Version != "" {
			out += ", " + s.Version + " until then"
		}
		return out
	case "delete-policy-version":
		if s.Version == "" {
			return "delete the oldest version of " + name + " that is not in force"
		}
		return "delete version " + s.Version + " of " + name
	case "attach-policy":
		return "attach " + name + " to " + on
	case "detach-policy":
		return "detach " + name + " from " + on
	case "put-inline-policy":
		return "put " + s.File + " as " + inline
	case "add-to-inline-policy":
		return "add the statements of " + s.File + " to " + inline
	case "delete-inline-policy":
		return "delete " + inline
	case "provision":
		return "provision " + on + " to all its accounts"
	}
	return s.Do + " " + name + " " + on // of a newer tighten
}

// tail is an ARN without what a reader of one account knows: policy/x is x, and role/x
// stays. The policies of AWS are told from others of their name.
func tail(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return arn
	}
	name, isPolicy := strings.CutPrefix(parts[5], "policy/")
	if isPolicy && parts[4] == "aws" {
		return name[strings.LastIndexByte(name, '/')+1:] + " (of AWS)"
	}
	return name
}

// full is the step with what has to be known for it, told in one line.
func (s *Step) full() string {
	out := s.text()
	if s.Gap {
		out += " (leaves a gap)"
	}
	if len(s.Needs) > 0 {
		out += fmt.Sprintf(", after %s", numbers(s.Needs))
	}
	if s.Note != "" {
		out += ": " + s.Note
	}
	return out
}

// numbers is a list of a few step numbers: "3, 4 and 5".
func numbers(list []int) string {
	const most = 6
	some, rest := first(list, most)
	parts := make([]string, len(some))
	for i, n := range some {
		parts[i] = fmt.Sprint(n)
	}
	if rest > 0 {
		parts = append(parts, plural(rest, "more step"))
	}
	if n := len(parts) - 1; n > 0 {
		return strings.Join(parts[:n], ", ") + " and " + parts[n]
	}
	return parts[0]
}

// planText sums the plan up in one line, "" where nothing changes.
func (r *Run) planText(dir string) string {
	all := r.Plan()
	if len(all) == 0 {
		return ""
	}
	count, gaps := map[string]int{}, 0
	for i := range all {
		count[all[i].Do]++
		if all[i].Gap {
			gaps++
		}
	}
	var parts []string
	for _, k := range []struct{ do, noun string }{
		{"put-policy-version", "new version"}, {"put-inline-policy", "inline document"}, {"add-to-inline-policy", "inline addition"},
		{"create-policy", "new policy"}, {"attach-policy", "attachment"}, {"detach-policy", "detachment"},
		{"delete-policy-version", "old version deleted"}, {"delete-inline-policy", "inline policy deleted"}, {"provision", "provisioning"},
	} {
		switch n := count[k.do]; {
		case n == 0:
		case strings.HasSuffix(k.noun, "deleted"):
			parts = append(parts, fmt.Sprintf("%s %s", number(n), k.noun))
		case k.noun == "new policy" && n > 1:
			parts = append(parts, number(n)+" new policies")
		default:
			parts = append(parts, plural(n, k.noun))
		}
	}
	out := plural(len(all), "step") + ", in an order in which nobody is ever allowed less than in the end: "
	if gaps > 0 {
		out = fmt.Sprintf("%s, %s of which leave a gap for a moment: ", plural(len(all), "step"), number(gaps))
	}
	return out + strings.Join(parts, ", ") + "; each with its policy in " + inDir(dir, r.reportName())
}

// reportName is the file that lists all steps.
func (r *Run) reportName() string {
	if r.Output != nil && r.Output.Report != "" {
		return r.Output.Report
	}
	return "principals.jsonl"
}
