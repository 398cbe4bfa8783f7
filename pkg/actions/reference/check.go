package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// wellFormed refuses what no file of AWS is: something other than one JSON
// value, text that is not UTF-8, deep nesting, a member that is there twice (of
// which two readers may take different ones), huge strings.
func wellFormed(data []byte, most int) error {
	const maxDepth, maxString = 24, 64 << 10
	switch {
	case len(data) > most:
		return fmt.Errorf("has %d bytes, more than %d", len(data), most)
	case !utf8.Valid(data):
		return errors.New("is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var open []map[string]bool // the members so far of each open object, nil for an array
	var member bool            // the next string is a member's name
	for {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("is not whole JSON: %w", err)
		}
		switch v := t.(type) {
		case json.Delim:
			switch v {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			if len(open) > maxDepth {
				return fmt.Errorf("is nested more than %d levels deep", maxDepth)
			}
			if len(open) == 0 {
				return trailing(d)
			}
			member = open[len(open)-1] != nil
			continue
		case string:
			if len(v) > maxString {
				return fmt.Errorf("holds a string of %d bytes", len(v))
			}
			if member {
				// encoding/json takes members in any case of letters.
				name := strings.ToLower(v)
				if open[len(open)-1][name] {
					return fmt.Errorf("has the member %s twice in one object", quote(v))
				}
				open[len(open)-1][name] = true
				member = false
				continue
			}
		}
		if len(open) == 0 {
			return trailing(d)
		}
		member = open[len(open)-1] != nil
	}
}

func trailing(d *json.Decoder) error {
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("goes on after its end")
	}
	return nil
}

// Check holds a service against what AWS's names look like. ParseService does
// it; it is there for services that were stored in between.
func (s *Service) Check() error {
	switch {
	case !prefixName(s.Name):
		return fmt.Errorf("%s is not a service prefix", quote(s.Name))
	case len(s.Actions) > maxActions:
		return fmt.Errorf("has %d actions, more than %d", len(s.Actions), maxActions)
	case len(s.Types) > maxTypes:
		return fmt.Errorf("has %d resource types, more than %d", len(s.Types), maxTypes)
	case len(s.Operations) > maxActions:
		return fmt.Errorf("has %d operations, more than %d", len(s.Operations), maxActions)
	}
	if err := s.checkTypes(); err != nil {
		return err
	}
	if err := s.checkActions(); err != nil {
		return err
	}
	return s.checkOperations()
}

func (s *Service) checkTypes() error {
	types := map[string]bool{}
	for i := range s.Types {
		t := &s.Types[i]
		if !typeName(t.Name) {
			return fmt.Errorf("%s is not the name of a resource type", quote(t.Name))
		}
		if types[strings.ToLower(t.Name)] {
			return fmt.Errorf("has the resource type %s twice", quote(t.Name))
		}
		types[strings.ToLower(t.Name)] = true
		if len(t.ARNs) > 50 {
			return fmt.Errorf("resource type %s has %d ARN formats", t.Name, len(t.ARNs))
		}
		for _, arn := range t.ARNs {
			if why := badTemplate(arn); why != "" {
				return fmt.Errorf("resource type %s: the ARN format %s %s", t.Name, quote(arn), why)
			}
		}
		if err := checkKeys(t.Keys); err != nil {
			return fmt.Errorf("resource type %s: %w", t.Name, err)
		}
	}
	return nil
}

func (s *Service) checkActions() error {
	actions := map[string]bool{}
	for i := range s.Actions {
		a := &s.Actions[i]
		if !actionName(a.Name) {
			return fmt.Errorf("%s is not the name of an action", quote(a.Name))
		}
		if actions[strings.ToLower(a.Name)] {
			return fmt.Errorf("has the action %s twice", a.Name)
		}
		actions[strings.ToLower(a.Name)] = true
		if !knownLevel(a.Level) {
			return fmt.Errorf("action %s: unknown access level %s", a.Name, quote(a.Level))
		}
		if err := checkKeys(a.Keys); err != nil {
			return fmt.Errorf("action %s: %w", a.Name, err)
		}
		if len(a.Types) > maxTypes {
			return fmt.Errorf("action %s has %d resource types", a.Name, len(a.Types))
		}
		for _, t := range a.Types {
			if !typeName(t) {
				return fmt.Errorf("action %s: %s is not the name of a resource type", a.Name, quote(t))
			}
		}
	}
	return nil
}

func (s *Service) checkOperations() error {
	for i := range s.Operations {
		o := &s.Operations[i]
		if !actionName(o.Name) {
			return fmt.Errorf("%s is not the name of an operation", quote(o.Name))
		}
		if len(o.Actions) > maxList {
			return fmt.Errorf("operation %s has %d authorized actions", o.Name, len(o.Actions))
		}
		for _, a := range o.Actions {
			if prefix, name, _ := strings.Cut(a, ":"); !prefixName(prefix) || !actionName(name) {
				return fmt.Errorf("operation %s: %s is not an action", o.Name, quote(a))
			}
		}
	}
	return nil
}

func checkKeys(keys []string) error {
	if len(keys) > maxList {
		return fmt.Errorf("has %d condition keys", len(keys))
	}
	for _, k := range keys {
		if !keyName(k) {
			return fmt.Errorf("%s is not a condition key", quote(k))
		}
	}
	return nil
}

func knownLevel(level string) bool {
	switch level {
	case "", "Read", "List", "Write", "Tagging", "Permissions management":
		return true
	}
	return false
}
