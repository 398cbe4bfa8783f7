package actions

import (
	"slices"
	"strings"
)

// prefixes lists the service prefixes of a label: what is known of the label as
// it stands, else of a spelling or a part of it that names a service. A name that
// merely begins like a service's is not enough: "s3-banner" is no part of S3, and
// calls of an unknown service must be seen to be unknown.
func (c *Catalog) prefixes(label string) []string {
	if p := c.named(label); p != nil {
		return p
	}
	if strings.HasSuffix(label, "marketplace") {
		return []string{"aws-marketplace"}
	}
	for _, spelling := range spellings(label) {
		if p := c.named(spelling); p != nil {
			return p
		}
	}
	return c.squeezed(label)
}

// named lists the prefixes of a label that the facts or a row know: the curated
// rows, else the prefix of that name, else what the API models say.
func (c *Catalog) named(label string) []string {
	if p, ok := c.tables.labels[label]; ok {
		return p
	}
	if i, ok := c.facts.index[label]; ok {
		return []string{c.facts.services[i].prefix}
	}
	return c.facts.labels[label]
}

// facets are the words that a service's hosts add to its name: control and data
// plane, API and console. They never name another service.
var facets = [...]string{"admin", "api", "console", "control", "data", "internal", "runtime"}

// vendors are the words that some names begin with and others omit.
var vendors = [...]string{"aws-", "amazon-", "amazon", "aws"}

// maxSpellings bounds the spellings that are tried of one label.
const maxSpellings = 32

// spellings lists other names of a label, the closest first: its parts between
// dots from the right ("runtime.lex" is also "lex"), without a vendor's name,
// and each of them without the words that only tell the host of a service.
func spellings(label string) []string {
	var out []string
	add := func(s string) {
		if s != "" && s != label && len(out) < maxSpellings && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for rest := label; ; {
		_, tail, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		add(tail)
		rest = tail
	}
	if i := strings.LastIndexByte(label, '.'); i > 0 {
		add(label[:i])
	}
	for _, s := range append([]string{label}, out...) {
		for _, v := range vendors {
			if cut, ok := strings.CutPrefix(s, v); ok {
				add(cut)
				break
			}
		}
	}
	for _, s := range append([]string{label}, out...) {
		add(withoutFacets(s))
	}
	return out
}

// withoutFacets drops facet words at both ends of a name.
func withoutFacets(s string) string {
	for {
		first, tail, ok := strings.Cut(s, "-")
		if ok && slices.Contains(facets[:], first) {
			s = tail
			continue
		}
		i := strings.LastIndexByte(s, '-')
		if i <= 0 || !slices.Contains(facets[:], s[i+1:]) {
			return s
		}
		s = s[:i]
	}
}

// squeezed finds the label whose letters and digits are the same: "rdsdata" is
// "rds-data". Several services of one such spelling make it unknown.
func (c *Catalog) squeezed(label string) []string {
	want := normal(label)
	var found []string
	for i := range c.facts.services {
		if p := c.facts.services[i].prefix; sameLetters(p, want) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		for l := range c.facts.labels {
			if sameLetters(l, want) {
				found = append(found, c.named(l)...)
			}
		}
		slices.Sort(found)
		found = slices.Compact(found)
	}
	if len(found) != 1 {
		return nil
	}
	return found
}

// sameLetters reports whether a lower-case name is want but for hyphens and dots.
func sameLetters(name, want string) bool {
	n := 0
	for i := 0; i < len(name); i++ {
		if name[i] == '-' || name[i] == '.' {
			continue
		}
		if n == len(want) || want[n] != name[i] {
			return false
		}
		n++
	}
	return n > 0 && n == len(want)
}
