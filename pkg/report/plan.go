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

// planned prints the first steps of the plan, and where the others are.
func (p *page) planned(r *Run, o TextOptions) {
	const most = 12
	all := r.Plan()
	some, rest := first(all, most)
	if o.Max < 0 {
		some, rest = all, 0
	}
	if len(some) == 0 {
		return
	}
	p.line("")
	for i, l := range wrap("Plan"+promise(all), p.room) {
		if i == 0 {
			l = p.paint(strong, "Plan") + strings.TrimPrefix(l, "Plan")
		}
		p.line(l)
	}
	several := accountsOf(r.Principals) > 1
	for i := range some {
		s := &some[i]
		text := s.text()
		if id := s.account(); several && id != "" {
			text = id + " " + text
		}
		ink := none
		if s.Gap {
			ink = bad
		}
		p.note(fmt.Sprintf("%4d  ", s.Number), Clean(text), ink)
		if s.Note != "" {
			p.note("      ", Clean(s.Note), faint)
		}
	}
	if rest > 0 {
		p.note("", fmt.Sprintf("… and %s, with each policy in %s", plural(rest, "more step"), inDir(o.Dir, r.reportName())), faint)
	}
}

// promise is what the order of the steps is worth.
func promise(all []Step) string {
	if slices.ContainsFunc(all, func(s Step) bool { return s.Gap }) {
		return ": in this order, nobody is allowed less than in the end, but for a moment where a step says so"
	}
	return ": in this order, nobody is ever allowed less than in the end"
}

// reportName is the file that lists all steps.
func (r *Run) reportName() string {
	if r.Output != nil && r.Output.Report != "" {
		return r.Output.Report
	}
	return "principals.jsonl"
}

// account is that of what the step changes, "" where it is a permission set.
func (s *Step) account() string {
	parts := strings.SplitN(cmp.Or(s.On, s.Policy), ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
