package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tighten-iam/tighten/bench/speed"
)

// archive is one archive on disk.
type archive struct {
	name   string // "low", "high" or "tiny"
	config speed.Config
	stats  *speed.Stats
	folder string
	files  []file
}

// file is one object: its name under logs, and its JSON's size.
type file struct {
	name        string
	packed, raw int64
}

// Names of archives.
const (
	low  = "low"  // few distinct permissions a record
	high = "high" // one for every second record
	tiny = "tiny"
)

// prepare makes the archives that are not there yet.
func prepare(ctx context.Context, o *options, stderr io.Writer) ([]*archive, error) {
	archives := []*archive{
		{name: low, config: speed.Large(o.seed, 0)},
		{name: high, config: speed.Large(o.seed, 1)},
		{name: tiny, config: speed.Tiny(o.seed)},
	}
	if o.quick {
		archives = []*archive{{name: low, config: speed.Quick(o.seed, 0)}, {name: high, config: speed.Quick(o.seed, 1)}}
	}
	for _, a := range archives {
		prefix := "large-" + a.name
		switch {
		case o.quick:
			prefix = "quick-" + a.name
		case a.name == tiny:
			prefix = tiny
		}
		a.folder = filepath.Join(o.cache, "archives", a.config.Folder(prefix))
		fmt.Fprintf(stderr, "archive %s\n", a.name)
		var err error
		if a.stats, err = speed.Write(ctx, a.config, a.folder); err != nil {
			return nil, err
		}
		if err := a.list(); err != nil {
			return nil, err
		}
	}
	return archives, nil
}

// logs is the folder of the objects.
func (a *archive) logs() string { return filepath.Join(a.folder, "logs") }

// list finds the objects, by name. It reads them, so that they are in the
// system's cache when the first tool reads them.
func (a *archive) list() error {
	return filepath.WalkDir(a.logs(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || len(data) < 4 {
			return cmp.Or(err, fmt.Errorf("object %s is cut short", d.Name()))
		}
		name, err := filepath.Rel(a.logs(), path)
		a.files = append(a.files, file{name, int64(len(data)), int64(binary.LittleEndian.Uint32(data[len(data)-4:]))})
		return err
	})
}

// names are the objects as xargs -0 reads them: all, or one of n, from each size
// as many as there are.
func (a *archive) names(n int) (list []byte, raw int64) {
	files := a.files
	if n > 1 {
		files = slices.Clone(files)
		slices.SortStableFunc(files, func(a, b file) int { return cmp.Compare(a.packed, b.packed) })
	}
	var b bytes.Buffer
	for i := n / 2; i < len(files); i += n {
		b.WriteString(files[i].name)
		b.WriteByte(0)
		raw += files[i].raw
	}
	return b.Bytes(), raw
}
