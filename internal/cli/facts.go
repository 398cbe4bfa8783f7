package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/refresh"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
)

// factsVariable names the environment variable that stands for --facts.
const factsVariable = "TIGHTEN_FACTS"

// The values of --facts that are no files.
const (
	factsAuto     = "auto"
	factsEmbedded = "embedded"
	factsCache    = "cache"
)

// factsFlag says which facts a command uses; they are loaded once, when asked for.
type factsFlag struct {
	value string
	load  func(Env) (*actions.Catalog, error)
}

func (f *factsFlag) add(root *cobra.Command) {
	root.PersistentFlags().StringVar(&f.value, "facts", "", "facts to use: auto (those of 'actions update' if there are some, else embedded), embedded,\ncache, or a file (default: $"+factsVariable+", else auto)")
	_ = root.RegisterFlagCompletionFunc("facts", cobra.FixedCompletions([]string{factsAuto, factsEmbedded, factsCache}, cobra.ShellCompDirectiveDefault))
	var once sync.Once
	var c *actions.Catalog
	var err error
	f.load = func(env Env) (*actions.Catalog, error) {
		once.Do(func() { c, err = f.open(env) })
		return c, err
	}
}

// catalog gives the facts that the command line chose.
func (env Env) catalog() (*actions.Catalog, error) { return env.facts.load(env) }

// open finds and reads the facts. What was chosen by name must be there and
// whole; of its own accord tighten falls back to the embedded facts, and says so.
func (f *factsFlag) open(env Env) (*actions.Catalog, error) {
	name := f.value
	if name == "" {
		name = os.Getenv(factsVariable)
	}
	if name != "" && name != factsAuto {
		c, err := namedFacts(name)
		if err != nil {
			return nil, fmt.Errorf("--facts %s: %w", name, err)
		}
		return c, nil
	}
	dir, err := refresh.Dir()
	if err != nil {
		return actions.Default(), nil
	}
	c, err := readFacts(refresh.FactsFile(dir))
	switch {
	case err == nil:
		return c, nil
	case !errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(env.Stderr, "tighten: warning: %s; the embedded facts are used\n", report.Clean(err.Error()))
	}
	return actions.Default(), nil
}

// namedFacts reads facts by what --facts says.
func namedFacts(name string) (*actions.Catalog, error) {
	switch name {
	case factsEmbedded:
		return actions.Default(), nil
	case factsCache:
		dir, err := refresh.Dir()
		if err != nil {
			return nil, err
		}
		c, err := readFacts(refresh.FactsFile(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New("there are no updated facts: run tighten actions update")
		}
		return c, err
	}
	return readFacts(name)
}

// readFacts reads a facts file. Facts of another version of tighten come with
// actions.ErrOtherBase.
func readFacts(path string) (*actions.Catalog, error) {
	const most = 64 << 20 // bytes; the facts of all of AWS have 0.3 million
	data, err := refresh.ReadFile(path, most)
	if err != nil {
		return nil, err
	}
	c, err := actions.OpenFacts(data)
	switch {
	case errors.Is(err, actions.ErrOtherBase):
		return c, fmt.Errorf("%s: %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("%s is no whole facts file: %w; make it again with tighten actions update", path, err)
	}
	return c, nil
}
