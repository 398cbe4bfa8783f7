package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/diff"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
)

type fmtOptions struct {
	write, diff, list, check, minify bool
}

func newFmt(env Env) *cobra.Command {
	o := &fmtOptions{}
	c := &cobra.Command{
		Use:   "fmt [FILES...]",
		Short: "Print policy documents in one form",
		Long: "Print policy documents in one form: two spaces of indentation, one list element a line,\n" +
			"members and values as they are written. Nothing is reordered, added or lost; a document in\n" +
			"which a member comes twice is refused, with the place. Folders are searched for *.json;\n" +
			"what is no policy there is left alone, with a note. Without files, standard input.",
		Example: "  tighten fmt policy.json\n  tighten fmt -w policies/\n  tighten fmt --check policies/",
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(env, args) },
	}
	fl := c.Flags()
	fl.BoolVarP(&o.write, "write", "w", false, "write the result back to the file")
	fl.BoolVarP(&o.diff, "diff", "d", false, "print differences instead of the result")
	fl.BoolVarP(&o.list, "list", "l", false, "list files that are in another form")
	fl.BoolVar(&o.check, "check", false, fmt.Sprintf("list them, and exit with %d when there are any", ExitDiffer))
	fl.BoolVar(&o.minify, "minify", false, "without white space, as quotas count it")
	return c
}

func (o *fmtOptions) run(env Env, args []string) error {
	if len(args) == 0 {
		if o.write {
			return usagef("-w needs files: standard input cannot be written back")
		}
		args = []string{"-"}
	}
	files, err := fmtFiles(args)
	if err != nil {
		return err
	}
	var failed error
	bad, changed := 0, 0
	for _, f := range files {
		differs, err := o.file(env, f)
		switch {
		case err != nil && f.found && errors.Is(err, errNoPolicy):
			fmt.Fprintf(env.Stderr, "tighten: %s: left alone: %s\n", report.Clean(f.name), errNoPolicy)
		case err != nil:
			fmt.Fprintf(env.Stderr, "tighten: %s: %s\n", report.Clean(f.name), report.Clean(err.Error()))
			bad, failed = bad+1, err
		case differs:
			changed++
		}
	}
	switch {
	case failed != nil:
		return fmt.Errorf("%s of %d could not be formatted", count(bad, "file"), len(files))
	case o.check && changed > 0:
		return outcome{ExitDiffer, count(changed, "file") + " in another form: see tighten fmt -w"}
	}
	return nil
}

// fmtFile is a file that was named, or found in a folder.
type fmtFile struct {
	name  string
	found bool
}

// fmtFiles lists the files to format: those named, and *.json of folders, in order.
func fmtFiles(args []string) ([]fmtFile, error) {
	var out []fmtFile
	for _, arg := range args {
		if arg == "-" {
			out = append(out, fmtFile{name: arg})
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, fmtFile{name: arg})
			continue
		}
		var names []string
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			hidden := strings.HasPrefix(d.Name(), ".") && path != arg
			switch {
			case d.IsDir() && hidden:
				return fs.SkipDir
			case d.Type().IsRegular() && !hidden && strings.EqualFold(filepath.Ext(path), ".json"):
				names = append(names, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		sort.Strings(names)
		for _, n := range names {
			out = append(out, fmtFile{n, true})
		}
	}
	return out, nil
}

var errNoPolicy = errors.New("not a policy document: it has no Statement")

func (o *fmtOptions) file(env Env, f fmtFile) (differs bool, err error) {
	data, err := readBounded(env, f.name)
	if err != nil {
		return false, err
	}
	text, err := o.form(data)
	if err != nil {
		return false, err
	}
	name := f.name
	if name == "-" {
		name = "<stdin>"
	}
	differs = !bytes.Equal(data, text)
	if o.list || o.check {
		if differs {
			_, err = fmt.Fprintln(env.Stdout, report.Clean(name))
		}
	}
	if o.diff && err == nil && differs {
		_, err = env.Stdout.Write(shown(env, []byte(diff.Unified(name+".orig", name, data, text))))
	}
	if o.write && err == nil && differs {
		err = rewrite(f.name, text)
	}
	if !o.write && !o.diff && !o.list && !o.check && err == nil {
		_, err = env.Stdout.Write(shown(env, text))
	}
	return differs, err
}

// shown escapes what is hidden where a terminal would obey it; pipes get the bytes.
func shown(env Env, text []byte) []byte {
	if !env.Terminal {
		return text
	}
	return report.EscapeJSON(text)
}

// form is the text of a document in the one form. The result is parsed again: it must
// hold what was there.
func (o *fmtOptions) form(data []byte) ([]byte, error) {
	doc, err := iam.Parse(data)
	if err != nil {
		return nil, err
	}
	if !hasStatement(doc) {
		return nil, errNoPolicy
	}
	for _, n := range doc.Notes() {
		if n.Kind == iam.DuplicateMember {
			return nil, noteError(n, "the member comes twice, and one of them would be lost: keep one")
		}
	}
	text := doc.Format()
	if o.minify {
		text = doc.Minify()
	}
	again, err := iam.Parse(text)
	if err != nil || !bytes.Equal(again.Minify(), doc.Minify()) {
		return nil, errors.New("the printed document is not the one that was read; this is a bug of tighten")
	}
	return text, nil
}

// hasStatement tells a policy from other JSON.
func hasStatement(d *iam.Document) bool {
	return len(d.Statements) > 0 || bytes.Contains(d.Minify(), []byte(`"Statement":[]`))
}

// rewrite replaces a file whole, keeping its mode; through a symbolic link the file
// that it names is replaced.
func rewrite(name string, text []byte) error {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tighten-fmt-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once renamed
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
