package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// kind says how a layer is written.
type kind uint8

const (
	kindList     kind = iota // a list of documents
	kindOne                  // one document
	kindResource             // one document that may leave out Resource, as trust policies do
)

// Bounds of what Documents remembers, in bytes of policy text; compiled it takes about
// ten times as much.
const (
	maxRemembered = 8 << 20
	maxOne        = 1 << 20
)

// Documents compiles policies and remembers them by their bytes, within a bound: lines
// repeat documents. Safe for concurrent use; the zero value is ready.
type Documents struct {
	mu         sync.RWMutex
	young, old map[string]compiled
	bytes      int // of young
}

type compiled struct {
	set *iam.Set
	err error
}

// Set compiles a JSON document or list of documents. anyResource permits statements
// without Resource and NotResource.
func (d *Documents) Set(text json.RawMessage, anyResource bool) (*iam.Set, error) {
	if c, ok := d.find(text, anyResource); ok {
		return c.set, c.err
	}
	var c compiled
	c.set, c.err = compile(text, anyResource)
	if len(text) <= maxOne {
		d.remember(text, anyResource, c)
	}
	return c.set, c.err
}

func (d *Documents) find(text []byte, anyResource bool) (compiled, bool) {
	var room [4096]byte
	key := append(append(room[:0], keyOf(anyResource)), text...)
	d.mu.RLock()
	c, ok := d.young[string(key)]
	if !ok {
		c, ok = d.old[string(key)]
	}
	d.mu.RUnlock()
	return c, ok
}

func keyOf(anyResource bool) byte {
	if anyResource {
		return 'r'
	}
	return 'i'
}

// remember enters a set. When the young ones fill their half of the bound they become
// the old ones, and what was old goes.
func (d *Documents) remember(text []byte, anyResource bool, c compiled) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.young == nil || d.bytes+len(text) > maxRemembered/2 {
		d.young, d.old, d.bytes = map[string]compiled{}, d.young, 0
	}
	d.young[string(append([]byte{keyOf(anyResource)}, text...))] = c
	d.bytes += len(text) + 64
}

func compile(text json.RawMessage, anyResource bool) (*iam.Set, error) {
	raws := []json.RawMessage{text}
	if text[0] == '[' {
		raws = elements(text)
	}
	docs := make([]*iam.Document, 0, len(raws))
	for i, raw := range raws {
		doc, err := document(raw, anyResource)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
		docs = append(docs, doc)
	}
	return iam.Compile(docs...)
}

// document parses one policy. Oddities that Parse lets pass are errors here: what AWS
// would make of them is not known.
func document(raw json.RawMessage, anyResource bool) (*iam.Document, error) {
	if raw[0] != '{' {
		return nil, errors.New("want a policy document, an object")
	}
	doc, err := iam.Parse(raw)
	if err != nil {
		return nil, err
	}
	for _, n := range doc.Notes() {
		if why := Misleading(n.Kind); why != "" {
			return nil, fmt.Errorf("%s: %s", n.Path, why)
		}
	}
	if path, err := Refused(doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range doc.Statements {
		if s := &doc.Statements[i]; !anyResource && s.Resource == nil && s.NotResource == nil {
			return nil, fmt.Errorf("/Statement/%d: neither Resource nor NotResource is given", i)
		}
	}
	return doc, nil
}

// Misleading says why a document with such an oddity gets no decision; "" for oddities
// that change nothing.
func Misleading(k iam.NoteKind) string {
	switch k {
	case iam.DuplicateMember:
		return "the member comes twice: keep one"
	case iam.CaseVariant:
		return "the member is written in an unknown case"
	case iam.UnknownMember:
		return "no such member in the policy language"
	case iam.LoneSurrogate:
		return "half of a surrogate pair is no character"
	}
	return ""
}
