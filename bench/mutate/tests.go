package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// slack is how much longer than without a fault tests may take until they count as caught
// in a loop.
const slack = 10

// tested is a package with switches for faults, built once.
type tested struct {
	dir, folder, binary string
	sites               []site
	tests               []test
	left                []string // tests that fail without a fault
}

// errSlow is a test that fails with all faults off: its bound is too tight for the switches.
var errSlow = errors.New("fails without a fault")

// test is one top-level test or fuzz target with its seeds.
type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

// build compiles the tests of a package with all faults switched off, and finds which
// places each test reaches.
func build(dir string) (*tested, error) {
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	p := &tested{dir: dir, folder: folder, binary: filepath.Join(folder, "p.test")}
	if err := p.compile(); err != nil {
		p.remove()
		return nil, err
	}
	if err := p.trace(); err != nil {
		p.remove()
		return nil, err
	}
	return p, nil
}

func (p *tested) remove() { os.RemoveAll(p.folder) }

func (p *tested) compile() error {
	full, err := filepath.Abs(p.dir)
	if err != nil {
		return err
	}
	files, sites, err := seed(full)
	if err != nil {
		return err
	}
	p.sites = sites
	replace, n := map[string]string{}, 0
	for path, text := range files {
		n++
		to := filepath.Join(p.folder, strconv.Itoa(n)+".go")
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return err
		}
		replace[path] = to
	}
	list := filepath.Join(p.folder, "overlay.json")
	if err := overlay(list, replace); err != nil {
		return err
	}
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", p.binary, p.dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", p.dir, err, out)
	}
	return nil
}

// trace runs each test alone without a fault.
func (p *tested) trace() error {
	out, err := p.command(context.Background(), nil, "-test.list", ".").Output()
	if err != nil {
		return err
	}
	reached := map[int]bool{}
	for _, name := range strings.Fields(string(out)) {
		if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Fuzz") && !strings.HasPrefix(name, "Example") {
			continue
		}
		t, err := p.traceOne(name)
		if errors.Is(err, errSlow) {
			p.left = append(p.left, name)
			continue
		}
		if err != nil {
			return err
		}
		for id := range t.reaches {
			reached[id] = true
		}
		p.tests = append(p.tests, t)
	}
	slices.SortStableFunc(p.tests, func(a, b test) int { return int(a.took - b.took) })
	for i := range p.sites {
		p.sites[i].test = reached[p.sites[i].id]
	}
	return nil
}

func (p *tested) traceOne(name string) (test, error) {
	t := test{name: name, reaches: map[int]bool{}}
	path := filepath.Join(p.folder, "trace")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return t, err
	}
	began := time.Now()
	if err := p.command(context.Background(), []string{"FAULT_TRACE=" + path}, only(name)...).Run(); err != nil {
		return t, errSlow
	}
	t.took = time.Since(began)
	b, err := os.ReadFile(path)
	if err != nil {
		return t, err
	}
	for _, line := range bytes.Fields(b) {
		id, err := strconv.Atoi(string(line))
		if err != nil {
			return t, err
		}
		t.reaches[id] = true
	}
	return t, nil
}

// only are the arguments that run some tests.
func only(names ...string) []string {
	for i := range names {
		names[i] = regexp.QuoteMeta(names[i])
	}
	return []string{"-test.short", "-test.failfast", "-test.run", "^(" + strings.Join(names, "|") + ")$"}
}

func (p *tested) command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.binary, args...)
	c.Dir, c.Env = p.dir, append(os.Environ(), env...)
	return c
}

func (p *tested) reached() int {
	n := 0
	for _, s := range p.sites {
		if s.test {
			n++
		}
	}
	return n
}

// try runs the tests that reach a fault, the quick ones first, and says how it was caught,
// "" if it was not.
func (p *tested) try(s site) (string, error) {
	var quick, slow []string
	took := [2]time.Duration{}
	for _, t := range p.tests {
		switch {
		case !t.reaches[s.id]:
		case t.took < time.Second:
			quick = append(quick, t.name)
			took[0] += t.took
		default:
			slow = append(slow, t.name)
			took[1] += t.took
		}
	}
	for i, names := range [][]string{quick, slow} {
		if len(names) == 0 {
			continue
		}
		if how, err := p.tryTests(s, names, slack*took[i]+10*time.Second); how != "" || err != nil {
			return how, err
		}
	}
	return "", nil
}

func (p *tested) tryTests(s site, names []string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := p.command(ctx, []string{"FAULT=" + strconv.Itoa(s.id), "GOMEMLIMIT=2GiB"}, only(names...)...).Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "did not come back", nil
	case errors.As(err, &exit):
		return "failed", nil
	}
	return "", err
}
