package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files again")

func recordedRun(t testing.TB) *Run {
	t.Helper()
	return read(t, "run.json", ReadRun)
}

func recordedExplanation(t testing.TB) *Explanation {
	t.Helper()
	return read(t, "explanation.json", ReadExplanation)
}

func read[T any](t testing.TB, name string, f func(io.Reader) (T, error)) T {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	x, err := f(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func render(t testing.TB, f func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run go test with -update once", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at what changed, then run go test with -update\ngot:\n%s", file, got)
	}
}

// Every renderer is judged on the same recorded run.
func TestReplay(t *testing.T) {
	run, x := recordedRun(t), recordedExplanation(t)
	one := *x
	one.Entries = x.Entries[7:8]
	for name, f := range map[string]func(io.Writer) error{
		"run.json":             func(w io.Writer) error { return JSON(w, run) },
		"principals.jsonl":     func(w io.Writer) error { return Principals(w, run.Principals) },
		"run-80.txt":           func(w io.Writer) error { return Text(w, run, TextOptions{Width: 80, Dir: "out"}) },
		"run-100.txt":          func(w io.Writer) error { return Text(w, run, TextOptions{Width: 100, Dir: "out"}) },
		"run-120.txt":          func(w io.Writer) error { return Text(w, run, TextOptions{Dir: "out"}) },
		"run-160.txt":          func(w io.Writer) error { return Text(w, run, TextOptions{Width: 160, Dir: "out"}) },
		"run-color.txt":        func(w io.Writer) error { return Text(w, run, TextOptions{Width: 120, Color: true}) },
		"scan.txt":             func(w io.Writer) error { return Text(w, scanOf(run), TextOptions{}) },
		"report.html":          func(w io.Writer) error { return HTML(w, run) },
		"explanation.json":     func(w io.Writer) error { return JSON(w, x) },
		"explanation-80.txt":   func(w io.Writer) error { return ExplainText(w, x, TextOptions{Width: 80}) },
		"explanation-120.txt":  func(w io.Writer) error { return ExplainText(w, x, TextOptions{Width: 120}) },
		"explanation-one.txt":  func(w io.Writer) error { return ExplainText(w, &one, TextOptions{}) },
		"explanation-many.txt": func(w io.Writer) error { return ExplainText(w, manyEntries(x), TextOptions{Max: 5}) },
	} {
		t.Run(name, func(t *testing.T) {
			got := render(t, f)
			golden(t, name, got)
			if again := render(t, f); again != got {
				t.Error("a second rendering differs")
			}
		})
	}
}

func scanOf(r *Run) *Run {
	return &Run{Version: r.Version, Facts: r.Facts, Scan: r.Scan, Accounts: r.Accounts, Output: &Output{Dataset: "dataset"}}
}
