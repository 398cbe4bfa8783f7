package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestForeign opens what belongs to somebody else.
func TestForeign(t *testing.T) {
	file := func(names ...string) func(string) error {
		return func(root string) (err error) {
			for _, name := range names {
				name = filepath.Join(root, name)
				err = errors.Join(err, os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte("x"), 0o666))
			}
			return err
		}
	}
	for name, tt := range map[string]struct {
		build func(root string) error
		want  string
	}{
		"another folder":             {file("thesis.txt"), `holds "thesis.txt", which is no part of a dataset, and is not replaced; choose another folder`},
		"a dataset with more in it":  {func(root string) error { return errors.Join(put(root, before, nil), file("notes")(root)) }, `holds "notes"`},
		"no manifest":                {file("calls/x"), "is not a dataset (it has no dataset.json) and is not replaced"},
		"hidden folder of our name":  {file("calls/x", workDir+"/x"), "is not a dataset"},
		"a file where the folder is": {file(workDir), ""},
		"a manifest of another kind": {file("dataset.json"), "corrupt"},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "d")
			if err := tt.build(root); err != nil {
				t.Fatal(err)
			}
			was := onDisk(t, root)
			s, err := Open(root, format())
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if now := onDisk(t, root); !reflect.DeepEqual(now, was) {
				t.Errorf("%q was changed to %q", was, now)
			}
		})
	}
	single := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(single, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(single, format()); err == nil {
		t.Error("opened a file")
	}
}

func TestLinkToRoot(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	mustPut(t, real, before)
	if err := os.Symlink("real", link); err != nil {
		t.Skip("no symbolic links here")
	}
	mustPut(t, link, after)
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	checkClean(t, real, after)
	if got := mustSee(t, link); !reflect.DeepEqual(got, after) {
		t.Errorf("%v", got)
	}
}

// TestLinkOut has a folder of the dataset that is a link out of it: nothing is
// written or deleted there.
func TestLinkOut(t *testing.T) {
	dir := t.TempDir()
	root, out := filepath.Join(dir, "d"), filepath.Join(dir, "out")
	mustPut(t, root, content{"args": {"a"}})
	v, err := View(root, format())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, "args"), out); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(out, filepath.Join(root, "args")); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := put(root, content{"args": {"b"}}, nil); err == nil || !strings.Contains(err.Error(), "is as it was") {
		t.Errorf("error %v", err)
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != 1 || !strings.HasSuffix(v.Files()[0].Path, entries[0].Name()) {
		t.Errorf("%v, %v", entries, err)
	}
	if got := mustSee(t, root); !reflect.DeepEqual(got, content{"args": {"a"}}) {
		t.Errorf("%v", got)
	}
}
