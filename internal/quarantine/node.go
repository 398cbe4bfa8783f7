package quarantine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// node is a value of a rules file, YAML or JSON, with its line.
type node struct {
	line    int
	kind    kind
	text    string   // of a scalar
	items   []*node  // of a list
	members []member // of a mapping
}

type member struct {
	key   string
	line  int
	value *node
}

type kind int

const (
	scalar kind = iota
	null
	list
	mapping
)

func (k kind) String() string { return [...]string{"a text", "nothing", "a list", "a mapping"}[k] }

// lineError is an error at a line of a file, counted from 1; 0 is no line.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

func at(line int, format string, a ...any) error {
	return &lineError{line, fmt.Errorf(format, a...)}
}

// parse reads one document, JSON where it is valid JSON, else YAML.
func parse(data []byte) (*node, error) {
	if json.Valid(data) {
		r := &jsonReader{d: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
		r.d.UseNumber()
		return r.value()
	}
	return parseYAML(data)
}

// jsonReader reads valid JSON, and counts lines.
type jsonReader struct {
	d    *json.Decoder
	data []byte
	done int // bytes of data whose line ends are counted
	line int
}

// token reads a token, and the line of its end.
func (r *jsonReader) token() (json.Token, int, error) {
	t, err := r.d.Token()
	to := int(r.d.InputOffset())
	r.line += bytes.Count(r.data[r.done:to], []byte("\n"))
	r.done = to
	return t, r.line, err
}

func (r *jsonReader) value() (*node, error) {
	t, line, err := r.token()
	if err != nil {
		return nil, at(line, "%w", err)
	}
	switch t := t.(type) {
	case nil:
		return &node{line: line, kind: null}, nil
	case json.Delim:
		if t == '[' {
			return r.list(line)
		}
		return r.mapping(line)
	}
	return &node{line: line, text: fmt.Sprint(t)}, nil
}

func (r *jsonReader) list(line int) (*node, error) {
	n := &node{line: line, kind: list}
	for r.d.More() {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, v)
	}
	_, _, err := r.token() // the bracket
	return n, err
}

func (r *jsonReader) mapping(line int) (*node, error) {
	n := &node{line: line, kind: mapping}
	for r.d.More() {
		key, line, err := r.token()
		if err != nil {
			return nil, at(line, "%w", err)
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{fmt.Sprint(key), line, v})
	}
	_, _, err := r.token() // the brace
	return n, err
}

// parseYAML reads one YAML document.
func parseYAML(data []byte) (*node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty")
		}
		return nil, yamlError(err)
	}
	if err := loader.Load(&more); err == nil {
		return nil, at(more.Line, "a second document: put all rules into one list")
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(err)
	}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		return fromYAML(doc.Content[0])
	}
	return fromYAML(&doc)
}

// yamlError keeps the line of a syntax error.
func yamlError(err error) error {
	var load *yaml.LoadError
	if errors.As(err, &load) && load.Mark.Line > 0 {
		return at(load.Mark.Line, "%s", oneLine(load.Message))
	}
	return errors.New(oneLine(err.Error()))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// fromYAML converts a YAML node. Aliases are refused: rules need none, and a few of
// them can stand for any number of values.
func fromYAML(y *yaml.Node) (*node, error) {
	n := &node{line: y.Line}
	switch y.Kind {
	case yaml.ScalarNode:
		n.text = y.Value
		if y.ShortTag() == "!!null" {
			n.kind = null
		}
		return n, nil
	case yaml.SequenceNode:
		n.kind = list
		for _, c := range y.Content {
			item, err := fromYAML(c)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		return n, nil
	case yaml.MappingNode:
		n.kind = mapping
		for i := 0; i+1 < len(y.Content); i += 2 {
			key, value := y.Content[i], y.Content[i+1]
			if key.Kind != yaml.ScalarNode {
				return nil, at(key.Line, "the name of a member must be a text")
			}
			v, err := fromYAML(value)
			if err != nil {
				return nil, err
			}
			n.members = append(n.members, member{key.Value, key.Line, v})
		}
		return n, nil
	}
	return nil, at(y.Line, "aliases (*name) are not taken: write the values out")
}
