package diff

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	for name, c := range map[string]struct{ old, new, want string }{
		"equal":       {ten, ten, ""},
		"middle":      {ten, strings.Replace(ten, "5\n", "five\n", 1), "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
		"first":       {ten, "0\n" + ten, "--- a\n+++ b\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n"},
		"last":        {ten, strings.TrimSuffix(ten, "10\n"), "--- a\n+++ b\n@@ -7,4 +7,3 @@\n 7\n 8\n 9\n-10\n"},
		"two hunks":   {ten, strings.NewReplacer("1\n2", "2", "9\n", "").Replace(ten), "--- a\n+++ b\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -6,5 +5,4 @@\n 6\n 7\n 8\n-9\n 10\n"},
		"from empty":  {"", "a\nb\n", "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
		"to empty":    {"a\n", "", "--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n"},
		"newline off": {"a\nb\n", "a\nb", "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"},
		"newline on":  {"a\nb", "a\nb\n", "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		"no newlines": {"a\nb", "c\nb", "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Unified("a", "b", []byte(c.old), []byte(c.new)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	for in, want := range map[string]string{
		"a/p.json": "a/p.json", "two words": "two words\t", "new\nline": `"new\012line"`, `quo"te`: `"quo\"te"`, "\x1b[2J": `"\033[2J"`, "é": "é",
	} {
		if got := label(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// apply patches text the way patch does, strictly.
func apply(t *testing.T, old []byte, diff string) []byte {
	t.Helper()
	src := lines(old)
	var out []string
	at := 0
	body := lines([]byte(diff))
	for i := 2; i < len(body); i++ {
		line := body[i]
		switch line[0] {
		case '@':
			var start, count int
			if n, _ := fmt.Sscanf(line, "@@ -%d,%d", &start, &count); n == 1 {
				count = 1
			}
			if count > 0 {
				start--
			}
			out = append(out, src[at:start]...)
			at = start
		case ' ', '-':
			text := withEnd(body, i)
			if at >= len(src) || src[at] != text {
				t.Fatalf("line %d of the source is not %q\n%s", at, text, diff)
			}
			at++
			if line[0] == ' ' {
				out = append(out, text)
			}
		case '+':
			out = append(out, withEnd(body, i))
		}
	}
	return []byte(strings.Join(append(out, src[at:]...), ""))
}

// withEnd is a line of a diff without its mark, and without its newline if the
// next line says so.
func withEnd(body []string, i int) string {
	if i+1 < len(body) && body[i+1][0] == '\\' {
		return strings.TrimSuffix(body[i][1:], "\n")
	}
	return body[i][1:]
}

// mutate makes a text of few different lines and a changed one.
func mutate(r *rand.Rand, size int) (old, new []byte) {
	var a, b []string
	for range r.Intn(size) {
		line := fmt.Sprintf("line %d\n", r.Intn(8))
		a = append(a, line)
		switch r.Intn(6) {
		case 0:
		case 1:
			b = append(b, line, fmt.Sprintf("new %d\n", r.Intn(4)))
		default:
			b = append(b, line)
		}
	}
	x, y := strings.Join(a, ""), strings.Join(b, "")
	if r.Intn(3) == 0 {
		x = strings.TrimSuffix(x, "\n")
	}
	if r.Intn(3) == 0 {
		y = strings.TrimSuffix(y, "\n")
	}
	return []byte(x), []byte(y)
}

func TestUnifiedApplies(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 2000 {
		old, new := mutate(r, 40)
		if diff := Unified("a", "b", old, new); diff == "" {
			if !bytes.Equal(old, new) {
				t.Fatalf("no difference between %q and %q", old, new)
			}
		} else if got := apply(t, old, diff); !bytes.Equal(got, new) {
			t.Fatalf("%q\n%s\ngives %q, want %q", old, diff, got, new)
		}
	}
}

// The list of edits is the shortest one: as long as the longest common
// subsequence, computed plainly, demands.
func TestEditsAreShortest(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 300 {
		old, new := mutate(r, 30)
		a, b := lines(old), lines(new)
		got := 0
		for _, e := range edits(a, b) {
			got += e.a1 - e.a0 + e.b1 - e.b0
		}
		if want := len(a) + len(b) - 2*common(a, b); got != want {
			t.Fatalf("%d lines changed, want %d\n%q\n%q", got, want, a, b)
		}
	}
}

func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

func TestLargeTexts(t *testing.T) {
	var old, new bytes.Buffer
	for i := range 50000 {
		fmt.Fprintf(&old, "old %d\n", i)
		fmt.Fprintf(&new, "new %d\n", i)
	}
	if got := apply(t, old.Bytes(), Unified("a", "b", old.Bytes(), new.Bytes())); !bytes.Equal(got, new.Bytes()) {
		t.Error("the diff of large texts does not apply")
	}
}

func TestPatchAndGitAccept(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for _, tool := range []string{"patch", "git"} {
		t.Run(tool, func(t *testing.T) {
			path, err := exec.LookPath(tool)
			if err != nil {
				t.Skipf("%s is not installed", tool)
			}
			for range 15 {
				old, new := mutate(r, 40)
				if len(old) == 0 || len(new) == 0 || bytes.Equal(old, new) {
					continue
				}
				dir := t.TempDir()
				file := filepath.Join(dir, "my policy.json")
				if err := os.WriteFile(file, old, 0o644); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(path, "-p1", "--fuzz=0")
				if tool == "git" {
					cmd = exec.Command(path, "apply", "-p1", "-")
				}
				diff := Unified("a/my policy.json", "b/my policy.json", old, new)
				cmd.Dir, cmd.Stdin = dir, strings.NewReader(diff)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s\n%s", err, out, diff)
				}
				if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, new) {
					t.Fatalf("%v: %q, want %q\n%s", err, got, new, diff)
				}
			}
		})
	}
}

func FuzzUnified(f *testing.F) {
	f.Add([]byte("a\nb\nc\n"), []byte("a\nc"))
	f.Add([]byte(""), []byte("\n"))
	f.Add([]byte("a\r\nb"), []byte("a\nb\x00"))
	f.Fuzz(func(t *testing.T, old, new []byte) {
		if diff := Unified("a", "b", old, new); diff != "" {
			if got := apply(t, old, diff); !bytes.Equal(got, new) {
				t.Fatalf("%q\n%s\ngives %q, want %q", old, diff, got, new)
			}
		} else if !bytes.Equal(old, new) {
			t.Fatal("no difference between different texts")
		}
	})
}
