package trail

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
)

// maxNest is how many JSON strings may wrap one another around a record.
const maxNest = 4

// Decoder pulls the records of one object after the other.
//
//	d.Reset(r)
//	for d.Next() { use(d.Event()) }
//	err := d.Err()
//
// A record that cannot be read is left out and listed by Unreadable; the records
// before an error of Err are valid. A Decoder is not safe for concurrent use, and
// keeps its buffers from object to object.
type Decoder struct {
	limits Limits
	unpack unpacker
	levels []*level // [0]: the object; then strings within it
	depth  int      // the level being read
	proj   projector

	index      int // record positions so far
	records    int // events yielded
	insights   int
	strangers  int // values outside a wrapper that are valid but no records …
	digests    int // … of which digests
	cells      int // of queries' results that hold no event
	controls   int
	unreadable []*SyntaxError
	skipped    int
	done       bool
	err        error
}

// level is a stream of values: the object, or a string in it.
type level struct {
	framer
	text  []byte // of the string
	named bool   // it was found where only records are
	start int64  // where the string starts in the object
}

// NewDecoder returns a decoder; zero limits mean the defaults.
func NewDecoder(l Limits) *Decoder {
	d := &Decoder{limits: l.withDefaults()}
	d.unpack.limits = d.limits
	d.levels = []*level{new(level)}
	d.Reset(nil)
	return d
}

// Reset starts an object: gzip, zstd or plain, told by content. A nil reader is an
// empty object. What was lent before is no longer valid.
func (d *Decoder) Reset(r io.Reader) {
	d.unpack.reset(r)
	d.trim()
	l := d.levels[0]
	l.win.reset(&d.unpack)
	l.framer.reset(d.limits.MaxRecord)
	l.proj = &d.proj
	d.depth, d.index, d.records, d.insights, d.strangers, d.digests = 0, 0, 0, 0, 0, 0
	d.cells, d.controls = 0, 0
	d.unreadable, d.skipped, d.done, d.err = nil, 0, false, nil
	d.proj.ev = Event{}
}

// HashTo writes the decompressed content of all objects from now on to h, as it is
// read; nil ends that. An object of which Err is nil was read to its end. The caller
// resets h between objects.
func (d *Decoder) HashTo(h hash.Hash) { d.unpack.hash = h }

// trim lets go of what one huge object made the buffers grow to.
func (d *Decoder) trim() {
	for _, l := range d.levels {
		l.text, l.scratch, l.value = kept(l.text), kept(l.scratch), nil
		if l.win.src == nil {
			l.win.over(nil)
		}
	}
	d.proj.valid = kept(d.proj.valid)
	d.proj.inner, d.proj.detail = nil, nil
}

func kept(b []byte) []byte {
	if cap(b) > windowKeep {
		return nil
	}
	return b
}

// Next advances to the next readable record. It returns false at the end of the
// object, and at the error that Err tells.
func (d *Decoder) Next() bool {
	for !d.done {
		l := d.levels[d.depth]
		switch {
		case l.next():
			if d.accept(l) {
				return true
			}
		case d.depth == 0:
			d.finish(l)
		default:
			d.leave(l)
		}
	}
	return false
}

// Event lends the current record.
func (d *Decoder) Event() *Event { return &d.proj.ev }

// Err is the error that ended the object, nil at its clean end. It wraps
// ErrNoRecords, ErrDigest, ErrInsight or ErrNotJSON where the object is no log,
// ErrLimit where it is over a limit, io.ErrUnexpectedEOF where it is cut short, and
// else the decompressor's or the reader's error.
func (d *Decoder) Err() error { return d.err }

// Unreadable lists the records skipped so far in this object, the first MaxListed of
// them. The list is not reused.
func (d *Decoder) Unreadable() []*SyntaxError { return d.unreadable }

// Skipped counts the records skipped so far in this object, listed or not.
func (d *Decoder) Skipped() int { return d.skipped }

// Insights counts the CloudTrail Insights events of this object, which are neither
// yielded nor unreadable.
func (d *Decoder) Insights() int { return d.insights }

// Controls counts the messages by which CloudWatch Logs checks a subscription's
// destination, which are neither yielded nor unreadable.
func (d *Decoder) Controls() int { return d.controls }

// Bytes is the number of decompressed bytes read so far of this object.
func (d *Decoder) Bytes() int64 { return d.unpack.bytes() }

// CompressedBytes is the number of bytes read so far from the object's reader. It
// runs ahead of the records by the buffers' size; a gzip object of up to 32 MiB is read
// as a whole before its first record.
func (d *Decoder) CompressedBytes() int64 { return d.unpack.raw.n }

// accept takes a found value; true when it is a record.
func (d *Decoder) accept(l *level) bool {
	switch {
	case l.ready:
		return d.sort(l, record)
	case l.fault != nil:
		d.skip(l.at, l.fault.Error(), l.fault)
		return false
	case l.value[0] == '"':
		if _, err := checkValue(l.value); err != nil {
			d.skip(l.at, err.Error(), err)
			return false
		}
		d.enter(l, l.value[1:len(l.value)-1])
		return false
	case l.value[0] != '{':
		d.noObject(l)
		return false
	}
	c, i, err := d.proj.project(l.value)
	switch {
	case err != nil:
		d.skip(l.at+int64(i), err.Error(), err)
		return false
	case l.list == inRow && c != payload && d.proj.isCell():
		d.cells++ // another column than the event
		return false
	}
	return d.sort(l, c)
}

// noObject counts a number, an array, a boolean or null in a record's place.
func (d *Decoder) noObject(l *level) {
	if i, err := checkValue(l.value); err != nil {
		d.skip(l.at+int64(i), err.Error(), err)
		return
	}
	d.stranger(l, "not a CloudTrail record: no object")
}

// sort counts an object by its class; true when it is a record.
func (d *Decoder) sort(l *level, c class) bool {
	switch c {
	case record:
		d.index++
		d.records++
		return true
	case payload:
		d.enter(l, d.proj.inner)
	case insight:
		d.index++
		d.insights++
	case digest:
		d.digests++
		d.stranger(l, "not a CloudTrail record: a digest")
	case notRecord:
		d.stranger(l, "not a CloudTrail record: neither eventName nor eventSource")
	case nothing:
	}
	return false
}

// stranger counts what is valid JSON, but no record. Outside a wrapper that may mean
// that the object is no log at all, which finish decides.
func (d *Decoder) stranger(l *level, msg string) {
	if !l.named && l.list != inNamed {
		d.strangers++
	}
	d.skip(l.at, msg, ErrNotRecord)
}

func (d *Decoder) skip(at int64, msg string, cause error) {
	if d.depth > 0 {
		at = d.levels[d.depth].start
	}
	if len(d.unreadable) < MaxListed {
		d.unreadable = append(d.unreadable, &SyntaxError{Record: d.index, Offset: at, Msg: msg, Resumable: true, Err: cause})
	}
	d.index++
	d.skipped++
}

// enter reads the values in a string; raw is what stands between its quotes.
func (d *Decoder) enter(l *level, raw []byte) {
	start := l.at
	if d.depth > 0 {
		start = l.start
	}
	if d.depth == maxNest {
		d.skip(start, "too many strings in one another", ErrLimit)
		return
	}
	if len(d.levels) == d.depth+1 {
		d.levels = append(d.levels, new(level))
	}
	in := d.levels[d.depth+1]
	in.text = appendUnescaped(in.text[:0], raw)
	if bytes.HasPrefix(in.text, []byte("CWL CONTROL MESSAGE")) {
		d.controls++ // CloudWatch Logs checks the subscription
		return
	}
	in.win.over(in.text)
	in.framer.reset(d.limits.MaxRecord)
	in.named, in.start = l.named || l.list == inNamed, start
	d.depth++
}

// leave ends a string. What was wrong with it costs no more than the string.
func (d *Decoder) leave(l *level) {
	switch {
	case l.err != nil && errors.Is(l.err, ErrNotJSON):
		d.stranger(l, "not a CloudTrail record: a string that holds no JSON")
	case l.err != nil:
		d.skip(l.start, l.err.Msg+", in a string", l.err.Err)
	case l.values == 0:
		d.stranger(l, "not a CloudTrail record: an empty string")
	}
	d.depth--
}

// finish ends the object.
func (d *Decoder) finish(l *level) {
	d.done = true
	switch {
	case l.err != nil:
		d.err = d.fatal(l.err)
	case l.values == 0:
		d.err = fmt.Errorf("object is empty: %w", ErrNoRecords)
	case d.records > 0:
	case d.cells > 0 && d.skipped == 0:
		d.err = fmt.Errorf("query results without the column eventJson or @message: %w", ErrNoRecords)
	case d.insights > 0 && d.skipped == 0:
		d.err = ErrInsight
	case d.strangers > 0 && d.strangers == d.skipped:
		d.err = ErrNoRecords
		if d.digests == d.strangers {
			d.err = ErrDigest
		}
		d.unreadable, d.skipped = nil, 0 // the object is counted, not its values
	}
}

// fatal is the error of an object that ended early: of the record it ended in, when
// the JSON is at fault; plainly the reader's otherwise.
func (d *Decoder) fatal(e *SyntaxError) error {
	if err := d.levels[0].win.err; err != nil && err != io.EOF && errors.Is(e, err) {
		return err
	}
	if !errors.Is(e, ErrNotJSON) {
		e.Record = d.index
	}
	return e
}
