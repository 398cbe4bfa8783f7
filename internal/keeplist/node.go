package keeplist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// lineError is an error at a line of a file, counted from 1.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

func at(n *yaml.Node, format string, a ...any) error {
	return &lineError{n.Line, fmt.Errorf(format, a...)}
}

// document reads the one YAML document of a file; nil where there is nothing in it but
// comments.
func document(data []byte) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(err)
	}
	if err := loader.Load(&more); err == nil {
		return nil, at(&more, "a second document: put all entries into one")
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(err)
	}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		return doc.Content[0], nil
	}
	return &doc, nil
}

// syntaxError keeps the line of a syntax error, and brings its text to one line.
func syntaxError(err error) error {
	one := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	var load *yaml.LoadError
	if errors.As(err, &load) && load.Mark.Line > 0 {
		return &lineError{load.Mark.Line, errors.New(one(load.Message))}
	}
	return errors.New(one(err.Error()))
}

// members calls take for each member of a mapping, whose names are texts and differ.
func members(n *yaml.Node, what string, take func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "want %s, not %s", what, kindOf(n))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			return at(key, "the name of a member must be a text")
		case seen[key.Value]:
			return at(key, "%q is there twice", key.Value)
		}
		seen[key.Value] = true
		if err := take(key, value); err != nil {
			var placed *lineError
			if errors.As(err, &placed) {
				return err
			}
			return at(value, "%s: %w", key.Value, err)
		}
	}
	return nil
}

// text is the text of a scalar.
func text(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return "", fmt.Errorf("want a text, not %s", kindOf(n))
	}
	return n.Value, nil
}

// texts reads a list of texts, each of which passes a check; one text is a list of one.
func texts(n *yaml.Node, check func(string) error) ([]string, error) {
	items := n.Content
	switch n.Kind {
	case yaml.ScalarNode:
		items = []*yaml.Node{n}
	case yaml.SequenceNode:
	default:
		return nil, fmt.Errorf("want a list, not %s", kindOf(n))
	}
	if len(items) == 0 {
		return nil, errors.New("the list is empty; leave it out where it does not limit")
	}
	var out []string
	for _, item := range items {
		s, err := text(item)
		if err == nil {
			err = check(s)
		}
		if err != nil {
			return nil, at(item, "%w", err)
		}
		out = append(out, s)
	}
	return out, nil
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	case yaml.AliasNode:
		return "an alias (*name): write the values out"
	}
	if n.ShortTag() == "!!null" {
		return "nothing"
	}
	return "a text"
}
