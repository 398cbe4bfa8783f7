// Package quarantine sets calls apart that an intruder made, so that they are no
// evidence for a grant. Load reads the rules of --quarantine files; Rules.Lane tells
// for each event in which lane it is counted, "" for the normal one.
//
// A file holds rules (YAML or JSON) or findings of Amazon GuardDuty (JSON); its
// content tells which. Rules that change touch some days only: Affected tells
// which, so that a dataset need not be read anew as a whole.
package quarantine
