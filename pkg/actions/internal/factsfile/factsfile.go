// Package factsfile writes the facts file, whose form decode.go of package
// actions tells: the generator writes the embedded one with it, an update the
// one of the user's cache.
package factsfile

import (
	"bytes"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Writer collects the lines of a facts file. The zero value is ready.
type Writer struct{ out bytes.Buffer }

// Head writes the first line: the format, the date of the data, and, for a file
// that was merged into another one, that one's hash.
func (w *Writer) Head(date, base string) {
	w.out.WriteString("tighten-facts/1\t" + date)
	if base != "" {
		w.out.WriteString("\t" + base)
	}
	w.out.WriteByte('\n')
}

// Line writes one line of a kind. Fields hold no tab and no line break.
func (w *Writer) Line(kind byte, fields ...string) {
	w.out.WriteByte(kind)
	w.out.WriteByte('\t')
	w.out.WriteString(strings.Join(fields, "\t"))
	w.out.WriteByte('\n')
}

// Bytes is the text so far.
func (w *Writer) Bytes() []byte { return w.out.Bytes() }

// Pack compresses a data file: one goroutine, so that the same text gives the
// same bytes on every machine.
func Pack(text []byte) []byte {
	return pack(text, zstd.SpeedBestCompression)
}

// PackFast is Pack for files that no binary carries: six times as fast, a fifth
// larger.
func PackFast(text []byte) []byte {
	return pack(text, zstd.SpeedDefault)
}

func pack(text []byte, level zstd.EncoderLevel) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(level), zstd.WithWindowSize(8<<20))
	if err != nil {
		panic(err) // the options are constants
	}
	defer w.Close()
	return w.EncodeAll(text, nil)
}
