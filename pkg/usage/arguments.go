package usage

import (
	"io"
	"strings"
	"unsafe"

	"github.com/tighten-iam/tighten/internal/args"
	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// arguments keeps what calls were made with. A list of leaves is kept as the
// encodings of its parts, one for each root: many calls have a part in common, and
// bytes cost no time in garbage collection.
type arguments struct {
	flat   *args.Flattener
	list   args.List      // reused
	buf    []byte         // reused
	parts  interner       // encodings
	recent recent[uint32] // texts of roots and the numbers of their parts
	ids    listTable      // numbers of the ArgsIDs
	byID   map[uint32]parts
}

// parts are the numbers of the encodings that make up a list, in its order.
type parts [4]uint32

// irregular is the number of a part whose leaves don't stand together in a list:
// the marks of what was left out come before all others.
const irregular = ^uint32(0)

func newArguments() arguments {
	return arguments{
		flat: args.NewFlattener(), parts: newInterner(), recent: newRecent[uint32](recentParts),
		ids: newListTable(), byID: map[uint32]parts{},
	}
}

// number numbers the content hash of a record's arguments, and keeps new ones. name is
// the number of its operation.
func (a *arguments) number(texts *interner, r *Record, name uint32) uint32 {
	if len(r.Args) > 0 {
		return a.whole(texts, r.Args)
	}
	// In the order of the roots' names, which is that of canonical leaves.
	ps := parts{
		a.part(name, args.RootAdditional, r.Raw.Additional), a.part(name, args.RootParameters, r.Raw.Parameters),
		a.part(name, args.RootResponse, r.Raw.Response), a.part(name, args.RootResources, r.Raw.Resources),
	}
	if ps == (parts{}) {
		return 0
	}
	if s := a.ids.slot(ps); s.number != 0 {
		return s.number - 1
	}
	for _, p := range ps {
		if p == irregular {
			return a.whole(texts, args.Flatten(nil, &r.Raw))
		}
	}
	a.buf = a.appendText(a.buf[:0], ps)
	n := texts.id(args.TextID(a.buf))
	a.ids.add(ps, n)
	a.keep(n, ps)
	return n
}

// keep notes of which parts a new list is.
func (a *arguments) keep(n uint32, ps parts) {
	if _, ok := a.byID[n]; !ok && n != 0 {
		a.byID[n] = ps
	}
}

// whole numbers a list that is given as such, as one part.
func (a *arguments) whole(texts *interner, list args.List) uint32 {
	a.list = append(a.list[:0], list...)
	for i := range a.list {
		a.list[i] = args.Leaf{Path: cleanText(a.list[i].Path), Value: cleanText(a.list[i].Value)}
	}
	text := a.list.Canonical().AppendText(a.buf[:0])
	a.buf = text
	n := texts.id(args.TextID(text))
	a.stored(n, unsafe.String(unsafe.SliceData(text), len(text)))
	return n
}

// stored keeps the list of this text, which may be borrowed, as one part.
func (a *arguments) stored(n uint32, text string) {
	if _, ok := a.byID[n]; !ok && n != 0 && len(text) > len("[]") {
		a.byID[n] = parts{a.parts.number(text[1 : len(text)-1])}
	}
}

// appendText appends the text of the list that is made up of some parts.
func (a *arguments) appendText(dst []byte, ps parts) []byte {
	sep := byte('[')
	for _, p := range ps {
		if p != 0 {
			dst = append(append(dst, sep), a.parts.at(p)...)
			sep = ','
		}
	}
	return append(dst, ']')
}

// part numbers the encoding of one root.
func (a *arguments) part(name uint32, root string, raw []byte) uint32 {
	if len(raw) == 0 {
		return 0
	}
	if e, ok := a.flat.Match(name, root, raw); ok {
		return a.encoded(&e)
	}
	slot := a.recent.slot(root[0], raw)
	if slot.holds(root[0], raw) {
		return slot.value
	}
	n := irregular
	if e := a.flat.Encode(name, root, raw); !e.Marked {
		n = a.parts.bytes(e.Bytes)
	}
	slot.set(root[0], raw, n)
	return n
}

// encoded numbers an encoding, once for all that have its cell.
func (a *arguments) encoded(e *args.Encoding) uint32 {
	switch {
	case e.Cell == nil:
		return a.parts.bytes(e.Bytes)
	case *e.Cell == 0:
		*e.Cell = a.parts.bytes(e.Bytes) + 1
	}
	return *e.Cell - 1
}

// recentParts is the number of texts of roots that are remembered.
const recentParts = 1 << 13

// Arguments are lists of arguments by ArgsID, each as its text: a JSON array of pairs of
// path and value, [["p.bucketName","b"],["p.key","k"]], of which the id is the hash.
type Arguments map[string]string

// List appends the leaves of a list, which are parts of its text, to dst; none for ""
// and an id that is not there.
func (a Arguments) List(dst args.List, id string) args.List {
	text, ok := a[id]
	if !ok {
		return dst
	}
	dst, _ = args.Parse(dst, text) // what was read was looked at
	return dst
}

// slabBytes is the size of what texts are made in.
const slabBytes = 1 << 20

// lists makes the texts of the lists of some numbers. It may be called by several
// goroutines at a time.
func (a *arguments) lists(texts *interner, numbers []uint32) Arguments {
	all := make(Arguments, len(numbers))
	var slab []byte
	for _, n := range numbers {
		ps, size := a.byID[n], len("[,,,]")
		if ps == (parts{}) {
			continue // a dataset that was changed may lack it
		}
		for _, p := range ps {
			size += len(a.parts.at(p))
		}
		if cap(slab)-len(slab) < size {
			slab = make([]byte, 0, max(size, min(slabBytes, size*len(numbers))))
		}
		from := len(slab)
		slab = a.appendText(slab, ps)
		all[texts.at(n)] = unsafe.String(&slab[from], len(slab)-from)
	}
	return all
}

// argsRow is a row of args/.
type argsRow struct{ ID, Leaves string }

func argsColumns() []column[argsRow] {
	return []column[argsRow]{
		distinct(text("args_id", func(r *argsRow) *string { return &r.ID })),
		heavy(distinct(text("leaves", func(r *argsRow) *string { return &r.Leaves })), func(r *argsRow) int { return len(r.Leaves) }),
	}
}

func compareArgs(a, b *argsRow) int { return strings.Compare(a.ID, b.ID) }

// rows lists the arguments as args/ has them.
func (a Arguments) rows() []argsRow {
	rows := make([]argsRow, 0, len(a))
	for id, leaves := range a {
		rows = append(rows, argsRow{id, leaves})
	}
	sortRows(rows, compareArgs)
	return rows
}

// add adds rows that were read. A list that is there already is the same.
func (a Arguments) add(rows []argsRow) error {
	var list args.List
	for i := range rows {
		if _, ok := a[rows[i].ID]; ok {
			continue
		}
		var err error
		if list, err = args.Parse(list[:0], rows[i].Leaves); err != nil {
			return err
		}
		a[rows[i].ID] = rows[i].Leaves
	}
	return nil
}

// argsSection is args/.
func argsSection() section {
	cols := argsColumns()
	return section{
		dir: sectionArgs, part: PartCalls,
		rows: func(t *Table) int { return len(t.Args) },
		save: func(t *Table, out *columnar.Writer, w io.Writer, size int) (int, error) {
			file := newEncoder(out, cols)
			file.size = size
			return len(t.Args), file.encode(w, t.Args.rows())
		},
		load: func(t *Table, data []byte, n int) error {
			rows, err := decode(cols, data, nil, n)
			if err != nil {
				return err
			}
			if t.Args == nil {
				t.Args = make(Arguments, len(rows))
			}
			return t.Args.add(rows)
		},
	}
}
