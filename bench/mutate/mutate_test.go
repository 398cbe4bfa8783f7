package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaults seeds all faults into a small package: those that its tests cannot fail
// survive, and no others.
func TestFaults(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/p\n\ngo 1.26\n",
		"p.go": `package p

const limit = 3

// Small is held to its bound.
func Small(n int) bool { return n >= 0 && n < limit }

// Loose is not held to its bound.
func Loose(n int) bool { return n < limit }

// Sum leaves out odd numbers.
func Sum(list []int) (sum int) {
	for i := 0; i < len(list); i++ {
		if list[i]%2 == 1 {
			continue
		}
		sum += list[i]
	}
	if v := sum; v > 1000 {
		panic("too much")
	}
	return sum
}

func unreached(n int) bool { return n > 3 }
`,
		"p_test.go": `package p

import "testing"

func TestSmall(t *testing.T) {
	for n, want := range map[int]bool{-1: false, 0: true, 2: true, 3: false} {
		if Small(n) != want {
			t.Error(n)
		}
	}
}

func TestLoose(t *testing.T) {
	if !Loose(1) || Loose(9) {
		t.Error("loose")
	}
}

func TestSum(t *testing.T) {
	if Sum([]int{1, 2, 3, 4}) != 6 {
		t.Error("sum")
	}
}
`,
		"equal.txt": "# none\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out bytes.Buffer
	if err := run([]string{"-packages", ".", "-n", "100", "-equal", "equal.txt"}, &out); err != nil {
		t.Fatal(err)
	}
	var survived []string
	for _, line := range strings.Split(out.String(), "\n") {
		if name, ok := strings.CutPrefix(line, "survived  "); ok {
			survived = append(survived, name)
		}
	}
	want := []string{
		"./p.go:9: the bound of < moves by one",
		"./p.go:19: the bound of > moves by one",
	}
	if strings.Join(survived, "\n") != strings.Join(want, "\n") {
		t.Errorf("survived %q, want %q\n%s", survived, want, out.String())
	}
	if strings.Contains(out.String(), "p.go:25") {
		t.Errorf("a place that no test reaches was taken:\n%s", out.String())
	}
	if err := run([]string{"-packages", ".", "-n", "100", "-equal", "equal.txt", "-bar", "0.99"}, &out); err == nil {
		t.Error("the bar was not held")
	}
}

// TestEqualNeedsReasons: a fault is not left out without one.
func TestEqualNeedsReasons(t *testing.T) {
	path := filepath.Join(t.TempDir(), "equal.txt")
	if err := os.WriteFile(path, []byte("p/a.go:1: the call is left out\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readEqual(path); err == nil {
		t.Error("taken")
	}
}
