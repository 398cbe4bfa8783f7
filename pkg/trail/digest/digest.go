package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/trail"
)

const (
	// MaxContent is the largest digest file that is read, in bytes of JSON. One entry has
	// about 450, and an hour of a busy account and region some thousand of them.
	MaxContent = 64 << 20
	// MaxLogs is the largest number of log files that one digest may list.
	MaxLogs = 200_000
	// MaxSpan is the longest time that one digest may cover. CloudTrail's cover an hour;
	// a longer one is no proof of anything hourly.
	MaxSpan = 26 * time.Hour
	// MaxKey is the longest key of an object, in bytes (Amazon S3 user guide, "Naming
	// Amazon S3 objects").
	MaxKey = 1024
	// maxText bounds fingerprints and signatures: 16,384 bits in hexadecimal.
	maxText = 4096
)

// ErrInvalid is wrapped by every error that says a file is no digest file.
var ErrInvalid = errors.New("not a digest file")

// Digest is one digest file.
type Digest struct {
	Account    string // awsAccountId: for an organization trail the member account
	Region     string // that the digest is about, from its object key
	Trail      string // the trail's name, from its object key; "" where that has another form
	Bucket     string // where it was delivered
	Object     string
	Start, End time.Time // of delivery: it lists the log files delivered from Start to End
	Backfill   bool      // lists files that the regular digest of that time left out
	Logs       []Log
	Sum        [sha256.Size]byte // of the whole content

	link Link
}

// Log is one log file that a digest lists.
type Log struct {
	Bucket, Object string
	// Hash is the SHA-256 of the file's decompressed content; Hashed is false where the
	// digest gives none, or one by another algorithm.
	Hash           [sha256.Size]byte
	Hashed         bool
	Oldest, Newest time.Time // of its events; zero where not told
}

// fields are the members of a JSON object: exact names, the last of equal ones.
type fields map[string][]byte

// Parse reads the decompressed content of a digest file. What it lacks of the members
// that AWS documents as present makes it invalid, so that it proves nothing.
func Parse(content []byte) (*Digest, error) {
	if len(content) > MaxContent {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrInvalid, MaxContent)
	}
	f := fields{}
	if !args.Members(content, func(key, value []byte) { f[string(key)] = value }) {
		return nil, fmt.Errorf("%w: no JSON object", ErrInvalid)
	}
	d := &Digest{
		Account: f.text("awsAccountId"), Bucket: f.text("digestS3Bucket"), Object: f.text("digestS3Object"),
		Start: instant(f["digestStartTime"]), End: instant(f["digestEndTime"]),
		Sum: sha256.Sum256(content),
	}
	if err := d.place(); err != nil {
		return nil, err
	}
	if span := d.End.Sub(d.Start); d.Start.IsZero() || d.End.IsZero() || span <= 0 || span > MaxSpan {
		return nil, fmt.Errorf("%w: digestStartTime and digestEndTime span no time, or more than %s", ErrInvalid, MaxSpan)
	}
	if err := d.list(f["logFiles"]); err != nil {
		return nil, err
	}
	d.link = newLink(d, f)
	return d, nil
}

// place takes region and trail from the digest's own key, which must agree with its
// account.
func (d *Digest) place() error {
	o := trail.ParseKey(d.Object)
	switch {
	case d.Account == "" || d.Bucket == "" || d.Object == "" || len(d.Object) > MaxKey:
		return fmt.Errorf("%w: awsAccountId, digestS3Bucket or digestS3Object is missing or too long", ErrInvalid)
	case o.Kind != trail.KindDigest || o.Region == "" || o.Account != d.Account:
		return fmt.Errorf("%w: digestS3Object is no digest of the account", ErrInvalid)
	}
	d.Region = o.Region
	d.Trail, d.Backfill = trailOf(path.Base(d.Object), d.Account, d.Region)
	return nil
}

// trailOf reads ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME_TIME[_backfill].json.gz.
// Names of trails may hold underscores and dots, so it goes from both ends.
func trailOf(base, account, region string) (name string, backfill bool) {
	rest, backfill := strings.CutSuffix(Base(base), "_backfill")
	rest, ok := strings.CutPrefix(rest, account+"_CloudTrail-Digest_"+region+"_")
	if !ok {
		return "", backfill
	}
	for range 2 { // the time, the home region
		at := strings.LastIndexByte(rest, '_')
		if at < 0 {
			return "", backfill
		}
		rest = rest[:at]
	}
	return rest, backfill
}

// list reads logFiles.
func (d *Digest) list(raw []byte) error {
	d.Logs = []Log{}
	broken, many := false, false
	whole := args.Elements(raw, func(element []byte) {
		switch {
		case broken || many:
		case len(d.Logs) == MaxLogs:
			many = true
		default:
			l, ok := newLog(element)
			d.Logs, broken = append(d.Logs, l), !ok
		}
	})
	switch {
	case !whole:
		return fmt.Errorf("%w: logFiles is no list", ErrInvalid)
	case many:
		return fmt.Errorf("%w: lists more than %d log files", ErrInvalid, MaxLogs)
	case broken:
		return fmt.Errorf("%w: an element of logFiles has no s3Object, or one that is too long", ErrInvalid)
	}
	return nil
}

// newLog reads an element of logFiles; ok is whether it names a file.
func newLog(element []byte) (l Log, ok bool) {
	var algorithm, hash []byte
	whole := args.Members(element, func(key, value []byte) {
		switch string(key) {
		case "s3Bucket":
			l.Bucket = text(value)
		case "s3Object":
			l.Object = text(value)
		case "hashAlgorithm":
			algorithm = value
		case "hashValue":
			hash = value
		case "oldestEventTime":
			l.Oldest = instant(value)
		case "newestEventTime":
			l.Newest = instant(value)
		}
	})
	if text(algorithm) == "SHA-256" {
		l.Hash, l.Hashed = sum(text(hash))
	}
	return l, whole && l.Object != "" && len(l.Object) <= MaxKey
}

// sum reads a SHA-256 in hexadecimal.
func sum(text string) (out [sha256.Size]byte, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(out) {
		return out, false
	}
	return [sha256.Size]byte(raw), true
}

// text is a JSON string, "" for anything else.
func text(raw []byte) string {
	s, _ := args.Text(raw)
	return s
}

// instant is a time in UTC, zero for anything else.
func instant(raw []byte) time.Time {
	t, err := time.Parse(time.RFC3339, text(raw))
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

func (f fields) text(name string) string { return text(f[name]) }

// short is text, or "" where it is longer than most bytes.
func (f fields) short(name string, most int) string {
	if s := f.text(name); len(s) <= most {
		return s
	}
	return ""
}

// Base names a delivered object, digest or log, wherever a copy of it lies and
// however that is compressed: the last element of its key without .json and .gz.
// AWS makes these names unique.
func Base(key string) string {
	base := path.Base(key)
	for _, ext := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		if s, ok := strings.CutSuffix(base, ext); ok {
			base = s
			break
		}
	}
	return strings.TrimSuffix(base, ".json")
}

// Hours calls fn for each hour of UTC whose middle lies within the digest: for the
// digests of a chain that follow each other without a hole, whenever in the hour they
// end, that is each hour once. day counts from 1970, hour from 0.
//
// A backfill digest covers none, since it does not list all of its time.
func (d *Digest) Hours(fn func(day int32, hour int)) {
	if d.Backfill {
		return
	}
	middle := d.Start.Truncate(time.Hour).Add(30 * time.Minute)
	if middle.Before(d.Start) {
		middle = middle.Add(time.Hour)
	}
	for ; middle.Before(d.End); middle = middle.Add(time.Hour) {
		fn(day(middle), middle.Hour())
	}
}

func day(t time.Time) int32 { return int32(t.Unix() / 86400) }
