package workload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// demoFolder holds the committed archive.
const demoFolder = "../../testdata/demo"

func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestDemoIsUnchanged makes the demo again and compares it with the committed one.
func TestDemoIsUnchanged(t *testing.T) {
	t.Parallel()
	want, _ := archive(t, Demo())
	size := int64(0)
	err := filepath.WalkDir(demoFolder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		size += int64(len(data))
		name, err := filepath.Rel(demoFolder, path)
		if name = filepath.ToSlash(name); err != nil || name == "README.md" {
			return err
		}
		if made, ok := want[name]; !ok {
			t.Errorf("%s is not made by the generator", name)
		} else if !bytes.Equal(made, data) {
			t.Errorf("%s differs from what the generator makes; see testdata/demo/README.md", name)
		}
		delete(want, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
	if size >= 3e6 {
		t.Errorf("the demo has %d bytes, 3,000,000 are too many", size)
	}
}

// TestWriteKeepsOldArchives refuses to mix two archives.
func TestWriteKeepsOldArchives(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := week(1)
	c.Days = 1
	if _, err := Write(c, folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "truth.json")); err != nil {
		t.Error(err)
	}
	if _, err := Write(c, folder); err == nil {
		t.Error("wrote over an archive")
	}
}
