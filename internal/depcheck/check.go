package depcheck

import (
	"fmt"
	"slices"
	"strings"
)

// Rules are the walls of a module.
type Rules struct {
	// Ours lists for each package of the module which others it may import. A
	// name that ends in "/..." stands for all packages below it; Any for all
	// packages. A package without a row is a violation: new packages state
	// their place.
	Ours map[string][]string
	// Apart lists what must not be reached, over any number of steps.
	Apart []Apart
	// Homes say where packages from outside may be imported.
	Homes []Home
}

// Any in a row of Rules.Ours lets a package import all others.
const Any = "..."

// Apart says that From must not reach To.
type Apart struct{ From, To, Why string }

// Home says which packages may import what lies at or below Path. An entry may
// name one file of a package as "dir/file.go", or all packages below a folder
// as "dir/...".
type Home struct {
	Path string
	In   []string
	Why  string
}

// Check returns one line for each import that breaks a rule, sorted.
func Check(rules Rules, imports []Import) []string {
	var broken []string
	for _, imp := range imports {
		if why := rules.judge(imp); why != "" {
			broken = append(broken, why)
		}
	}
	broken = append(broken, rules.reached(imports)...)
	slices.Sort(broken)
	return slices.Compact(broken)
}

// judge holds one import against the direct rules.
func (r Rules) judge(imp Import) string {
	row, known := r.row(imp.Package)
	switch {
	case !known:
		return fmt.Sprintf("%s has no row: say in Walls what it may import", imp.Package)
	case imp.Path == "":
		return ""
	case imp.Ours && !slices.ContainsFunc(row, matches(imp.Path)):
		return fmt.Sprintf("%s/%s imports %s: its row does not list it", imp.Package, imp.File, imp.Path)
	case imp.Ours:
		return ""
	}
	for _, home := range r.Homes {
		if below(imp.Path, home.Path) && !home.holds(imp) {
			return fmt.Sprintf("%s/%s imports %s: %s", imp.Package, imp.File, imp.Path, home.Why)
		}
	}
	return ""
}

// row finds the most exact row of a package.
func (r Rules) row(pkg string) ([]string, bool) {
	if row, ok := r.Ours[pkg]; ok {
		return row, true
	}
	for dir := pkg; dir != ""; {
		dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
		if row, ok := r.Ours[dir+"/..."]; ok {
			return row, true
		}
	}
	return nil, false
}

// reached lists the pairs of Apart that are connected, with the way.
func (r Rules) reached(imports []Import) []string {
	next := map[string][]string{}
	for _, imp := range imports {
		if imp.Ours {
			next[imp.Package] = append(next[imp.Package], imp.Path)
		}
	}
	var broken []string
	for _, wall := range r.Apart {
		for pkg := range next {
			if !matches(pkg)(wall.From) {
				continue
			}
			if way := way(next, pkg, wall.To); way != nil {
				broken = append(broken, fmt.Sprintf("%s: %s", strings.Join(way, " → "), wall.Why))
			}
		}
	}
	return broken
}

// way is the shortest chain of imports between two packages, nil when there is
// none; of several the first in alphabetical order.
func way(next map[string][]string, from, to string) []string {
	seen := map[string]bool{from: true}
	for ways := [][]string{{from}}; len(ways) > 0; ways = ways[1:] {
		last := ways[0][len(ways[0])-1]
		if last != from && matches(last)(to) {
			return ways[0]
		}
		for _, pkg := range slices.Sorted(slices.Values(next[last])) {
			if !seen[pkg] {
				seen[pkg] = true
				ways = append(ways, append(slices.Clone(ways[0]), pkg))
			}
		}
	}
	return nil
}

func (h Home) holds(imp Import) bool {
	return slices.ContainsFunc(h.In, matches(imp.Package)) ||
		slices.Contains(h.In, imp.Package+"/"+imp.File)
}

// matches returns a test whether a name of a table, which may end in "/...",
// stands for pkg.
func matches(pkg string) func(name string) bool {
	return func(name string) bool {
		dir, tree := strings.CutSuffix(name, "/...")
		return name == Any || pkg == name || tree && below(pkg, dir)
	}
}

// below reports whether path is dir or lies in it.
func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
