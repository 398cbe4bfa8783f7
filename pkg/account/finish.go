package account

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// finish puts together what the files told, in an order that doesn't depend on
// theirs, and tells what is missing.
func (l *loader) finish(managed Managed) {
	for _, p := range l.details.principals {
		l.snap.Principals = append(l.snap.Principals, p)
	}
	sort.Slice(l.snap.Principals, func(i, j int) bool { return l.snap.Principals[i].ARN < l.snap.Principals[j].ARN })
	for _, g := range l.details.groups {
		l.snap.Groups = append(l.snap.Groups, g)
	}
	sort.Slice(l.snap.Groups, func(i, j int) bool { return l.snap.Groups[i].ARN < l.snap.Groups[j].ARN })
	// Each step has its own share of warnings: many missing documents must not hide
	// that an account is cut off.
	for _, step := range []func(){l.accounts, func() { l.resolvePolicies(managed) }, l.missingGroups, l.finishReports, l.finishOrganization, l.finishResources, l.sortRest} {
		l.file, l.warned = "", 0
		step()
	}
}

func (l *loader) accounts() {
	ids := map[string]bool{}
	for _, p := range l.snap.Principals {
		ids[p.Account] = true
	}
	for _, g := range l.snap.Groups {
		ids[g.Account] = true
	}
	for arn := range l.snap.Policies {
		if a, err := iam.ParseARN(arn); err == nil {
			ids[a.Account] = true
		}
	}
	for id := range ids {
		if accountID(id) {
			l.snap.Accounts = append(l.snap.Accounts, id)
		}
	}
	sort.Strings(l.snap.Accounts)
	l.snap.Latest = l.snap.latest()
	for _, id := range l.snap.Accounts {
		if l.details.truncated[id] > 0 && l.details.final[id] == 0 {
			l.snap.Truncated = append(l.snap.Truncated, id)
			l.warn(place{}, "the authorization details of account %s are cut off (IsTruncated); get them again without --max-items and --no-paginate", id)
		}
	}
}

// resolvePolicies makes an entry for each managed policy that somebody has,
// supplies documents of AWS, and counts the boundaries.
func (l *loader) resolvePolicies(managed Managed) {
	uses := map[string]int{}
	needed := map[string]bool{}
	for _, p := range l.snap.Principals {
		if p.Boundary != "" {
			uses[p.Boundary]++
			needed[p.Boundary] = true
		}
		for _, arn := range p.Attached {
			needed[arn] = true
		}
	}
	for _, g := range l.snap.Groups {
		for _, arn := range g.Attached {
			needed[arn] = true
		}
	}
	var supplied []string // of a version that the input does not tell
	for _, arn := range sortedKeys(needed) {
		pol := l.snap.managedPolicy(arn)
		untold := pol.VersionID == ""
		l.snap.Policies[arn] = pol
		pol.BoundaryUses = max(pol.BoundaryUses, uses[arn])
		if pol.Document != nil || pol.Raw != nil {
			continue
		}
		if !pol.AWSManaged || managed == nil || !l.embedded(pol, managed) {
			l.warn(place{}, "the document of %s is not in the input; what it grants is unknown", quote(arn))
		} else if untold {
			supplied = append(supplied, pol.Name)
		}
	}
	l.tellSupplied(supplied)
}

// tellSupplied tells, once, which documents were not in the input, nor their
// versions: the known ones may be older than those in force.
func (l *loader) tellSupplied(names []string) {
	const most = 5
	if len(names) == 0 {
		return
	}
	list := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	l.warn(place{}, "AWS managed policies whose documents and versions are not in the input: the latest known documents are used for %s", quote(list))
}

// embedded takes a document of AWS from the managed function.
func (l *loader) embedded(pol *Policy, managed Managed) bool {
	doc, version, ok := managed(pol.ARN)
	if !ok {
		return false
	}
	if pol.VersionID != "" && version != "" && pol.VersionID != version {
		l.warn(place{}, "%s is attached as version %s, whose document is not in the input; version %s is used in its place", quote(pol.ARN), quote(pol.VersionID), quote(version))
	}
	pol.Raw, pol.Embedded, pol.Err = doc, true, nil
	if version != "" {
		pol.VersionID = version
	}
	pol.Document, pol.Err = iam.Parse(doc)
	if pol.Err != nil {
		pol.Document = nil
		l.warn(place{}, "can't read the known document of %s: %s", quote(pol.ARN), shorten(pol.Err.Error()))
	}
	return true
}

func (l *loader) missingGroups() {
	x := newIndex(l.snap.Principals, l.snap.Groups)
	missing := map[groupName]bool{}
	for _, p := range l.snap.Principals {
		for _, name := range p.Groups {
			if n := (groupName{p.Account, name}); x.group(p.Account, name) == nil && !missing[n] {
				missing[n] = true
				l.warn(place{}, "%s is in group %s, which is not in the input; what it grants is unknown", quote(p.ARN), quote(name))
			}
		}
	}
}

func (l *loader) sortRest() {
	s := l.snap
	sort.SliceStable(s.Selectors, func(i, j int) bool { return s.Selectors[i].TrailARN < s.Selectors[j].TrailARN })
	sort.SliceStable(s.Trails, func(i, j int) bool { return s.Trails[i].ARN < s.Trails[j].ARN })
	s.Trails = slices.CompactFunc(s.Trails, func(a, b *Trail) bool {
		x, y := *a, *b
		x.File, y.File = "", ""
		return x == y
	})
	sort.SliceStable(s.Credentials, func(i, j int) bool { return s.Credentials[i].ARN < s.Credentials[j].ARN })
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
