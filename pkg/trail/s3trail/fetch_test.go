package s3trail

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/s3fake"
	"github.com/tighten-iam/tighten/pkg/trail"
)

const key = "logs/x.json.gz"

// big is larger than what is read into memory as a whole.
var big = wholeSize + 1<<20

func content(size int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size] }

// only lists the one object of a source.
func only(t *testing.T, s *Source) (o trail.Object) {
	t.Helper()
	if err := s.List(context.Background(), func(listed trail.Object) error { o = listed; return nil }); err != nil {
		t.Fatal(err)
	}
	return o
}

func read(ctx context.Context, s *Source, o trail.Object) ([]byte, error) {
	r, err := s.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func isGet(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, key)
}

// TestOpenFaults: an object arrives whole through what goes wrong for some time.
func TestOpenFaults(t *testing.T) {
	for _, size := range []int{1 << 20, big} {
		fake := filled(map[string][]byte{key: content(size)})
		hang := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(size))
			_, _ = w.Write(content(size)[:10])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
		for name, fault := range map[string]http.HandlerFunc{
			"none": nil, "slow down": s3fake.Refuse(503, "SlowDown"), "internal": s3fake.Refuse(500, "InternalError"),
			"reset": s3fake.Reset, "cut": fake.Cut(1000), "hang": hang,
			"short": func(w http.ResponseWriter, _ *http.Request) { // a proxy's own idea of the length
				_, _ = w.Write(content(size)[:1000])
			},
		} {
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				fake.Fault = func(r *http.Request, n int) http.HandlerFunc {
					if isGet(r) && n <= 2 {
						return fault
					}
					return nil
				}
				s := serve(t, fake, "", Options{})
				got, err := read(context.Background(), s, only(t, s))
				if err != nil || !bytes.Equal(got, content(size)) {
					t.Errorf("%d bytes, %v; want %d", len(got), err, size)
				}
				if s.gate.flying != 0 {
					t.Errorf("%d objects still in flight", s.gate.flying)
				}
			})
			fake = filled(map[string][]byte{key: content(size)}) // which counts anew
		}
	}
}

// TestOpenFails: what does not pass is told, in words that are the same every time.
func TestOpenFails(t *testing.T) {
	fake := func() *s3fake.Server { return filled(map[string][]byte{key: content(100)}) }
	tests := []struct {
		name  string
		fault http.HandlerFunc
		is    error
		text  string
	}{
		{"denied", s3fake.Refuse(403, "AccessDenied"), nil, "AccessDenied: " + allow},
		{"archived", s3fake.Refuse(403, "InvalidObjectState"), nil, "the object is archived (Glacier): restore it, then scan again"},
		{"internal", s3fake.Refuse(500, "InternalError"), nil, "InternalError (HTTP status 500)"},
		{"slow down", s3fake.Refuse(503, "SlowDown"), nil, "SlowDown (HTTP status 503)"},
		{"reset", s3fake.Reset, nil, "the connection ended early"},
		{"cut", fake().Cut(0), nil, "the connection ended early"},
		{"another", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"other"`)
			_, _ = w.Write(content(100))
		}, ErrChanged, ErrChanged.Error()},
		{"longer", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content(101)) }, ErrChanged, ErrChanged.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := fake()
			f.Fault = func(r *http.Request, _ int) http.HandlerFunc {
				if isGet(r) {
					return test.fault
				}
				return nil
			}
			s := serve(t, f, "", Options{})
			_, err := read(context.Background(), s, only(t, s))
			wantError(t, err, test.is, test.text)
		})
	}
}

// TestOpenSteps: a connection that is cut again and again brings an object forward all
// the same, up to a point.
func TestOpenSteps(t *testing.T) {
	for step, ok := range map[int]bool{20 << 10: true, 100: false} {
		fake := filled(map[string][]byte{key: content(1 << 20)})
		fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
			if isGet(r) {
				return fake.Cut(step)
			}
			return nil
		}
		s := serve(t, fake, "", Options{})
		got, err := read(context.Background(), s, only(t, s))
		if ok && (err != nil || !bytes.Equal(got, content(1<<20))) {
			t.Errorf("steps of %d: %d bytes, %v", step, len(got), err)
		}
		if !ok {
			wantError(t, err, nil, "the connection ended early")
		}
	}
}

// TestOpenChanged: an object that was replaced or deleted since is not another's.
func TestOpenChanged(t *testing.T) {
	fake := filled(map[string][]byte{key: content(100)})
	s := serve(t, fake, "", Options{})
	o := only(t, s)
	fake.Put(key, content(99))
	_, err := read(context.Background(), s, o)
	wantError(t, err, ErrChanged, ErrChanged.Error())
	fake.Delete(key)
	_, err = read(context.Background(), s, o)
	wantError(t, err, ErrChanged, "the object is gone since it was listed: scan again")
}

// TestOpenChangedBetween: nor is the rest of one object joined to the start of another.
func TestOpenChangedBetween(t *testing.T) {
	fake := filled(map[string][]byte{key: content(1 << 20)})
	fake.Fault = func(r *http.Request, n int) http.HandlerFunc {
		if !isGet(r) || n > 1 {
			return nil
		}
		return func(w http.ResponseWriter, r *http.Request) {
			defer fake.Put(key, bytes.ToUpper(content(1<<20)))
			fake.Cut(1000)(w, r)
		}
	}
	s := serve(t, fake, "", Options{})
	_, err := read(context.Background(), s, only(t, s))
	wantError(t, err, ErrChanged, ErrChanged.Error())
}

// TestStreamClosed: an object that is left half read gives its place back.
func TestStreamClosed(t *testing.T) {
	s := serve(t, filled(map[string][]byte{key: content(big)}), "", Options{})
	r, err := s.Open(context.Background(), only(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := io.Copy(io.Discard, r); err == nil {
		t.Error("read on after Close")
	}
	r.Close()
	if s.gate.flying != 0 {
		t.Errorf("%d objects still in flight", s.gate.flying)
	}
}

// TestOpenCanceled ends a request that hangs.
func TestOpenCanceled(t *testing.T) {
	fake := filled(map[string][]byte{key: content(100)})
	fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
		if isGet(r) {
			return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}
		return nil
	}
	s := serve(t, fake, "", Options{})
	o := only(t, s)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := read(ctx, s, o); err == nil || ctx.Err() == nil {
		t.Errorf("error %v", err)
	}
}
