package usage

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// ReadTrimmed is ReadParts for a reader that looks at the arguments of some calls only
// and at no context: Args has the lists of the calls for which needs is true. Other calls
// lose their ArgsID and all lose their ContextID, and those that then differ in nothing
// but counts and times are one. needs may not look at these ids, counts and times.
func ReadTrimmed(root string, p Parts, needs func(*Call) bool) (*Table, error) {
	t, err := readSections(root, p, trimmed(needs))
	if t != nil {
		t.missing |= PartCalls
	}
	return t, err
}

// trimmed are the sections, read as ReadTrimmed reads them.
func trimmed(needs func(*Call) bool) []section {
	all := sections()
	for i := range all {
		switch s := &all[i]; s.dir {
		case sectionCalls:
			s.load = func(t *Table, data []byte, rows int) error { return t.loadCalls(data, rows, needs) }
		case sectionArgs:
			var wanted map[string]bool
			s.load = func(t *Table, data []byte, rows int) error {
				if wanted == nil { // calls are read before
					wanted = t.argsIDs()
				}
				return t.loadArgs(data, rows, wanted)
			}
		}
	}
	return slices.DeleteFunc(all, func(s section) bool { return s.dir == sectionContext })
}

// loadCalls adds the calls of one file, a row group at a time: there are millions where
// each has arguments of its own, and few without.
func (t *Table) loadCalls(data []byte, rows int, needs func(*Call) bool) error {
	d, err := newDecoder(callColumns(), bytes.NewReader(data))
	if err != nil {
		return err
	}
	if got := d.in.Total(); got != int64(rows) {
		return errRows(got, rows)
	}
	var group, calls []Call
	for {
		if group, err = d.read(group[:0]); err != nil {
			break
		}
		for i := range group {
			group[i].trim(needs)
		}
		calls = append(calls, AggregateCalls(group)...)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	t.Calls = append(t.Calls, AggregateCalls(calls)...)
	return nil
}

func (c *Call) trim(needs func(*Call) bool) {
	c.ContextID = ""
	if c.ArgsID != "" && !needs(c) {
		c.ArgsID = ""
	}
}

// argsIDs are those of the table's calls.
func (t *Table) argsIDs() map[string]bool {
	out := map[string]bool{}
	for i := range t.Calls {
		if id := t.Calls[i].ArgsID; id != "" {
			out[id] = true
		}
	}
	return out
}

// loadArgs adds the lists of one file that are wanted.
func (t *Table) loadArgs(data []byte, rows int, wanted map[string]bool) error {
	d, err := newDecoder(argsColumns(), bytes.NewReader(data))
	if err != nil {
		return err
	}
	if got := d.in.Total(); got != int64(rows) {
		return errRows(got, rows)
	}
	var list []argsRow
	for group := range d.in.Groups() {
		n, err := d.size()
		if err != nil {
			return err
		}
		var places []uint32
		if len(wanted) > 0 {
			ids, err := d.column(group, "args_id")
			if err != nil {
				return err
			}
			for i := range n {
				if wanted[ids.Text(i)] {
					places = append(places, uint32(i))
				}
			}
		}
		if list, err = d.pick(list[:0], places); err != nil {
			return err
		}
		if err := t.Args.add(list); err != nil {
			return err
		}
	}
	return nil
}
