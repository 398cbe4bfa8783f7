package digest

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func keysOf(t testing.TB, text string) *Keys {
	t.Helper()
	k, err := ParseKeys([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// statuses judges files and gives a letter for each: u, v or f.
func statuses(t *testing.T, k *Keys, files []*file) string {
	t.Helper()
	c := NewChain(k)
	for _, f := range files {
		c.Add(parse(t, f).Link())
	}
	var out strings.Builder
	for _, j := range c.Judge() {
		out.WriteByte(j.Status.String()[0])
		if (j.Reason == "") != (j.Status == Verified) {
			t.Errorf("%v: %q", j.Status, j.Reason)
		}
	}
	return out.String()
}

func TestChain(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	files := s.hours(end, 5)
	key := keysOf(t, s.keys())
	changed := func(n int, f func(*file) *file) []*file {
		out := append([]*file(nil), files...)
		out[n] = f(files[n])
		return out
	}
	// rewritten is a digest from which a log file was taken, in its place in the chain.
	rewritten := func(f *file) *file { return &file{key: f.key, content: append(bytes.Clone(f.content), ' ')} }
	for _, tt := range []struct {
		name  string
		keys  *Keys
		files []*file
		want  string
	}{
		{"all", key, files, "vvvvu"},
		{"no keys", nil, files, "uuuuu"},
		{"keys of another region", keysOf(t, strings.Replace(s.keys(), fingerprint, "00", 1)), files, "uuuuu"},
		{"wrong key", keysOf(t, other.keys()), files, "ffffu"},
		{"changed", key, changed(2, rewritten), "vvfvu"},
		{"changed, no keys", nil, changed(2, rewritten), "uufuu"},
		{"changed, at the end", key, changed(4, rewritten), "vvvvu"},
		{"one is missing", key, append(append([]*file(nil), files[:2]...), files[3:]...), "vuvu"},
		{"restarted", key, append(append([]*file(nil), files...), s.hours(end.Add(100*time.Hour), 2)...), "vvvvuvu"},
		{"another algorithm", key, changed(1, func(f *file) *file {
			return s.digest(files[0], end.Add(time.Hour), nil, member{"digestSignatureAlgorithm": "none"})
		}), "vfvvu"},
	} {
		if got := statuses(t, tt.keys, tt.files); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestChainWithoutHash(t *testing.T) {
	s := newSigner(t)
	one := s.digest(nil, end, nil, nil)
	none := member{"previousDigestHashValue": nil, "previousDigestSignature": nil}
	two := s.digest(one, end.Add(time.Hour), nil, none)
	if got := statuses(t, keysOf(t, s.keys()), []*file{one, two}); got != "uu" {
		t.Error(got)
	}
	elsewhere := s.digest(one, end.Add(time.Hour), nil, member{"previousDigestS3Object": "moved/" + one.key})
	if got := statuses(t, nil, []*file{one, elsewhere}); got != "fu" {
		t.Error(got)
	}
	bad := s.digest(one, end.Add(time.Hour), nil, member{"previousDigestSignature": "no hex"})
	if got := statuses(t, keysOf(t, s.keys()), []*file{one, bad}); got != "fu" {
		t.Error(got)
	}
	// Who has no key can make a digest that calls another one wrong, but not one that
	// outweighs the right signature.
	liar := s.digest(one, end.Add(time.Hour), nil, member{"digestS3Object": digestKey("us-east-1", end.Add(61*time.Minute)), "previousDigestHashValue": strings.Repeat("00", 32)})
	good := s.digest(one, end.Add(time.Hour), nil, nil)
	if got := statuses(t, keysOf(t, s.keys()), []*file{one, good, liar}); got != "vuu" {
		t.Error(got)
	}
}

// TestChainOrder adds digests in any order and with two of one name: the result is one.
func TestChainOrder(t *testing.T) {
	s := newSigner(t)
	files := s.hours(end, 6)
	double := s.digest(files[2], end.Add(3*time.Hour), []member{logMember("z", "z")}, nil)
	files = append(files, double)
	key := keysOf(t, s.keys())
	want := statuses(t, key, files)
	if strings.Count(want, "v") < 3 {
		t.Error(want)
	}
	for range 20 {
		rand.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		if got := statuses(t, key, files); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestChainGoesOn judges a chain in two parts, the ends of the first taken to the second,
// whichever comes first.
func TestChainGoesOn(t *testing.T) {
	s := newSigner(t)
	files := s.hours(end, 8)
	key := keysOf(t, s.keys())
	for cut := range len(files) + 1 {
		for _, parts := range [][2][]*file{{files[:cut], files[cut:]}, {files[cut:], files[:cut]}} {
			count := map[Status]int{}
			var ends []Judgement
			for _, part := range parts {
				c := NewChain(key)
				for _, j := range ends {
					c.Known(*j.Link, j.Status, j.Ends)
				}
				for _, f := range part {
					c.Add(parse(t, f).Link())
				}
				ends = nil
				for _, j := range c.Judge() {
					if j.New {
						count[j.Status]++
					}
					if j.Ends.Open() {
						ends = append(ends, j)
					}
				}
			}
			if count[Verified] != 7 || count[Failed] != 0 || len(ends) != 1 {
				t.Errorf("cut at %d: %v, %d ends", cut, count, len(ends))
			}
		}
	}
}

func TestParseKeys(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	two := s.keys() + "\n" + strings.Replace(other.keys(), fingerprint, "8933b39ddc64d26d8e14ffbf6566fee4", 1)
	if k := keysOf(t, two); k.Len() != 2 {
		t.Errorf("%d keys", k.Len())
	}
	// Two keys of the user guide's sample: PKCS #1, and X.509.
	guide := `{"publicKeyList":[
	 {"ValidityStartTime":"1436317441.0","Value":"MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsTQjfWE+pHVRLk1QjfWhirG+lpOa8NrwQ/r7Ah5bNL6HepznOU9XTDSfmmnP97mqyc7z/upfZdS/AHhYcGaz7n6Wc/RRBU6VmiPCrAUojuSk6/GjvA8iOPFsYDuBtviXarvuLPlrT9kAd4Lb+rFfR5peEgBEkhlzc5HuWO7S0y+KunqxX6jQBnXGMtxmPBPP0FylgWGNdFtks/4YSKcgqwH0YDcawP9GGGDAeCIqPWIXDLG1jOjRRzWfCmD0iJUkz8vTsn4hq/5ZxRFE7UBAUiVcGbdnDdvVfhF9C3dQiDq3k7adQIziLT0cShgQIDAQAB","Fingerprint":"8eba5db5bea9b640d1c96a77256fe7f2"},
	 {"ValidityStartTime":"1434589370.0","Value":"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqlzPJbvZJ42UdcmLfPUqXYNfOs6I8lCfao/tOs8CmzPOEdtLWugB9xoIUz78qVHdKIqxbaG4jWHfJBiOSSFBM0lt8cdVo4TnRa7oG9io5pysS6DJhBBAeXsicufsiFJR+wrUNh8RSLxL4k6G1+BhLX20tJkZ/erT97tDGBujAelqseGg3vPZbTx9SMfOLN65PdLFudLP7Gat0Z9p5jw/rjpclKfo9Bfc3heeBxWGKwBBOKnFAaN9V57pOaosCvPKmHd9bg7jsQkI9Xp22IzGLsTFJZYVA3KiTAElDMu80iFXPHEq9hKNbt9e4URFam+1utKVEiLkR2disdCmPTK0VQIDAQAB","Fingerprint":"31e8b5433410dfb61a9dc45cc65b22ff"}]}`
	if k := keysOf(t, guide); k.Len() != 2 {
		t.Errorf("%d keys of the guide", k.Len())
	}
	for _, text := range []string{"", "{}", "[]", "null", `{"PublicKeyList":[]}`, `{"PublicKeyList":1}`, `{"PublicKeyList":[{}]}`, "x",
		`{"PublicKeyList":[{"Value":"AAAA","Fingerprint":"a"}]}`, s.keys() + "x",
		strings.Replace(s.keys(), `"Fingerprint"`, `"fingerprint"`, 1)} {
		if k, err := ParseKeys([]byte(text)); err == nil || k != nil {
			t.Errorf("%.40s: %v", text, err)
		}
	}
	if (*Keys)(nil).Len() != 0 || !reflect.DeepEqual(Status(2).String(), "failed") {
		t.Error("zero values")
	}
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte(newSigner(f).keys()))
	f.Add([]byte(`{"publicKeyList":[{"Value":"MAA=","Fingerprint":"x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := ParseKeys(data); (err == nil) != (k.Len() > 0) {
			t.Fatalf("%d keys, %v", k.Len(), err)
		}
	})
}
