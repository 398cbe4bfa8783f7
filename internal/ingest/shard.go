package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// The classes of coverage rows beside those that are no use of the caller, which
// have the names of actions.Class.
const (
	classUsed         = "used"
	classDenied       = "denied"
	classUndetermined = "undetermined"
	classUnmapped     = string(actions.ClassUnmapped)
)

const (
	// compactEvery is the number of new rows after which equal ones are joined.
	compactEvery = 1 << 17
	// maxMemo is the number of meanings that are remembered at a time.
	maxMemo = 1 << 16
)

// shard resolves a part of the calls. They are sorted, so that it first looks at
// what it knew of the call before.
type shard struct {
	table    *usage.Table
	resolver *actions.Resolver
	memo     map[question]*resolved
	frames   map[frame]uint32  // numbers of what questions have in common
	frame    frame             // of the last call
	number   uint32            // of frame
	room     int               // entries of memo, and of frames
	texts    map[string]string // one copy of what the resolver lends

	contextID string // of the last call; "" has no pairs
	pairs     []usage.ContextPair
	via       string
	list      args.List // reused

	rows     []usage.Row
	done     int // of rows: those of principals before this one, in order
	limit    int // of the others, when they are compacted
	coverage map[usage.CoverageRow]*int64
	cell     usage.CoverageRow // of the last call
	records  *int64            // of cell
	unmapped map[usage.UnmappedRow]int64
}

// question is all of a call that the resolver looks at. Days and principals do
// not matter to it, so one answer serves many calls.
type question struct {
	frame  uint32
	argsID string
}

// frame is all of a question but the arguments.
type frame struct {
	eventSource, eventName, eventType, category string
	region, account, recipient                  string
	principalType                               usage.PrincipalType
	readOnly                                    int8
	errorCode, via, caller                      string
}

// resolved is an answer of the resolver that may be kept.
type resolved struct {
	class   actions.Class
	outcome actions.Outcome
	uses    []actions.Use
	note    string
}

func newShard(t *usage.Table, c *actions.Catalog) *shard {
	return &shard{
		table: t, resolver: actions.NewResolver(c),
		memo: map[question]*resolved{}, frames: map[frame]uint32{{}: 0}, room: maxMemo, texts: map[string]string{},
		limit:    compactEvery,
		coverage: map[usage.CoverageRow]*int64{}, unmapped: map[usage.UnmappedRow]int64{},
	}
}

func (s *shard) resolve(ctx context.Context, calls []usage.Call) error {
	s.rows = make([]usage.Row, 0, len(calls)/2)
	for i := range calls {
		if i%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c := &calls[i]; i > 0 && (c.Principal != calls[i-1].Principal || c.PrincipalID != calls[i-1].PrincipalID) {
			s.compact()
			s.done, s.limit = len(s.rows), compactEvery
		}
		s.call(&calls[i])
	}
	s.compact()
	s.rows = usage.AggregateUsage(s.rows)
	return nil
}

// compact joins equal rows of the principal under way.
func (s *shard) compact() {
	kept := usage.AggregateUsage(s.rows[s.done:])
	s.rows = s.rows[:s.done+len(kept)]
	s.limit = max(compactEvery, 2*len(kept))
}

// call adds what one call means.
func (s *shard) call(c *usage.Call) {
	if c.ContextID != s.contextID {
		s.contextID, s.pairs = c.ContextID, s.table.Contexts[c.ContextID]
		s.via = valueOf(s.pairs, contextVia)
	}
	via := s.via
	meant := s.meaning(c, s.pairs, via)
	outcome := Outcome(c.Outcome, meant.outcome)
	class := coverageClass(meant.class, outcome)
	s.cover(c, cmp.Or(c.Lane, class))
	if class == classUnmapped {
		s.unmapped[usage.UnmappedRow{
			Day:       c.Day,
			Principal: c.Principal, Account: c.Account,
			EventSource: c.EventSource, EventName: c.EventName, Note: meant.note, Lane: c.Lane,
		}] += c.Events
	}
	if meant.class != actions.ClassUse {
		return
	}
	for i := range meant.uses {
		use := &meant.uses[i]
		s.rows = append(s.rows, row(c, use, Outcome(c.Outcome, use.Outcome), via))
	}
	if len(s.rows)-s.done >= s.limit {
		s.compact()
	}
}

// cover counts a call's records in its cell.
func (s *shard) cover(c *usage.Call, class string) {
	cell := usage.CoverageRow{
		Account: c.RecipientAccount, Region: c.Region, Category: c.Category,
		ReadOnly: c.ReadOnly, EventSource: c.EventSource, Day: c.Day, Class: class,
	}
	if s.records == nil || cell != s.cell {
		s.cell, s.records = cell, s.coverage[cell]
		if s.records == nil {
			s.records = new(int64)
			s.coverage[cell] = s.records
		}
	}
	*s.records += c.Events
}

// meaning asks the resolver, or remembers.
func (s *shard) meaning(c *usage.Call, pairs []usage.ContextPair, via string) *resolved {
	key := question{s.frameOf(c, via), c.ArgsID}
	if known := s.memo[key]; known != nil {
		return known
	}
	s.list = s.table.Args.List(s.list[:0], c.ArgsID)
	call := CallOf(c, s.list, pairs)
	kept := s.keep(s.resolver.Resolve(&call))
	if len(s.memo) >= s.room {
		clear(s.memo)
	}
	s.memo[key] = kept
	return kept
}

// frameOf numbers the frame of a call.
func (s *shard) frameOf(c *usage.Call, via string) uint32 {
	f := frame{
		c.EventSource, c.EventName, c.EventType, c.Category, c.Region, c.Account,
		c.RecipientAccount, c.PrincipalType, c.ReadOnly, c.ErrorCode, via, callerOf(c),
	}
	if f == s.frame {
		return s.number
	}
	n, ok := s.frames[f]
	if !ok {
		if len(s.frames) >= s.room { // numbers begin anew, and so do questions
			clear(s.frames)
			clear(s.memo)
		}
		n = uint32(len(s.frames))
		s.frames[f] = n
	}
	s.frame, s.number = f, n
	return n
}

// keep copies what the resolver lends.
func (s *shard) keep(r actions.Resolution) *resolved {
	kept := &resolved{class: r.Class, outcome: r.Outcome, note: s.text(r.Note), uses: slices.Clone(r.Uses)}
	for i := range kept.uses {
		use := &kept.uses[i]
		use.Action, use.Resource, use.PassedTo = s.text(use.Action), s.text(use.Resource), s.text(use.PassedTo)
	}
	return kept
}

func (s *shard) text(lent string) string {
	if own, ok := s.texts[lent]; ok {
		return own
	}
	own := strings.Clone(lent)
	s.texts[own] = own
	return own
}

func coverageClass(class actions.Class, outcome actions.Outcome) string {
	if class != actions.ClassUse {
		return string(class)
	}
	switch outcome {
	case actions.Allowed:
		return classUsed
	case actions.Denied:
		return classDenied
	}
	return classUndetermined
}

func row(c *usage.Call, use *actions.Use, outcome actions.Outcome, via string) usage.Row {
	return usage.Row{
		Day:       c.Day,
		Principal: c.Principal, PrincipalID: c.PrincipalID,
		Account: c.Account, RecipientAccount: c.RecipientAccount,
		Region: c.Region, EventSource: c.EventSource,
		Action: use.Action, Resource: use.Resource,
		Kind: string(use.Kind), Level: string(use.Level), Basis: string(use.Basis), PassedTo: use.PassedTo,
		Outcome: string(outcome), Via: via,
		Category: c.Category, Lane: c.Lane,
		Count: c.Events, First: c.First, Last: c.Last,
	}
}

// collect joins the shards into the table.
func collect(t *usage.Table, shards []*shard) {
	var rows []usage.Row
	var coverage []usage.CoverageRow
	var unmapped []usage.UnmappedRow
	for _, s := range shards {
		rows, s.rows = usage.JoinUsage(rows, s.rows), nil
		for cell, n := range s.coverage {
			cell.Records = *n
			coverage = append(coverage, cell)
		}
		for call, n := range s.unmapped {
			call.Events = n
			unmapped = append(unmapped, call)
		}
	}
	t.Usage = rows
	t.Coverage = usage.AggregateCoverage(coverage)
	t.Unmapped = usage.AggregateUnmapped(unmapped)
}
