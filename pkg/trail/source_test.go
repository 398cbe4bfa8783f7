package trail_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/trailtest"
)

func write(t *testing.T, root, key string, content []byte) {
	t.Helper()
	name := filepath.Join(root, filepath.FromSlash(key))
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, content, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func tree(t *testing.T, objects map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for key, b := range objects {
		write(t, root, key, b)
	}
	return root
}

func open(t *testing.T, arg string, stdin io.Reader) trail.Source {
	t.Helper()
	src, err := trail.Open(arg, stdin)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func only(objects map[string][]byte) (b []byte) {
	for _, b = range objects {
	}
	return b
}

func TestDir(t *testing.T) {
	trailtest.Run(t, trailtest.Suite{New: func(t *testing.T, objects map[string][]byte) trail.Source {
		return open(t, tree(t, objects), nil)
	}})
}

func TestDirThroughLink(t *testing.T) {
	trailtest.Run(t, trailtest.Suite{New: func(t *testing.T, objects map[string][]byte) trail.Source {
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(tree(t, objects), link); err != nil {
			t.Skip(err)
		}
		return open(t, link, nil)
	}})
}

func TestGlob(t *testing.T) {
	for _, pattern := range []string{"*", "**", "**/*"} {
		trailtest.Run(t, trailtest.Suite{New: func(t *testing.T, objects map[string][]byte) trail.Source {
			return open(t, filepath.Join(tree(t, objects), pattern), nil)
		}})
	}
}

func TestFile(t *testing.T) {
	trailtest.Run(t, trailtest.Suite{Single: true, New: func(t *testing.T, objects map[string][]byte) trail.Source {
		root := tree(t, map[string][]byte{"x.json": only(objects)})
		return open(t, filepath.Join(root, "x.json"), nil)
	}})
}

func TestStdin(t *testing.T) {
	trailtest.Run(t, trailtest.Suite{Single: true, Once: true, New: func(t *testing.T, objects map[string][]byte) trail.Source {
		return open(t, "-", bytes.NewReader(only(objects)))
	}})
}

// listing is "key kind" of each object.
func listing(t *testing.T, src trail.Source) (l []string) {
	t.Helper()
	err := src.List(context.Background(), func(o trail.Object) error {
		if (o.Kind == trail.KindUnreadable) != (o.Err != nil) {
			t.Errorf("%s: kind %s with error %v", o.Key, o.Kind, o.Err)
		}
		l = append(l, o.Key+" "+string(o.Kind))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func expect(t *testing.T, src trail.Source, want ...string) {
	t.Helper()
	if got := listing(t, src); !slices.Equal(got, want) {
		t.Errorf("listed\n got %q\nwant %q", got, want)
	}
}

func link(t *testing.T, target, root, key string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(root, key)); err != nil {
		t.Skip(err)
	}
}

func TestLinks(t *testing.T) {
	outside := tree(t, map[string][]byte{"o.json": nil, "sub/p.json": nil})
	link(t, outside, outside, "sub/again")
	root := tree(t, map[string][]byte{"a/x.json": nil, ".annex/blob": nil})
	link(t, "a", root, "latest")                          // in the tree: listed once
	link(t, filepath.Join(root, "a/x.json"), root, "b")   // in the tree: listed once
	link(t, "..", root, "a/up")                           // a cycle
	link(t, "nowhere", root, "dangling")                  // broken
	link(t, "loop", root, "loop")                         // a link to itself
	link(t, ".annex/blob", root, "c.json")                // the usual form of annexed files
	link(t, outside, root, "far")                         // elsewhere
	link(t, filepath.Join(outside, "sub"), root, "gar")   // elsewhere, already listed
	link(t, filepath.Join(outside, "o.json"), root, "zo") // elsewhere, already listed
	expect(t, open(t, root, nil),
		".annex/blob hidden", "a/up unreadable", "a/x.json log", "c.json log", "dangling unreadable",
		"far/o.json log", "far/sub/p.json log", "loop unreadable")
}

// TestLinkToBelow: a folder reached by a link before its parent is listed once.
func TestLinkToBelow(t *testing.T) {
	outside := tree(t, map[string][]byte{"o.json": nil, "sub/p.json": nil})
	root := t.TempDir()
	link(t, filepath.Join(outside, "sub"), root, "a")
	link(t, outside, root, "b")
	expect(t, open(t, root, nil), "a/p.json log", "b/o.json log")
}

func TestUnreadableFolder(t *testing.T) {
	root := tree(t, map[string][]byte{"a.json": nil, "b/c.json": nil, "d.json": nil})
	if err := os.Chmod(filepath.Join(root, "b"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "b"), 0o755) })
	if _, err := os.ReadDir(filepath.Join(root, "b")); err == nil {
		t.Skip("this user reads every folder")
	}
	expect(t, open(t, root, nil), "a.json log", "b unreadable", "d.json log")
}

func TestGlobPatterns(t *testing.T) {
	root := tree(t, map[string][]byte{
		"2024/01/a.json": nil, "2024/02/b.json": nil, "2024/02/c.txt": nil, "2025/01/d.json": nil, "e[1].json": nil,
	})
	glob := func(p string) trail.Source { return open(t, filepath.Join(root, p), nil) }
	expect(t, glob("2024/*/*.json"), "01/a.json log", "02/b.json log")
	expect(t, glob("*/01"), "2024/01/a.json log", "2025/01/d.json log")
	expect(t, glob("**/[bd].json"), "2024/02/b.json log", "2025/01/d.json log")
	expect(t, glob("2024/**"), "01/a.json log", "02/b.json log", "02/c.txt other")
	expect(t, glob("2024/*/c.t?t"), "02/c.txt other")
	expect(t, glob("2024/*/*.txt"), "02/c.txt log")
	if got := listing(t, glob("e[1].json")); len(got) != 1 {
		t.Errorf("a file with glob characters in its name: %q", got)
	}
	err := glob("2026/*").List(context.Background(), func(trail.Object) error { return nil })
	if err == nil {
		t.Error("a pattern in a folder that does not exist is no error")
	}
	err = glob("2024/*/x.json").List(context.Background(), func(trail.Object) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("a pattern that matches nothing: %v", err)
	}
	if _, err := glob("2024/*/*.json").Open(context.Background(), trail.Object{Key: "02/c.txt"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opened what the pattern does not match: %v", err)
	}
}

func TestNamedFile(t *testing.T) {
	root := tree(t, map[string][]byte{".events.txt": []byte("x")})
	name := filepath.Join(root, ".events.txt")
	expect(t, open(t, name, nil), filepath.ToSlash(name)+" log")
}

func TestOpenErrors(t *testing.T) {
	root := t.TempDir()
	for _, arg := range []string{"", filepath.Join(root, "absent"), filepath.Join(root, "[*")} {
		if src, err := trail.Open(arg, nil); err == nil {
			t.Errorf("%q: opened as %T", arg, src)
		}
	}
	if _, err := trail.Open("-", nil); err == nil {
		t.Error("no standard input, but no error")
	}
	if _, err := trail.Open(filepath.Join(root, "absent"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

func ExampleDecoder() {
	d := trail.NewDecoder(trail.Limits{})
	d.Reset(strings.NewReader(`{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}]}`))
	for d.Next() {
		os.Stdout.WriteString(d.Event().Source + " " + d.Event().Name + "\n")
	}
	if err := d.Err(); err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
	}
	// Output: s3.amazonaws.com GetObject
}
