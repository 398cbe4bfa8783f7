package s3trail

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tighten-iam/tighten/internal/s3fake"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/trailtest"
)

// real starts a real server with one empty bucket and opens that, through another
// address if via makes one.
func real(t *testing.T, via func(address string) string, args ...string) *Source {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, bucket), 0o755); err != nil {
		t.Fatal(err)
	}
	address, err := s3fake.Real(t.Context(), dir, args...)
	if errors.Is(err, s3fake.ErrNoReal) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if via != nil {
		address = via(address)
	}
	credentials(t)
	t.Setenv("AWS_ACCESS_KEY_ID", s3fake.RealKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3fake.RealSecret)
	p := fast()
	p.tries = 20
	s, err := open(context.Background(), Location{bucket, ""}, Options{EndpointURL: "http://" + address}, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func store(t *testing.T, s *Source, objects map[string][]byte) {
	t.Helper()
	for key, content := range objects {
		_, err := s.client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &s.location.Bucket, Key: &key, Body: bytes.NewReader(content)})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// cutting puts a network that cuts connections in front of an address.
func cutting(t *testing.T, least int) func(string) string {
	return func(address string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go (&s3fake.Cutter{To: address, Least: least}).Serve(t.Context(), l)
		return l.Addr().String()
	}
}

// TestRealSuite runs the suite of sources against a real server: near, with two
// requests at a time, and through a network that cuts.
func TestRealSuite(t *testing.T) {
	for name, s := range map[string]struct {
		least int
		args  []string
	}{"near": {}, "two requests": {args: []string{"--max-requests", "2"}}, "cut": {least: 4 << 10}} {
		t.Run(name, func(t *testing.T) {
			trailtest.Run(t, trailtest.Suite{New: func(t *testing.T, objects map[string][]byte) trail.Source {
				var via func(string) string
				if s.least > 0 {
					via = cutting(t, s.least)
				}
				source := real(t, via, s.args...)
				store(t, source, objects)
				return source
			}})
		})
	}
}

// TestRealList holds what a real server lists against what the fake does.
func TestRealList(t *testing.T) {
	objects := organization(2)
	delete(objects, "a\x01\nb/\x1b[31m.json") // not a name of a file there
	delete(objects, "zz/")
	s := real(t, nil)
	store(t, s, objects)
	equal(t, keys(t, s), shown(objects, all))
}

// TestRealChanged: a real server's answer to an object that was replaced.
func TestRealChanged(t *testing.T) {
	s := real(t, nil)
	store(t, s, map[string][]byte{key: content(100)})
	o := only(t, s)
	store(t, s, map[string][]byte{key: bytes.ToUpper(content(100))})
	_, err := read(context.Background(), s, o)
	wantError(t, err, ErrChanged, ErrChanged.Error())
}
