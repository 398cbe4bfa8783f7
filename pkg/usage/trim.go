package usage

// ReadTrimmed is ReadParts for who does not ask what each call named: of calls that detailed
// refuses, arguments, region, error code, direction and category are left out, and those
// that then are alike are one, with the sum of their events, the first and the last time.
// Contexts are left out of all. In datasets with very many resources calls and arguments
// are most of the memory. Write refuses the table.
func ReadTrimmed(root string, p Parts, detailed func(*Call) bool) (*Table, error) {
	return read(root, p, &trimmer{detailed: detailed, wanted: map[string]bool{}})
}

// trimmer thins out what has been read, file by file: one file at a time is there in full.
type trimmer struct {
	detailed func(*Call) bool
	wanted   map[string]bool // ids of arguments
}

// skips reports whether a section is not read at all.
func (tr *trimmer) skips(s *section) bool { return tr != nil && s.dir == "context" }

// after thins out a table when a file of a section was added, which had so many calls
// before.
func (tr *trimmer) after(s *section, t *Table, calls int) {
	switch {
	case tr == nil:
	case s.dir == "calls":
		t.Calls = append(t.Calls[:calls], tr.fold(t.Calls[calls:])...)
	case s.dir == "args":
		for id := range t.Args {
			if !tr.wanted[id] {
				delete(t.Args, id)
			}
		}
	}
}

// fold trims calls and joins those that are alike, in place.
func (tr *trimmer) fold(calls []Call) []Call {
	for i := range calls {
		c := &calls[i]
		c.ContextID = ""
		if tr.detailed(c) {
			tr.wanted[c.ArgsID] = true
			continue
		}
		c.ArgsID, c.Region, c.ErrorCode, c.Category, c.ReadOnly = "", "", "", "", 0
	}
	return AggregateCalls(calls)
}
