package actions

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// maxDecoded bounds what a data file may expand to, in bytes.
const maxDecoded = 64 << 20

// unpack expands one data file.
func unpack(packed []byte) (string, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDecoded))
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := r.DecodeAll(packed, nil)
	return string(b), err
}

// service is one service prefix with its actions. Lists stay in their text form
// until somebody asks for them: most of a catalog is never looked at.
type service struct {
	prefix  string
	keys    []string
	typed   []byte // codes of the keys' types, 0 for an unknown one; may be shorter than keys
	types   []typeRecord
	actions []actionRecord // sorted by lower-case name
	ops     []operationRecord
}

// operationRecord is an operation of the API with all actions, separated by
// commas, that AWS's service reference names for it. Only merged facts have some.
type operationRecord struct{ name, actions string }

// typeRecord is one resource type: its templates are separated by commas.
type typeRecord struct{ name, arns, keys string }

// actionRecord is one action. types and keys are positions in the service's
// lists; a type's position is followed by "*" where the type is required.
type actionRecord struct {
	name              string
	level             byte
	flags             string
	types, keys, deps string
}

// gatewayOp is an API Gateway operation: the action is its verb, the resource
// its path.
type gatewayOp struct{ verb, path string }

// flagLater marks the actions that the embedded facts lack.
const flagLater = 'u'

// facts is the decoded facts file.
//
// The file is text. Its first line names the format, the date of the data and,
// for merged facts, the hash of the facts that others were merged into; then come lines of tab-separated fields, by their first field:
//
//	L label prefixes          event-source label of the SDK's models
//	G operation verb path     API Gateway operation
//	S prefix                  a service begins
//	K key type                condition key; the type is a letter, or absent
//	T name arns keys          resource type
//	A name level+flags types keys dependents
//	O operation actions       authorized actions, of the service reference
//
// Flags of an action: u an update brought it, p it is a permission without an operation, o an operation
// has its name, n it is newer than the sources of p and of dependents, t action
// last accessed tracks it.
type facts struct {
	date     string
	base     string // hash of the facts that others were merged into, "" for none
	labels   map[string][]string
	gateway  map[string][]gatewayOp // by lower-case operation
	verbs    map[string][]string    // API Gateway's operations by verb
	services []service              // sorted by prefix
	index    map[string]int         // prefix → position in services
}

// decodeFacts parses the facts file.
func decodeFacts(text string) (*facts, error) {
	head, rest, _ := strings.Cut(text, "\n")
	format, date, _ := strings.Cut(head, "\t")
	if format != "tighten-facts/1" {
		return nil, fmt.Errorf("facts file: unknown format %q", format)
	}
	date, base, _ := strings.Cut(date, "\t")
	f := &facts{
		date:    date,
		base:    base,
		labels:  map[string][]string{},
		gateway: map[string][]gatewayOp{},
		verbs:   map[string][]string{},
		index:   map[string]int{},
	}
	for n := 2; rest != ""; n++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if err := f.line(line); err != nil {
			return nil, fmt.Errorf("facts file, line %d: %w", n, err)
		}
	}
	if len(f.services) == 0 {
		return nil, errors.New("facts file: no services")
	}
	return f, nil
}

func (f *facts) line(line string) error {
	if len(line) < 2 || line[1] != '\t' {
		return errors.New("malformed")
	}
	kind, line := line[0], line[2:]
	switch kind {
	case 'L':
		label, prefixes, _ := strings.Cut(line, "\t")
		f.labels[label] = strings.Split(prefixes, ",")
		return nil
	case 'G':
		op, rest, _ := strings.Cut(line, "\t")
		verb, path, _ := strings.Cut(rest, "\t")
		f.verbs[verb] = append(f.verbs[verb], "apigateway:"+op)
		op = strings.ToLower(op)
		f.gateway[op] = append(f.gateway[op], gatewayOp{verb, path})
		return nil
	case 'S':
		f.index[line] = len(f.services)
		f.services = append(f.services, service{prefix: line})
		return nil
	}
	if len(f.services) == 0 {
		return errors.New("no service yet")
	}
	return f.services[len(f.services)-1].line(kind, line)
}

func (s *service) line(kind byte, line string) error {
	switch kind {
	case 'K':
		name, typ, _ := strings.Cut(line, "\t")
		s.keys, s.typed = append(s.keys, name), append(s.typed, firstByte(typ))
	case 'T':
		name, rest, _ := strings.Cut(line, "\t")
		arns, keys, _ := strings.Cut(rest, "\t")
		s.types = append(s.types, typeRecord{name, arns, keys})
	case 'A':
		name, rest, _ := strings.Cut(line, "\t")
		level, rest, _ := strings.Cut(rest, "\t")
		types, rest, _ := strings.Cut(rest, "\t")
		keys, deps, _ := strings.Cut(rest, "\t")
		if name == "" || level == "" {
			return errors.New("action without name or level")
		}
		s.actions = append(s.actions, actionRecord{name, level[0], level[1:], types, keys, deps})
	case 'O':
		name, list, _ := strings.Cut(line, "\t")
		s.ops = append(s.ops, operationRecord{name, list})
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
	return nil
}

// firstByte is 0 for "".
func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

// resourceTypes expands the types of an action, and those that only a curated
// row tells.
func (c *Catalog) resourceTypes(s *service, a *actionRecord) []ResourceType {
	var out []ResourceType
	add := func(t *typeRecord, required bool) {
		for arn := range splitList(t.arns) {
			out = append(out, ResourceType{t.name, arn, required})
		}
	}
	for item := range splitList(a.types) {
		item, required := strings.CutSuffix(item, "*")
		if i, err := strconv.Atoi(item); err == nil && i >= 0 && i < len(s.types) {
			add(&s.types[i], required)
		}
	}
	for _, name := range c.tables.types[strings.ToLower(s.prefix+":"+a.name)] {
		for i := range s.types {
			if s.types[i].name == name {
				add(&s.types[i], false)
			}
		}
	}
	return out
}

// splitList iterates over a comma-separated list; an empty one has no members.
func splitList(list string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for list != "" {
			var item string
			item, list, _ = strings.Cut(list, ",")
			if !yield(item) {
				return
			}
		}
	}
}

// find returns the action of that name in any case.
func (s *service) find(name string) (*actionRecord, bool) {
	lo, hi := 0, len(s.actions)
	for lo < hi {
		mid := (lo + hi) / 2
		switch compareFold(s.actions[mid].name, name) {
		case 0:
			return &s.actions[mid], true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// compareFold compares two strings as if both were in lower-case ASCII.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := lowerByte(a[i]), lowerByte(b[i])
		if x < y {
			return -1
		}
		if x > y {
			return 1
		}
	}
	switch {
	case len(a) < len(b):
		return -1
	case len(a) > len(b):
		return 1
	}
	return 0
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
