package refresh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Another server's update starts from the embedded facts alone, and says so.
func TestUpdateFromAnotherServer(t *testing.T) {
	one, two := newServer(t), newServer(t)
	one.set("zz-a", file("zz-a", "A"))
	two.set("zz-b", file("zz-b", "A"))
	o := one.options(t)
	if r := updated(t, o); r.FormerURL != "" {
		t.Errorf("the first update names a former server: %q", r.FormerURL)
	}
	if r := updated(t, o); r.FormerURL != "" {
		t.Errorf("the same server is a former one: %q", r.FormerURL)
	}
	o.URL = two.URL
	r := updated(t, o)
	if r.FormerURL != one.URL+"/" {
		t.Errorf("former server %q, want %q", r.FormerURL, one.URL)
	}
	c := opened(t, r.File)
	if _, ok := c.Lookup("zz-a:A"); ok {
		t.Error("what the former server gave is still there, so the file depends on what was read before")
	}
	if _, ok := c.Lookup("zz-b:A"); !ok {
		t.Error("what the new server gave is missing")
	}
}

// Where the cache cannot be written, the error says what to do.
func TestUpdateCannotWrite(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A"))
	for name, prepare := range map[string]func(o *Options) error{
		"a directory for the facts": func(o *Options) error { return os.MkdirAll(FactsFile(o.Dir), 0o755) },
		"a directory for the state": func(o *Options) error { return os.MkdirAll(stateFile(o.Dir), 0o755) },
		"a file for the folder": func(o *Options) error {
			o.Dir = filepath.Join(o.Dir, "file", "tighten")
			return os.WriteFile(filepath.Dir(o.Dir), nil, 0o644)
		},
	} {
		o := s.options(t)
		if err := prepare(&o); err != nil {
			t.Fatal(err)
		}
		_, err := Update(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "the cache cannot be written") || !strings.Contains(err.Error(), "XDG_CACHE_HOME") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadFile(path, 5); err != nil || string(data) != "12345" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := ReadFile(path, 4); err == nil || !strings.Contains(err.Error(), "more than 4 bytes") {
		t.Errorf("a file above the bound: %v", err)
	}
	for name, want := range map[string]string{dir: "is a directory", os.DevNull: "is a device"} {
		if _, err := ReadFile(name, 5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "none"), 5); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}
