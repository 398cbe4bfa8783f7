package lint

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/lint.md anew")

// TestDocs holds the tables of docs/lint.md against the rules. go test ./pkg/lint
// -run TestDocs -update writes them.
func TestDocs(t *testing.T) {
	const file, begin, end = "../../docs/lint.md", "<!-- rules: begin; made by go test ./pkg/lint -run TestDocs -update -->\n", "<!-- rules: end -->\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks %q and %q", file, begin, end)
	}
	want := head + begin + ruleTables() + end + tail
	if *update {
		err = os.WriteFile(file, []byte(want), 0o644)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(data) {
		t.Errorf("%s is not as the rules are: run go test ./pkg/lint -run TestDocs -update", file)
	}
}

// ruleTables is a table for each severity.
func ruleTables() string {
	var b strings.Builder
	for _, s := range []Severity{Error, Warning, Suggestion} {
		rows := 0
		var table strings.Builder
		for _, r := range Rules() {
			if r.Severity != s {
				continue
			}
			rows++
			fmt.Fprintf(&table, "| [`%s`](%s) | %s | %s | %s | %s |\n", r.ID, r.Source, cell(r.Title),
				cell(r.Why)+" **"+cell(r.Fix)+"**", codes(r.Analyzer), codes(r.Parliament))
		}
		fmt.Fprintf(&b, "\n### %ss (%d)\n\n| id | what | why, and **what to do** | Access Analyzer | parliament |\n|---|---|---|---|---|\n%s\n", s, rows, table.String())
	}
	return b.String()
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;").Replace(s)
}

func codes(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "`" + strings.Join(list, "` `") + "`"
}
