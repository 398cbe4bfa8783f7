package digest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

const (
	account     = "111122223333"
	bucket      = "example-logs"
	fingerprint = "31e8b5433410dfb61a9dc45cc65b22ff"
)

// signer makes digests as CloudTrail does. It follows the user guide's text by itself and
// shares nothing with the package.
type signer struct {
	t   testing.TB
	key *rsa.PrivateKey
}

func newSigner(t testing.TB) *signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{t, key}
}

// keys is the output of list-public-keys.
func (s *signer) keys() string {
	der := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&s.key.PublicKey))
	return fmt.Sprintf(`{"PublicKeyList":[{"Value":%q,"ValidityStartTime":"2026-01-01T00:00:00Z","Fingerprint":%q}]}`, der, fingerprint)
}

// file is one digest file and its signature.
type file struct {
	key, signature string
	content        []byte
}

func digestKey(region string, end time.Time) string {
	return "AWSLogs/" + account + "/CloudTrail-Digest/" + region + end.Format("/2006/01/02/") +
		account + "_CloudTrail-Digest_" + region + "_my_trail.1_us-east-1_" + end.Format("20060102T150405Z") + ".json.gz"
}

type member = map[string]any

// digest makes the file that follows before (nil: the first) and ends at end.
func (s *signer) digest(before *file, end time.Time, logs []member, change member) *file {
	s.t.Helper()
	if logs == nil {
		logs = []member{}
	}
	m := member{
		"awsAccountId": account, "digestStartTime": end.Add(-time.Hour).Format(time.RFC3339), "digestEndTime": end.Format(time.RFC3339),
		"digestS3Bucket": bucket, "digestS3Object": digestKey("us-east-1", end),
		"digestPublicKeyFingerprint": fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
		"newestEventTime": nil, "oldestEventTime": nil,
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil,
		"previousDigestHashAlgorithm": nil, "previousDigestSignature": nil, "logFiles": logs,
	}
	if before != nil {
		sum := sha256.Sum256(before.content)
		m["previousDigestS3Bucket"], m["previousDigestS3Object"] = bucket, before.key
		m["previousDigestHashValue"], m["previousDigestHashAlgorithm"] = hex.EncodeToString(sum[:]), "SHA-256"
		m["previousDigestSignature"] = before.signature
	}
	for k, v := range change {
		if m[k] = v; v == delete_ {
			delete(m, k)
		}
	}
	content, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	f := &file{key: fmt.Sprint(m["digestS3Object"]), content: content}
	f.signature = s.sign(m, content)
	return f
}

// delete_ takes a member away.
const delete_ = "\x00delete"

func (s *signer) sign(m member, content []byte) string {
	before := "null"
	if m["previousDigestSignature"] != nil {
		before = fmt.Sprint(m["previousDigestSignature"])
	}
	text := fmt.Sprintf("%s\n%s/%s\n%x\n%s", m["digestEndTime"], m["digestS3Bucket"], m["digestS3Object"], sha256.Sum256(content), before)
	sum := sha256.Sum256([]byte(text))
	raw, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	return hex.EncodeToString(raw)
}

// hours makes a chain of n digests.
func (s *signer) hours(from time.Time, n int) []*file {
	var out []*file
	var before *file
	for i := range n {
		before = s.digest(before, from.Add(time.Duration(i)*time.Hour), nil, nil)
		out = append(out, before)
	}
	return out
}

func parse(t testing.TB, f *file) *Digest {
	t.Helper()
	d, err := Parse(f.content)
	if err != nil {
		t.Fatalf("%s: %v", f.content, err)
	}
	return d
}
