package store

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestSecondProcess opens a folder that another process has, and then one whose
// process died.
func TestSecondProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	mustPut(t, root, before)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childDir+"="+root, childWait+"=1")
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("%q, %v", line, err)
	}
	_, err = Open(root, format())
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), filepath.Base(root)) || !strings.Contains(err.Error(), "wait") {
		t.Errorf("error %v", err)
	}
	if got := mustSee(t, root); len(got) != len(before) {
		t.Errorf("a reader sees %v", got)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	mustPut(t, root, after)
	checkClean(t, root, after)
}

// TestOneAtATime has many that want the lock, of which each leaves no trace of it.
func TestOneAtATime(t *testing.T) {
	root := filepath.Join(t.TempDir(), "d")
	var inside, entered atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				s, err := Open(root, format())
				if errors.Is(err, ErrLocked) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two have the lock")
				}
				entered.Add(1)
				inside.Add(-1)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if entered.Load() == 0 {
		t.Error("nobody ever had the lock")
	}
	if entries, err := os.ReadDir(root); len(entries) > 0 { // a folder that one made another may not remove
		t.Errorf("left are %v, %v", entries, err)
	}
}
