package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed peers
var peers embed.FS

// bench is one run.
type bench struct {
	*options
	stderr   io.Writer
	archives []*archive
	tools    []*tool
	scratch  string // a folder that goes when the run ends
	jx       string // why there is no jx; "" if there is
	results  []result
	loads    []string                // of the machine, before each round
	extracts map[string][]extraction // by program
}

// Versions of peers.
const (
	duckdbVersion = "2.0.0"
	chdbVersion   = "4.4.0"
)

// newBench builds and installs what is measured. What cannot be had is noted.
func newBench(ctx context.Context, o *options, archives []*archive, stderr io.Writer) (*bench, error) {
	b := &bench{options: o, stderr: stderr, archives: archives, tools: tools(), extracts: map[string][]extraction{}}
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return nil, err
	}
	var err error
	if b.scratch, err = os.MkdirTemp(o.cache, "run-"); err != nil {
		return nil, err
	}
	if err := b.setUp(ctx); err != nil {
		b.clean()
		return nil, err
	}
	return b, nil
}

func (b *bench) clean() { os.RemoveAll(b.scratch) }

func (b *bench) setUp(ctx context.Context) error {
	for program, folder := range map[string]string{"tighten": "./cmd/tighten", "decode": "./bench/decode"} {
		if err := b.quiet(exec.CommandContext(ctx, "go", "build", "-o", b.path(program), folder)); err != nil {
			return err
		}
	}
	if err := b.scripts(); err != nil {
		return err
	}
	b.findPeers(ctx)
	for _, t := range b.tools {
		if t.missing != "" {
			fmt.Fprintf(b.stderr, "%s is left out: %s\n", t.name, t.missing)
		}
	}
	return nil
}

// scripts writes the peers' programs where they can be run.
func (b *bench) scripts() error {
	entries, err := peers.ReadDir("peers")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := peers.ReadFile("peers/" + e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.path(e.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// findPeers notes which tools cannot be run.
func (b *bench) findPeers(ctx context.Context) {
	for program, names := range map[string][]string{
		"xargs": {toolLibdeflate, toolGzip, toolJQ}, "libdeflate-gunzip": {toolLibdeflate}, "gzip": {toolGzip, toolJQ},
		"jq": {toolJQ}, "python3": {toolPython, toolDuckDB, toolClickHouse},
	} {
		if _, err := exec.LookPath(program); err != nil {
			b.leaveOut(program+" is not installed", names...)
		}
	}
	if !b.peers {
		b.jx = "peers are switched off"
		b.leaveOut(b.jx, toolDuckDB, toolClickHouse, toolPython, toolJQ)
		return
	}
	if err := b.quiet(exec.CommandContext(ctx, "go", "build", "-C", filepath.Join("bench", "peers", "jx"), "-o", b.path("jx"), ".")); err != nil {
		b.jx = "its modules cannot be had"
	}
	b.install(ctx)
}

// leaveOut notes why tools cannot be run, unless that is known.
func (b *bench) leaveOut(why string, names ...string) {
	for _, name := range names {
		if t := b.tool(name); t.missing == "" {
			t.missing = why
		}
	}
}

// python is the interpreter of the environment of this project's own.
func (b *bench) python() string { return filepath.Join(b.cache, "python", "bin", "python") }

// install gets the Python packages, each by itself: one that has no build for this
// machine does not hold the other up.
func (b *bench) install(ctx context.Context) {
	if b.tool(toolPython).missing != "" {
		return
	}
	if err := b.quiet(exec.CommandContext(ctx, "python3", "-m", "venv", filepath.Join(b.cache, "python"))); err != nil {
		b.leaveOut("python3 has no venv", toolPython, toolDuckDB, toolClickHouse)
		return
	}
	for name, module := range map[string]string{toolDuckDB: "duckdb==" + duckdbVersion, toolClickHouse: "chdb==" + chdbVersion} {
		if b.tool(name).missing != "" {
			continue
		}
		if err := b.quiet(exec.CommandContext(ctx, b.python(), "-m", "pip", "install", "-q", "--disable-pip-version-check", module)); err != nil {
			b.leaveOut(module+" cannot be installed with pip", name)
		}
	}
}

func (b *bench) tool(name string) *tool {
	for _, t := range b.tools {
		if t.name == name {
			return t
		}
	}
	panic("run: no tool " + name) // names are constants of this package
}

// quiet runs a command whose output matters only if it fails.
func (b *bench) quiet(c *exec.Cmd) error {
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(c.Path), err, out)
	}
	return nil
}

// said is the first line of what a command prints, "" if it cannot be run.
func said(ctx context.Context, program string, args ...string) string {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return first
}

// machine says what the figures depend on: no name, no path.
func machine() string {
	model, memory := "", ""
	for _, line := range strings.Split(read("/proc/cpuinfo"), "\n") {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
		}
	}
	if f := strings.Fields(read("/proc/meminfo")); len(f) > 1 && f[0] == "MemTotal:" {
		var kb int64
		if _, err := fmt.Sscan(f[1], &kb); err == nil {
			memory = fmt.Sprintf(", %.0f GiB", float64(kb)/(1<<20))
		}
	}
	if model == "" {
		model = "processor unknown"
	}
	return fmt.Sprintf("%d cores, %s%s, %s/%s", runtime.NumCPU(), model, memory, runtime.GOOS, runtime.GOARCH)
}

// load is how many processes want to run, on average of the last minute.
func load() string {
	first, _, _ := strings.Cut(read("/proc/loadavg"), " ")
	if first == "" {
		return "unknown"
	}
	return first
}

// read is the content of a file, "" if there is none.
func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(data)
}
