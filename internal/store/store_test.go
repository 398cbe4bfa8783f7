package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// content is a set: the contents of its files, by folder.
type content map[string][]string

func format() Format {
	return Format{
		Manifest: "dataset.json",
		Folders:  []string{"calls", "args"},
		Files: func(manifest []byte) ([]File, error) {
			var m struct{ Files []File }
			if err := json.Unmarshal(manifest, &m); err != nil {
				return nil, fmt.Errorf("corrupt (%w)", err)
			}
			return m.Files, nil
		},
	}
}

func manifestOf(files []File) []byte {
	data, err := json.Marshal(map[string]any{"files": files})
	if err != nil {
		panic(err)
	}
	return data
}

// stage writes the files of a set.
func stage(s *Store, c content) ([]File, error) {
	var files []File
	for _, folder := range slices.Sorted(maps.Keys(c)) {
		for _, text := range c[folder] {
			w, err := s.Create(folder)
			if err != nil {
				return nil, err
			}
			if _, err := w.Write([]byte(text)); err != nil {
				return nil, errors.Join(err, w.Abort())
			}
			f, err := w.Close(len(text))
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
	}
	return files, nil
}

// put opens a folder and commits a set.
func put(root string, c content, step func(op, name string) error) (err error) {
	s, err := open(root, format(), step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	files, err := stage(s, c)
	if err != nil {
		return err
	}
	return s.Commit(files, manifestOf(files))
}

func mustPut(t testing.TB, root string, c content) {
	t.Helper()
	if err := put(root, c, nil); err != nil {
		t.Fatal(err)
	}
}

// seen is the set that a View reads, nil where there is none.
func seen(root string) (content, error) {
	v, err := View(root, format())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return contents(v.Files(), v.ReadFile)
}

func contents(files []File, read func(File) ([]byte, error)) (content, error) {
	c := content{}
	for _, f := range files {
		data, err := read(f)
		if err != nil {
			return nil, err
		}
		folder, _, _ := strings.Cut(f.Path, "/part-")
		c[folder] = append(c[folder], string(data))
	}
	return c, nil
}

func mustSee(t testing.TB, root string) content {
	t.Helper()
	c, err := seen(root)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// onDisk lists all files and folders of root.
func onDisk(t testing.TB, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == root {
			return nil
		}
		if rel, _ := filepath.Rel(root, name); err == nil && rel != "." {
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// checkClean checks that root holds a set and nothing else.
func checkClean(t testing.TB, root string, c content) {
	t.Helper()
	if got := mustSee(t, root); !reflect.DeepEqual(got, c) {
		t.Fatalf("set %v instead of %v", got, c)
	}
	var want []string
	if c != nil {
		want = append(want, "dataset.json")
		v, err := View(root, format())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range v.Files() {
			want = append(want, f.Path)
			for dir := filepath.Dir(f.Path); dir != "."; dir = filepath.Dir(dir) {
				want = append(want, filepath.ToSlash(dir))
			}
		}
		slices.Sort(want)
		want = slices.Compact(want)
	}
	got := onDisk(t, root)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("on disk is %q instead of %q", got, want)
	}
}

var (
	before = content{"args": {"a1", "a2"}, "calls/date=2024-01-01": {"old day"}, "calls/date=2024-01-02": {"stays", "goes"}}
	after  = content{"args": {"a1"}, "calls/date=2024-01-02": {"stays", "comes"}, "calls/date=2024-01-03": {"new day", ""}}
)

func TestCommit(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "b")
	for _, c := range []content{before, after, before, before, {}, after} {
		mustPut(t, root, c)
		checkClean(t, root, c)
	}
}

func TestNames(t *testing.T) {
	root := t.TempDir()
	mustPut(t, root, content{"args": {"hello"}})
	const name = "args/part-2cf24dba5fb0a30e.parquet" // of echo -n hello | sha256sum
	if names := onDisk(t, root); !slices.Contains(names, name) {
		t.Errorf("%q lacks %s", names, name)
	}
}

func TestSeveralCommits(t *testing.T) {
	root := filepath.Join(t.TempDir(), "d")
	s, err := Open(root, format())
	if err != nil {
		t.Fatal(err)
	}
	if s.Manifest() != nil || len(s.Files()) != 0 {
		t.Error("a new dataset has a manifest")
	}
	for _, c := range []content{before, after} {
		files, err := stage(s, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(files, manifestOf(files)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s.Files(), files) || string(s.Manifest()) != string(manifestOf(files)) {
			t.Error("the store knows another set")
		}
		if got, err := contents(s.Files(), s.ReadFile); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%v, %v", got, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkClean(t, root, after)
}

// TestUncommitted leaves files and scratch folders behind that no commit names.
func TestUncommitted(t *testing.T) {
	for name, c := range map[string]content{"new": nil, "extended": before} {
		root := filepath.Join(t.TempDir(), "d")
		if c != nil {
			mustPut(t, root, c)
		}
		s, err := Open(root, format())
		if err != nil {
			t.Fatal(err)
		}
		files, err := stage(s, after)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := contents(files, s.ReadFile); err != nil || !reflect.DeepEqual(got, after) {
			t.Errorf("%s: staged files read as %v, %v", name, got, err)
		}
		dir, err := s.Scratch()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "x"), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		if found, _ := filepath.Glob(filepath.Join(root, "*", "*", "*.parquet")); len(found) != len(c["calls/date=2024-01-01"])+len(c["calls/date=2024-01-02"]) {
			t.Errorf("%s: staged files lie among the others: %q", name, found)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		checkClean(t, root, c)
		if _, err := os.Stat(root); c == nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the folder that was made is left")
		}
	}
}

func TestAbort(t *testing.T) {
	root := t.TempDir()
	s, err := Open(root, format())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w, err := s.Create("args")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Abort(), w.Abort()); err != nil {
		t.Error(err)
	}
	if _, err := w.Close(0); err == nil {
		t.Error("closed after Abort")
	}
	if entries, err := os.ReadDir(filepath.Join(root, newDir)); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
	for _, folder := range []string{"", ".", "..", "other", "calls/..", "calls/../../x", "/calls", "calls//x", "calls/", `calls\x`, "calls/.x", "calls/a\x00"} {
		if _, err := s.Create(folder); err == nil {
			t.Errorf("made a file in %q", folder)
		}
	}
}

// TestRepair damages a file that the new set keeps.
func TestRepair(t *testing.T) {
	root := t.TempDir()
	mustPut(t, root, before)
	v, err := View(root, format())
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(root, v.Files()[0].Path)
	if err := os.WriteFile(damaged, []byte("A1"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := seen(root); err == nil {
		t.Error("the damage is not seen")
	}
	mustPut(t, root, before)
	checkClean(t, root, before)
}

// TestSameName has a file in the set whose name is another content's.
func TestSameName(t *testing.T) {
	root := t.TempDir()
	mustPut(t, root, content{"args": {"hello"}})
	name := filepath.Join(root, "args", "part-2cf24dba5fb0a30e.parquet")
	v, err := View(root, format())
	if err != nil {
		t.Fatal(err)
	}
	other := v.Files()[0]
	other.SHA256 = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7" // of "world"
	if err := errors.Join(os.WriteFile(name, []byte("world"), 0o666), os.WriteFile(filepath.Join(root, "dataset.json"), manifestOf([]File{other}), 0o666)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(root, format())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := stage(s, content{"args": {"hello"}})
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, other)
	if err := s.Commit(files, manifestOf(files)); err != nil {
		t.Fatal(err)
	}
	if got := mustSee(t, root); !reflect.DeepEqual(got, content{"args": {"hello", "world"}}) {
		t.Errorf("%v", got)
	}
}

func TestCommitRefuses(t *testing.T) {
	root := t.TempDir()
	mustPut(t, root, before)
	s, err := Open(root, format())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	old := s.Files()
	stray, changed := old[0], old[0]
	stray.Path = "calls/part-0.parquet"
	changed.Bytes++
	for name, tt := range map[string]struct{ files, listed []File }{
		"a file never written":  {[]File{stray}, []File{stray}},
		"another size":          {[]File{changed}, []File{changed}},
		"a list that differs":   {old, old[1:]},
		"a file twice":          {[]File{old[0], old[0]}, []File{old[0], old[0]}},
		"a path outside":        {[]File{{Path: "../x"}}, []File{{Path: "../x"}}},
		"a path beside folders": {[]File{{Path: "x"}}, []File{{Path: "x"}}},
	} {
		if err := s.Commit(tt.files, manifestOf(tt.listed)); err == nil || !strings.Contains(err.Error(), "is as it was") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Commit(old, manifestOf(old)); err != nil {
		t.Errorf("and then a right one: %v", err)
	}
}
