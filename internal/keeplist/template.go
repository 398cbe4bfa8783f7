package keeplist

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/synth"
)

// Suggestion is a principal that was detected as of a class.
type Suggestion struct {
	Class     synth.Class
	Principal string // ARN
	Reason    string
}

// Template is a keep list to fill in: an example of each kind of entry and what was
// detected, all of it commented out.
func Template(found []Suggestion) []byte {
	var b bytes.Buffer
	b.WriteString(templateHead)
	for _, s := range sections() {
		b.WriteString("\n" + example(s.kind))
		for _, f := range found {
			if sectionOf(f.Class) == s.kind {
				f.write(&b)
			}
		}
	}
	return b.Bytes()
}

// sectionOf is where a detected principal is suggested: where it would be kept whatever
// is detected later, or, of what is kept of it in part, where that is turned off.
func sectionOf(c synth.Class) synth.KeepKind {
	switch c {
	case synth.BreakGlass, synth.DisasterRecovery:
		return synth.KeepBreakGlass
	case synth.Seasonal:
		return synth.KeepSeasonal
	}
	return synth.NotDetected
}

func (f *Suggestion) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "  # detected (%s): %s\n", f.Class, comment(f.Reason))
	fmt.Fprintf(b, "  # - principals: [%s]\n", quote(f.Principal))
	if sectionOf(f.Class) == synth.NotDetected {
		fmt.Fprintf(b, "  #   classes: [%s]\n", f.Class)
	}
	b.WriteString("  #   reason: TODO\n")
}

// quote writes a text as a YAML scalar in single quotes, of one line.
func quote(s string) string { return "'" + strings.ReplaceAll(comment(s), "'", "''") + "'" }

// comment brings a text to one line without control characters.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

const templateHead = `# Keep list of tighten: what stays, whatever the logs show. See docs/keep.md.
#
# tighten takes it with --keep FILE, or as tighten.yaml of the current folder. Nothing in
# it adds a permission: what is not attached today is not attached tomorrow.
#
# Every entry needs a reason. It may have an owner, and the last day on which it counts
# (expires), held against the end of the logs or --as-of, never against the clock.
# In patterns, * is any text and ? any one character.
`

// example explains a section.
func example(k synth.KeepKind) string {
	switch k {
	case synth.KeepPermissions:
		return `# Permissions that stay as attached: these actions on these resources (default: all) of
# these principals and tags (default: all).
permissions:
  # - actions: ["rds:RestoreDBInstance*", rds:CreateDBSnapshot]
  #   resources: ["arn:aws:rds:*:*:db:orders-*"]
  #   principals: ["arn:aws:iam::*:role/dba"]
  #   reason: restore drill, once a year
  #   owner: database team
  #   expires: 2027-12-31
`
	case synth.KeepPrincipals:
		return `# Principals whose policies are not touched.
principals:
  # - principals: ["arn:aws:iam::111122223333:role/vendor-*"]
  #   reason: the vendor's contract names these permissions
`
	case synth.KeepTags:
		return `# The same by tags of the principal: KEY, or KEY=VALUE.
tags:
  # - tags: ["tighten=keep", "stage=legacy-*"]
  #   reason: to be taken down this year
`
	case synth.KeepBreakGlass:
		return `# Emergency access: not touched, and unused is as it should be.
break_glass:
  # - principals: ["arn:aws:iam::*:role/on-call-admin"]
  #   reason: emergency access, reviewed each quarter
`
	case synth.KeepSeasonal:
		return `# Jobs of a season that the logs may not show: their permissions (default: all) stay as
# attached.
seasonal:
  # - principals: ["arn:aws:iam::*:role/year-end-*"]
  #   actions: ["glue:*"]
  #   reason: runs in January alone
`
	}
	return `# Principals for whom nothing is to be detected: they are tightened like any other.
# Classes (default: all): ` + classNames() + `.
not_detected:
  # - principals: ["arn:aws:iam::*:role/failover-test"]
  #   classes: [disaster-recovery]
  #   reason: a test that runs each week
`
}
