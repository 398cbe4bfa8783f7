package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/digest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// maxEventDays bounds the days that the events of one listed log file are taken to
// span. CloudTrail's span minutes; more is a claim of whoever wrote the file.
const maxEventDays = 7

// Digests collects digest files, and the hashes of log files, from all workers, and
// compares them at the end. Its methods may be called at the same time, but for Resume,
// which comes first, and Finish, which comes last.
type Digests struct {
	mu     sync.Mutex
	chain  *digest.Chain
	rows   map[digestKey]*usage.DigestRow
	read   map[string]*readDigest // by base name
	logs   map[nameHash]logHash
	before []usage.ListedRow // of scans before this one
}

type digestKey struct {
	account, region string
	day             int32
}

// readDigest is what a digest file of this scan adds to rows.
type readDigest struct {
	sum    [sha256.Size]byte
	at     digestKey
	moved  bool // its name is not the one that it gives itself
	hours  []digestHour
	listed []listed
}

type digestHour struct {
	day  int32
	hour int
}

// listed is a log file that a digest lists.
type listed struct {
	at     digestKey // the day of its newest event
	days   int32     // that its events span
	name   string
	hash   [sha256.Size]byte
	hashed bool
}

// nameHash stands for a name: half of its SHA-256, so that nobody can make two names
// one.
type nameHash [sha256.Size / 2]byte

func hashName(name string) nameHash {
	sum := sha256.Sum256([]byte(name))
	return nameHash(sum[:])
}

// logHash is what a log file of a name holds.
type logHash struct {
	sum   [sha256.Size]byte
	mixed bool // several files of the name, with different content
}

// NewDigests returns an empty collector. keys verify signatures; nil for none.
func NewDigests(keys *digest.Keys) *Digests {
	return &Digests{
		chain: digest.NewChain(keys), rows: map[digestKey]*usage.DigestRow{},
		read: map[string]*readDigest{}, logs: map[nameHash]logHash{},
	}
}

// Resume takes up what earlier scans of a dataset left open.
func (c *Digests) Resume(missing []usage.ListedRow, ends []usage.ChainRow) {
	c.before = slices.Clone(missing)
	for i := range ends {
		r := &ends[i]
		c.chain.Known(linkOf(r), statusOf(r.Status), digest.Ends{Before: r.NoBefore == 2, After: r.NoAfter == 2})
	}
}

// next is the collector of a scan that goes on after this one, which found that. It knows
// the content of the log files that were read before.
func (c *Digests) next(keys *digest.Keys, found *DigestResult) *Digests {
	n := NewDigests(keys)
	n.logs = c.logs
	n.Resume(found.Listed, found.Chains)
	return n
}

// AddDigest reads one stored digest file, compressed or not, that was listed under key.
// One that is no digest file is an error; it is counted as invalid, and proves nothing.
func (c *Digests) AddDigest(key string, stored []byte) error {
	d, err := parseDigest(stored)
	if err != nil {
		o := trail.ParseKey(key)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.row(digestKey{strings.Clone(o.Account), strings.Clone(o.Region), dayOf(o.Day)}).Invalid++
		return fmt.Errorf("read digest: %w", err)
	}
	add := newReadDigest(key, d)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chain.Add(d.Link())
	name := digest.Base(d.Object)
	// Of two files of one name the same one counts in whatever order they are read.
	if old := c.read[name]; old == nil || bytes.Compare(add.sum[:], old.sum[:]) < 0 || add.sum == old.sum && !add.moved {
		c.read[name] = add
	}
	return nil
}

func parseDigest(stored []byte) (*digest.Digest, error) {
	content, err := digest.Unpack(stored)
	if err != nil {
		return nil, err
	}
	return digest.Parse(content)
}

func newReadDigest(key string, d *digest.Digest) *readDigest {
	r := &readDigest{
		sum: d.Sum, at: digestKey{strings.Clone(d.Account), strings.Clone(d.Region), d.Link().Day},
		moved: digest.Base(key) != digest.Base(d.Object),
	}
	d.Hours(func(day int32, hour int) { r.hours = append(r.hours, digestHour{day, hour}) })
	for i := range d.Logs {
		r.listed = append(r.listed, listedOf(r.at, d, &d.Logs[i]))
	}
	return r
}

// listedOf finds the days of a listed file's events: as the digest tells them, else the
// day in its name, else that of the digest.
func listedOf(at digestKey, d *digest.Digest, l *digest.Log) listed {
	newest := l.Newest
	if newest.IsZero() {
		newest = trail.ParseKey(l.Object).Day
	}
	if newest.IsZero() {
		newest = d.End
	}
	out := listed{at: at, days: 1, name: strings.Clone(digest.Base(l.Object)), hash: l.Hash, hashed: l.Hashed}
	out.at.day = dayOf(newest)
	if !l.Oldest.IsZero() && l.Oldest.Before(newest) {
		out.days = min(maxEventDays, out.at.day-dayOf(l.Oldest)+1)
	}
	return out
}

// AddLog tells the SHA-256 of the decompressed content of a log object that was read to
// its end. Without it the object is known to be there, and not compared.
func (c *Digests) AddLog(key string, sum [sha256.Size]byte) {
	name := hashName(digest.Base(key))
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.logs[name]; ok && (old.mixed || old.sum != sum) {
		c.logs[name] = logHash{mixed: true}
		return
	}
	c.logs[name] = logHash{sum: sum}
}

// DigestResult is what digests and log files say of each other.
type DigestResult struct {
	Rows   []usage.DigestRow // to be joined with those of earlier scans by usage.AggregateDigests
	Listed []usage.ListedRow // all that is missing or different now
	Chains []usage.ChainRow  // all ends now
	Failed []DigestFailure   // digests that are not as CloudTrail wrote them, sorted
}

// DigestFailure tells of one digest.
type DigestFailure struct{ Object, Reason string }

// Finish compares. known tells whether the archive holds a log object, of this scan or
// an earlier one, by the name that digest.Base gives to its key.
func (c *Digests) Finish(known func(name string) bool) DigestResult {
	var out DigestResult
	c.reopen(known, &out)
	moved := map[string]bool{}
	for name, r := range c.read {
		c.count(r)
		if r.moved {
			moved[name] = true
		}
		for _, l := range r.listed {
			c.settle(l, known, &out)
		}
	}
	c.judge(moved, &out)
	for _, r := range c.rows {
		out.Rows = append(out.Rows, *r)
	}
	out.Rows = usage.AggregateDigests(out.Rows)
	usage.SortListed(out.Listed)
	return out
}

func (c *Digests) row(k digestKey) *usage.DigestRow {
	r := c.rows[k]
	if r == nil {
		r = &usage.DigestRow{Account: k.account, Region: k.region, Day: k.day}
		c.rows[k] = r
	}
	return r
}

// count adds a digest itself. One that is not what it says is no proof of any hour.
func (c *Digests) count(r *readDigest) {
	c.row(r.at).Digests++
	if r.moved {
		return
	}
	for _, h := range r.hours {
		c.row(digestKey{r.at.account, r.at.region, h.day}).Hours |= 1 << h.hour
	}
}

// settle compares one listed file with the archive.
func (c *Digests) settle(l listed, known func(string) bool, out *DigestResult) {
	row := c.row(l.at)
	row.Listed++
	log, hashed := c.logs[hashName(l.name)]
	switch {
	case !known(l.name) && !hashed:
		for d := range l.days {
			c.row(digestKey{l.at.account, l.at.region, l.at.day - d}).Missing++
		}
		out.Listed = append(out.Listed, l.row("missing"))
	case !hashed || !l.hashed:
	case log.mixed || log.sum != l.hash:
		row.Different++
		out.Listed = append(out.Listed, l.row("different"))
	default:
		row.Equal++
	}
}

func (l *listed) row(state string) usage.ListedRow {
	r := usage.ListedRow{Account: l.at.account, Region: l.at.region, Day: l.at.day, Days: int64(l.days), Name: l.name, State: state}
	if l.hashed {
		r.SHA256 = hex.EncodeToString(l.hash[:])
	}
	return r
}

// reopen looks again for what was missing.
func (c *Digests) reopen(known func(string) bool, out *DigestResult) {
	for _, r := range c.before {
		if _, hashed := c.logs[hashName(r.Name)]; r.State != "missing" || !known(r.Name) && !hashed {
			out.Listed = append(out.Listed, r)
			continue
		}
		l := listed{at: digestKey{r.Account, r.Region, r.Day}, days: int32(min(max(r.Days, 1), maxEventDays)), name: r.Name}
		if raw, err := hex.DecodeString(r.SHA256); err == nil && len(raw) == len(l.hash) {
			l.hash, l.hashed = [sha256.Size]byte(raw), true
		}
		for d := range l.days {
			c.row(digestKey{r.Account, r.Region, r.Day - d}).Missing--
		}
		c.row(l.at).Listed-- // settle counts it again
		c.settle(l, known, out)
	}
}

// judge adds what the chains say of the digests.
func (c *Digests) judge(moved map[string]bool, out *DigestResult) {
	for _, j := range c.chain.Judge() {
		name := digest.Base(j.Link.Object)
		if moved[name] {
			j.Status, j.Reason = digest.Failed, "it lies under another name than it was delivered with"
		}
		if j.Ends.Open() {
			out.Chains = append(out.Chains, chainRow(&j))
		}
		if !j.New {
			continue
		}
		row := c.row(digestKey{j.Link.Account, j.Link.Region, j.Link.Day})
		switch j.Status {
		case digest.Verified:
			row.Verified++
		case digest.Failed:
			row.Failed++
			out.Failed = append(out.Failed, DigestFailure{j.Link.Object, j.Reason})
		}
	}
}

func chainRow(j *digest.Judgement) usage.ChainRow {
	l := j.Link
	return usage.ChainRow{
		Account: l.Account, Region: l.Region, Day: l.Day, End: l.End.UnixMilli(), Object: l.Object,
		SHA256: hex.EncodeToString(l.Sum[:]), Signed: hex.EncodeToString(l.Signed[:]),
		Algorithm: l.Algorithm, Fingerprint: l.Fingerprint,
		Previous: l.Previous, PreviousHash: l.PreviousHash, PreviousSignature: l.PreviousSignature,
		Status: j.Status.String(), NoBefore: flagOf(j.Ends.Before), NoAfter: flagOf(j.Ends.After),
	}
}

// flagOf is a boolean as columns have it: 1 is false, 2 is true.
func flagOf(b bool) int8 {
	if b {
		return 2
	}
	return 1
}

func statusOf(text string) digest.Status {
	for _, s := range []digest.Status{digest.Verified, digest.Failed} {
		if text == s.String() {
			return s
		}
	}
	return digest.Unsigned
}

func linkOf(r *usage.ChainRow) digest.Link {
	l := digest.Link{
		Account: r.Account, Region: r.Region, End: time.UnixMilli(r.End).UTC(), Day: r.Day, Object: r.Object,
		Algorithm: r.Algorithm, Fingerprint: r.Fingerprint,
		Previous: r.Previous, PreviousHash: r.PreviousHash, PreviousSignature: r.PreviousSignature,
	}
	decodeSum(&l.Sum, r.SHA256)
	decodeSum(&l.Signed, r.Signed)
	return l
}

func decodeSum(dst *[sha256.Size]byte, text string) {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == len(dst) {
		*dst = [sha256.Size]byte(raw)
	}
}
