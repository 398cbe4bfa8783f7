package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tighten-iam/tighten/internal/simulate"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// maxPolicyFile bounds a file of policies.
const maxPolicyFile = 64 << 20

// policyFile is one document and where it came from.
type policyFile struct {
	Name     string // of the file, with the place in an array: "old.json[1]"
	Document *iam.Document
}

// readPolicies reads policy documents from files: one document in each, or an array of
// them; "-" is standard input. What is odd about a document is an error, since a proof
// or decision that passes over a misspelt member would mislead.
func readPolicies(env Env, names []string) ([]policyFile, error) {
	var out []policyFile
	for _, name := range names {
		data, err := readBounded(env, name)
		if err != nil {
			return nil, err
		}
		list, err := policiesIn(name, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// readBounded reads a file, or standard input for "-".
func readBounded(env Env, name string) ([]byte, error) {
	var in io.Reader = env.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxPolicyFile+1))
	if err == nil && len(data) > maxPolicyFile {
		err = fmt.Errorf("%s: longer than %d bytes", name, maxPolicyFile)
	}
	return data, err
}

// policiesIn parses a file. Errors have the place in the file.
func policiesIn(name string, data []byte) (out []policyFile, err error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	start := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(start) == 0:
		return nil, errors.New("the file is empty: want a policy document")
	case start[0] != '[':
		doc, err := parseAt(data, 0, len(data))
		return []policyFile{{name, doc}}, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for i := 0; d.More(); i++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("not valid JSON at byte %d: %w", d.InputOffset(), err)
		}
		end := int(d.InputOffset())
		doc, err := parseAt(data, end-len(raw), end)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
		out = append(out, policyFile{fmt.Sprintf("%s[%d]", name, i), doc})
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("not valid JSON at byte %d: %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the array of documents at byte %d: want one document or one array in a file", d.InputOffset())
	}
	return out, nil
}

// parseAt parses a part of a file. Where that fails, what stands before is made blank
// and parsed too, so that lines and columns are those of the file.
func parseAt(data []byte, start, end int) (*iam.Document, error) {
	doc, err := parseWhole(data[start:end])
	if err == nil || start == 0 || end > 4<<20 {
		return doc, err
	}
	blank := bytes.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, data[:start])
	return parseWhole(append(blank, data[start:end]...))
}

// parseWhole parses a document, and refuses one of which something has no meaning or
// two.
func parseWhole(data []byte) (*iam.Document, error) {
	d, err := iam.Parse(data)
	if err != nil {
		return nil, err
	}
	for _, n := range d.Notes() {
		if why := simulate.Misleading(n.Kind); why != "" {
			return nil, noteError(n, why)
		}
	}
	if path, err := simulate.Refused(d); err != nil {
		if at, there := d.Locate(path); there {
			return nil, noteError(iam.Note{Path: path, At: at}, err.Error())
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range d.Statements {
		// Trust policies alone, which have a Principal, may leave it out.
		if s := &d.Statements[i]; s.Resource == nil && s.NotResource == nil && s.Principal == nil && s.NotPrincipal == nil {
			return nil, fmt.Errorf("/Statement/%d: neither Resource nor NotResource is given", i)
		}
	}
	return d, nil
}

func noteError(n iam.Note, why string) error {
	return fmt.Errorf("%s: %s (line %d, column %d)", n.Path, why, n.At.Line, n.At.Column)
}

func documentsOf(files []policyFile) []*iam.Document {
	out := make([]*iam.Document, len(files))
	for i := range files {
		out[i] = files[i].Document
	}
	return out
}
