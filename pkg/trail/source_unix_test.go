//go:build unix

package trail_test

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail"
)

func TestPipe(t *testing.T) {
	root := tree(t, map[string][]byte{"a.json": nil})
	if err := syscall.Mkfifo(filepath.Join(root, "p.json"), 0o600); err != nil {
		t.Skip(err)
	}
	src := open(t, root, nil)
	expect(t, src, "a.json log", "p.json other")
	if _, err := src.Open(context.Background(), trail.Object{Key: "p.json"}); err == nil {
		t.Error("opened a pipe, which may block for ever")
	}
}
