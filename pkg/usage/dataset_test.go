package usage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func write(t testing.TB, root string, table *Table) {
	t.Helper()
	if err := Write(root, table); err != nil {
		t.Fatal(err)
	}
}

// tree reads all files below root.
func tree(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// fullTable has rows in all parts.
func fullTable() *Table {
	r := rand.New(rand.NewPCG(3, 4))
	t := Merge(split(r, randomRecords(r, 300), 2)...)
	t.Facts = "facts-1"
	for i := range int32(5) {
		t.Usage = append(t.Usage, Row{Day: i%3 - 1, Principal: "p", Action: "s3:GetObject", Resource: strings.Repeat("r", int(i)), Count: 3, First: 1, Last: 1 << 40})
		t.Coverage = append(t.Coverage, CoverageRow{Account: "111122223333", ReadOnly: int8(i % 3), Day: i - 1, Class: "used", Records: int64(i)})
		t.Unmapped = append(t.Unmapped, UnmappedRow{Day: i - 1, Principal: "p", EventName: strings.Repeat("n", int(i)), Events: -1})
	}
	t.Objects = append(t.Objects, ObjectRow{Key: "AWSLogs/x.json.gz", ETag: "e", Kind: "log", Account: "111122223333", Region: "eu-west-1", Day: 19676, Size: -1, ModTime: 1700000000123, Records: 3, First: 5, Last: 6, Filter: "a b c d", Error: "cut short"})
	t.sort()
	return t
}

func TestRoundTrip(t *testing.T) {
	for name, table := range map[string]*Table{"full": fullTable(), "empty": Merge()} {
		root := filepath.Join(memoryDir(t), "a", "b")
		write(t, root, table)
		got, err := Read(root)
		if err != nil {
			t.Fatal(err)
		}
		normalise(got)
		want := *table
		normalise(&want)
		if !reflect.DeepEqual(got, &want) {
			t.Errorf("%s: read back differs", name)
		}
		first := tree(t, root)
		write(t, root, got) // over itself
		if !reflect.DeepEqual(tree(t, root), first) {
			t.Errorf("%s: written again, the bytes differ", name)
		}
		if entries, _ := os.ReadDir(filepath.Dir(root)); len(entries) != 1 {
			t.Errorf("%s: something is left beside the dataset: %v", name, entries)
		}
	}
}

// normalise makes empty lists nil, as they are when no rows are read.
func normalise(t *Table) {
	v := reflect.ValueOf(t).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Slice && f.Len() == 0 && f.CanSet() {
			f.SetZero()
		}
	}
	if len(t.prints) == 0 {
		t.prints = nil
	}
}

func TestLayout(t *testing.T) {
	root := filepath.Join(memoryDir(t), "d")
	write(t, root, fullTable())
	files := tree(t, root)
	for _, folder := range []string{
		"/calls/date=2024-02-26/", "/calls/date=unknown/", "/args/date=2024-02-26/", "/context/date=2024-02-26/",
		"/usage/date=1970-01-01/", "/trust/date=2024-02-27/", "/coverage/date=unknown/", "/unmapped/date=1970-01-01/", "/ids/date=2024-02-28/",
		"/deliveries/date=unknown/", "/objects/date=2023-11-15/",
	} {
		if n := len(inFolder(files, folder)); n != 1 {
			t.Errorf("%s has %d files", folder, n)
		}
	}
	for path, data := range files {
		sum := sha256.Sum256([]byte(data))
		if name := "part-" + hex.EncodeToString(sum[:8]) + ".parquet"; strings.HasSuffix(path, ".parquet") && filepath.Base(path) != name {
			t.Errorf("%s is not named by its content, %s", path, name)
		}
	}
}

// inFolder lists the files of a folder.
func inFolder(files map[string]string, folder string) (paths []string) {
	for path := range files {
		if strings.HasPrefix(path, folder) {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestReadParts(t *testing.T) {
	root := filepath.Join(memoryDir(t), "d")
	write(t, root, fullTable())
	table, err := ReadParts(root, PartUsage|PartObjects)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Usage) != 5 || len(table.Objects) == 0 || table.Calls != nil || table.Args != nil || table.prints != nil || table.Facts != "facts-1" {
		t.Errorf("wrong parts")
	}
	if err := Write(root, table); err == nil {
		t.Error("a table that was read in part replaced the dataset")
	}
}

func TestWriteRefuses(t *testing.T) {
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.txt"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(other, "thesis.txt")
	mixed := filepath.Join(memoryDir(t), "d")
	write(t, mixed, Merge())
	if err := os.WriteFile(filepath.Join(mixed, "notes"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	bare := t.TempDir()
	if err := os.Mkdir(filepath.Join(bare, "calls"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, root := range map[string]string{"another folder": other, "a file": file, "a dataset with more in it": mixed, "no manifest": bare} {
		before := tree(t, filepath.Dir(root))
		if err := Write(root, fullTable()); err == nil {
			t.Errorf("%s was replaced", name)
		}
		if !reflect.DeepEqual(tree(t, filepath.Dir(root)), before) {
			t.Errorf("%s was changed", name)
		}
	}
	empty := t.TempDir()
	write(t, empty, fullTable())
}

func TestWriteThroughLink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	write(t, real, Merge())
	if err := os.Symlink(real, link); err != nil {
		t.Skip("no symbolic links here")
	}
	write(t, link, fullTable())
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if got, err := Read(real); err != nil || len(got.Calls) == 0 {
		t.Errorf("%v", err)
	}
}

// onlyFile is the file of a folder that has one.
func onlyFile(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%s: %v, %v", folder, entries, err)
	}
	return filepath.Join(folder, entries[0].Name())
}

func TestReadErrors(t *testing.T) {
	edit := func(name string, change func(string) string) func(string) {
		return func(root string) {
			path := filepath.Join(root, filepath.FromSlash(name))
			if name != manifestFile {
				path = onlyFile(t, path)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(change(string(data))), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(string) {
		return func(root string) { os.RemoveAll(filepath.Join(root, name)) }
	}
	tests := []struct {
		name  string
		spoil func(root string)
		want  string
	}{
		{"no folder", func(root string) { os.RemoveAll(root) }, "is not a dataset"},
		{"no manifest", remove("dataset.json"), "is not a dataset"},
		{"empty manifest", edit("dataset.json", func(string) string { return "" }), "corrupt"},
		{"bare manifest", edit("dataset.json", func(string) string { return `{"format":3}` }), "says nothing of days"},
		{"later version", edit("dataset.json", func(s string) string { return strings.Replace(s, `"format": 3`, `"format": 4`, 1) }), "has format 4"},
		{"file outside", edit("dataset.json", func(s string) string { return strings.Replace(s, "trust/date=2024-02-26/", "trust/../../", 1) }), "outside"},
		{"missing day", remove("calls/date=2024-02-26"), "missing"},
		{"cut file", edit("args/date=2024-02-26", func(s string) string { return s[:len(s)/2] }), "not the one that was written"},
		{"changed byte", edit("ids/date=2024-02-26", func(s string) string { return s[:50] + "x" + s[51:] }), "not the one that was written"},
		{"wrong count", edit("dataset.json", func(s string) string { return strings.ReplaceAll(s, `"rows": 2,`, `"rows": 6,`) }), "2 rows instead of 6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := filepath.Join(memoryDir(t), "d")
			table := fullTable()
			table.Unmapped = nil
			write(t, root, table)
			tt.spoil(root)
			if _, err := Read(root); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := Read(filepath.Join(memoryDir(t), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

// TestLargeTable has more rows than a row group, and texts that a dictionary
// does not help: the bytes have to be the same each time all the same.
func TestLargeTable(t *testing.T) {
	rows := make([]UnmappedRow, groupRows+10)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range rows {
		rows[i] = UnmappedRow{Principal: strings.Repeat("p", i%40), Note: string(rune('a'+r.IntN(26))) + strings.Repeat("x", r.IntN(60)), Events: int64(r.Uint64() >> 1)}
	}
	first, err := encode(t, unmappedColumns(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if again, err := encode(t, unmappedColumns(), rows); err != nil || string(again) != string(first) {
			t.Fatalf("other bytes (%v)", err)
		}
	}
	got, err := decode(unmappedColumns(), first, nil, len(rows))
	if err != nil || !reflect.DeepEqual(got, rows) {
		t.Errorf("%d rows, %v", len(got), err)
	}
}

func FuzzDecode(f *testing.F) {
	table := fullTable()
	data, err := encode(f, callColumns(), table.Calls[:20])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := newDecoder(callColumns(), bytes.NewReader(data))
		if err != nil || d.in.Total() > 1000 { // more take their time, as they claim to
			return
		}
		total := int(d.in.Total())
		rows, err := decode(callColumns(), data, nil, total)
		if err != nil && rows != nil || err == nil && len(rows) != total {
			t.Errorf("%d rows of %d, %v", len(rows), total, err)
		}
		if rows, err := decode(callColumns(), data, nil, total+1); err == nil {
			t.Errorf("%d rows for %d", len(rows), total+1)
		}
	})
}
