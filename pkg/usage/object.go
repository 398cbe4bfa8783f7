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

// ObjectRow is one row of objects/, the ledger of what has been read. It is the only
// row whose times are not all those of events: ModTime is the store's.
type ObjectRow struct {
	Key             string // s3://BUCKET/KEY, or the path below the folder that was given
	ETag            string // the store's content tag; of files a tag of their last bytes
	Kind            string // trail.ObjectKind, by what the object turned out to be
	Account, Region string // as the object's name tells them; "" where it does not
	Day             int32  // delivery day; -1 where the name does not tell it

	Size                          int64  // as stored; -1 unknown
	Bytes                         int64  // decompressed; 0 unknown
	ModTime                       int64  // unix milliseconds; 0 unknown
	Records, Filtered, Unreadable int64  // Records includes the other two
	First, Last                   int64  // times of its events, unix milliseconds; 0 without any
	Filter                        string // what was not left out, as Filter.Line; "" for nothing was
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
		cmp.Compare(a.Filter, b.Filter),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Day, b.Day),
		cmp.Compare(a.First, b.First),
		cmp.Compare(a.Last, b.Last),
	)
}

// deliveriesOf sums objects up by account, region, delivery day and kind.
func deliveriesOf(objects []ObjectRow) []Delivery {
	rows := make([]Delivery, len(objects))
	for i := range objects {
		o := &objects[i]
		rows[i] = Delivery{Account: o.Account, Region: o.Region, Kind: o.Kind, Day: o.Day, Objects: 1, Bytes: max(o.Size, 0)}
		if o.broken() {
			rows[i].Unreadable = 1 // what it held is not known in full
		}
	}
	return aggregate(rows, compareDeliveries, func(into, d *Delivery) {
		into.Objects += d.Objects
		into.Bytes += d.Bytes
		into.Unreadable += d.Unreadable
	})
}

// broken reports whether some of the object could not be read.
func (o *ObjectRow) broken() bool { return o.Error != "" || o.Unreadable > 0 }

// Stats are the totals of a scan. Every record falls in exactly one of
// Calls.Events (after dedup), Duplicates, Filtered, Unreadable, Late: their sum is
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
	// Late records came when the fingerprints of their day had been dropped: they made
	// their rows, and whether they are duplicates is not known.
	Late int64 `json:"late,omitempty"`
}

// Filter is what a scan left out because it was told to. A dataset of a part of the
// regions cannot show that something was not used.
type Filter struct {
	Since    string   `json:"since,omitempty"` // RFC 3339
	Until    string   `json:"until,omitempty"`
	Accounts []string `json:"accounts,omitempty"` // recipient accounts that were kept
	Regions  []string `json:"regions,omitempty"`  // regions that were kept
	// Gaps between Since and Until that several scans left, each "SINCE/UNTIL", in order.
	Gaps []string `json:"gaps,omitempty"`
}

// Add adds o to s.
func (s *Stats) Add(o *Stats) {
	s.Objects += o.Objects
	s.ObjectsUnreadable += o.ObjectsUnreadable
	s.ObjectsSkipped += o.ObjectsSkipped
	s.CompressedBytes += o.CompressedBytes
	s.Bytes += o.Bytes
	s.Records += o.Records
	s.Duplicates += o.Duplicates
	s.Filtered += o.Filtered
	s.Unreadable += o.Unreadable
	s.Late += o.Late
}

// sub takes o from s.
func (s *Stats) sub(o *Stats) {
	s.Objects -= o.Objects
	s.ObjectsUnreadable -= o.ObjectsUnreadable
	s.ObjectsSkipped -= o.ObjectsSkipped
	s.CompressedBytes -= o.CompressedBytes
	s.Bytes -= o.Bytes
	s.Records -= o.Records
	s.Duplicates -= o.Duplicates
	s.Filtered -= o.Filtered
	s.Unreadable -= o.Unreadable
	s.Late -= o.Late
}

// object is what one object adds, its records apart from those that were left out:
// the others count as they are added.
func (o *ObjectRow) stats() Stats {
	s := Stats{
		Objects: 1, CompressedBytes: max(o.Size, 0), Bytes: o.Bytes,
		Filtered: o.Filtered, Unreadable: o.Unreadable, Records: o.Filtered + o.Unreadable,
	}
	switch {
	case o.Error != "":
		s.ObjectsUnreadable = 1
	case o.Kind != "" && o.Kind != kindLog:
		s.ObjectsSkipped = 1
	}
	return s
}

// kindLog is trail.KindLog, which this package does not import.
const kindLog = "log"
