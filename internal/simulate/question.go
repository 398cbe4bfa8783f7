package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Question is one line of the input.
type Question struct {
	ID      json.RawMessage // as written; null when absent
	Want    string          // the decision that the line expects, "" for none
	Request iam.Request
	Layers  iam.Layers
}

// Options of reading questions.
type Options struct {
	// PartialContext makes context keys that a line does not give unknown instead of
	// absent; null says that a key is known to be absent.
	PartialContext bool
	// Expect demands a decision in each line's member "want", and counts those that
	// differ.
	Expect bool
}

// Parse reads one line in the form that docs/simulate.md describes. The error names
// the member at fault; ID is set even then where it can be read.
func Parse(line []byte, docs *Documents, o Options) (Question, error) {
	q := Question{ID: json.RawMessage("null")}
	if err := check(line); err != nil {
		q.ID = findID(line)
		return q, err
	}
	q.Request.Context.Partial = o.PartialContext
	r := reader{q: &q, docs: docs, seen: map[string]bool{}}
	if err := members(line, r.member); err != nil {
		q.ID = findID(line)
		return q, err
	}
	return q, r.complete(o)
}

// reader collects the members of one line.
type reader struct {
	q    *Question
	docs *Documents
	seen map[string]bool
}

func (r *reader) member(name string, v json.RawMessage) error {
	err := r.take(name, v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

var errUnknownMember = errors.New("unknown member: see docs/simulate.md for those that there are")

func (r *reader) take(name string, v json.RawMessage) (err error) {
	q := r.q
	null := v[0] == 'n'
	switch name {
	case "id":
		if v[0] == '{' || v[0] == '[' {
			return errors.New("want a string or a number")
		}
		q.ID = v
		return nil
	case "tag": // a label for people
		return nil
	case "want":
		return text(&q.Want, v)
	case "action":
		return text(&q.Request.Action, v)
	case "resource":
		return text(&q.Request.Resource, v)
	}
	if null { // as if it were not there
		if !slices.Contains([]string{"principal", "account", "context", "policies", "boundary", "session", "scps", "rcps", "resourcePolicy", "vpce"}, name) {
			return errUnknownMember
		}
		return nil
	}
	switch name {
	case "principal":
		return text(&q.Request.Principal, v)
	case "account":
		return text(&q.Request.Account, v)
	case "context":
		return r.context(v)
	case "policies":
		q.Layers.Identity, err = r.set(v, kindList)
	case "boundary":
		q.Layers.Boundary, err = r.set(v, kindList)
	case "session":
		q.Layers.Session, err = r.set(v, kindOne)
	case "resourcePolicy":
		q.Layers.Resource, err = r.set(v, kindResource)
	case "vpce":
		q.Layers.Endpoints, err = r.set(v, kindList)
	case "scps":
		q.Layers.SCPs, err = r.levels(v)
	case "rcps":
		q.Layers.RCPs, err = r.levels(v)
	default:
		return errUnknownMember
	}
	return err
}

func text(dst *string, v json.RawMessage) error {
	if v[0] != '"' {
		return errors.New("want a string")
	}
	return json.Unmarshal(v, dst)
}

// set compiles the documents of one layer.
func (r *reader) set(v json.RawMessage, k kind) (*iam.Set, error) {
	list := v[0] == '['
	switch {
	case k == kindList && !list:
		return nil, errors.New("want a list of policy documents")
	case k != kindList && v[0] != '{':
		return nil, errors.New("want a policy document")
	}
	return r.docs.Set(v, k == kindResource)
}

// levels compiles one set for each level of the organization.
func (r *reader) levels(v json.RawMessage) ([]*iam.Set, error) {
	if v[0] != '[' {
		return nil, errLevels
	}
	var out []*iam.Set
	for i, level := range elements(v) {
		if level[0] != '[' {
			return nil, errLevels
		}
		s, err := r.docs.Set(level, false)
		if err != nil {
			return nil, fmt.Errorf("level %d: %w", i, err)
		}
		out = append(out, s)
	}
	return out, nil
}

var errLevels = errors.New("want a list of levels, each a list of policy documents")

// context reads condition keys, which compare without case.
func (r *reader) context(v json.RawMessage) error {
	if v[0] != '{' {
		return errors.New("want an object of condition keys")
	}
	c := &r.q.Request.Context
	c.Values, c.Lists = map[string][]string{}, map[string]bool{}
	return members(v, func(name string, value json.RawMessage) error {
		key := strings.ToLower(name)
		if _, twice := c.Values[key]; twice {
			return fmt.Errorf("key %q is given twice: keys compare without case", clip(name))
		}
		values, list, err := Values(value)
		if err != nil {
			return fmt.Errorf("key %q: %w", clip(name), err)
		}
		c.Values[key] = values
		if list {
			c.Lists[key] = true
		}
		return nil
	})
}

// Values reads the value of a condition key: a string, number or boolean, a list of
// them, or null for a key that is known to be absent (nil). Numbers and booleans keep
// their text.
func Values(v json.RawMessage) (values []string, list bool, err error) {
	switch v[0] {
	case 'n':
		return nil, false, nil
	case '[':
		values = []string{}
		for i, e := range elements(v) {
			s, err := scalar(e)
			if err != nil {
				return nil, true, fmt.Errorf("value %d: %w", i, err)
			}
			values = append(values, s)
		}
		return values, true, nil
	}
	s, err := scalar(v)
	return []string{s}, false, err
}

func scalar(v json.RawMessage) (s string, err error) {
	switch v[0] {
	case '"':
		err = json.Unmarshal(v, &s)
		return s, err
	case '{', '[', 'n':
		return "", errors.New("want a string, a number, a boolean or a list of them")
	}
	return string(v), nil
}

// complete checks what the members come to together.
func (r *reader) complete(o Options) error {
	q := &r.q.Request
	if err := CheckRequest(q); err != nil {
		return err
	}
	if o.Expect && !slices.Contains([]string{"allow", "deny", "unknown"}, r.q.Want) {
		return errors.New("want: allow, deny or unknown is needed with --expect want")
	}
	return nil
}

// CheckRequest refuses requests that no call could make, such as an action with a
// wildcard: an answer to them would be taken for another question's.
func CheckRequest(q *iam.Request) error {
	service, name, colon := strings.Cut(q.Action, ":")
	switch {
	case q.Action == "":
		return errors.New("action: it is missing")
	case !colon || service == "" || name == "":
		return fmt.Errorf("action: %q is none: want service:Name, such as s3:GetObject", clip(q.Action))
	case strings.ContainsAny(q.Action, "*?"):
		return fmt.Errorf("action: %q is a pattern: a request has one action", clip(q.Action))
	case q.Resource == "":
		return errors.New(`resource: it is missing: want an ARN, or "*" for an action that takes none`)
	case q.Account != "" && !accountID(q.Account):
		return fmt.Errorf("account: %q is no account id of 12 digits", clip(q.Account))
	}
	if strings.HasPrefix(q.Principal, "arn:") {
		if _, err := iam.ParseARN(q.Principal); err != nil {
			return fmt.Errorf("principal: %w", err)
		}
	}
	return nil
}

func accountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// findID looks for the id at the beginning of a line that is not valid.
func findID(line []byte) json.RawMessage {
	d := json.NewDecoder(strings.NewReader(string(line)))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return json.RawMessage("null")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		var v json.RawMessage
		if d.Decode(&v) != nil {
			break
		}
		if name == "id" && v[0] != '{' && v[0] != '[' {
			return v
		}
	}
	return json.RawMessage("null")
}
