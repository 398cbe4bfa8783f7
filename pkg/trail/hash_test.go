package trail

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestHashTo compares the hash of what was decoded with that of the content, in every
// form and compression, and over objects that follow each other.
func TestHashTo(t *testing.T) {
	record := `{"eventID":"%d","eventName":"X","eventSource":"s3.amazonaws.com","eventTime":"2026-03-02T00:00:00Z","requestParameters":{"a":"%s"}}`
	var many []string
	for i := range 400 {
		many = append(many, fmt.Sprintf(record, i, strings.Repeat("x", i*3)))
	}
	var frames bytes.Buffer
	z, err := zstd.NewWriter(&frames)
	if err != nil {
		t.Fatal(err)
	}
	whole := `{"Records":[` + strings.Join(many, ",") + "]}"
	if _, err := z.Write([]byte(whole)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	d := NewDecoder(Limits{})
	d.HashTo(h)
	for _, tt := range []struct {
		name, content string
		stored        []byte
	}{
		{"gzip", whole, zipped(t, whole)},
		{"zstd", whole, frames.Bytes()},
		{"plain", whole, []byte(whole)},
		{"two members", whole + " \n", append(zipped(t, whole), zipped(t, " \n")...)},
		{"blanks behind", whole + strings.Repeat(" ", 100000), []byte(whole + strings.Repeat(" ", 100000))},
		{"lines", strings.Join(many, "\n") + "\n", zipped(t, strings.Join(many, "\n")+"\n")},
		{"no records", `{"Records":[]}`, zipped(t, `{"Records":[]}`)},
	} {
		h.Reset()
		d.Reset(bytes.NewReader(tt.stored))
		for d.Next() {
		}
		if d.Err() != nil {
			t.Errorf("%s: %v", tt.name, d.Err())
		}
		if got, want := h.Sum(nil), sha256.Sum256([]byte(tt.content)); !bytes.Equal(got, want[:]) {
			t.Errorf("%s: the hash is not that of the content", tt.name)
		}
	}
	h.Reset()
	d.HashTo(nil)
	d.Reset(strings.NewReader(whole))
	for d.Next() {
	}
	if !bytes.Equal(h.Sum(nil), sha256.New().Sum(nil)) {
		t.Error("it is written after its end")
	}
}

func zipped(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
