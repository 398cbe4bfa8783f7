package cli_test

import (
	"hash/crc32"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tighten-iam/tighten/internal/s3fake"
)

// bucket plays an S3 server whose one bucket, amzn-s3-demo-bucket, holds the files of a
// folder: bucket folder [fault]. The address is in the variable URL; credentials are
// set. Faults are
//
//	shaky     every list and some objects fail twice: slow down, then a cut connection
//	gone=KEY  the object is listed, and not there
//	closed    nothing is allowed
//	expired=N the credentials expire after N objects
//	denied=F  the folder F, and what is below it, may not be listed
func bucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: bucket folder [fault]")
	}
	fake := &s3fake.Server{Bucket: "amzn-s3-demo-bucket", PageSize: 50}
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		key, _ := filepath.Rel(root, path)
		fake.Put(filepath.ToSlash(key), content)
		return err
	}))
	if len(args) == 2 {
		fake.Fault = fault(ts, fake, args[1])
	}
	s := httptest.NewServer(fake)
	ts.Defer(s.Close)
	for name, value := range map[string]string{
		"URL": s.URL, "AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		ts.Setenv(name, value)
	}
}

// expired lets so many objects pass, and then no request.
func expired(objects int64) func(*http.Request, int) http.HandlerFunc {
	var passed atomic.Int64
	return func(r *http.Request, _ int) http.HandlerFunc {
		_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if key != "" && passed.Add(1) > objects || passed.Load() > objects {
			return s3fake.Refuse(400, "ExpiredToken")
		}
		return nil
	}
}

func fault(ts *testscript.TestScript, fake *s3fake.Server, name string) func(*http.Request, int) http.HandlerFunc {
	gone, isGone := strings.CutPrefix(name, "gone=")
	denied, isDenied := strings.CutPrefix(name, "denied=")
	if number, ok := strings.CutPrefix(name, "expired="); ok {
		left, err := strconv.ParseInt(number, 10, 64)
		ts.Check(err)
		return expired(left)
	}
	switch {
	case name == "shaky":
		return func(r *http.Request, n int) http.HandlerFunc {
			_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
			switch {
			case key != "" && crc32.ChecksumIEEE([]byte(key))%16 != 0:
				return nil
			case n == 1:
				return s3fake.Refuse(503, "SlowDown")
			case n == 2 && key != "" && !strings.Contains(r.Header.Get("Range"), "="):
				return fake.Cut(300)
			}
			return nil
		}
	case name == "closed":
		return func(*http.Request, int) http.HandlerFunc { return s3fake.Refuse(403, "AccessDenied") }
	case isDenied:
		return func(r *http.Request, _ int) http.HandlerFunc {
			if strings.HasPrefix(r.URL.Query().Get("prefix"), denied) {
				return s3fake.Refuse(403, "AccessDenied")
			}
			return nil
		}
	case isGone:
		return func(r *http.Request, _ int) http.HandlerFunc {
			if strings.HasSuffix(r.URL.Path, gone) {
				return s3fake.Refuse(404, "NoSuchKey")
			}
			return nil
		}
	}
	ts.Fatalf("no fault %q", name)
	return nil
}

// sameDataset compares the files of two datasets, but for what tells the objects'
// tags and times, or of some of their tables: samedataset a b [table…].
func sameDataset(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: samedataset a b [table…]")
	}
	a, b := files(ts, args[0], args[2:]), files(ts, args[1], args[2:])
	if len(a) == 0 || !maps.Equal(a, b) {
		ts.Fatalf("%d and %d files, which differ", len(a), len(b))
	}
}

// files are the contents of a dataset's files, by name.
func files(ts *testscript.TestScript, root string, of []string) map[string]string {
	found := map[string]string{}
	root = ts.MkAbs(root)
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(root, path)
		table, _, below := strings.Cut(filepath.ToSlash(name), "/")
		if !below || table == "objects" || len(of) > 0 && !slices.Contains(of, table) {
			return nil
		}
		content, err := os.ReadFile(path)
		found[name] = string(content)
		return err
	}))
	return found
}
