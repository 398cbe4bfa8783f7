package depcheck

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWalls holds the checkout against the table.
func TestWalls(t *testing.T) {
	imports, err := Load(filepath.Join("..", ".."), Module)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range Check(Walls(), imports) {
		t.Error(line)
	}
	// The loader saw something: this package, and what it imports.
	want := Import{Package: "internal/depcheck", File: "load.go", Path: "go/parser"}
	if !slices.Contains(imports, want) {
		t.Errorf("Load does not list %+v", want)
	}
}

// TestModule keeps Module equal to go.mod's, without which nothing would be ours.
func TestModule(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(mod), "module "+Module+"\n") {
		t.Errorf("go.mod does not declare module %s", Module)
	}
}

// TestCheck feeds the checker graphs that break the real table, one wall each.
func TestCheck(t *testing.T) {
	ours := func(from, to string) Import { return Import{from, "a.go", to, true} }
	other := func(from, to string) Import { return Import{from, "a.go", to, false} }
	tests := []struct {
		name    string
		imports []Import
		want    []string // what each line must hold; none: no violation
	}{
		{"empty", nil, nil},
		{"allowed", []Import{ours("pkg/synth", "pkg/iam"), ours("internal/cli", "pkg/trail"), other("pkg/iam", "strings")}, nil},
		{"allowed homes", []Import{
			other("pkg/trail/s3trail", "net/http"), other("pkg/account/collect", "github.com/aws/aws-sdk-go-v2/service/iam"),
			other("pkg/usage", "github.com/apache/arrow/go/v15/parquet/file"), other("internal/forge", "os/exec"),
			{"internal/refresh", "fetch.go", "net/http", false},
		}, nil},
		{"bench may import all", []Import{ours("bench/archive", "pkg/trail"), ours("bench/archive", "pkg/actions")}, nil},
		{"unknown package", []Import{other("pkg/utils", "strings")}, []string{"pkg/utils has no row"}},
		{"package without imports", []Import{{Package: "pkg/utils", File: "a.go"}}, []string{"pkg/utils has no row"}},
		{"iam imports ours", []Import{ours("pkg/iam", "internal/args")}, []string{"pkg/iam/a.go imports internal/args"}},
		{"trail and actions", []Import{ours("pkg/trail", "pkg/actions")}, []string{"pkg/trail → pkg/actions", "pkg/trail/a.go imports pkg/actions"}},
		{"actions and trail", []Import{ours("pkg/actions", "pkg/trail")}, []string{"pkg/actions → pkg/trail", "pkg/actions/a.go imports pkg/trail"}},
		{
			"synth reaches trail in two steps",
			[]Import{ours("pkg/synth", "pkg/usage"), ours("pkg/usage", "pkg/trail")},
			[]string{"pkg/synth → pkg/usage → pkg/trail", "pkg/usage/a.go imports pkg/trail"},
		},
		{
			"synth reaches a package below trail",
			[]Import{ours("pkg/synth", "pkg/trail/ocsf")},
			[]string{"pkg/synth → pkg/trail/ocsf", "pkg/synth/a.go imports pkg/trail/ocsf"},
		},
		{
			"the generator of logs knows the judge",
			[]Import{ours("bench/archive", "bench/workload"), ours("bench/workload", "pkg/synth")},
			[]string{"bench/archive → bench/workload → pkg/synth", "bench/workload → pkg/synth"},
		},
		{"library imports the wiring", []Import{ours("pkg/report", "internal/ingest")}, []string{"pkg/report → internal/ingest", "pkg/report/a.go imports internal/ingest"}},
		{"main does work", []Import{ours("cmd/tighten", "pkg/trail")}, []string{"cmd/tighten/a.go imports pkg/trail"}},
		{"sdk outside its homes", []Import{other("pkg/trail", "github.com/aws/aws-sdk-go-v2/service/s3")}, []string{"two homes"}},
		{"http in another file of cli", []Import{other("internal/cli", "net/http")}, []string{"internal/cli/a.go imports net/http"}},
		{"http below its path", []Import{other("pkg/iam", "net/http/httputil")}, []string{"net/http/httputil"}},
		{"a name that only begins alike", []Import{other("pkg/iam", "net/httpx")}, nil},
		{"exec", []Import{other("internal/cli", "os/exec")}, []string{"run other programs"}},
		{"parquet in trail", []Import{other("pkg/trail", "github.com/apache/arrow/go/v15/parquet/file")}, []string{"columnar"}},
		{"pqarrow even in usage", []Import{other("pkg/usage", "github.com/apache/arrow/go/v15/parquet/pqarrow")}, []string{"gRPC"}},
		{"flags in a library", []Import{other("pkg/synth", "github.com/spf13/pflag")}, []string{"internal/cli only"}},
		{"cycle", []Import{ours("pkg/synth", "pkg/diff"), ours("pkg/diff", "pkg/synth")}, []string{"pkg/diff/a.go imports pkg/synth"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Check(Walls(), test.imports)
			if len(got) != len(test.want) {
				t.Fatalf("got %d lines, want %d: %q", len(got), len(test.want), got)
			}
			for i, line := range got {
				if !strings.Contains(line, test.want[i]) {
					t.Errorf("line %q, want one with %q", line, test.want[i])
				}
			}
		})
	}
}

// TestLoad reads a small tree with all that is left out beside what is not.
func TestLoad(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n")
	write("a/a.go", "package a\n\nimport (\n\t_ \"example.com/m/b\"\n\tx \"os\"\n)\n")
	write("a/a_test.go", "package a\n\nimport \"os/exec\"\n")
	write("a/gen.go", "//go:build ignore\n\npackage main\n\nimport \"net/http\"\n")
	write("a/a_windows.go", "//go:build windows && !race\n\npackage a\n\nimport \"unsafe\"\n")
	write("a/testdata/t.go", "package t\n\nimport \"plugin\"\n")
	write("a/_old/o.go", "package o\n\nimport \"plugin\"\n")
	write("b/b.go", "package b\n")
	write("nested/go.mod", "module example.com/n\n")
	write("nested/n.go", "package n\n\nimport \"plugin\"\n")

	got, err := Load(root, "example.com/m")
	if err != nil {
		t.Fatal(err)
	}
	want := []Import{
		{"a", "a.go", "", false},
		{"a", "a.go", "b", true},
		{"a", "a.go", "os", false},
		{"a", "a_windows.go", "", false},
		{"a", "a_windows.go", "unsafe", false},
		{"b", "b.go", "", false},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	write("a/broken.go", "package\n")
	if _, err := Load(root, "example.com/m"); err == nil {
		t.Error("no error for a file that does not parse")
	}
	if _, err := Load(filepath.Join(root, "absent"), "example.com/m"); err == nil {
		t.Error("no error for a root that is not there")
	}
}
