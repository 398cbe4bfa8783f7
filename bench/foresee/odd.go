package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/tighten-iam/tighten/bench/family"
)

// oddDays are the days of an account with odd documents: enough for a short window.
const oddDays = 36

// removedBar is the share of the documents with a removable action that must lose it.
const removedBar = 0.9

// oddities judges the proposals for documents of odd shapes from outside.
type oddities struct {
	folder  string
	out     io.Writer
	options []string
}

// tally is what came out for one shape.
type tally struct {
	documents, changed, unproved, broken, removable, removed int
	notes                                                    []string
}

// judge makes accounts of n documents and checks what the program proposes.
func (o oddities) judge(seed uint64, seeds, n int) error {
	shapes := map[string]*tally{}
	for s := seed; s < seed+uint64(seeds); s++ {
		a, markers := family.Odd(s, n, oddDays)
		if err := o.account(a, markers, filepath.Join(o.folder, "odd"+strconv.FormatUint(s, 10)), shapes); err != nil {
			return fmt.Errorf("seed %d: %w", s, err)
		}
	}
	return o.report(shapes)
}

// account runs the program on one account and checks each principal.
func (o oddities) account(a *family.Archive, markers []family.Marker, dir string, shapes map[string]*tally) error {
	account, out := filepath.Join(dir, "account.json"), filepath.Join(dir, "out")
	if err := a.WriteLogs(filepath.Join(dir, "logs"), 0, a.Days); err != nil {
		return err
	}
	if err := a.WriteAccount(account, a.First.AddDate(0, 0, a.Days)); err != nil {
		return err
	}
	args := append([]string{"run", filepath.Join(dir, "logs"), "--account", account, "--out", out, "--accept-short-window"}, o.options...)
	_, failed := tighten(nil, args...)
	proposals, err := readProposals(out, account)
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, m := range markers {
		t := shapes[m.Shape]
		if t == nil {
			t = &tally{}
			shapes[m.Shape] = t
		}
		p, ok := proposals[m.Principal]
		if !ok {
			return fmt.Errorf("%s is not in principals.jsonl", m.Principal)
		}
		if err := t.check(a, m, p, dir); err != nil {
			return fmt.Errorf("%s (%s): %w", m.Principal, m.Shape, err)
		}
	}
	return failed
}

// check proves one proposal from outside: nothing new, all of the truth, and the
// marker gone.
func (t *tally) check(a *family.Archive, m family.Marker, p proposal, dir string) error {
	before, after := grants{m.Principal, a.Policies[m.Principal]}, grants{m.Principal, p.documents}
	t.documents++
	if p.status == "tightened" || p.status == "unused" {
		t.changed++
	}
	old, err := writeDocuments(filepath.Join(dir, "old.json"), before.documents)
	if err != nil {
		return err
	}
	proposed, err := writeDocuments(filepath.Join(dir, "new.json"), after.documents)
	if err != nil {
		return err
	}
	if _, err := tighten(nil, "check", "--old", old, "--new", proposed); err != nil {
		t.unproved++
		t.note("%s: %v", m.Principal, err)
	}
	if err := t.covers(a, before, after); err != nil {
		return err
	}
	return t.marker(m, before, after, p)
}

// covers replays the truth of all days.
func (t *tally) covers(a *family.Archive, before, after grants) error {
	seen := map[string]bool{}
	var qs []question
	for _, c := range a.Calls {
		for _, u := range c.Uses {
			if k := u.Action + " " + u.Resource; c.Principal == before.principal && c.Allowed && !seen[k] {
				seen[k] = true
				qs = append(qs, question{u, c.Region})
			}
		}
	}
	was, err := before.decide(qs)
	if err != nil {
		return err
	}
	is, err := after.decide(qs)
	if err != nil {
		return err
	}
	for i, q := range qs {
		switch {
		case !was[i]:
			t.note("%s: the document of the workload does not allow %s on %s", before.principal, q.use.Action, q.use.Resource)
		case !is[i]:
			t.broken++
			t.note("%s: %s on %s would be denied", before.principal, q.use.Action, q.use.Resource)
		}
	}
	return nil
}

// marker looks whether the permission that nobody uses is gone.
func (t *tally) marker(m family.Marker, before, after grants, p proposal) error {
	q := []question{{m.Use, "eu-central-1"}}
	was, err := before.decide(q)
	if err != nil || !was[0] {
		return err
	}
	is, err := after.decide(q)
	if err != nil {
		return err
	}
	t.removable++
	if !is[0] {
		t.removed++
		return nil
	}
	t.note("%s: %s stays (%s: %s)", m.Principal, m.Use.Action, p.status, p.reason)
	return nil
}

func (t *tally) note(format string, a ...any) {
	line := fmt.Sprintf(format, a...)
	if len(line) > 400 {
		line = line[:400] + " …"
	}
	t.notes = append(t.notes, line)
}

// writeDocuments writes documents as one JSON array.
func writeDocuments(path string, documents []string) (string, error) {
	l := make([]json.RawMessage, len(documents))
	for i, d := range documents {
		l[i] = json.RawMessage(d)
	}
	data, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, data, 0o644)
}

// mostNotes bounds the notes that are printed of a shape.
const mostNotes = 4

// report prints a line for each shape and fails over the bars.
func (o oddities) report(shapes map[string]*tally) error {
	w := tabwriter.NewWriter(o.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "shape\tdocuments\tchanged\tunproved\tbroken\tremovable\tremoved\t")
	var all tally
	for _, name := range slices.SortedFunc(maps.Keys(shapes), func(x, y string) int { return cmp.Compare(x, y) }) {
		t := shapes[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, t.documents, t.changed, t.unproved, t.broken, t.removable, t.removed)
		all.unproved, all.broken = all.unproved+t.unproved, all.broken+t.broken
		all.removable, all.removed = all.removable+t.removable, all.removed+t.removed
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		notes := shapes[name].notes
		if len(notes) > mostNotes {
			notes = append(notes[:mostNotes:mostNotes], fmt.Sprintf("… %d more", len(notes)-mostNotes))
		}
		if len(notes) > 0 {
			fmt.Fprintf(o.out, "\n%s\n  %s\n", name, strings.Join(notes, "\n  "))
		}
	}
	if all.unproved > 0 || all.broken > 0 || share(all.removed, all.removable) < removedBar {
		return fmt.Errorf("%d proposals not proved, %d requests broken, %d of %d markers removed", all.unproved, all.broken, all.removed, all.removable)
	}
	return nil
}
