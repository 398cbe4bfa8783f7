package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

var (
	errNotObject = errors.New("want one JSON object on a line")
	errNotUTF8   = errors.New("not UTF-8 text")
)

// members calls f for each member of a JSON object. Values are parts of data. A member
// that comes twice is an error, since it would say two things.
func members(data []byte, f func(name string, value json.RawMessage) error) error {
	w := walker{data: data}
	w.space()
	if w.at == len(data) || data[w.at] != '{' {
		return errNotObject
	}
	w.at++
	seen := make(map[string]bool, 8)
	for w.space(); data[w.at] != '}'; w.space() {
		var name string
		if err := json.Unmarshal(w.value(), &name); err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("member %q comes twice", clip(name))
		}
		seen[name] = true
		w.space()
		if err := f(name, w.value()); err != nil {
			return err
		}
	}
	return nil
}

// elements returns the elements of a JSON array, which are parts of data.
func elements(data []byte) []json.RawMessage {
	w := walker{data: data}
	w.space()
	w.at++
	out := []json.RawMessage{}
	for w.space(); data[w.at] != ']'; w.space() {
		out = append(out, w.value())
	}
	return out
}

// walker passes over text that encoding/json has found valid.
type walker struct {
	data []byte
	at   int
}

// space skips white space, and the commas and colons that validity has placed.
func (w *walker) space() {
	for w.at < len(w.data) {
		switch w.data[w.at] {
		case ' ', '\t', '\r', '\n', ',', ':':
			w.at++
		default:
			return
		}
	}
}

// value passes over one value and returns its text.
func (w *walker) value() json.RawMessage {
	start, depth := w.at, 0
	for {
		switch w.data[w.at] {
		case '"':
			w.text()
		case '{', '[':
			depth++
			w.at++
		case '}', ']':
			depth--
			w.at++
		case ' ', '\t', '\r', '\n', ',', ':':
			w.at++
			continue
		default:
			w.scalar()
		}
		if depth == 0 {
			return w.data[start:w.at]
		}
	}
}

func (w *walker) text() {
	for w.at++; w.data[w.at] != '"'; w.at++ {
		if w.data[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
}

func (w *walker) scalar() {
	for w.at < len(w.data) {
		switch w.data[w.at] {
		case ' ', '\t', '\r', '\n', ',', ':', ']', '}':
			return
		}
		w.at++
	}
}

// check says what is wrong with a line as JSON.
func check(line []byte) error {
	if !utf8.Valid(line) {
		return errNotUTF8
	}
	if json.Valid(line) {
		return nil
	}
	var probe json.RawMessage
	err := json.Unmarshal(line, &probe)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not valid JSON at byte %d: %w", syntax.Offset, err)
	}
	return fmt.Errorf("not valid JSON: %w", err)
}

// clip shortens text of the input for an error message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
