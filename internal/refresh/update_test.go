package refresh

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// opened reads the merged facts.
func opened(t *testing.T, path string) *actions.Catalog {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := actions.OpenFacts(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func updated(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Update(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestUpdate(t *testing.T) {
	s := newServer(t)
	s.set("zz-new", file("zz-new", "MakeThing", "BreakThing"))
	s.set("sqs", file("sqs", "PurgeQueue"))
	o := s.options(t)
	r := updated(t, o)
	if r.Services != 2 || r.Read != 2 || r.Before != "" || r.Added.Services != 1 || r.Added.Actions != 2 || r.StartedOver != "" {
		t.Errorf("%+v", r)
	}
	if !strings.HasPrefix(r.After, "2026-09-26.1-updated+sha256:") {
		t.Errorf("version %s: the day of the newer of embedded facts and index", r.After)
	}
	c := opened(t, r.File)
	if c.Version() != r.After {
		t.Errorf("the file is %s", c.Version())
	}
	for _, a := range []string{"zz-new:MakeThing", "sqs:PurgeQueue", "sqs:SendMessage", "s3:GetObject"} {
		if _, ok := c.Lookup(a); !ok {
			t.Errorf("%s is missing", a)
		}
	}
	if got := c.ReferenceOperations("kms:Decrypt"); strings.Join(got, " ") != "sqs:PurgeQueue zz-new:MakeThing" {
		t.Errorf("operations %v", got)
	}
}

// The second update reads what changed, and asks for nothing else.
func TestUpdateIsIncremental(t *testing.T) {
	s := newServer(t)
	for _, name := range []string{"zz-a", "zz-b", "zz-c"} {
		s.set(name, file(name, "A", "B"))
	}
	o := s.options(t)
	first := updated(t, o)
	if n := s.requests(); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
	if r := updated(t, o); s.requests() != 1 || r.Read != 0 || r.After != first.After || r.Before != first.After {
		t.Errorf("nothing changed: %+v", r)
	}
	s.set("zz-b", file("zz-b", "A", "B", "C"))
	r := updated(t, o)
	if n := s.requests(); n != 2 || r.Read != 1 || r.After == first.After {
		t.Errorf("one file changed: %d requests, %+v", n, r)
	}
	if _, ok := opened(t, r.File).Lookup("zz-b:C"); !ok {
		t.Error("the new action is missing")
	}
	delete(s.files, "/v1/zz-c/zz-c.json")
	updated(t, o)
	if _, ok := opened(t, r.File).Lookup("zz-c:A"); ok {
		t.Error("a service that the reference gave and withdrew is still there")
	}
}

// Without times in the index, the files' own validators tell what changed.
func TestUpdateByValidators(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A"))
	s.set("zz-b", file("zz-b", "A"))
	clear(s.modified)
	o := s.options(t)
	updated(t, o)
	s.mu.Lock()
	s.files["/v1/zz-a/zz-a.json"] = file("zz-a", "A", "Another")
	s.mu.Unlock()
	if r := updated(t, o); r.Read != 1 || r.Unchanged != 1 || r.Added.Actions != 3 {
		t.Errorf("%+v", r)
	}
}

// Two machines with the same reference make the same file, whatever they read
// before and whatever order the index has.
func TestUpdateIsReproducible(t *testing.T) {
	s := newServer(t)
	for _, name := range []string{"zz-a", "zz-b", "zz-c", "zz-d"} {
		s.set(name, file(name, "A", "B"))
	}
	one, two := s.options(t), s.options(t)
	updated(t, one)
	s.set("zz-c", file("zz-c", "A", "B", "C"))
	a, b := updated(t, one), updated(t, two)
	if a.After != b.After {
		t.Errorf("%s and %s", a.After, b.After)
	}
}

// A copy of AWS's index that still names AWS's server is served from here.
func TestUpdateFromACopy(t *testing.T) {
	s := newServer(t)
	s.host = "https://" + officialHost
	s.set("zz-a", file("zz-a", "A"))
	if r := updated(t, s.options(t)); r.Read != 1 {
		t.Errorf("%+v", r)
	}
}

// Whatever is wrong, the update stops, says where, and leaves the cache alone.
func TestUpdateRefuses(t *testing.T) {
	many := []string{"A", "B", "C", "D", "E", "F"}
	reply := func(path string, fn http.HandlerFunc) func(*server) {
		return func(s *server) {
			s.set("zz-a", file("zz-a", many...))
			s.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path {
					fn(w, r)
				}
				return r.URL.Path == path
			}
		}
	}
	const path = "/v1/zz-a/zz-a.json"
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(file("zz-a", many...)))
	}))
	defer elsewhere.Close()
	for name, tt := range map[string]struct {
		change func(*server)
		want   string
	}{
		"broken":         {func(s *server) { s.set("zz-a", `{"Name":`) }, "zz-a: is not whole JSON"},
		"html":           {func(s *server) { s.set("zz-a", `<html>`) }, "JSON"},
		"hostile name":   {func(s *server) { s.set("zz-a", file("zz-a", "A\x1b]0;owned\a")) }, `\x1b`},
		"wrong service":  {func(s *server) { s.set("zz-a", file("s3", many...)) }, "want zz-a"},
		"shrunk":         {func(s *server) { s.set("zz-a", file("zz-a", "A", "B", "C")) }, "has 3 actions where it had 6"},
		"no actions":     {func(s *server) { s.set("zz-a", `{"Name":"zz-a"}`) }, "has no actions"},
		"fewer services": {func(s *server) { delete(s.files, "/v1/zz-b/zz-b.json"); delete(s.files, "/v1/zz-c/zz-c.json") }, "has 2 services where it had 4"},
		"not found":      {reply(path, http.NotFound), "answers 404"},
		"failing":        {reply(path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }), "answers 503 (tried 2 times)"},
		"cut short": {reply(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write([]byte(`{"Name":"zz-a"`))
		}), "broke off"},
		"hung up": {reply(path, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "tried 2 times"},
		"too large": {reply(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999999")
		}), "more than"},
		"endless": {reply(path, func(w http.ResponseWriter, _ *http.Request) {
			for range 20 {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}), "more than"},
		"redirect away": {reply(path, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+path, http.StatusFound)
		}), "another host"},
		"redirect in ring": {reply(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, path, http.StatusFound) }), "too often"},
		"index away":       {func(s *server) { s.host = elsewhere.URL; s.set("zz-a", file("zz-a", many...)) }, "names another host"},
		"index file url":   {func(s *server) { s.host = "file:///etc/passwd#"; s.set("zz-a", file("zz-a", many...)) }, "no proper URL"},
		"index broken":     {reply("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"service":"../../x"`)) }), "index"},
		"index empty":      {reply("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[]`)) }), "0 services"},
		"304 unasked":      {reply("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }), "answers 304"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.Config.ErrorLog = nil
			for _, name := range []string{"zz-a", "zz-b", "zz-c", "zz-d"} {
				s.set(name, file(name, many...))
			}
			o := s.options(t)
			before := updated(t, o)
			facts, state := contents(t, FactsFile(o.Dir)), contents(t, stateFile(o.Dir))
			tt.change(s)
			_, err := Update(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Fatalf("error %v, want one with %q", err, tt.want)
			}
			if strings.ContainsAny(err.Error(), "\x1b\a\n") {
				t.Errorf("the error is unfit for a terminal: %q", err)
			}
			if contents(t, FactsFile(o.Dir)) != facts || contents(t, stateFile(o.Dir)) != state || opened(t, before.File).Version() != before.After {
				t.Error("the cache changed")
			}
			leftovers(t, o.Dir)
		})
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// leftovers fails where a temporary file was left.
func leftovers(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); n != "facts.zst" && n != "reference.zst" && n != "update.lock" {
			t.Errorf("%s was left behind", n)
		}
	}
}

func TestUpdateAcceptsFewer(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A", "B", "C", "D"))
	o := s.options(t)
	updated(t, o)
	s.set("zz-a", file("zz-a", "A"))
	o.AcceptFewer = true
	if r := updated(t, o); r.Added.Actions != 1 {
		t.Errorf("%+v", r)
	}
}

// A failure that passes is no failure.
func TestUpdateTriesAgain(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A"))
	failed := map[string]bool{}
	s.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if failed[r.URL.Path] {
			return false
		}
		failed[r.URL.Path] = true
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	if r := updated(t, s.options(t)); r.Read != 1 {
		t.Errorf("%+v", r)
	}
}

func TestUpdateHeedsRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{"3": 3 * time.Second, "": 0, "-1": 0, "99999999": maxWait, "soon": 0} {
		if got := retryAfter(in); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func TestUpdateAddresses(t *testing.T) {
	for url, want := range map[string]string{
		"http://example.com/":        "want https",
		"ftp://127.0.0.1/":           "want https",
		"file:///etc/passwd":         "not the URL",
		"https://user:pw@127.0.0.1/": "not the URL",
		"":                           "not the URL",
		"http://127.0.0.1.nip.io/":   "want https",
	} {
		if _, err := Update(t.Context(), Options{Dir: t.TempDir(), URL: url, Base: actions.Default()}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", url, err, want)
		}
	}
}

// What earlier updates left is not trusted: where it is broken, all is read again.
func TestUpdateWithBrokenCache(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A"))
	o := s.options(t)
	first := updated(t, o)
	for _, broken := range []string{"", "not zstd", contents(t, stateFile(o.Dir))[:40]} {
		for _, path := range []string{stateFile(o.Dir), FactsFile(o.Dir)} {
			if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		r := updated(t, o)
		if r.After != first.After || r.Read != 1 || r.StartedOver == "" || opened(t, r.File).Version() != first.After {
			t.Errorf("%.10q: %+v", broken, r)
		}
	}
}

// Many updates at a time, one after the other; readers always find a whole file.
func TestConcurrentUpdates(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A", "B"))
	o := s.options(t)
	updated(t, o)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if i%2 == 0 {
				s.set("zz-a", file("zz-a", "A", "B", "C"+strings.Repeat("c", i)))
			}
			if _, err := Update(t.Context(), o); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			data, err := os.ReadFile(FactsFile(o.Dir))
			if err == nil {
				_, err = actions.OpenFacts(data)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	leftovers(t, o.Dir)
}

// An update that waits for another one can be stopped, and so can one under way.
func TestUpdateStops(t *testing.T) {
	s := newServer(t)
	s.set("zz-a", file("zz-a", "A"))
	o := s.options(t)
	unlock, err := lock(t.Context(), o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Update(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another one works: %v", err)
	}
	unlock()
	ctx, cancel = context.WithCancel(t.Context())
	s.handle = func(http.ResponseWriter, *http.Request) bool { cancel(); return false }
	if _, err := Update(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "facts.zst")); err == nil {
		t.Error("a stopped update wrote facts")
	}
}
