package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/keeplist"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

// keepFile is the keep list that is taken from the current folder.
const keepFile = "tighten.yaml"

// keepFlags say what stays, whatever the logs show.
type keepFlags struct {
	file   string
	detect string
	list   *keeplist.List // once options has read it; nil for none
}

func (f *keepFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "keep", "", "keep list: what stays, with reasons (default: "+keepFile+" of the current folder, if it is there; none: no list)")
	c.Flags().StringVar(&f.detect, "detect", "all", "what is kept by default: all, none, or some of "+strings.Join(classNames(), ","))
	_ = c.MarkFlagFilename("keep", "yaml", "yml")
	_ = c.RegisterFlagCompletionFunc("detect", cobra.FixedCompletions(append([]string{"all", "none"}, classNames()...), cobra.ShellCompDirectiveNoFileComp))
}

func classNames() []string {
	var out []string
	for _, c := range synth.Classes() {
		out = append(out, string(c))
	}
	return out
}

// options reads the list, and sets what it and the flags say.
func (f *keepFlags) options(o *synth.Options) (err error) {
	if o.Undetected, err = undetected(f.detect); err != nil {
		return err
	}
	name := f.file
	switch name {
	case "none":
		return nil
	case "":
		name = keepFile
	}
	f.list, err = keeplist.Load(name)
	if f.file == "" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return keepError(err)
	}
	o.Keep = f.list.Entries
	return nil
}

// keepError is a mistake in a list as one of use, as those of --quarantine are.
func keepError(err error) error {
	var mistake *keeplist.Error
	if errors.As(err, &mistake) {
		return usagef("--keep %s", report.Clean(mistake.Error()))
	}
	return err
}

// undetected are the classes that --detect leaves out.
func undetected(list string) ([]synth.Class, error) {
	names := strings.Split(list, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
		if !slices.Contains(classNames(), names[i]) && (len(names) > 1 || names[i] != "all" && names[i] != "none") {
			return nil, usagef("--detect: want all, none, or some of %s with commas between them, not %q", strings.Join(classNames(), ", "), list)
		}
	}
	var out []synth.Class
	for _, c := range synth.Classes() {
		if names[0] != "all" && !slices.Contains(names, string(c)) {
			out = append(out, c)
		}
	}
	return out, nil
}

// tell says on stderr which list counts where nobody named it, and what in it means
// nothing.
func (f *keepFlags) tell(env Env, c *actions.Catalog) {
	if f.list == nil {
		return
	}
	if f.file == "" {
		fmt.Fprintf(env.Stderr, "tighten: keep list %s of this folder: %s (--keep none: without it)\n", keepFile, entries(len(f.list.Entries)))
	}
	for _, w := range f.list.Warnings(c) {
		fmt.Fprintf(env.Stderr, "tighten: warning: %s\n", report.Clean(w))
	}
}

func newKeep(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "keep",
		Short: "Write or check a keep list: what stays, whatever the logs show",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newKeepInit(env), newKeepCheck(env))
	return c
}

func newKeepCheck(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a keep list (default: " + keepFile + ")",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := keepFile
			if len(args) > 0 {
				name = args[0]
			}
			return checkKeep(env, name)
		},
	}
}

// checkKeep prints what a list keeps, and warnings.
func checkKeep(env Env, name string) error {
	list, err := keeplist.Load(name)
	if err != nil {
		var mistake *keeplist.Error
		if errors.As(err, &mistake) {
			return usagef("%s", report.Clean(mistake.Error()))
		}
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	for _, w := range list.Warnings(catalog) {
		fmt.Fprintf(env.Stderr, "tighten: warning: %s\n", report.Clean(w))
	}
	for i := range list.Entries {
		e := &list.Entries[i]
		until := ""
		if !e.Expires.IsZero() {
			until = " until " + day(e.Expires)
		}
		if _, err := fmt.Fprintf(env.Stdout, "%s: %s%s: %s\n", report.Clean(e.Where), e.Kind, until, report.Clean(e.Reason)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(env.Stdout, entries(len(list.Entries)))
	return err
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// createNew writes a file that is not there yet.
func createNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already: choose another --out, or take it away", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
