package workload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
)

// Sink takes one finished file. The name is relative and '/'-separated; data is
// valid until Sink returns.
type Sink func(name string, data []byte) error

// Generate makes the archive that c describes and gives its files to sink: the
// log objects under logs/, then account.json and truth.json. It holds one day
// of one cell in memory, beside the counts of the truth.
func Generate(c Config, sink Sink) (*Truth, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	zip, err := gzip.NewWriterLevel(nil, c.level())
	if err != nil {
		return nil, err
	}
	t := &Truth{
		Seed: c.Seed, First: c.first().Format("2006-01-02"), Last: c.Last.Format("2006-01-02"),
		Records: newLedger(false).records,
	}
	var documents list
	for cell := range c.Cells {
		w := newWorld(&c, cell)
		for n := range c.Days {
			if err := w.deliver(n, w.day(n), sink, &t.Objects, zip); err != nil {
				return nil, err
			}
		}
		t.Records.add(w.truth.records)
		t.Principals = append(t.Principals, w.principalTruths()...)
		documents = append(documents, w.documents()...)
	}
	if c.Broken {
		if err := damage(&c, sink); err != nil {
			return nil, err
		}
	}
	if err := sink("account.json", indent(appendJSON(nil, documents))); err != nil {
		return nil, err
	}
	return t, sink("truth.json", t.encode())
}

// Write makes the archive in a folder, which must not hold one already.
func Write(c Config, folder string) (*Truth, error) {
	logs := filepath.Join(folder, "logs")
	if _, err := os.Stat(logs); err == nil {
		return nil, fmt.Errorf("%s is there already: remove it or choose another folder", logs)
	}
	return Generate(c, func(name string, data []byte) error {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o644)
	})
}

// indent prints JSON as the AWS CLI does.
func indent(data []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "    "); err != nil {
		panic(err) // what appendJSON wrote is JSON
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// encode prints the truth with one pair a line, so that differences are readable.
func (t *Truth) encode() []byte {
	var b bytes.Buffer
	principals := t.Principals
	short := *t
	short.Principals = []PrincipalTruth{}
	head := marshal(short)
	b.Write(head[:len(head)-len("]}")])
	for i, p := range principals {
		separate(&b, i)
		used := p.Used
		p.Used = []Pair{}
		whole := marshal(p)
		before, after, _ := bytes.Cut(whole, []byte(`"used":[`))
		b.Write(before)
		b.WriteString(`"used":[`)
		for j, u := range used {
			separate(&b, j)
			b.Write(marshal(u))
		}
		b.Write(after)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
}

// marshal is json.Marshal for the plain structs of this package, which cannot fail.
func marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// level is the compression level: what AWS seems to use, or the smallest for an
// archive that lives in a repository.
func (c *Config) level() int {
	if c.Rich {
		return 6
	}
	return gzip.BestCompression
}
