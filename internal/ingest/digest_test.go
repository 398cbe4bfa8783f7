package ingest

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail/digest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

const digestAccount = "111122223333"

// archive is a day of digests, one an hour, of logs of which each hour but the quiet ones
// has one.
type archive struct {
	t       testing.TB
	key     *rsa.PrivateKey
	digests []storedDigest
	logs    map[string][sha256.Size]byte // by key: of the content
}

type storedDigest struct {
	key       string
	stored    []byte
	content   []byte
	signature string
}

func newArchive(t testing.TB, from time.Time, hours int, quiet func(hour int) bool) *archive {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{t: t, key: key, logs: map[string][sha256.Size]byte{}}
	for i := range hours {
		a.hour(from.Add(time.Duration(i)*time.Hour), quiet(i))
	}
	return a
}

// hour adds the digest of the hour from start, and its log.
func (a *archive) hour(start time.Time, quiet bool) {
	end := start.Add(time.Hour)
	logs := []map[string]any{}
	if at := start.Add(10 * time.Minute); !quiet {
		key := fmt.Sprintf("AWSLogs/%s/CloudTrail/eu-west-1/%s/%s_CloudTrail_eu-west-1_%s_%016d.json.gz", digestAccount,
			at.Format("2006/01/02"), digestAccount, at.Format("20060102T1504Z"), len(a.logs))
		a.logs[key] = sha256.Sum256([]byte(key))
		logs = append(logs, map[string]any{"s3Bucket": "b", "s3Object": key, "hashAlgorithm": "SHA-256", "hashValue": fmt.Sprintf("%x", a.logs[key]),
			"oldestEventTime": at.Add(-20 * time.Minute).Format(time.RFC3339), "newestEventTime": at.Format(time.RFC3339)})
	}
	d := storedDigest{key: fmt.Sprintf("AWSLogs/%s/CloudTrail-Digest/eu-west-1/%s/%s_CloudTrail-Digest_eu-west-1_t_eu-west-1_%s.json.gz",
		digestAccount, end.Format("2006/01/02"), digestAccount, end.Format("20060102T150405Z"))}
	m := map[string]any{"awsAccountId": digestAccount, "digestStartTime": start.Format(time.RFC3339), "digestEndTime": end.Format(time.RFC3339),
		"digestS3Bucket": "b", "digestS3Object": d.key, "digestPublicKeyFingerprint": "f", "digestSignatureAlgorithm": "SHA256withRSA", "logFiles": logs}
	before := "null"
	if n := len(a.digests); n > 0 {
		last := a.digests[n-1]
		before = last.signature
		m["previousDigestS3Bucket"], m["previousDigestS3Object"], m["previousDigestSignature"] = "b", last.key, before
		m["previousDigestHashAlgorithm"], m["previousDigestHashValue"] = "SHA-256", fmt.Sprintf("%x", sha256.Sum256(last.content))
	}
	var err error
	if d.content, err = json.Marshal(m); err != nil {
		a.t.Fatal(err)
	}
	d.stored = gzipped(a.t, d.content)
	text := sha256.Sum256(fmt.Appendf(nil, "%s\nb/%s\n%x\n%s", end.Format(time.RFC3339), d.key, sha256.Sum256(d.content), before))
	raw, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, text[:])
	if err != nil {
		a.t.Fatal(err)
	}
	d.signature = fmt.Sprintf("%x", raw)
	a.digests = append(a.digests, d)
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (a *archive) keys() *digest.Keys {
	a.t.Helper()
	k, err := digest.ParseKeys(fmt.Appendf(nil, `{"PublicKeyList":[{"Fingerprint":"f","Value":%q}]}`,
		base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&a.key.PublicKey))))
	if err != nil {
		a.t.Fatal(err)
	}
	return k
}

// scanned collects everything at once.
func (a *archive) scanned(keys *digest.Keys, verify bool, change func(c *Digests, logs map[string][sha256.Size]byte)) DigestResult {
	a.t.Helper()
	c, logs := NewDigests(keys), map[string][sha256.Size]byte{}
	for k, sum := range a.logs {
		logs[k] = sum
	}
	if change != nil {
		change(c, logs)
	}
	for _, d := range a.digests {
		if err := c.AddDigest(d.key, d.stored); err != nil {
			a.t.Fatal(err)
		}
	}
	if verify {
		for k, sum := range logs {
			c.AddLog(k, sum)
		}
	}
	return c.Finish(knows(logs))
}

func knows(logs map[string][sha256.Size]byte) func(string) bool {
	names := map[string]bool{}
	for k := range logs {
		names[digest.Base(k)] = true
	}
	return func(name string) bool { return names[name] }
}

// sums adds up rows, as one.
func sums(r DigestResult) usage.DigestRow {
	var out usage.DigestRow
	for _, x := range r.Rows {
		out.Hours |= x.Hours
		out.Digests += x.Digests
		out.Invalid += x.Invalid
		out.Verified += x.Verified
		out.Failed += x.Failed
		out.Listed += x.Listed
		out.Missing += x.Missing
		out.Different += x.Different
		out.Equal += x.Equal
	}
	return out
}

var digestDay = time.Date(2026, 3, 2, 0, 1, 31, 0, time.UTC)

func TestDigests(t *testing.T) {
	a := newArchive(t, digestDay, 24, func(h int) bool { return h%6 == 5 })
	first := a.logKey(0)
	for _, tt := range []struct {
		name   string
		keys   *digest.Keys
		verify bool
		change func(*Digests, map[string][sha256.Size]byte)
		want   usage.DigestRow // of all rows
		listed string          // states
	}{
		{"as it is", nil, false, nil, usage.DigestRow{Digests: 24, Listed: 20, Hours: usage.AllHours}, ""},
		{"verified", a.keys(), true, nil, usage.DigestRow{Digests: 24, Verified: 23, Listed: 20, Equal: 20, Hours: usage.AllHours}, ""},
		{"a log is gone", nil, true, func(_ *Digests, logs map[string][sha256.Size]byte) { delete(logs, first) },
			usage.DigestRow{Digests: 24, Listed: 20, Missing: 2, Equal: 19, Hours: usage.AllHours}, "missing"}, // its events began the day before
		{"a log is changed", nil, true, func(_ *Digests, logs map[string][sha256.Size]byte) { logs[first] = sha256.Sum256(nil) },
			usage.DigestRow{Digests: 24, Listed: 20, Different: 1, Equal: 19, Hours: usage.AllHours}, "different"},
		{"a log is changed in one of two copies", nil, true, func(c *Digests, _ map[string][sha256.Size]byte) { c.AddLog("copy/"+first, sha256.Sum256(nil)) },
			usage.DigestRow{Digests: 24, Listed: 20, Different: 1, Equal: 19, Hours: usage.AllHours}, "different"},
		{"two equal copies", nil, true, func(c *Digests, _ map[string][sha256.Size]byte) {
			c.AddLog("copy/"+first, sha256.Sum256([]byte(first)))
		},
			usage.DigestRow{Digests: 24, Listed: 20, Equal: 20, Hours: usage.AllHours}, ""},
		{"a digest twice", a.keys(), false, func(c *Digests, _ map[string][sha256.Size]byte) {
			if err := c.AddDigest("copy/"+a.digests[3].key, a.digests[3].content); err != nil {
				t.Error(err)
			}
		}, usage.DigestRow{Digests: 24, Verified: 23, Listed: 20, Hours: usage.AllHours}, ""},
	} {
		got := a.scanned(tt.keys, tt.verify, tt.change)
		if s := sums(got); s != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, s, tt.want)
		}
		states := ""
		for _, l := range got.Listed {
			states += l.State
		}
		if states != tt.listed || len(got.Failed) != 0 || len(got.Chains) != 1 {
			t.Errorf("%s: %q, failed %v, ends %+v", tt.name, states, got.Failed, got.Chains)
		}
	}
}

// logKey is the key of the n-th log.
func (a *archive) logKey(n int) string {
	for k := range a.logs {
		if strings.HasSuffix(k, fmt.Sprintf("_%016d.json.gz", n)) {
			return k
		}
	}
	a.t.Fatalf("no log %d", n)
	return ""
}

func TestDigestsMissingDays(t *testing.T) {
	a := newArchive(t, digestDay, 2, func(int) bool { return false })
	r := a.scanned(nil, false, func(_ *Digests, logs map[string][sha256.Size]byte) { delete(logs, a.logKey(0)) })
	day := dayOf(digestDay)
	want := []usage.DigestRow{
		{Account: digestAccount, Region: "eu-west-1", Day: day - 1, Missing: 1},
		{Account: digestAccount, Region: "eu-west-1", Day: day, Hours: 3, Digests: 2, Listed: 2, Missing: 1},
	}
	if !reflect.DeepEqual(r.Rows, want) {
		t.Errorf("%+v", r.Rows)
	}
	if l := r.Listed[0]; l.Name != digest.Base(a.logKey(0)) || l.Day != day || l.Days != 2 || len(l.SHA256) != 64 {
		t.Errorf("%+v", l)
	}
}

func TestDigestsHostile(t *testing.T) {
	a := newArchive(t, digestDay, 3, func(int) bool { return true })
	c := NewDigests(a.keys())
	for _, stored := range [][]byte{nil, []byte("x"), []byte("{}"), a.digests[0].stored[:20]} {
		if err := c.AddDigest(a.digests[0].key, stored); err == nil {
			t.Errorf("%q is taken for a digest", stored)
		}
	}
	// Under the name of another hour it proves neither.
	if err := c.AddDigest(a.digests[2].key, a.digests[1].stored); err != nil {
		t.Fatal(err)
	}
	r := c.Finish(func(string) bool { return false })
	if s := sums(r); s.Hours != 0 || s.Digests != 1 || s.Failed != 1 || s.Invalid != 4 || len(r.Failed) != 1 {
		t.Errorf("%+v, %+v", s, r.Failed)
	}
	changed := a.digests[1]
	changed.stored = append(bytes.Clone(changed.content), '\n')
	a.digests[1] = changed
	if s := sums(a.scanned(a.keys(), false, nil)); s.Failed != 1 || s.Verified != 1 {
		t.Errorf("%+v", s)
	}
	// An event of long ago does not reach over all days.
	old := bytes.Replace(newArchive(t, digestDay, 1, func(int) bool { return false }).digests[0].content, []byte(`"oldestEventTime":"2026`), []byte(`"oldestEventTime":"1970`), 1)
	c = NewDigests(nil)
	if err := c.AddDigest(a.digests[0].key, old); err != nil {
		t.Fatal(err)
	}
	if s := sums(c.Finish(func(string) bool { return false })); s.Missing != maxEventDays {
		t.Errorf("%+v", s)
	}
}

// TestDigestsSplit scans an archive in parts, in any order: together they give what one
// scan gives.
func TestDigestsSplit(t *testing.T) {
	a := newArchive(t, digestDay, 40, func(h int) bool { return h%3 == 1 })
	gone, changed := a.logKey(5), a.logKey(9)
	delete(a.logs, gone)
	a.logs[changed] = sha256.Sum256(nil)
	for _, keys := range []*digest.Keys{nil, a.keys()} {
		want := a.scanned(keys, true, nil)
		if s := sums(want); s.Missing != 1 || s.Different != 1 || keys.Len() > 0 && s.Verified != 39 {
			t.Fatalf("%+v", s)
		}
		for seed := range uint64(20) {
			got := a.inParts(mrand.New(mrand.NewPCG(seed, 1)), keys)
			got.Failed, want.Failed = nil, nil
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %+v\nwant %+v", seed, got, want)
			}
		}
	}
}

// inParts scans in up to five parts. Logs come with or before the part of their digest,
// or later without being hashed again: those of a part are hashed in it.
func (a *archive) inParts(r *mrand.Rand, keys *digest.Keys) DigestResult {
	n := 1 + r.IntN(5)
	part := make([][]any, n)
	for _, d := range a.digests {
		i := r.IntN(n)
		part[i] = append(part[i], d)
	}
	for key, sum := range a.logs {
		for i := range n { // a hash that is known once is known later: the ledger has it
			if i == n-1 || r.IntN(n) == 0 {
				for ; i < n; i++ {
					part[i] = append(part[i], loggedSum{key, sum})
				}
				break
			}
		}
	}
	var all DigestResult
	seen := map[string][sha256.Size]byte{}
	for _, objects := range part {
		c := NewDigests(keys)
		c.Resume(all.Listed, all.Chains)
		r.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		var group sync.WaitGroup
		for _, o := range objects {
			if l, ok := o.(loggedSum); ok {
				seen[l.key] = l.sum
			}
			group.Go(func() {
				switch o := o.(type) {
				case storedDigest:
					if err := c.AddDigest(o.key, o.stored); err != nil {
						a.t.Error(err)
					}
				case loggedSum:
					c.AddLog(o.key, o.sum)
				}
			})
		}
		group.Wait()
		next := c.Finish(knows(seen))
		next.Rows = usage.AggregateDigests(append(next.Rows, all.Rows...))
		all = next
	}
	return all
}

type loggedSum struct {
	key string
	sum [sha256.Size]byte
}
