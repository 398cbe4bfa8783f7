package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/diff"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// marker names the file by which a policies folder is known to be ours, so that
// writing again may replace it.
const marker = ".tighten"

// The names in the output folder.
const (
	reportFile     = "report.html"
	reportJSONFile = "report.json"
	principalsFile = "principals.jsonl"
	policiesDir    = "policies"
	datasetDir     = "dataset"
)

// output is the folder that --out names.
type output struct{ root string }

// openOutput makes the folder, and refuses one with files that are not ours.
func openOutput(root string) (*output, error) {
	if root == "" {
		return nil, usagef("--out: want a folder")
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	policies := filepath.Join(root, policiesDir)
	entries, err := os.ReadDir(policies)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return &output{root}, foreign(root)
	case err != nil:
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(policies, marker)); err != nil {
		return nil, fmt.Errorf("%s holds files that tighten did not write: choose another --out", policies)
	}
	return &output{root}, nil
}

// foreign is the error of a folder that holds files of the names that tighten
// writes, but no policies folder of its own beside them: they are somebody else's.
func foreign(root string) error {
	for _, name := range []string{reportFile, reportJSONFile, principalsFile} {
		path := filepath.Join(root, name)
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s is there, but no %s/%s that tells it to be tighten's: choose another --out, or move the file away", path, policiesDir, marker)
		}
	}
	return nil
}

// apart refuses an output folder that is one of the folders of logs.
func apart(root string, logs []string) error {
	out, err := os.Stat(root)
	if err != nil {
		return nil // not there yet, so no logs are in it
	}
	for _, path := range logs {
		if in, err := os.Stat(path); err == nil && os.SameFile(in, out) {
			return usagef("--out %s is where the logs are: choose another folder", root)
		}
	}
	return nil
}

// write stores everything but the dataset, replacing what an earlier run wrote.
func (o *output) write(c *actions.Catalog, r *synth.Result, t *usage.Table, s *account.Snapshot, tested *testedRun) (*report.Run, error) {
	files, err := o.policies(r)
	if err != nil {
		return nil, err
	}
	run := runReport(c, r, t, s, files)
	tested.addTo(run)
	if err := o.render(principalsFile, func(b *bytes.Buffer) error { return report.Principals(b, run.Principals) }); err != nil {
		return nil, err
	}
	if err := o.render(reportJSONFile, func(b *bytes.Buffer) error { return report.JSON(b, run) }); err != nil {
		return nil, err
	}
	return run, o.render(reportFile, func(b *bytes.Buffer) error { return report.HTML(b, run) })
}

// render writes one file, whole or not at all.
func (o *output) render(name string, fn func(*bytes.Buffer) error) error {
	var b bytes.Buffer
	if err := fn(&b); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return replaceFile(filepath.Join(o.root, name), b.Bytes())
}

func replaceFile(path string, data []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// written are the files of one proposal, relative to the output folder.
type written struct {
	documents []string
	diff      string
}

// policies writes the proposed documents and their diffs to a new folder, which
// then takes the place of the old one.
func (o *output) policies(r *synth.Result) (map[*synth.Proposal]written, error) {
	tmp, err := os.MkdirTemp(o.root, ".policies-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp) // a no-op once renamed
	if err := os.Chmod(tmp, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(tmp, marker), []byte("Written by tighten; replaced as a whole by the next run.\n"), 0o644); err != nil {
		return nil, err
	}
	names := &fileNames{used: map[string]bool{}}
	files := map[*synth.Proposal]written{}
	for _, p := range r.Proposals {
		if p.Change == synth.Keep || p.Change == synth.Skip {
			continue
		}
		if files[p], err = writeProposal(tmp, names.place(p), p); err != nil {
			return nil, err
		}
	}
	final := filepath.Join(o.root, policiesDir)
	if err := os.RemoveAll(final); err != nil {
		return nil, err
	}
	return files, os.Rename(tmp, final)
}

func writeProposal(root, place string, p *synth.Proposal) (w written, err error) {
	if err := os.MkdirAll(filepath.Join(root, filepath.FromSlash(filepath.Dir(place))), 0o755); err != nil {
		return w, err
	}
	for i, doc := range p.Printed {
		name := place + ".json"
		if len(p.Printed) > 1 {
			name = fmt.Sprintf("%s-%d.json", place, i+1)
		}
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), doc, 0o644); err != nil {
			return w, err
		}
		w.documents = append(w.documents, policiesDir+"/"+name)
	}
	if p.Old == nil {
		return w, nil
	}
	was, now := sides(p)
	text := diff.Unified("attached/"+place+".json", "proposed/"+place+".json", was, now)
	w.diff = policiesDir + "/" + place + ".diff"
	return w, os.WriteFile(filepath.Join(root, filepath.FromSlash(place+".diff")), []byte(text), 0o644)
}

// sides are the texts of a proposal's diff: the attached bytes and the new ones. A
// document on one line would show as that line, so both sides are formatted.
func sides(p *synth.Proposal) (was, now []byte) {
	if bytes.Contains(bytes.TrimSpace(p.Base), []byte("\n")) {
		return p.Base, bytes.Join(p.Printed, nil)
	}
	for _, d := range p.New {
		now = append(now, d.Format()...)
	}
	return p.Old.Format(), now
}
