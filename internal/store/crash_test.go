package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What the test binary does when a test starts it again.
const (
	childDir  = "TIGHTEN_STORE_CHILD" // the folder to commit to
	childKill = "TIGHTEN_STORE_KILL"  // the number of the step before which it dies
	childWait = "TIGHTEN_STORE_WAIT"  // hold the lock until stdin ends
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

func child(dir string) int {
	if os.Getenv(childWait) != "" {
		s, err := Open(dir, format())
		if err != nil {
			return 1
		}
		fmt.Println("locked")
		_, _ = os.Stdin.Read(make([]byte, 1))
		if s.Close() != nil {
			return 1
		}
		return 0
	}
	left, err := strconv.Atoi(os.Getenv(childKill))
	if err != nil {
		return 1
	}
	c := counter(left, func(string) error {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	})
	if err := put(dir, after, c); err != nil {
		return 1
	}
	return 0
}

// counter is a hook that calls end before step n and all after it.
func counter(n int, end func(step string) error) func(op, name string) error {
	var mu sync.Mutex
	return func(op, name string) error {
		mu.Lock()
		defer mu.Unlock()
		if n--; n > 0 {
			return nil
		}
		return end(op + " " + name)
	}
}

// starts are the sets that the tests commit after to: none, another one, and the
// same.
func starts() map[string]content {
	return map[string]content{"new": nil, "extended": before, "again": after}
}

// prepareDir makes a folder with a set, in memory where the system has such a place:
// what these tests stop is processes, not the disk, and it syncs 50,000 times.
func prepareDir(t testing.TB, c content) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tighten-test-*")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	root := filepath.Join(dir, "d")
	if c != nil {
		mustPut(t, root, c)
	}
	return root
}

// oldOrNew says which set a View reads, and fails where it is neither.
func oldOrNew(t *testing.T, root, at string, old content) content {
	t.Helper()
	got, err := seen(root)
	if err != nil || !reflect.DeepEqual(got, old) && !reflect.DeepEqual(got, after) {
		t.Fatalf("%s: the set is %v, %v", at, got, err)
	}
	return got
}

// reopen opens and closes the folder, and checks that the set is still the same one
// and nothing else is left.
func reopen(t *testing.T, root, at string, c content) {
	t.Helper()
	s, err := Open(root, format())
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	got, err := contents(s.Files(), s.ReadFile)
	if err != nil || len(got)+len(c) > 0 && !reflect.DeepEqual(got, c) {
		t.Fatalf("%s: opened again the set is %v, %v", at, got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	checkClean(t, root, c)
}

// TestKill kills a process before each step of a commit.
func TestKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, old := range starts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps, sets := 0, 0
			for last := old; ; steps++ {
				root := prepareDir(t, old)
				cmd := exec.Command(self)
				cmd.Env = append(os.Environ(), childDir+"="+root, childKill+"="+strconv.Itoa(steps+1))
				err := cmd.Run()
				var exit *exec.ExitError
				if err != nil && (!errors.As(err, &exit) || runtime.GOOS != "windows" && exit.ExitCode() != -1) {
					t.Fatalf("step %d: %v", steps, err)
				}
				at := fmt.Sprint("step ", steps)
				now := oldOrNew(t, root, at, old)
				reopen(t, root, at, now)
				if !reflect.DeepEqual(now, last) {
					last, sets = now, sets+1
				}
				if err == nil {
					break
				}
			}
			if steps < 8 || sets > 1 || sets == 0 && name != "again" {
				t.Errorf("%d steps, and the set changed %d times", steps, sets)
			}
		})
	}
}

var errDisk = errors.New("no space left on device")

// TestFailingStep makes one step of a commit fail, or that and all after it.
func TestFailingStep(t *testing.T) {
	for name, old := range starts() {
		for _, once := range []bool{true, false} {
			t.Run(fmt.Sprint(name, once), func(t *testing.T) {
				t.Parallel()
				for n, failed := 1, true; failed; n++ {
					failed = failAt(t, old, n, once)
				}
			})
		}
	}
}

func failAt(t *testing.T, old content, n int, once bool) (failed bool) {
	root := prepareDir(t, old)
	at := ""
	err := put(root, after, counter(n, func(step string) error {
		if failed && once {
			return nil
		}
		if !failed {
			at = fmt.Sprintf("step %d (%s)", n, step)
		}
		failed = true
		return errDisk
	}))
	if failed && !errors.Is(err, errDisk) || !failed && err != nil {
		t.Fatalf("%s: error %v", at, err)
	}
	now := oldOrNew(t, root, at, old)
	switch text := fmt.Sprint(err); {
	case strings.Contains(text, "is as it was"):
		if !reflect.DeepEqual(now, old) {
			t.Fatalf("%s: %v, but the set is new", at, err)
		}
	case errors.Is(err, ErrCommitted):
		if !reflect.DeepEqual(now, after) {
			t.Fatalf("%s: %v, but the set is old", at, err)
		}
	}
	reopen(t, root, at, now)
	return failed
}

// crash opens root, and commits to it if c is not nil, with a disk that fails for
// good at step n, and leaves the folder as a process that died there would. It
// reports whether there were fewer steps.
func crash(t *testing.T, root string, c content, n int) (ended bool) {
	died := false
	s, err := open(root, format(), counter(n, func(string) error { died = true; return errDisk }))
	if err == nil {
		var files []File
		if files, err = stage(s, c); err == nil && c != nil {
			err = s.Commit(files, manifestOf(files))
		}
		_ = s.syncs.Wait()
		if err := errors.Join(s.dir.root.Close(), s.lock.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if died != (err != nil) {
		t.Fatalf("died %v: %v", died, err)
	}
	return !died
}

// TestCrashAgain lets what ends an interrupted commit be interrupted in its turn.
func TestCrashAgain(t *testing.T) {
	for name, old := range starts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				ended := false
				for m := 1; ; m++ {
					root := prepareDir(t, old)
					ended = crash(t, root, after, n)
					now := oldOrNew(t, root, fmt.Sprint(n), old)
					recovered := crash(t, root, nil, m)
					at := fmt.Sprintf("steps %d and %d", n, m)
					if again := oldOrNew(t, root, at, old); !reflect.DeepEqual(again, now) {
						t.Fatalf("%s: the set changed", at)
					}
					reopen(t, root, at, now)
					if recovered {
						break
					}
				}
				if ended {
					return
				}
			}
		})
	}
}

// TestUndoCrash interrupts what takes a failed commit back.
func TestUndoCrash(t *testing.T) {
	for name, old := range starts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			undone := 0
			for fail := 1; ; fail++ {
				failed := false
				for die := 1; ; die++ {
					root := prepareDir(t, old)
					var f, died bool
					f, died = failThenDie(t, root, fail, die)
					failed = failed || f
					at := fmt.Sprintf("step %d fails, then %d more", fail, die)
					now := oldOrNew(t, root, at, old)
					if _, err := os.Stat(filepath.Join(root, workDir, undoFile)); err == nil {
						undone++
					}
					reopen(t, root, at, now)
					if !died {
						break
					}
				}
				if !failed {
					break
				}
			}
			if undone < 3 && name != "again" {
				t.Errorf("%d interrupted undos", undone)
			}
		})
	}
}

// failThenDie makes one step of a commit fail and the process die some steps later.
func failThenDie(t *testing.T, root string, fail, die int) (failed, died bool) {
	n := 0
	var mu sync.Mutex
	s, err := open(root, format(), func(_, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		n++
		failed, died = failed || n == fail, died || n >= fail+die
		if n == fail || died {
			return errDisk
		}
		return nil
	})
	if err != nil {
		return failed, died
	}
	files, err := stage(s, after)
	if err == nil {
		_ = s.Commit(files, manifestOf(files))
	}
	_ = s.syncs.Wait()
	if err := errors.Join(s.dir.root.Close(), s.lock.Close()); err != nil {
		t.Fatal(err)
	}
	return failed, died
}

// TestOrder checks that what a step relies on is synced before it.
func TestOrder(t *testing.T) {
	root := prepareDir(t, before)
	var mu sync.Mutex
	var trace []string
	const end = ";"
	err := put(root, after, func(op, name string) error {
		mu.Lock()
		defer mu.Unlock()
		trace = append(trace, op+" "+name+end)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first := func(prefix string) int {
		for i, s := range trace {
			if strings.HasPrefix(s, prefix) {
				return i
			}
		}
		t.Fatalf("no step %q in %q", prefix, trace)
		return 0
	}
	last := func(prefix string) int {
		at := first(prefix)
		for i, s := range trace {
			if strings.HasPrefix(s, prefix) {
				at = i
			}
		}
		return at
	}
	journal := "rename " + workDir + "/" + journalFile
	order := []int{
		last("sync calls/date=2024-01-02/part-"), first("sync " + newDir), first("sync " + tempFile), first(journal),
	}
	order = append(order, first("rename calls/"), last("rename calls/"), first("sync calls"+end), last("sync "+tempFile), first("rename dataset.json"))
	goes := "remove args/"
	order = append(order, first(goes), last("remove calls/date=2024-01-01"), last("sync calls"+end), first("remove "+workDir+"/"+journalFile+end))
	for i := 1; i < len(order); i++ {
		if order[i-1] > order[i] {
			t.Errorf("step %q comes before %q", trace[order[i]], trace[order[i-1]])
		}
	}
	if at := first(journal); trace[at+1] != "sync "+workDir+end {
		t.Errorf("after the journal's rename comes %q", trace[at+1])
	}
	if at := first("rename dataset.json"); trace[at+1] != "sync ."+end {
		t.Errorf("after the manifest's rename comes %q", trace[at+1])
	}
}
