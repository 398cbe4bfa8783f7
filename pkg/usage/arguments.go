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
	list   args.List        // reused
	buf    []byte           // reused
	parts  interner         // encodings
	recent recent[uint32]   // texts of roots and the numbers of their parts
	ids    map[parts]uint32 // numbers of the ArgsIDs
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
		ids: map[parts]uint32{{}: 0}, byID: map[uint32]parts{},
	}
}

// number numbers the content hash of a record's arguments, and keeps new ones.
func (a *arguments) number(texts *interner, r *Record) uint32 {
	if len(r.Args) > 0 {
		return a.whole(texts, r.Args)
	}
	// In the order of the roots' names, which is that of canonical leaves.
	ps := parts{
		a.part(args.RootAdditional, r.Raw.Additional), a.part(args.RootParameters, r.Raw.Parameters),
		a.part(args.RootResponse, r.Raw.Response), a.part(args.RootResources, r.Raw.Resources),
	}
	n, ok := a.ids[ps]
	if ok {
		return n
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
	n = texts.id(args.EncodingID(a.buf))
	a.ids[ps] = n
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
func (a *arguments) part(root string, raw []byte) uint32 {
	if len(raw) == 0 {
		return 0
	}
	slot := a.recent.slot(root[0], raw)
	if slot.holds(root[0], raw) {
		return slot.value
	}
	a.list = a.flat.Append(a.list[:0], root, raw).Canonical()
	n := irregular
	if len(a.list) == 0 || a.list[0].Path[0] != '!' {
		a.buf = a.list.AppendEncoding(a.buf[:0])
		n = a.parts.bytes(a.buf)
	}
	slot.set(root[0], raw, n)
	return n
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
