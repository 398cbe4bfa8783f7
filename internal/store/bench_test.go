package store

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkCommit replaces one of the three files of each of 365 days.
func BenchmarkCommit(b *testing.B) {
	root := b.TempDir()
	const days, size = 365, 16 << 10
	content := bytes.Repeat([]byte("x"), size)
	stay := map[string]File{}
	s, err := Open(root, format())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	write := func(folder, first string) File {
		w, err := s.Create(folder)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = w.Write([]byte(first)) // Close has the error
		_, _ = w.Write(content)
		f, err := w.Close(1)
		if err != nil {
			b.Fatal(err)
		}
		return f
	}
	n := 0
	b.SetBytes(days * size)
	b.ReportAllocs()
	for b.Loop() {
		n++
		var files []File
		for day := range days {
			folder := fmt.Sprint("calls/date=", day)
			for _, name := range []string{"a", "b"} {
				key := folder + name
				if _, ok := stay[key]; !ok {
					stay[key] = write(folder, key)
				}
				files = append(files, stay[key])
			}
			files = append(files, write(folder, fmt.Sprint("changes ", n)))
		}
		if err := s.Commit(files, manifestOf(files)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead views a set of 1,000 files and reads them.
func BenchmarkRead(b *testing.B) {
	root := prepareDir(b, nil)
	set := content{}
	const files, size = 1000, 16 << 10
	for i := range files {
		set[fmt.Sprint("calls/date=", i)] = []string{fmt.Sprintf("%0*d", size, i)}
	}
	mustPut(b, root, set)
	b.SetBytes(files * size)
	b.ReportAllocs()
	for b.Loop() {
		v, err := View(root, format())
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range v.Files() {
			if _, err := v.ReadFile(f); err != nil {
				b.Fatal(err)
			}
		}
	}
}
