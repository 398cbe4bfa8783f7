package s3trail

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/s3fake"
	"github.com/tighten-iam/tighten/pkg/trail"
)

// TestLoginLost: after the credentials have expired nothing is asked any more, what was
// passed on stays, and the rest is passed on as unreadable.
func TestLoginLost(t *testing.T) {
	const text = "ExpiredToken: the credentials have expired: sign in again (aws sso login) or renew them, then scan again"
	fake := filled(map[string][]byte{"a/1.json": content(10), "a/2.json": content(10), "a/3.json": content(10)})
	fake.PageSize = 2
	var lost atomic.Bool
	var asked atomic.Int64
	fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
		if !lost.Load() {
			return nil
		}
		asked.Add(1)
		return s3fake.Refuse(400, "ExpiredToken")
	}
	s := serve(t, fake, "a/", Options{})
	objects := collected(t, s)
	if len(objects) != 3 {
		t.Fatalf("%d objects", len(objects))
	}
	if _, err := read(context.Background(), s, objects[0]); err != nil {
		t.Fatal(err)
	}
	lost.Store(true)
	for _, o := range objects {
		_, err := read(context.Background(), s, o)
		wantError(t, err, nil, text)
	}
	err := s.List(context.Background(), func(trail.Object) error { return nil })
	wantError(t, err, nil, text)
	if asked.Load() != 1 {
		t.Errorf("%d requests after the first that said so", asked.Load()-1)
	}
}

// TestListExpired: credentials that expire between two pages leave the first.
func TestListExpired(t *testing.T) {
	fake := filled(map[string][]byte{"a/1.json": nil, "a/2.json": nil, "a/3.json": nil})
	fake.PageSize = 2
	fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
		if r.URL.Query().Has("continuation-token") {
			return s3fake.Refuse(400, "ExpiredToken")
		}
		return nil
	}
	objects := collected(t, serve(t, fake, "a/", Options{}))
	if len(objects) != 3 || objects[2].Key != "a/2.json…" || objects[2].Kind != trail.KindUnreadable || objects[2].Size != -1 {
		t.Fatalf("%+v", objects)
	}
}

func collected(t *testing.T, s *Source) (objects []trail.Object) {
	t.Helper()
	err := s.List(context.Background(), func(o trail.Object) error {
		objects = append(objects, o)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// TestLoginRenewed: credentials with a clock of their own are renewed when the server
// takes them for expired sooner than that; where they can't be, the scan says so.
func TestLoginRenewed(t *testing.T) {
	var roles atomic.Int64
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if roles.Add(1) > 2 {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>key-%d</AccessKeyId>`+
			`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`+
			`</Credentials></AssumeRoleResult></AssumeRoleResponse>`, roles.Load())
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	fake := filled(map[string][]byte{key: content(100)})
	var good atomic.Int64
	good.Store(1)
	fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
		if strings.Contains(r.Header.Get("Authorization"), fmt.Sprintf("Credential=key-%d/", good.Load())) {
			return nil
		}
		return s3fake.Refuse(400, "ExpiredToken")
	}
	s := serve(t, fake, "", Options{AssumeRole: "arn:aws:iam::111122223333:role/log-reader"})
	o := only(t, s)
	good.Store(2)
	if _, err := read(context.Background(), s, o); err != nil {
		t.Fatal(err)
	}
	good.Store(3)
	s.login.mu.Lock()
	s.login.renewed = time.Time{} // a second later
	s.login.mu.Unlock()
	_, err := read(context.Background(), s, o)
	wantError(t, err, errLost, "the credentials cannot be renewed: sign in again (aws sso login) or renew them, then scan again")
}

// TestTLS reads from a server whose certificate only AWS_CA_BUNDLE makes known.
func TestTLS(t *testing.T) {
	fake := filled(map[string][]byte{key: content(100_000)})
	fake.Bucket = bucket
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	if err := os.WriteFile(bundle, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	credentials(t)
	o := Options{EndpointURL: server.URL}
	_, err := open(context.Background(), Location{bucket, ""}, o, fast())
	wantError(t, err, nil, "the server's certificate is not trusted: name its authority's file in AWS_CA_BUNDLE")
	t.Setenv("AWS_CA_BUNDLE", bundle)
	s, err := open(context.Background(), Location{bucket, ""}, o, fast())
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(context.Background(), s, only(t, s))
	if err != nil || !bytes.Equal(got, content(100_000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	t.Setenv("AWS_CA_BUNDLE", filepath.Join(t.TempDir(), "none.pem"))
	if _, err := open(context.Background(), Location{bucket, ""}, o, fast()); err == nil {
		t.Error("a bundle that is not there is taken")
	}
}

// TestOpenUntagged: a store without tags. What ends early is read on, what is of
// another time is another object.
func TestOpenUntagged(t *testing.T) {
	fake := filled(map[string][]byte{key: content(5000)})
	fake.Untagged = true
	fake.Fault = func(r *http.Request, n int) http.HandlerFunc {
		if isGet(r) && n == 1 {
			return fake.Short(1000)
		}
		return nil
	}
	s := serve(t, fake, "", Options{})
	o := only(t, s)
	if o.ETag != "" {
		t.Fatal("tagged")
	}
	got, err := read(context.Background(), s, o)
	if err != nil || !bytes.Equal(got, content(5000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	o.ModTime = o.ModTime.Add(-time.Second)
	_, err = read(context.Background(), s, o)
	wantError(t, err, ErrChanged, ErrChanged.Error())
}
