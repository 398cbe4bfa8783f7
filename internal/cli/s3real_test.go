package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tighten-iam/tighten/internal/cli"
	"github.com/tighten-iam/tighten/internal/s3fake"
)

// TestRealS3 scans the demo archive from a real server. One that takes two requests at
// a time, and a network that cuts, delays and resets connections, leave not a byte of
// the dataset different.
func TestRealS3(t *testing.T) {
	dir := t.TempDir()
	err := os.CopyFS(filepath.Join(dir, "amzn-s3-demo-bucket"), os.DirFS("../../testdata/demo/logs"))
	if err != nil {
		t.Fatal(err)
	}
	address := realServer(t, dir)
	want := scanned(t, "s3://amzn-s3-demo-bucket", "--endpoint-url", "http://"+address)
	local := scanned(t, filepath.Join(dir, "amzn-s3-demo-bucket"))
	for name, content := range want {
		if table, _, below := bytes.Cut([]byte(name), []byte("/")); below && string(table) != "objects" && !bytes.Equal(content, local[name]) {
			t.Errorf("%s differs from the one of a local scan", name)
		}
	}
	few := realServer(t, dir, "--max-requests", "2")
	same(t, "two requests at a time", scanned(t, "s3://amzn-s3-demo-bucket", "--endpoint-url", "http://"+few), want)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cutter := &s3fake.Cutter{To: address, Least: 4 << 10}
	go cutter.Serve(t.Context(), l)
	same(t, "cut", scanned(t, "s3://amzn-s3-demo-bucket", "--endpoint-url", "http://"+l.Addr().String()), want)
	if cutter.Cuts.Load() == 0 {
		t.Error("no connection was cut")
	}

	proxy := s3fake.NewProxy(address, 7)
	spoiled := httptest.NewServer(proxy)
	defer spoiled.Close()
	same(t, "spoiled", scanned(t, "s3://amzn-s3-demo-bucket", "--endpoint-url", spoiled.URL), want)
	for name, n := range map[string]*atomic.Int64{
		"delays": &proxy.Delays, "cuts": &proxy.Cuts, "resets": &proxy.Resets, "truncations": &proxy.Truncations, "refusals": &proxy.Refusals,
	} {
		if n.Load() == 0 {
			t.Errorf("no %s", name)
		}
		t.Log(n.Load(), name)
	}
}

// TestRealS3Extend: on a real server, a scan after another reads what is new or has
// been replaced, and nothing else; and what comes of the two is what comes of one.
func TestRealS3Extend(t *testing.T) {
	dir := t.TempDir()
	bucket := filepath.Join(dir, "amzn-s3-demo-bucket")
	if err := os.CopyFS(bucket, os.DirFS("../../testdata/demo/logs")); err != nil {
		t.Fatal(err)
	}
	var logs []string
	for name := range scannedFiles(t, bucket) {
		if strings.Contains(name, "/CloudTrail/") && strings.HasSuffix(name, ".json.gz") {
			logs = append(logs, filepath.Join(bucket, name))
		}
	}
	slices.Sort(logs)
	late, again := logs[1], logs[2]
	apart := filepath.Join(dir, "apart.json.gz")
	if err := os.Rename(late, apart); err != nil {
		t.Fatal(err)
	}
	args := []string{"s3://amzn-s3-demo-bucket", "--endpoint-url", "http://" + realServer(t, dir)}
	root := filepath.Join(t.TempDir(), "usage")
	want := func(what, line string) {
		t.Helper()
		if out := scan(t, root, args...); !strings.Contains(out, line) {
			t.Errorf("%s: want %q in\n%s", what, line, out)
		}
	}
	want("first", "411 objects")
	want("second", "now 0 objects · 0 records; 411 objects known before")
	if err := os.Rename(apart, late); err != nil {
		t.Fatal(err)
	}
	want("one more", "now 1 object ")
	one := scanned(t, args...)
	same(t, "by two scans", scannedFiles(t, root), one)

	// The same bytes, stored anew: files below the server have no tag and a time of their
	// own, so that it is another object, and the same events.
	content, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	store(t, args[2], strings.TrimPrefix(filepath.ToSlash(again), filepath.ToSlash(bucket)+"/"), content)
	want("replaced", "now 1 object ")
	want("after that", "now 0 objects · 0 records; 412 objects known before")
	for name, content := range scannedFiles(t, root) {
		table, _, _ := strings.Cut(name, "/")
		if slices.Contains([]string{"calls", "args", "usage", "coverage", "ids"}, table) && !bytes.Equal(content, one[name]) {
			t.Errorf("replaced: %s differs", name)
		}
	}
}

// store puts an object, which thereby has a tag.
func store(t *testing.T, endpoint, key string, content []byte) {
	t.Helper()
	c := s3.New(s3.Options{
		BaseEndpoint: &endpoint, UsePathStyle: true, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(s3fake.RealKey, s3fake.RealSecret, ""),
	})
	name := "amzn-s3-demo-bucket"
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: bytes.NewReader(content)}); err != nil {
		t.Fatal(err)
	}
}

func realServer(t *testing.T, dir string, args ...string) string {
	t.Helper()
	address, err := s3fake.Real(t.Context(), dir, args...)
	if errors.Is(err, s3fake.ErrNoReal) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// scanned scans logs and returns the files of the dataset, by name.
func scanned(t *testing.T, args ...string) map[string][]byte {
	t.Helper()
	root := filepath.Join(t.TempDir(), "usage")
	scan(t, root, args...)
	return scannedFiles(t, root)
}

// scan scans logs into a dataset and returns what that prints.
func scan(t *testing.T, root string, args ...string) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", s3fake.RealKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3fake.RealSecret)
	var out, stderr bytes.Buffer
	code := cli.Main(context.Background(), append([]string{"scan", "--usage", root}, args...), cli.Env{Stdout: &out, Stderr: &stderr})
	if code != cli.ExitOK {
		t.Fatalf("%v: exit code %d\n%s%s", args, code, &out, &stderr)
	}
	return out.String()
}

// scannedFiles are the files below a folder, by name.
func scannedFiles(t *testing.T, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[name], err = os.ReadFile(filepath.Join(root, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func same(t *testing.T, what string, got, want map[string][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d files, want %d", what, len(got), len(want))
	}
	for name := range want {
		if !bytes.Equal(got[name], want[name]) {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}
