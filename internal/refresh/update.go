package refresh

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/actions/reference"
)

// Options of an update.
type Options struct {
	Dir         string           // holds the files, see Dir
	URL         string           // of the index: https, or a server of this machine
	Base        *actions.Catalog // the embedded facts
	AcceptFewer bool             // take files that lost more than a third of their actions
	Workers     int              // files read at a time; 0 for a default
	Tries       int              // for each file; 0 for a default
}

func (o *Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	const most = 16
	return min(most, 4+2*runtime.GOMAXPROCS(0))
}

// Result tells what an update did.
type Result struct {
	File          string // the facts file
	Before, After string // versions of the facts; Before is "" where there was no file, or a broken one
	Services      int    // of the reference
	Read          int    // files that were read
	Unchanged     int    // files that were asked for and had not changed; the index told of the others
	Bytes         int64  // that came from the server
	Added         actions.Merged
	FormerURL     string // of the last update's server, where that was another one: what it added is gone
	StartedOver   string // why what earlier updates read could not be used, "" where it could
}

// Update reads what changed of the reference and writes the merged facts. An
// error names the file and what is wrong with it; the cache is then as before.
func Update(ctx context.Context, o Options) (*Result, error) {
	c, err := newClient(&o)
	if err != nil {
		return nil, err
	}
	defer c.http.CloseIdleConnections()
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, storeError(err)
	}
	unlock, err := lock(ctx, o.Dir)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("wait for another update: %w", err)
	case err != nil:
		return nil, storeError(err)
	}
	defer unlock()
	u := &update{o: &o, client: c, result: Result{File: FactsFile(o.Dir)}}
	if u.old, err = readState(o.Dir, c.base.String()); err != nil {
		u.result.StartedOver = err.Error()
		u.old = &state{Format: stateFormat, URL: c.base.String(), Services: map[string]*stored{}}
	}
	u.result.FormerURL = u.old.former
	if err := u.run(ctx); err != nil {
		return nil, err
	}
	return &u.result, nil
}

// update is one update under way.
type update struct {
	o         *Options
	client    *client
	old, new  *state
	result    Result
	read      atomic.Int64
	unchanged atomic.Int64
}

func (u *update) run(ctx context.Context) error {
	if err := u.index(ctx); err != nil {
		return fmt.Errorf("the index %s: %w; nothing was changed", u.client.base.Redacted(), err)
	}
	if err := u.services(ctx); err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	return u.write()
}

// index finds out which services there are.
func (u *update) index(ctx context.Context) error {
	r, err := u.client.get(ctx, u.client.base, reference.MaxIndex, u.old.Index)
	if err != nil {
		return err
	}
	u.new = &state{Format: stateFormat, URL: u.old.URL, Index: r.validators, Entries: u.old.Entries}
	if r.unchanged {
		return nil
	}
	if u.new.Entries, err = reference.ParseIndex(r.data); err != nil {
		return err
	}
	return u.fewer(len(u.old.Entries), len(u.new.Entries), "services")
}

// fewer refuses a fall by more than a third, and by two or more.
func (u *update) fewer(before, after int, what string) error {
	if lost := before - after; u.o.AcceptFewer || lost < 2 || 3*lost <= before {
		return nil
	}
	return fmt.Errorf("has %d %s where it had %d: if AWS really withdrew them, run the update with --accept-fewer", after, what, before)
}

// services brings every service up to date.
func (u *update) services(ctx context.Context) error {
	files := make([]*stored, len(u.new.Entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(u.o.workers())
	for i := range u.new.Entries {
		group.Go(func() error {
			e := &u.new.Entries[i]
			file, err := u.service(ctx, e)
			if err != nil {
				return fmt.Errorf("the file of %s: %w", e.Service, err)
			}
			files[i] = file
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	u.new.Services = make(map[string]*stored, len(files))
	for i, f := range files {
		u.new.Services[u.new.Entries[i].Service] = f
	}
	return nil
}

// service reads one service's file, if it may have changed.
func (u *update) service(ctx context.Context, e *reference.Entry) (*stored, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	old := u.old.Services[e.Service]
	var known validators
	before := 0
	if old != nil && old.URL == e.URL {
		if e.Modified != "" && old.Modified == e.Modified {
			return old, nil
		}
		known = old.validators
	}
	if old != nil {
		before = len(old.Service.Actions)
	}
	where, err := u.client.locate(e.URL)
	if err != nil {
		return nil, err
	}
	r, err := u.client.get(ctx, where, reference.MaxFile, known)
	if err != nil {
		return nil, err
	}
	out := &stored{URL: e.URL, Modified: e.Modified, validators: r.validators}
	if r.unchanged {
		u.unchanged.Add(1)
		out.Service = old.Service
		return out, nil
	}
	u.read.Add(1)
	if out.Service, err = reference.ParseService(r.data, e.Service); err != nil {
		return nil, err
	}
	return out, u.judge(out.Service, before)
}

// judge refuses a file that lost what it should have.
func (u *update) judge(s *reference.Service, before int) error {
	if len(s.Actions) == 0 && (before > 0 || len(u.o.Base.Expand(nil, s.Name+":*")) > 0) && !u.o.AcceptFewer {
		return fmt.Errorf("has no actions")
	}
	return u.fewer(before, len(s.Actions), "actions")
}

// write merges and stores.
func (u *update) write() error {
	services := make([]*reference.Service, 0, len(u.new.Services))
	date := ""
	for i := range u.new.Entries {
		services = append(services, u.new.Services[u.new.Entries[i].Service].Service)
		date = max(date, u.new.Entries[i].Date())
	}
	data, added, err := u.o.Base.Merge(services, date)
	if err != nil {
		return err
	}
	merged, err := actions.OpenFacts(data)
	if err != nil {
		return fmt.Errorf("the merged facts: %w; nothing was changed", err)
	}
	r := &u.result
	if old, err := ReadFile(r.File, maxTotal); err == nil {
		if c, _ := actions.OpenFacts(old); c != nil {
			r.Before = c.Version()
		}
	}
	r.After, r.Added, r.Services = merged.Version(), added, len(services)
	r.Read, r.Unchanged, r.Bytes = int(u.read.Load()), int(u.unchanged.Load()), u.client.total.Load()
	if err := replace(r.File, data); err != nil {
		return storeError(err)
	}
	return storeError(u.new.write(u.o.Dir))
}

// Summary counts what was added, in words: "2 services, 14 actions".
func Summary(m *actions.Merged) string {
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{
		{m.Services, "service"}, {m.Actions, "action"}, {m.ResourceTypes, "resource type"}, {m.ARNs, "ARN format"},
		{m.ConditionKeys, "condition key"},
	} {
		switch {
		case c.n == 1:
			parts = append(parts, "1 "+c.noun)
		case c.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", c.n, c.noun))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
