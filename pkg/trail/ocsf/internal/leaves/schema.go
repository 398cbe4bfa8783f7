package leaves

import (
	"fmt"
	"strings"
)

// The physical types (parquet.thrift, Type).
const (
	Boolean        int32 = 0
	Int32          int32 = 1
	Int64          int32 = 2
	ByteArray      int32 = 6
	FixedByteArray int32 = 7
	noType         int32 = -1
)

const (
	optional = 1
	repeated = 2

	convertedMap      = 1
	convertedKeyValue = 2
	convertedList     = 3
)

// maxNesting is how deep a schema may nest, and maxPath how long a path may get.
const (
	maxNesting = 64
	maxPath    = 4 << 10
)

// Leaf is one column.
type Leaf struct {
	// Path is the names from the root, joined by ".". The names that Parquet puts
	// between a list or map and what is in it, which differ from writer to writer, are
	// left out: "resources.uid" is the member of all elements of a list "resources",
	// "unmapped.key" and "unmapped.value" are a map's.
	Path string
	// Type is Boolean, Int32, Int64, ByteArray, FixedByteArray, or another number for
	// a type that cannot be read.
	Type int32
	// Level is the definition level of a value that is there; lower ones say which
	// group or list around it is absent.
	Level int

	repetition int
	length     int32 // of FixedByteArray
	column     int
}

// element is an element of the schema, which is a tree in prefix order.
type element struct {
	name                                   string
	physical, length, repetition, children int32
	converted                              int32
	isConverted                            bool
}

// walker turns the elements of a schema into leaves.
type walker struct {
	rest   []element
	leaves []Leaf
}

func leavesOf(elements []element) ([]Leaf, error) {
	if len(elements) == 0 {
		return nil, fmt.Errorf("schema is empty: %w", ErrCorrupt)
	}
	w := walker{rest: elements[1:]}
	for range elements[0].children {
		if err := w.node("", "", Leaf{}, 0); err != nil {
			return nil, err
		}
	}
	if len(w.rest) > 0 {
		return nil, fmt.Errorf("schema has elements outside its root: %w", ErrCorrupt)
	}
	return w.leaves, nil
}

// node takes the next element and what is below it. above is the path of what it lies
// in; as, where not "", takes the place of its name; at has the levels so far.
func (w *walker) node(above, as string, at Leaf, depth int) error {
	if len(w.rest) == 0 || depth > maxNesting {
		return fmt.Errorf("schema ends too early, or nests too deep: %w", ErrCorrupt)
	}
	e := w.rest[0]
	w.rest = w.rest[1:]
	switch e.repetition {
	case repeated:
		at.repetition++
		at.Level++
	case optional:
		at.Level++
	}
	path := join(above, e.name, as)
	if len(path) > maxPath {
		return fmt.Errorf("schema has a path of more than %d bytes: %w", maxPath, ErrLimit)
	}
	if e.physical != noType && e.children == 0 {
		at.Path, at.Type, at.length, at.column = path, e.physical, e.length, len(w.leaves)
		w.leaves = append(w.leaves, at)
		return nil
	}
	return w.children(&e, path, at, depth)
}

// unnamed as a name leaves it out of the path.
const unnamed = "\x00"

func join(above, name, as string) string {
	switch {
	case as == unnamed:
		return above
	case as != "":
		name = as
	}
	if above == "" {
		return name
	}
	return above + "." + name
}

func (w *walker) children(e *element, path string, at Leaf, depth int) error {
	switch {
	case e.wraps(w.rest, convertedMap, convertedKeyValue):
		return w.entries(path, at, depth)
	case e.wraps(w.rest, convertedList, convertedList), e.wrapsPlainly(w.rest):
		return w.elements(path, at, depth)
	}
	for range e.children {
		if err := w.node(path, "", at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// wraps reports whether a group is annotated as a list or a map, and is made like one.
func (e *element) wraps(rest []element, a, b int32) bool {
	return e.isConverted && (e.converted == a || e.converted == b) && e.holdsRepeated(rest)
}

func (e *element) holdsRepeated(rest []element) bool {
	return e.children == 1 && e.repetition != repeated && len(rest) > 0 && rest[0].repetition == repeated
}

// wrapsPlainly tells a list whose annotation got lost by the names that writers use.
func (e *element) wrapsPlainly(rest []element) bool {
	if !e.holdsRepeated(rest) {
		return false
	}
	switch rest[0].name {
	case "array", "list", "bag":
		return true
	}
	return false
}

// elements takes the repeated element of a list. Where it is a group of one member that
// only writers name, that one is the element (three levels); else it is the element
// itself (two levels).
func (w *walker) elements(path string, at Leaf, depth int) error {
	if r := w.rest[0]; r.physical == noType && r.children == 1 && len(w.rest) > 1 && r.name != "array" && !strings.HasSuffix(r.name, "_tuple") {
		w.rest = w.rest[1:]
		at.repetition++
		at.Level++
		return w.node(path, unnamed, at, depth+2)
	}
	return w.node(path, unnamed, at, depth+1)
}

// entries takes the repeated element of a map: its members are called key and value.
func (w *walker) entries(path string, at Leaf, depth int) error {
	r := w.rest[0]
	if r.physical != noType || r.children != 2 {
		return w.node(path, unnamed, at, depth+1)
	}
	w.rest = w.rest[1:]
	at.repetition++
	at.Level++
	for _, name := range []string{"key", "value"} {
		if err := w.node(path, name, at, depth+2); err != nil {
			return err
		}
	}
	return nil
}
