package speed

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Stats is what an archive weighs.
type Stats struct {
	Objects    int   `json:"objects"`
	Records    int64 `json:"records"`
	Bytes      int64 `json:"bytes"`      // of JSON, before compression
	Compressed int64 `json:"compressed"` // of files
	Median     int64 `json:"median"`     // size of a file
	Largest    int64 `json:"largest"`    // size of a file
}

// Ratio is how many times smaller compression makes the JSON.
func (s *Stats) Ratio() float64 { return float64(s.Bytes) / float64(max(1, s.Compressed)) }

// statsFile says that the archive in whose folder it lies is whole.
const statsFile = "stats.json"

// Write makes the archive in a folder, as logs/AWSLogs/…, unless it is there. It
// uses all cores. What it was making when it was interrupted, it makes again.
func Write(ctx context.Context, c Config, folder string) (*Stats, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if s, err := read(folder); err == nil {
		return s, nil
	}
	if err := os.RemoveAll(filepath.Join(folder, "logs")); err != nil {
		return nil, err
	}
	s, err := write(ctx, &c, filepath.Join(folder, "logs"))
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return s, os.WriteFile(filepath.Join(folder, statsFile), append(data, '\n'), 0o644)
}

// read reads the stats of an archive that is there.
func read(folder string) (*Stats, error) {
	data, err := os.ReadFile(filepath.Join(folder, statsFile))
	if err != nil {
		return nil, err
	}
	s := new(Stats)
	return s, json.Unmarshal(data, s)
}

// made is what became of one object.
type made struct{ records, bytes, compressed int64 }

func write(ctx context.Context, c *Config, logs string) (*Stats, error) {
	all, objects := make([]made, c.Objects), sizes(c)
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			m := newMaker(c)
			var packed bytes.Buffer
			zip := gzip.NewWriter(nil)
			for i := w; i < c.Objects && ctx.Err() == nil; i += workers {
				name, records := m.object(i, objects[i])
				packed.Reset()
				zip.Reset(&packed)
				if err := put(zip, m.out, &packed, filepath.Join(logs, filepath.FromSlash(name))); err != nil {
					return err
				}
				all[i] = made{int64(records), int64(len(m.out)), int64(packed.Len())}
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return sum(all), nil
}

// put compresses data into packed and writes that to a file, which must be new:
// two objects of one name would be one.
func put(zip *gzip.Writer, data []byte, packed *bytes.Buffer, path string) error {
	if _, err := zip.Write(data); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("object: %w", err)
	}
	if _, err := f.Write(packed.Bytes()); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func sum(all []made) *Stats {
	s := &Stats{Objects: len(all)}
	files := make([]int64, len(all))
	for i, m := range all {
		s.Records, s.Bytes, s.Compressed = s.Records+m.records, s.Bytes+m.bytes, s.Compressed+m.compressed
		files[i] = m.compressed
	}
	slices.Sort(files)
	s.Median, s.Largest = files[len(files)/2], files[len(files)-1]
	return s
}
