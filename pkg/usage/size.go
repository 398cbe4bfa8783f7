package usage

import "unsafe"

// What rows cost in memory, in bytes, while their day is merged, resolved and written.
const (
	// mergedRow is a row of calls/ with its arguments, in a builder and listed, and the
	// rows of usage/ that it is resolved to. Measured: 700 to 1,000.
	mergedRow = 1000
	// mergedPrint is a fingerprint in a builder and listed.
	mergedPrint = int64(unsafe.Sizeof(claimSlot{}))*2 + int64(unsafe.Sizeof(print{}))
)

// Size is about how much memory the builder holds, in bytes.
func (b *Builder) Size() int64 {
	const argument, context, object = 120, 600, 450 // with the maps' own
	size := b.calls.size() + b.trust.size() + b.texts.size() + b.args.parts.size() + b.slots*int64(unsafe.Sizeof(claimSlot{}))
	return size + argument*int64(len(b.args.byID)) + context*int64(len(b.contexts)) + object*int64(len(b.objects))
}

func (c *counter[K]) size() int64 {
	return int64(len(c.blocks)*blockRows)*int64(unsafe.Sizeof(entry[K]{})) + 4*int64(len(c.slots))
}

func (in *interner) size() int64 {
	return int64(len(in.blocks))*textBlock + int64(cap(in.refs))*int64(unsafe.Sizeof(textRef{})) + 4*int64(len(in.slots))
}

// sizeOf is about how much memory it takes to merge some rows.
func (b *Builder) sizeOf(rows *selection) int64 {
	size := mergedRow * int64(len(rows.calls)+len(rows.trust))
	for _, part := range rows.parts {
		size += mergedPrint * int64(b.claims[part].len)
	}
	return size
}
