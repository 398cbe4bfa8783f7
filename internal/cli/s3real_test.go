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
	"sync/atomic"
	"testing"

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
	t.Setenv("AWS_ACCESS_KEY_ID", s3fake.RealKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3fake.RealSecret)
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
	var out, stderr bytes.Buffer
	code := cli.Main(context.Background(), append([]string{"scan", "--usage", root}, args...), cli.Env{Stdout: &out, Stderr: &stderr})
	if code != cli.ExitOK {
		t.Fatalf("%v: exit code %d\n%s%s", args, code, &out, &stderr)
	}
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
