package account

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"unicode/utf16"
)

// fileLimit bounds what is read of one file, after decompression. The largest
// real authorization details are some hundred megabytes.
const fileLimit = 1 << 30

var errTooLarge = errors.New("larger than 1 GiB; the rest is ignored")

// read reads one file. When nothing promises that it is JSON or CSV, a file that
// is not is told of briefly.
func (l *loader) read(path string, promised bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	l.file, l.warned = path, 0
	l.content(f, promised)
	return nil
}

// content recognises what the current file is in.
func (l *loader) content(f io.Reader, promised bool) {
	r, err := plain(f)
	if err != nil {
		l.warnFile(l.file, "can't be read: "+cause(err))
		return
	}
	switch head, err := r.Peek(512); {
	case err != nil && err != io.EOF && len(head) == 0:
		l.warnFile(l.file, "can't be read: "+cause(err))
	case isCredentialCSV(head):
		l.credentialCSV(r)
	case jsonStart(head):
		l.stream(r)
	case promised:
		l.warnFile(l.file, "not JSON; run the AWS CLI with --output json")
	default:
		l.warnFile(l.file, "neither JSON nor a credential report; ignored")
	}
}

// plain undoes gzip and UTF-16, which is what PowerShell's > writes, and takes
// off the byte order mark.
func plain(f io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(&limited{r: f, left: fileLimit}, 64<<10)
	if head, _ := r.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = bufio.NewReaderSize(&limited{r: z, left: fileLimit}, 64<<10)
	}
	head, _ := r.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16Reader(r, binary.LittleEndian)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16Reader(r, binary.BigEndian)
	case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := r.Discard(3)
		return r, err
	}
	return r, nil
}

func utf16Reader(r io.Reader, order binary.ByteOrder) (*bufio.Reader, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return bufio.NewReader(bytes.NewReader([]byte(string(utf16.Decode(units))))), nil
}

// limited fails past its limit instead of ending quietly.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}

// jsonStart reports whether text begins as a JSON document does that can hold
// anything for us.
func jsonStart(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// stream visits one document after the other. What precedes a syntax error counts.
func (l *loader) stream(r io.Reader) {
	d := json.NewDecoder(r)
	for n := 0; ; n++ {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if err == io.EOF {
			return
		}
		at := place{doc: n, hint: filepath.Base(l.file)}
		if err != nil {
			l.warn(at, "stopped reading near byte %d: %s", d.InputOffset(), shorten(err.Error()))
			return
		}
		l.document(value(bytes.TrimSpace(raw)), at)
	}
}

// shorten bounds a message that may quote the input.
func shorten(msg string) string {
	if len(msg) > 300 {
		return msg[:300] + "…"
	}
	return msg
}
