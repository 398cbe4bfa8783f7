package refresh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/tighten-iam/tighten/pkg/actions/reference"
)

// Dir is the folder of the facts in the user's cache directory.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no cache directory: %w", err)
	}
	return filepath.Join(cache, "tighten"), nil
}

// FactsFile is the merged facts file of a folder, for actions.OpenFacts.
func FactsFile(dir string) string { return filepath.Join(dir, "facts.zst") }

// stateFile holds what was read of the reference, for the next update.
func stateFile(dir string) string { return filepath.Join(dir, "reference.zst") }

const stateFormat = "tighten-reference/1"

// state is what was read from one server.
type state struct {
	Format   string             `json:"format"`
	URL      string             `json:"url"`
	former   string             // the server of the last update, where it was another one
	Index    validators         `json:"index"`
	Entries  []reference.Entry  `json:"entries"`
	Services map[string]*stored `json:"services"`
}

// stored is one service's file, reduced, with what tells whether it changed.
type stored struct {
	URL      string `json:"url"`
	Modified string `json:"modified,omitempty"` // as the index had it
	validators
	Service *reference.Service `json:"service"`
}

// readState loads the state for a server; an empty one where there is none, or
// where it is another server's. An error means that it cannot be used.
func readState(dir, url string) (*state, error) {
	empty := &state{Format: stateFormat, URL: url, Services: map[string]*stored{}}
	packed, err := ReadFile(stateFile(dir), maxTotal)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxTotal))
	if err != nil {
		return empty, err
	}
	defer r.Close()
	data, err := r.DecodeAll(packed, nil)
	if err != nil {
		return empty, err
	}
	s := &state{}
	if err := json.Unmarshal(data, s); err != nil {
		return empty, err
	}
	if s.Format != stateFormat {
		return empty, nil
	}
	if s.URL != url {
		empty.former = s.URL
		return empty, nil
	}
	return s, s.check()
}

func (s *state) check() error {
	for name, f := range s.Services {
		if f == nil || f.Service == nil || f.Service.Name != name {
			return fmt.Errorf("the service %q is broken", name)
		}
		if err := f.Service.Check(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if s.Services == nil {
		s.Services = map[string]*stored{}
	}
	return nil
}

func (s *state) write(dir string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer w.Close()
	return replace(stateFile(dir), w.EncodeAll(data, nil))
}

// lock waits until no other update works in the folder.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	type result struct {
		unlock func()
		err    error
	}
	got := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(filepath.Join(dir, "update.lock")).Lock()
		got <- result{unlock, err}
	}()
	select {
	case r := <-got:
		return r.unlock, r.err
	case <-ctx.Done():
		go func() { // let go of it, should it come after all
			if r := <-got; r.err == nil {
				r.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}

// ReadFile reads a regular file of at most most bytes. Anything else, such as a pipe,
// which might never end, is refused before it is opened.
func ReadFile(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is a %s, want a file as tighten actions update writes it", path, kindOf(info.Mode()))
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return data, err
}

// kindOf names what is no regular file.
func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "directory"
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

// storeError tells what to do where the cache cannot be written.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the cache cannot be written: %w; free some space or allow writing there, or choose another cache directory (on Linux by XDG_CACHE_HOME); no file was left half written", err)
}

// replace writes a file whole or not at all, even where the machine fails.
func replace(path string, data []byte) error {
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory where the file belongs: move it away", path)
	}
	if old, err := ReadFile(path, maxTotal); err == nil && bytes.Equal(old, data) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once renamed
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can
		_ = dir.Close()
	}
	return nil
}
