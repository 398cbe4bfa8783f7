package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// maxPolicyFile bounds a file of policies.
const maxPolicyFile = 64 << 20

// policyFile is one document and where it came from.
type policyFile struct {
	Name     string // of the file, with the place in an array: "old.json[1]"
	Document *iam.Document
	Raw      json.RawMessage
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
		for i := range list {
			if err := whole(list[i].Document); err != nil {
				return nil, fmt.Errorf("%s: %w", list[i].Name, err)
			}
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

func policiesIn(name string, data []byte) ([]policyFile, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var raws []json.RawMessage
	if start := bytes.TrimLeft(data, " \t\r\n"); len(start) == 0 {
		return nil, errors.New("the file is empty: want a policy document")
	} else if start[0] != '[' {
		doc, err := iam.Parse(data)
		return []policyFile{{name, doc, data}}, err
	}
	if err := json.Unmarshal(data, &raws); err != nil {
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	var out []policyFile
	for i, raw := range raws {
		doc, err := iam.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
		out = append(out, policyFile{fmt.Sprintf("%s[%d]", name, i), doc, raw})
	}
	return out, nil
}

// whole refuses a document of which something has no meaning or two.
func whole(d *iam.Document) error {
	for _, n := range d.Notes() {
		switch n.Kind {
		case iam.DuplicateMember:
			return fmt.Errorf("%s: the member comes twice: keep one", n.Path)
		case iam.CaseVariant:
			return fmt.Errorf("%s: the member is written in an unknown case", n.Path)
		case iam.UnknownMember:
			return fmt.Errorf("%s: no such member in the policy language", n.Path)
		}
	}
	return nil
}

func documentsOf(files []policyFile) []*iam.Document {
	out := make([]*iam.Document, len(files))
	for i := range files {
		out[i] = files[i].Document
	}
	return out
}
