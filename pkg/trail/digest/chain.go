package digest

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/internal/args"
)

// Link is what the chain has to know of one digest. It is small, so that the ends of
// chains can be kept from one scan to the next.
type Link struct {
	Account, Region string
	End             time.Time
	Day             int32             // of the last hour it covers, else of End; counted from 1970
	Object          string            // the digest's key
	Sum             [sha256.Size]byte // of its content
	Signed          [sha256.Size]byte // SHA-256 of the string that its signature is of
	Algorithm       string            // digestSignatureAlgorithm
	Fingerprint     string            // of the public key
	// The digest before: its key, the SHA-256 of its content and its signature, both in
	// hexadecimal. "" where not told, and all of it in the first digest of a chain.
	Previous, PreviousHash, PreviousSignature string
}

// Link returns the digest's place in its chain.
func (d *Digest) Link() Link { return d.link }

// newLink follows "Contents of the data signing string": end time, S3 path, hash of the
// content and the previous signature, a line each.
func newLink(d *Digest, f fields) Link {
	signature, ok := args.Text(f["previousDigestSignature"])
	signed := signature
	if !ok {
		signed = "null"
	}
	signing := strings.Join([]string{f.text("digestEndTime"), d.Bucket + "/" + d.Object, hex.EncodeToString(d.Sum[:]), signed}, "\n")
	l := Link{
		Account: d.Account, Region: d.Region, End: d.End, Day: day(d.End), Object: d.Object,
		Sum: d.Sum, Signed: sha256.Sum256([]byte(signing)),
		Algorithm: f.short("digestSignatureAlgorithm", maxText), Fingerprint: f.short("digestPublicKeyFingerprint", maxText),
		Previous: f.short("previousDigestS3Object", MaxKey), PreviousSignature: f.short("previousDigestSignature", maxText),
	}
	if f.text("previousDigestHashAlgorithm") == "SHA-256" {
		l.PreviousHash = f.short("previousDigestHashValue", maxText)
	}
	d.Hours(func(day int32, _ int) { l.Day = day })
	return l
}

// Status is what is known of one digest.
type Status int

const (
	// Unsigned: no signature of it is known (it is the last of its chain), or no key.
	Unsigned Status = iota
	// Verified: its signature is right, so that CloudTrail wrote it as it is.
	Verified
	// Failed: its signature or the hash that its successor has of it is wrong.
	Failed
)

// String names the status as summaries do.
func (s Status) String() string { return [...]string{"unsigned", "verified", "failed"}[s] }

// Judgement is what a chain found of one digest.
type Judgement struct {
	Link   *Link
	Status Status
	Reason string // of Failed and Unsigned; no text of the digest is in it
	New    bool   // its status was Unsigned, or not asked, before
	Ends   Ends
}

// Ends tell what of a digest's neighbours has not been read. A digest of which either is
// set is the end of what is known of its chain.
type Ends struct{ Before, After bool }

// Open reports whether a digest that is read later can say something of this one, or this
// one of it.
func (e Ends) Open() bool { return e.Before || e.After }

// Chain joins digests that name each other.
type Chain struct {
	keys  *Keys // nil: signatures are not verified, hashes are
	links map[string]*Link
	next  map[string][]*Link // those that name a digest as their predecessor
	known map[string]known
	twice map[string]bool // of which two had different content
}

// known is what was found of a digest by an earlier chain.
type known struct {
	status Status
	ends   Ends
}

// NewChain returns an empty chain. keys may be nil.
func NewChain(keys *Keys) *Chain {
	return &Chain{keys: keys, links: map[string]*Link{}, next: map[string][]*Link{}, known: map[string]known{}, twice: map[string]bool{}}
}

// Add adds a digest, and reports whether it is new: one of the same name was not added
// before. Of two with different content the one with the lesser hash stays, in whatever
// order they come, and fails unless its signature is right.
func (c *Chain) Add(l Link) bool {
	name := Base(l.Object)
	if old := c.links[name]; old != nil {
		if old.Sum == l.Sum {
			return false
		}
		c.twice[name] = true
		if bytes.Compare(old.Sum[:], l.Sum[:]) < 0 {
			return false
		}
		c.forget(old)
		c.links[name] = &l
		c.follow(&l)
		return false
	}
	c.links[name] = &l
	c.follow(&l)
	return true
}

// follow lists a digest with those that name its predecessor.
func (c *Chain) follow(l *Link) {
	if l.Previous != "" {
		before := Base(l.Previous)
		c.next[before] = append(c.next[before], l)
	}
}

func (c *Chain) forget(l *Link) {
	before := Base(l.Previous)
	c.next[before] = slices.DeleteFunc(c.next[before], func(o *Link) bool { return o == l })
}

// Known adds an end of what an earlier chain knew: its status and Ends are those of the
// Judgement.
func (c *Chain) Known(l Link, status Status, e Ends) {
	if c.Add(l) {
		c.known[Base(l.Object)] = known{status, e}
	}
}

// Judge judges all digests, sorted by account, region, end and key.
func (c *Chain) Judge() []Judgement {
	out := make([]Judgement, 0, len(c.links))
	for name, l := range c.links {
		j := c.judge(l, c.next[name])
		old, again := c.known[name]
		if j.New = old.status == Unsigned; !j.New {
			j.Status, j.Reason = old.status, ""
		}
		j.Ends = Ends{
			Before: l.Previous != "" && c.links[Base(l.Previous)] == nil && (!again || old.ends.Before),
			After:  len(c.next[name]) == 0 && (!again || old.ends.After),
		}
		out = append(out, j)
	}
	slices.SortFunc(out, func(a, b Judgement) int { return compareLinks(a.Link, b.Link) })
	return out
}

func compareLinks(a, b *Link) int {
	return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), a.End.Compare(b.End), strings.Compare(a.Object, b.Object))
}

// judge asks each digest that names l as its predecessor. A right signature decides,
// whoever has it; else one that contradicts is enough to fail it.
func (c *Chain) judge(l *Link, successors []*Link) Judgement {
	out := Judgement{Link: l, Reason: "no digest that follows it is there, which would have its signature"}
	if c.twice[Base(l.Object)] {
		out.Status, out.Reason = Failed, "another file of this name has other content"
	}
	for _, s := range successors {
		status, why := c.vouch(l, s)
		if status == Verified {
			return Judgement{Link: l, Status: Verified}
		}
		if out.Status != Failed {
			out.Status, out.Reason = status, why
		}
	}
	return out
}

// vouch compares a digest with what its successor has of it.
func (c *Chain) vouch(l, s *Link) (Status, string) {
	if s.Previous != l.Object {
		return Failed, "its successor knows it by another key"
	}
	if want := s.PreviousHash; want != "" && !strings.EqualFold(want, hex.EncodeToString(l.Sum[:])) {
		return Failed, "it is not the file that its successor has the hash of"
	}
	switch {
	case s.PreviousSignature == "":
		return Unsigned, "its successor does not have its signature"
	case c.keys == nil:
		return Unsigned, "no public keys were given"
	}
	return c.keys.verify(l, s.PreviousSignature)
}

// verify checks the signature of a digest.
func (k *Keys) verify(l *Link, signature string) (Status, string) {
	key := k.byFingerprint[l.Fingerprint]
	if key == nil {
		return Unsigned, "its public key is not among those given"
	}
	if l.Algorithm != "SHA256withRSA" {
		return Failed, "its signature is of another algorithm than SHA256withRSA"
	}
	raw, err := hex.DecodeString(signature)
	if err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, l.Signed[:], raw) != nil {
		return Failed, "its signature is wrong"
	}
	return Verified, ""
}
