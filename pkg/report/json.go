package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes a wire struct, indented. Lists are never null. Characters that
// could steer a terminal are written as JSON escapes, everything else as it is;
// "<", ">" and "&" too.
func JSON(w io.Writer, v any) error {
	switch x := v.(type) {
	case *Run:
		c := x.whole()
		v = &c
	case *Explanation:
		c := *x
		c.Principal, c.Entries = x.Principal.whole(), list(x.Entries)
		v = &c
	case *Diagnosis:
		c := x.whole()
		v = &c
	case *Lint:
		c := x.whole()
		v = &c
	case *Backtest:
		c := x.whole()
		v = &c
	case *Decision:
		c := x.whole()
		v = &c
	}
	return encode(w, v, "  ")
}

// Principals writes one JSON object a line, sorted by ARN; see JSON for the form.
func Principals(w io.Writer, ps []Principal) error {
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Principal) int { return cmp.Compare(a.Principal, b.Principal) })
	b := bufio.NewWriter(w)
	for i := range sorted {
		if err := encode(b, sorted[i].whole(), ""); err != nil {
			return err
		}
	}
	return b.Flush()
}

// ReadPrincipals reads what Principals has written. Blank lines are skipped; an
// error names the line.
func ReadPrincipals(r io.Reader) ([]Principal, error) {
	var out []Principal
	in := bufio.NewReader(r)
	for line := 1; ; line++ {
		text, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if len(bytes.TrimSpace(text)) > 0 {
			var p Principal
			if bad := json.Unmarshal(text, &p); bad != nil {
				return nil, fmt.Errorf("line %d is not a principal: %w", line, bad)
			}
			out = append(out, p)
		}
		if err != nil {
			return out, nil
		}
	}
}

// ReadRun reads what JSON has written of a Run, to render it again.
func ReadRun(r io.Reader) (*Run, error) {
	var out Run
	if err := json.NewDecoder(r).Decode(&out); err != nil {
		return nil, fmt.Errorf("read the recorded run: %w", err)
	}
	return &out, checkVersion(out.Version)
}

// ReadExplanation reads what JSON has written of an Explanation.
func ReadExplanation(r io.Reader) (*Explanation, error) {
	var out Explanation
	if err := json.NewDecoder(r).Decode(&out); err != nil {
		return nil, fmt.Errorf("read the recorded explanation: %w", err)
	}
	return &out, checkVersion(out.Version)
}

func checkVersion(v int) error {
	if v > Version {
		return fmt.Errorf("recorded in version %d of the format, this tighten knows %d: use a newer one", v, Version)
	}
	return nil
}

func encode(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// escapeJSON writes the hidden characters of a JSON text as \u escapes. Outside
// of strings JSON has none but line breaks and spaces.
func escapeJSON(text []byte) []byte {
	if !bytes.ContainsFunc(text, needsEscape) {
		return text
	}
	var out []byte
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case !needsEscape(r):
			out = append(out, text[:n]...)
		case r > 0xffff:
			a, b := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, a, b)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out
}

// needsEscape is true of the replacement character too: encoding/json writes it
// as an escape where it stands for bytes that are not UTF-8, and the same text
// must come out the same way when it is read and written again.
func needsEscape(r rune) bool { return r >= 0x7f && (hidden(r) || r == utf8.RuneError) }

// whole is a copy without null lists, for readers that iterate without asking.
func (r *Run) whole() Run {
	c := *r
	c.Accounts = list(r.Accounts)
	c.Principals = slices.Clone(r.Principals)
	for i := range c.Principals {
		c.Principals[i] = c.Principals[i].whole()
	}
	c.Scan.NotAUse = counts(r.Scan.NotAUse)
	c.Totals.ByStatus = counts(r.Totals.ByStatus)
	return c
}

func (p Principal) whole() Principal {
	p.Policies, p.Removed, p.Kept = list(p.Policies), list(p.Removed), list(p.Kept)
	p.RemovedBy = counts(p.RemovedBy)
	return p
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func counts[N int | int64](m map[string]N) map[string]N {
	if m == nil {
		return map[string]N{}
	}
	return m
}

// EscapeJSON returns a JSON text with hidden characters as \u escapes, as JSON writes
// them: what comes from outside can be passed on to a terminal.
func EscapeJSON(text []byte) []byte { return escapeJSON(text) }

// JSONText returns s as a JSON string, hidden characters as \u escapes.
func JSONText(s string) []byte {
	var b bytes.Buffer
	_ = encode(&b, s, "") // a string always encodes, and a Buffer takes everything
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
