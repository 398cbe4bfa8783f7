package usage

import (
	"cmp"
	"slices"
)

// DigestRow is one row of digests/: what CloudTrail's digest files say of one account,
// region and day. Rows of equal keys merge by adding up counts and joining hours, so
// that a scan stores what it adds, which may be less than nothing (a log file that was
// missing and has come).
type DigestRow struct {
	Account, Region string
	Day             int32 // of the hours; of log files the day of their events; -1 not known
	Hours           int64 // 24 bits: the hours of UTC, from 0, whose deliveries a digest lists
	Digests         int64 // digest files
	Invalid         int64 // files under the name of a digest that are none, beside Digests
	Verified        int64 // of Digests: CloudTrail's signature is right
	Failed          int64 // of Digests: signature, hash or name is wrong
	Listed          int64 // log files
	Missing         int64 // of Listed: not in the archive; counts on each day that their events span
	Different       int64 // of Listed: in the archive, with other content
	Equal           int64 // of Listed: in the archive as they were delivered; the rest was not compared
}

// AllHours is the value of Hours of a day that digests cover in full.
const AllHours = 1<<24 - 1

func compareDigests(a, b *DigestRow) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Day, b.Day),
	)
}

// AggregateDigests sorts rows, merges those of equal keys and leaves out what then says
// nothing. It works in place.
func AggregateDigests(rows []DigestRow) []DigestRow {
	rows = aggregate(rows, compareDigests, func(into, r *DigestRow) {
		into.Hours |= r.Hours
		into.Digests += r.Digests
		into.Invalid += r.Invalid
		into.Verified += r.Verified
		into.Failed += r.Failed
		into.Listed += r.Listed
		into.Missing += r.Missing
		into.Different += r.Different
		into.Equal += r.Equal
	})
	return slices.DeleteFunc(rows, func(r DigestRow) bool {
		return r == DigestRow{Account: r.Account, Region: r.Region, Day: r.Day}
	})
}

// ListedRow is one row of listed/: a log file that a digest lists and that the archive
// does not hold as it was delivered. A later scan may bring it.
type ListedRow struct {
	Account, Region string
	Day             int32  // of its newest event
	Days            int64  // that its events span, from 1
	Name            string // of the object, without folders and extensions
	SHA256          string // of its decompressed content, hexadecimal; "" not told
	State           string // "missing" or "different"
}

func compareListed(a, b *ListedRow) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Day, b.Day),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.SHA256, b.SHA256),
		cmp.Compare(a.State, b.State),
		cmp.Compare(a.Days, b.Days),
	)
}

// SortListed puts rows in the order they have on disk.
func SortListed(rows []ListedRow) { sortRows(rows, compareListed) }

// ChainRow is one row of chains/: a digest at the end of what was read of its chain, so
// that a later scan can go on from there. See digest.Link.
type ChainRow struct {
	Account, Region        string
	Day                    int32 // that DigestRow counts it on
	End                    int64 // unix milliseconds
	Object                 string
	SHA256, Signed         string // hexadecimal
	Algorithm, Fingerprint string
	Previous, PreviousHash string
	PreviousSignature      string
	Status                 string // unsigned, verified, failed
	NoBefore, NoAfter      int8   // as Call.ReadOnly: whether the digest before, and the one after, was not read
}

func compareChains(a, b *ChainRow) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.End, b.End),
		cmp.Compare(a.Object, b.Object),
	)
}

func digestColumns() []column[DigestRow] {
	return []column[DigestRow]{
		text("account", func(r *DigestRow) *string { return &r.Account }),
		text("region", func(r *DigestRow) *string { return &r.Region }),
		date("day", func(r *DigestRow) *int32 { return &r.Day }),
		count("hours", func(r *DigestRow) *int64 { return &r.Hours }),
		count("digests", func(r *DigestRow) *int64 { return &r.Digests }),
		count("invalid", func(r *DigestRow) *int64 { return &r.Invalid }),
		count("verified", func(r *DigestRow) *int64 { return &r.Verified }),
		count("failed", func(r *DigestRow) *int64 { return &r.Failed }),
		count("listed", func(r *DigestRow) *int64 { return &r.Listed }),
		count("missing", func(r *DigestRow) *int64 { return &r.Missing }),
		count("different", func(r *DigestRow) *int64 { return &r.Different }),
		count("equal", func(r *DigestRow) *int64 { return &r.Equal }),
	}
}

func listedColumns() []column[ListedRow] {
	return []column[ListedRow]{
		text("account", func(r *ListedRow) *string { return &r.Account }),
		text("region", func(r *ListedRow) *string { return &r.Region }),
		date("day", func(r *ListedRow) *int32 { return &r.Day }),
		count("days", func(r *ListedRow) *int64 { return &r.Days }),
		distinct(text("name", func(r *ListedRow) *string { return &r.Name })),
		distinct(text("sha256", func(r *ListedRow) *string { return &r.SHA256 })),
		text("state", func(r *ListedRow) *string { return &r.State }),
	}
}

func chainColumns() []column[ChainRow] {
	return []column[ChainRow]{
		text("account", func(r *ChainRow) *string { return &r.Account }),
		text("region", func(r *ChainRow) *string { return &r.Region }),
		date("day", func(r *ChainRow) *int32 { return &r.Day }),
		moment("end", func(r *ChainRow) *int64 { return &r.End }),
		distinct(text("object", func(r *ChainRow) *string { return &r.Object })),
		distinct(text("sha256", func(r *ChainRow) *string { return &r.SHA256 })),
		distinct(text("signed", func(r *ChainRow) *string { return &r.Signed })),
		text("algorithm", func(r *ChainRow) *string { return &r.Algorithm }),
		text("fingerprint", func(r *ChainRow) *string { return &r.Fingerprint }),
		distinct(text("previous", func(r *ChainRow) *string { return &r.Previous })),
		distinct(text("previous_sha256", func(r *ChainRow) *string { return &r.PreviousHash })),
		distinct(text("previous_signature", func(r *ChainRow) *string { return &r.PreviousSignature })),
		text("status", func(r *ChainRow) *string { return &r.Status }),
		flag("no_before", func(r *ChainRow) *int8 { return &r.NoBefore }),
		flag("no_after", func(r *ChainRow) *int8 { return &r.NoAfter }),
	}
}
