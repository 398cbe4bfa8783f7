package usage

import (
	"slices"

	"github.com/tighten-iam/tighten/internal/args"
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
	a.buf = a.buf[:0]
	for _, p := range ps {
		a.buf = append(a.buf, a.parts.at(p)...)
	}
	n := texts.id(args.EncodingID(a.buf))
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
	list = list.Canonical()
	n := texts.id(list.ID())
	if _, ok := a.byID[n]; ok || n == 0 {
		return n
	}
	a.list = append(a.list[:0], list...)
	for i := range a.list {
		a.list[i].Path = cleanText(a.list[i].Path)
	}
	a.buf = a.list.AppendEncoding(a.buf[:0])
	a.keep(n, parts{a.parts.bytes(a.buf)})
	return n
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

// slabLeaves is the number of leaves that are made at a time.
const slabLeaves = 1 << 14

// lists decodes the lists of some numbers. It may be called by several goroutines at
// a time.
func (a *arguments) lists(texts *interner, numbers []uint32) map[string]args.List {
	all := make(map[string]args.List, len(numbers))
	var slab, list args.List
	for _, n := range numbers {
		list = list[:0]
		for _, p := range a.byID[n] {
			list = args.Decode(list, a.parts.at(p))
		}
		if cap(slab)-len(slab) < len(list) {
			slab = make(args.List, 0, min(slabLeaves, 4*len(numbers)))
			slab = slices.Grow(slab, len(list))
		}
		at := len(slab)
		slab = append(slab, list...)
		all[texts.at(n)] = slab[at:len(slab):len(slab)]
	}
	return all
}
