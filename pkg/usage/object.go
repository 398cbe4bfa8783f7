package usage

import "cmp"

// Delivery is one row of deliveries/: what one account's trail delivered for one
// region on one day.
type Delivery struct {
	Account, Region string // as the object's name tells them; "" where it does not
	Kind            string // trail.ObjectKind
	Day             int32  // delivery day; -1 where the name does not tell it
	Objects, Bytes  int64  // Bytes as stored
	Unreadable      int64  // objects
}

func compareDeliveries(a, b *Delivery) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Day, b.Day),
		cmp.Compare(a.Kind, b.Kind),
	)
}

// ObjectRow is one row of objects/: what has been read. It is the only row whose
// times are not those of events.
type ObjectRow struct {
	Key, ETag                     string
	Size                          int64 // as stored; -1 unknown
	Bytes                         int64 // decompressed; 0 unknown
	ModTime                       int64 // unix milliseconds; 0 unknown
	Records, Filtered, Unreadable int64 // Records includes the other two
	Error                         string
}

func compareObjects(a, b *ObjectRow) int {
	return cmp.Or(
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.ETag, b.ETag),
		cmp.Compare(a.ModTime, b.ModTime),
		cmp.Compare(a.Size, b.Size),
		cmp.Compare(a.Bytes, b.Bytes),
		cmp.Compare(a.Records, b.Records),
		cmp.Compare(a.Filtered, b.Filtered),
		cmp.Compare(a.Unreadable, b.Unreadable),
		cmp.Compare(a.Error, b.Error),
	)
}

// Stats are the totals of a scan. Every record falls in exactly one of
// Calls.Events (after dedup), Duplicates, Filtered, Unreadable: their sum is
// Records. Which copy of a record is the duplicate depends on all the others, so
// that there are no duplicates per object.
type Stats struct {
	Objects           int64 `json:"objects"`
	ObjectsUnreadable int64 `json:"objects_unreadable"` // with an error; some of their records may have been read
	ObjectsSkipped    int64 `json:"objects_skipped"`    // no logs: digests, insights, other files
	CompressedBytes   int64 `json:"compressed_bytes"`
	Bytes             int64 `json:"bytes"` // decompressed
	Records           int64 `json:"records"`
	Duplicates        int64 `json:"duplicates"`
	Filtered          int64 `json:"filtered"`
	Unreadable        int64 `json:"unreadable"`
}

// Filter is what a scan left out because it was told to. A dataset of a part of the
// regions cannot show that something was not used.
type Filter struct {
	Since    string   `json:"since,omitempty"` // RFC 3339
	Until    string   `json:"until,omitempty"`
	Accounts []string `json:"accounts,omitempty"` // recipient accounts that were kept
	Regions  []string `json:"regions,omitempty"`  // regions that were kept
}

func (s *Stats) add(o *Stats) {
	s.Objects += o.Objects
	s.ObjectsUnreadable += o.ObjectsUnreadable
	s.ObjectsSkipped += o.ObjectsSkipped
	s.CompressedBytes += o.CompressedBytes
	s.Bytes += o.Bytes
	s.Records += o.Records
	s.Duplicates += o.Duplicates
	s.Filtered += o.Filtered
	s.Unreadable += o.Unreadable
}

// object counts one object.
func (s *Stats) object(o *ObjectRow, kind string) {
	s.Objects++
	switch {
	case o.Error != "":
		s.ObjectsUnreadable++
	case kind != "" && kind != "log":
		s.ObjectsSkipped++
	}
	s.CompressedBytes += max(o.Size, 0)
	s.Bytes += o.Bytes
	s.Filtered += o.Filtered
	s.Unreadable += o.Unreadable
	s.Records += o.Filtered + o.Unreadable
}
