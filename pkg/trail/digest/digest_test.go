package digest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

var end = time.Date(2026, 3, 2, 15, 1, 31, 0, time.UTC)

func logMember(name, content string) member {
	sum := sha256.Sum256([]byte(content))
	return member{
		"s3Bucket": bucket, "s3Object": "AWSLogs/" + account + "/CloudTrail/us-east-1/2026/03/02/" + name + ".json.gz",
		"hashValue": hex.EncodeToString(sum[:]), "hashAlgorithm": "SHA-256",
		"newestEventTime": "2026-03-02T14:52:27Z", "oldestEventTime": "2026-03-02T14:42:27Z",
	}
}

func TestParse(t *testing.T) {
	s := newSigner(t)
	d := parse(t, s.digest(nil, end, []member{logMember("a", "x"), {"s3Object": "b", "hashValue": "00", "hashAlgorithm": "SHA-256"}, {"s3Object": "c", "hashAlgorithm": "MD5", "hashValue": strings.Repeat("00", 32)}}, nil))
	if d.Account != account || d.Region != "us-east-1" || d.Trail != "my_trail.1" || d.Bucket != bucket || d.Backfill {
		t.Errorf("%+v", d)
	}
	if !d.End.Equal(end) || d.End.Sub(d.Start) != time.Hour {
		t.Errorf("from %s to %s", d.Start, d.End)
	}
	if len(d.Logs) != 3 || !d.Logs[0].Hashed || d.Logs[0].Hash != sha256.Sum256([]byte("x")) || d.Logs[1].Hashed || d.Logs[2].Hashed {
		t.Errorf("%+v", d.Logs)
	}
	if l := d.Logs[0]; l.Newest.Sub(l.Oldest) != 10*time.Minute || l.Newest.Minute() != 52 {
		t.Errorf("events from %s to %s", l.Oldest, l.Newest)
	}
}

// TestParseGuide reads the sample of the user guide, word for word in what matters.
func TestParseGuide(t *testing.T) {
	d, err := Parse([]byte(`{"awsAccountId": "111122223333", "digestStartTime": "2015-08-20T17:01:31Z", "digestEndTime": "2015-08-20T18:01:31Z",
	 "digestS3Bucket": "example-bucket-name",
	 "digestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/20/111122223333_CloudTrail-Digest_us-east-2_example-trail-name_us-east-2_20150820T180131Z.json.gz",
	 "digestPublicKeyFingerprint": "31e8b5433410dfb61a9dc45cc65b22ff", "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": null, "oldestEventTime": null,
	 "previousDigestS3Bucket": "example-bucket-name",
	 "previousDigestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/20/111122223333_CloudTrail-Digest_us-east-2_example-trail-name_us-east-2_20150820T170131Z.json.gz",
	 "previousDigestHashValue": "ed96c4bac9eaa8fe9716ca0e515da51938be651b1db31d781956416a9d05cdfa", "previousDigestHashAlgorithm": "SHA-256",
	 "previousDigestSignature": "82705525", "logFiles": []}`))
	if err != nil || d.Trail != "example-trail-name" || d.Region != "us-east-2" || len(d.Logs) != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	if l := d.Link(); !strings.HasSuffix(l.Previous, "T170131Z.json.gz") || !strings.HasPrefix(l.PreviousHash, "ed96") || l.PreviousSignature != "82705525" {
		t.Errorf("%+v", l)
	}
}

func TestParseRefuses(t *testing.T) {
	s := newSigner(t)
	key := digestKey("us-east-1", end)
	for name, change := range map[string]member{
		"no account":                 {"awsAccountId": delete_},
		"account of another type":    {"awsAccountId": 111122223333},
		"another account's key":      {"awsAccountId": "444455556666"},
		"no bucket":                  {"digestS3Bucket": nil},
		"no key":                     {"digestS3Object": delete_},
		"the key of a log":           {"digestS3Object": strings.ReplaceAll(key, "CloudTrail-Digest", "CloudTrail")},
		"a key without region":       {"digestS3Object": account + "_CloudTrail-Digest_x_y_20260302T150131Z.json.gz"},
		"no start":                   {"digestStartTime": delete_},
		"end that is no time":        {"digestEndTime": "yesterday"},
		"end before start":           {"digestEndTime": "2026-03-02T14:00:00Z"},
		"a year":                     {"digestStartTime": "2025-03-02T14:00:00Z"},
		"no list":                    {"logFiles": delete_},
		"a null list":                {"logFiles": nil},
		"a list of another type":     {"logFiles": "all"},
		"an element that is no file": {"logFiles": []any{1}},
		"a file without key":         {"logFiles": []any{member{"s3Bucket": bucket}}},
		"a long key":                 {"digestS3Object": strings.Repeat("x", MaxKey) + "/" + key},
		"a file with a long key":     {"logFiles": []any{member{"s3Object": strings.Repeat("x", MaxKey+1)}}},
		"case does not count":        {"awsAccountId": delete_, "AwsAccountId": account},
	} {
		if d, err := Parse(s.digest(nil, end, nil, change).content); !errors.Is(err, ErrInvalid) || d != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, content := range []string{"", "null", "[]", "{", `{"Records":[]}`, strings.Repeat(`{"logFiles":`, 20000)} {
		if _, err := Parse([]byte(content)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.20s: %v", content, err)
		}
	}
}

// TestLastOfEqualMembers spoofs members: other case does not count, the last one does.
func TestLastOfEqualMembers(t *testing.T) {
	f := newSigner(t).digest(nil, end, nil, nil)
	spoofed := bytes.Replace(f.content, []byte(`"awsAccountId"`), []byte(`"AWSACCOUNTID":"444455556666","awsAccountId":"555555555555","awsAccountId"`), 1)
	if d, err := Parse(spoofed); err != nil || d.Account != account {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestLongTexts keeps nothing that is longer than what it is for can be.
func TestLongTexts(t *testing.T) {
	s := newSigner(t)
	one := s.digest(nil, end, nil, nil)
	long := strings.Repeat("00", maxText)
	l := parse(t, s.digest(one, end.Add(time.Hour), nil, member{"previousDigestSignature": long, "previousDigestS3Object": long,
		"previousDigestHashValue": long, "digestPublicKeyFingerprint": long, "digestSignatureAlgorithm": long})).Link()
	if l.PreviousSignature != "" || l.Previous != "" || l.PreviousHash != "" || l.Fingerprint != "" || l.Algorithm != "" {
		t.Error("kept")
	}
}

func TestBackfillAndNames(t *testing.T) {
	for _, tt := range []struct {
		base, trail string
		backfill    bool
	}{
		{"111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260302T150131Z.json.gz", "t", false},
		{"111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260302T150131Z_backfill.json.gz", "t", true},
		{"111122223333_CloudTrail-Digest_eu-west-1_a_b_c_us-east-1_20260302T150131Z.json.gz", "a_b_c", false},
		{"111122223333_CloudTrail-Digest_eu-west-1_a.b_us-east-1_20260302T150131Z.json", "a.b", false},
		{"111122223333_CloudTrail-Digest_eu-west-1_20260302T150131Z.json.gz", "", false},
		{"other", "", false},
	} {
		if name, backfill := trailOf(tt.base, account, "eu-west-1"); name != tt.trail || backfill != tt.backfill {
			t.Errorf("%s: %q, %v", tt.base, name, backfill)
		}
	}
	for _, key := range []string{"a/b/x.json.gz", "x.json", "x", "c/x.gz", "x.json.zst"} {
		if Base(key) != "x" {
			t.Errorf("%s: %s", key, Base(key))
		}
	}
}

func TestHours(t *testing.T) {
	at := func(text string) time.Time {
		x, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	day := int32(at("2026-03-02T00:00:00Z").Unix() / 86400)
	for _, tt := range []struct {
		name, start, end string
		backfill         bool
		days             []int32
		hours            []int
	}{
		{"an hour", "2026-03-02T14:01:31Z", "2026-03-02T15:01:31Z", false, []int32{day}, []int{14}},
		{"late in the hour", "2026-03-02T14:31:00Z", "2026-03-02T15:31:00Z", false, []int32{day}, []int{15}},
		{"to the middle", "2026-03-02T14:30:00Z", "2026-03-02T15:30:00Z", false, []int32{day}, []int{14}},
		{"over midnight", "2026-03-01T23:01:31Z", "2026-03-02T00:01:31Z", false, []int32{day - 1}, []int{23}},
		{"minutes", "2026-03-02T14:01:31Z", "2026-03-02T14:21:31Z", false, nil, nil},
		{"three hours", "2026-03-01T22:50:00Z", "2026-03-02T02:01:31Z", false, []int32{day - 1, day, day}, []int{23, 0, 1}},
		{"backfill", "2026-03-02T14:01:31Z", "2026-03-02T15:01:31Z", true, nil, nil},
	} {
		d := &Digest{Start: at(tt.start), End: at(tt.end), Backfill: tt.backfill}
		var days []int32
		var hours []int
		d.Hours(func(day int32, hour int) { days, hours = append(days, day), append(hours, hour) })
		if !equal(days, tt.days) || !equal(hours, tt.hours) {
			t.Errorf("%s: days %v, hours %v", tt.name, days, hours)
		}
	}
	// Whenever digests end, a day of them is 24 hours, and without one of them 23.
	for minute := range 60 {
		for missing := range 25 {
			mask := 0
			for i := range 26 {
				e := at("2026-03-01T23:00:00Z").Add(time.Duration(i)*time.Hour + time.Duration(minute)*time.Minute)
				if i == missing {
					continue
				}
				(&Digest{Start: e.Add(-time.Hour), End: e}).Hours(func(d int32, hour int) {
					if d == day {
						mask |= 1 << hour
					}
				})
			}
			n := 0
			for h := range 24 {
				n += mask >> h & 1
			}
			if full := missing < btoi(minute <= 30)+1; full != (n == 24) || n < 23 {
				t.Fatalf("digests that end at minute %d, without number %d: %d hours", minute, missing, n)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func zipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	content := []byte(`{"logFiles":[]}`)
	var z bytes.Buffer
	w, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	gz := zipped(t, content)
	for name, stored := range map[string][]byte{"gzip": gz, "zstd": z.Bytes(), "plain": content} {
		if got, err := Unpack(stored); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	broken := bytes.Clone(gz)
	broken[len(broken)-5] ^= 1
	for name, stored := range map[string][]byte{
		"cut":             gz[:len(gz)-3],
		"checksum":        broken,
		"data behind":     append(bytes.Clone(gz), "more"...),
		"a bomb":          zipped(t, make([]byte, MaxContent+1)),
		"header only":     gz[:4],
		"zstd cut":        z.Bytes()[:6],
		"too long, plain": make([]byte, MaxContent+1),
	} {
		if got, err := Unpack(stored); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	s := newSigner(f)
	one := s.digest(nil, end, []member{logMember("a", "x")}, nil)
	f.Add(one.content)
	f.Add(zipped(f, s.digest(one, end.Add(time.Hour), nil, nil).content))
	f.Add([]byte(`{"logFiles":[{}]}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		content, err := Unpack(stored)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		d, err := Parse(content)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		hours := 0
		d.Hours(func(_ int32, hour int) {
			if hours++; hour < 0 || hour > 23 {
				t.Fatalf("hour %d", hour)
			}
		})
		if hours > 27 || d.Account == "" || d.Region == "" || d.Sum != sha256.Sum256(content) {
			t.Fatalf("%+v", d)
		}
		c := NewChain(nil)
		c.Add(d.Link())
		if j := c.Judge(); len(j) != 1 || j[0].Status == Verified {
			t.Fatalf("%+v", j)
		}
	})
}
