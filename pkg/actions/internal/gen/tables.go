package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// tableNames lists the curated tables with their columns, to which each adds
// source, date and example.
func tableNames() []struct {
	name    string
	columns int
} {
	return []struct {
		name    string
		columns int
	}{
		{"labels", 2}, {"events", 4}, {"console", 4}, {"notuse", 3}, {"aliases", 3}, {"forms", 3},
		{"roles", 5}, {"errors", 2}, {"visibility", 3}, {"logged", 3}, {"models", 2}, {"sources", 3}, {"readonly", 2}, {"tracked", 2}, {"takers", 2}, {"ids", 3}, {"types", 2}, {"authorized", 3},
	}
}

// tableRow is one row of a curated table.
type tableRow struct {
	file    string
	line    int
	fields  []string
	source  string // a name of citations.txt
	date    string
	example string
}

func (r *tableRow) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

// cited reports whether the program tells the sources of a table's rows: those that
// say where CloudTrail shows an action.
func cited(table string) bool { return table == "visibility" || table == "logged" }

// makeTables renders all tables without what only generation needs.
func makeTables(dir string) ([]byte, error) {
	var out bytes.Buffer
	pages, err := readCitations(dir)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, t := range tableNames() {
		rows, err := readTable(dir, t.name, t.columns)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "[%s]\n", t.name)
		for _, r := range rows {
			if cited(t.name) {
				r.fields = append(r.fields, r.source, r.date)
				used[r.source] = true
			}
			fmt.Fprintln(&out, strings.Join(r.fields, "\t"))
		}
	}
	fmt.Fprintln(&out, "[citations]")
	for _, name := range sortedKeys(used) {
		fmt.Fprintf(&out, "%s\t%s\n", name, strings.TrimPrefix(pages[name], "https://"))
	}
	return out.Bytes(), nil
}

// readTable reads and checks one table: tab-separated rows, sorted, each with a
// known source and a date.
func readTable(dir, name string, columns int) ([]tableRow, error) {
	citations, err := readCitations(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+".txt")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []tableRow
	previous := ""
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		row := tableRow{file: path, line: n}
		if len(f) != columns+3 {
			return nil, row.errorf("%d columns instead of %d", len(f), columns+3)
		}
		if citations[f[columns]] == "" {
			return nil, row.errorf("source %q is not in citations.txt", f[columns])
		}
		if _, err := time.Parse(time.DateOnly, f[columns+1]); err != nil {
			return nil, row.errorf("date %q", f[columns+1])
		}
		key := strings.Join(f[:columns], "\t")
		if key <= previous {
			return nil, row.errorf("out of order or twice: %q after %q", key, previous)
		}
		previous = key
		row.fields, row.source, row.date, row.example = f[:columns:columns], f[columns], f[columns+1], f[columns+2]
		rows = append(rows, row)
	}
	return rows, nil
}

var citation = regexp.MustCompile(`^[a-z0-9-]+\thttps://\S+$`)

// readCitations reads the names that sources go by, with their addresses.
func readCitations(dir string) (map[string]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "citations.txt"))
	if err != nil {
		return nil, err
	}
	var names []string
	set := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !citation.MatchString(line) {
			return nil, fmt.Errorf("citations.txt: %q is not a name, a tab and an https address", line)
		}
		name, address, _ := strings.Cut(line, "\t")
		names, set[name] = append(names, name), address
	}
	if !slices.IsSorted(names) {
		return nil, fmt.Errorf("citations.txt is not sorted")
	}
	return set, nil
}
