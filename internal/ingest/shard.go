package ingest

import (
	"context"
	"slices"
	"strings"

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

// shard resolves a part of the calls.
type shard struct {
	table    *usage.Table
	resolver *actions.Resolver
	memo     map[meaning]*resolved
	room     int               // entries of memo
	texts    map[string]string // one copy of what the resolver lends

	rows     []usage.Row
	limit    int // of rows, when they are compacted
	coverage map[usage.CoverageRow]int64
	unmapped map[usage.UnmappedRow]int64
}

// meaning is all of a call that the resolver looks at. Days, and but for IAM's own calls
// principals, do not matter to it, so one answer serves many calls.
type meaning struct {
	eventSource, eventName, eventType, category string
	region, account, recipient                  string
	principalType                               usage.PrincipalType
	readOnly                                    int8
	errorCode, argsID, via, caller              string
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
		memo: map[meaning]*resolved{}, room: maxMemo, texts: map[string]string{},
		limit:    compactEvery,
		coverage: map[usage.CoverageRow]int64{}, unmapped: map[usage.UnmappedRow]int64{},
	}
}

func (s *shard) resolve(ctx context.Context, calls []usage.Call) error {
	for i := range calls {
		if i%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.call(&calls[i])
	}
	s.rows = usage.AggregateUsage(s.rows)
	return nil
}

// call adds what one call means.
func (s *shard) call(c *usage.Call) {
	pairs := s.table.Contexts[c.ContextID]
	via := valueOf(pairs, contextVia)
	meant := s.meaning(c, pairs, via)
	outcome := Outcome(c.Outcome, meant.outcome)
	class := coverageClass(meant.class, outcome)
	s.coverage[usage.CoverageRow{
		Account: c.RecipientAccount, Region: c.Region, Category: c.Category,
		ReadOnly: c.ReadOnly, EventSource: c.EventSource, Day: c.Day, Class: class,
	}] += c.Events
	if class == classUnmapped {
		s.unmapped[usage.UnmappedRow{
			Principal: c.Principal, Account: c.Account,
			EventSource: c.EventSource, EventName: c.EventName, Note: meant.note,
		}] += c.Events
	}
	if meant.class != actions.ClassUse {
		return
	}
	for i := range meant.uses {
		use := &meant.uses[i]
		s.rows = append(s.rows, row(c, use, Outcome(c.Outcome, use.Outcome), via))
	}
	if len(s.rows) >= s.limit {
		s.rows = usage.AggregateUsage(s.rows)
		s.limit = max(compactEvery, 2*len(s.rows))
	}
}

// meaning asks the resolver, or remembers.
func (s *shard) meaning(c *usage.Call, pairs []usage.ContextPair, via string) *resolved {
	key := meaning{
		c.EventSource, c.EventName, c.EventType, c.Category, c.Region, c.Account,
		c.RecipientAccount, c.PrincipalType, c.ReadOnly, c.ErrorCode, c.ArgsID, via, callerOf(c),
	}
	if known := s.memo[key]; known != nil {
		return known
	}
	call := CallOf(c, s.table.Args[c.ArgsID], pairs)
	kept := s.keep(s.resolver.Resolve(&call))
	if len(s.memo) >= s.room {
		clear(s.memo)
	}
	s.memo[key] = kept
	return kept
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
		rows = append(rows, s.rows...)
		for cell, n := range s.coverage {
			cell.Records = n
			coverage = append(coverage, cell)
		}
		for call, n := range s.unmapped {
			call.Events = n
			unmapped = append(unmapped, call)
		}
	}
	t.Usage = usage.AggregateUsage(rows)
	t.Coverage = usage.AggregateCoverage(coverage)
	t.Unmapped = usage.AggregateUnmapped(unmapped)
}
