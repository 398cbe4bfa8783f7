package usage

// serials remembers the callers of identities that have a serial number, so that
// their texts need not be looked at again.
type serials struct {
	slots []serialCaller
}

type serialCaller struct {
	serial uint64
	caller
}

// slot is where a serial number belongs, nil for 0, which is none.
func (s *serials) slot(serial uint64) *serialCaller {
	if serial == 0 {
		return nil
	}
	if s.slots == nil {
		s.slots = make([]serialCaller, recentCallers)
	}
	return &s.slots[serial%recentCallers]
}
