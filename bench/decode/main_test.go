package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// object writes a log object of n records and returns its path and its JSON.
func object(t *testing.T, n int) (string, []byte) {
	t.Helper()
	record := `{"eventVersion":"1.11","eventTime":"2026-10-31T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"%d"}`
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, record, i)
	}
	content := []byte(`{"Records":[` + b.String() + `]}`)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "o.json.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestGunzip(t *testing.T) {
	small, a := object(t, 3)
	large, b := object(t, 5000) // many windows
	want := fmt.Sprintln(len(a) + len(b))
	for _, with := range []string{"inflate", "klauspost"} {
		var out strings.Builder
		if err := run(t.Context(), []string{"gunzip", with}, strings.NewReader(small+"\x00"+large+"\x00"), &out); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v, want %q", with, out.String(), err, want)
		}
	}
}

func TestDamaged(t *testing.T) {
	path, _ := object(t, 5000)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-8]++ // the sum
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, with := range []string{"inflate", "klauspost"} {
		for _, names := range []string{path + "\x00", filepath.Join(t.TempDir(), "none") + "\x00"} {
			if err := run(t.Context(), []string{"gunzip", with}, strings.NewReader(names), new(strings.Builder)); err == nil {
				t.Errorf("%s: no error for %q", with, names)
			}
		}
	}
}

func TestExtract(t *testing.T) {
	path, content := object(t, 700)
	var out strings.Builder
	if err := run(t.Context(), []string{"extract"}, strings.NewReader(path+"\x00"), &out); err != nil {
		t.Fatal(err)
	}
	var size, ns, allocations, records int
	if _, err := fmt.Sscanf(out.String(), "bytes %d ns %d allocs %d records %d", &size, &ns, &allocations, &records); err != nil {
		t.Fatal(err)
	}
	if size != len(content) || ns <= 0 || records != 700 || allocations > 100 {
		t.Errorf("%q, want %d bytes, 700 records", out.String(), len(content))
	}
}

func TestSpend(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spent.json")
	if err := run(t.Context(), []string{"spend", file, "go", "version"}, strings.NewReader(""), new(strings.Builder)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s Spent
	if err := json.Unmarshal(data, &s); err != nil || s.Wall <= 0 || s.User+s.Sys <= 0 {
		t.Errorf("%s: %v", data, err)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"gunzip"}, {"gunzip", "x"}, {"spend"}, {"spend", "f"}} {
		if err := run(t.Context(), args, strings.NewReader(""), new(strings.Builder)); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
