package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestReadersDuringCommits reads whole sets while they are replaced.
func TestReadersDuringCommits(t *testing.T) {
	root := prepareDir(t, nil)
	set := func(i int) content {
		text := fmt.Sprint("commit ", i)
		return content{"args": {text, "always"}, fmt.Sprint("calls/date=", i%3): {text + "!"}}
	}
	mustPut(t, root, set(0))
	var done atomic.Bool
	var group sync.WaitGroup
	var reads atomic.Int32
	for range 3 {
		group.Go(func() {
			for !done.Load() {
				var got content
				err := Read(root, format(), func(v *Snapshot) (err error) {
					got, err = contents(v.Files(), v.ReadFile)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				var i int
				if _, err := fmt.Sscanf(got["args"][0], "commit %d", &i); err != nil || !reflect.DeepEqual(got, set(i)) {
					t.Errorf("a mix: %v", got)
				}
				reads.Add(1)
			}
		})
	}
	s, err := Open(root, format())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		files, err := stage(s, set(i))
		if err == nil {
			err = s.Commit(files, manifestOf(files))
		}
		if err != nil {
			t.Error(err)
			break
		}
	}
	done.Store(true)
	group.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d reads", reads.Load())
	checkClean(t, root, set(199))
}

func TestChanged(t *testing.T) {
	root := t.TempDir()
	mustPut(t, root, before)
	v, err := View(root, format())
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, root, after)
	changed := 0
	for _, f := range v.Files() {
		if _, err := v.ReadFile(f); err != nil {
			if changed++; !errors.Is(err, ErrChanged) {
				t.Errorf("%s: %v", f.Path, err)
			}
		}
	}
	if changed != 3 {
		t.Errorf("%d files are gone", changed)
	}
}

func TestOpenFile(t *testing.T) {
	root := t.TempDir()
	mustPut(t, root, before)
	v, err := View(root, format())
	if err != nil {
		t.Fatal(err)
	}
	f, err := v.Open(v.Files()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mustPut(t, root, content{}) // what is open stays open
	if data, err := io.ReadAll(f); err != nil || string(data) != "a1" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestReadOnly views a folder that nobody may write to.
func TestReadOnly(t *testing.T) {
	root := filepath.Join(t.TempDir(), "d")
	mustPut(t, root, before)
	chmod := func(mode fs.FileMode) {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			return os.Chmod(name, mode)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	chmod(0o555)
	defer chmod(0o755)
	if got := mustSee(t, root); !reflect.DeepEqual(got, before) {
		t.Errorf("%v", got)
	}
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	if _, err := Open(root, format()); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("opened for writing: %v", err)
	}
}

func TestViewErrors(t *testing.T) {
	write := func(name, text string) func(string) error {
		return func(root string) error {
			name := filepath.Join(root, name)
			return errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666))
		}
	}
	listing := func(paths ...string) func(string) error {
		var files []File
		for _, p := range paths {
			files = append(files, File{Path: p})
		}
		return write("dataset.json", string(manifestOf(files)))
	}
	one := "args/part-f55ff16f66f43360.parquet" // a1
	for name, tt := range map[string]struct {
		spoil func(root string) error
		want  string
	}{
		"no folder":        {os.RemoveAll, "is not a dataset (it has no dataset.json)"},
		"no manifest":      {func(root string) error { return os.Remove(filepath.Join(root, "dataset.json")) }, "is not a dataset"},
		"corrupt manifest": {write("dataset.json", "{"), "corrupt"},
		"outside":          {listing("calls/../../x"), "outside of it; scan again"},
		"absolute":         {listing("/etc/passwd"), "outside of it"},
		"at the root":      {listing("dataset.json"), "outside of it"},
		"the lock":         {listing(workDir + "/lock"), "outside of it"},
		"another folder":   {listing("home/x"), "outside of it"},
		"a backslash":      {listing(`calls/..\..\x`), "outside of it"},
		"twice":            {listing("calls/x", "calls/x"), "twice"},
		"negative":         {write("dataset.json", `{"files":[{"path":"calls/x","bytes":-1}]}`), "negative"},
		"missing":          {func(root string) error { return os.Remove(filepath.Join(root, one)) }, "dataset file is missing: "},
		"longer":           {write(one, "a1a1"), "is not the one that was written (4 bytes, 2 expected); scan again"},
		"other content":    {write(one, "A1"), "is not the one that was written"},
		"a folder": {func(root string) error {
			return errors.Join(os.Remove(filepath.Join(root, one)), os.Mkdir(filepath.Join(root, one), 0o777))
		}, "is not a file"},
		"torn journal":      {write(workDir+"/journal.json", `{"version":`), "is corrupt"},
		"later journal":     {write(workDir+"/journal.json", `{"version":9}`), "another version"},
		"journal moves out": {write(workDir+"/journal.json", `{"version":1,"manifest":"e30=","move":[{"from":"1","to":"../x"}]}`), "is corrupt"},
		"journal moves in":  {write(workDir+"/journal.json", `{"version":1,"manifest":"e30=","move":[{"from":"../../x","to":"calls/x"}]}`), "is corrupt"},
		"journal deletes":   {write(workDir+"/journal.json", `{"version":1,"manifest":"e30=","superseded":["calls/../../x"]}`), "is corrupt"},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "d")
			mustPut(t, root, before)
			if err := tt.spoil(root); err != nil {
				t.Fatal(err)
			}
			v, err := View(root, format())
			if err == nil {
				_, err = contents(v.Files(), v.ReadFile)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if missing := strings.HasPrefix(name, "no "); errors.Is(err, fs.ErrNotExist) != (missing || name == "missing") {
				t.Errorf("%v: fs.ErrNotExist is %v", err, !missing)
			}
		})
	}
}
