package trail

// The limits that zero fields of Limits stand for.
const (
	DefaultMaxRecord int64 = 100 << 20
	DefaultMaxObject int64 = 4 << 30
	DefaultMaxRatio  int64 = 1100
)

// Fixed limits of the decoder.
const (
	// MaxDepth is how deep a record's values may nest; the record itself is depth 1.
	MaxDepth = 1000
	// MaxListed is how many unreadable records of an object are described; the rest
	// is only counted.
	MaxListed = 1000
)

// Limits bound what one object may cost. Zero fields mean the defaults.
type Limits struct {
	MaxRecord int64 // bytes of one record; default 100 MiB
	MaxObject int64 // decompressed bytes; default 4 GiB
	MaxRatio  int64 // decompressed ÷ compressed; default 1,100 (deflate's own bound is 1,032)
}

func (l Limits) withDefaults() Limits {
	if l.MaxRecord <= 0 {
		l.MaxRecord = DefaultMaxRecord
	}
	if l.MaxObject <= 0 {
		l.MaxObject = DefaultMaxObject
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = DefaultMaxRatio
	}
	return l
}
