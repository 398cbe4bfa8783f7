package ingest

import (
	"cmp"
	"context"

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

// compactEvery is the number of new rows after which equal ones are joined.
const compactEvery = 1 << 17

// shard resolves a part of a table's calls, and then a part of the next table's. They
// are sorted, so that it first looks at what it knew of the call before.
type shard struct {
	table    *usage.Table
	resolver *actions.Resolver
	memo     memo
	texts    texts
	lent     resolved // what the resolver lends

	contextID string // of the last call; "" has no pairs
	pairs     []usage.ContextPair
	via       string
	list      args.List // reused

	rows      []usage.Row
	last, now []int // rows of the uses of the last call, and of the call at hand
	done      int   // of rows: those of principals before this one, in order
	unsorted  bool  // principals' rows are not in order
	limit     int   // of the others, when they are compacted
	coverage  map[usage.CoverageRow]*int64
	cell      usage.CoverageRow // of the last call
	records   *int64            // of cell
	unmapped  map[usage.UnmappedRow]int64
}

func newShard(c *actions.Catalog) *shard {
	return &shard{
		resolver: actions.NewResolver(c), memo: newMemo(), texts: newTexts(),
		coverage: map[usage.CoverageRow]*int64{}, unmapped: map[usage.UnmappedRow]int64{},
	}
}

// begin starts on another table with about so many rows. Those of the last one are
// overwritten.
func (s *shard) begin(t *usage.Table, rows int) {
	const few = 1 << 10
	s.table = t
	if clear(s.rows[:cap(s.rows)]); s.rows == nil || cap(s.rows) > few+4*rows { // of a day that was much larger
		s.rows = make([]usage.Row, 0, rows)
	}
	s.rows, s.done, s.unsorted, s.limit = s.rows[:0], 0, false, compactEvery
	s.last, s.now = s.last[:0], s.now[:0]
	clear(s.coverage)
	clear(s.unmapped)
}

// end lets go of all that is the table's but the rows.
func (s *shard) end() {
	s.table, s.lent = nil, resolved{}
	clear(s.list[:cap(s.list)])
	s.contextID, s.pairs, s.via = "", nil, ""
	s.cell, s.records = usage.CoverageRow{}, nil
	s.memo.endDay()
	s.texts.endDay()
	s.resolver.Release()
}

func (s *shard) resolve(ctx context.Context, t *usage.Table, calls []usage.Call) error {
	s.begin(t, len(calls)+len(calls)/8)
	defer s.end()
	for i := range calls {
		if i%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c := &calls[i]; i > 0 && (c.Principal != calls[i-1].Principal || c.PrincipalID != calls[i-1].PrincipalID) {
			s.next()
		}
		s.call(&calls[i])
	}
	s.next()
	if s.unsorted {
		s.rows = usage.AggregateUsage(s.rows)
	}
	return nil
}

// next ends the rows of a principal.
func (s *shard) next() {
	s.compact()
	if s.done > 0 && s.done < len(s.rows) && !usage.Precedes(&s.rows[s.done-1], &s.rows[s.done]) {
		s.unsorted = true
	}
	s.done, s.limit = len(s.rows), compactEvery
}

// compact joins equal rows of the principal under way.
func (s *shard) compact() {
	kept := usage.AggregateUsage(s.rows[s.done:])
	s.rows, s.last = s.rows[:s.done+len(kept)], s.last[:0]
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
	s.now = s.now[:0]
	for i := range meant.uses {
		use := &meant.uses[i]
		s.add(i, c, use, string(Outcome(c.Outcome, use.Outcome)))
	}
	s.last, s.now = s.now, s.last
	if len(s.rows)-s.done >= s.limit {
		s.compact()
	}
}

// add adds the row of the i-th use of a call, or joins it to that of the call before.
func (s *shard) add(i int, c *usage.Call, use *actions.Use, outcome string) {
	if i < len(s.last) {
		if at := s.last[i]; s.same(&s.rows[at], c, use, outcome) {
			s.rows[at].Join(c.Events, c.First, c.Last)
			s.now = append(s.now, at)
			return
		}
	}
	s.now = append(s.now, len(s.rows))
	s.rows = append(s.rows, usage.Row{
		Day:       c.Day,
		Principal: c.Principal, PrincipalID: c.PrincipalID,
		Account: c.Account, RecipientAccount: c.RecipientAccount,
		Region: c.Region, EventSource: c.EventSource,
		Action: use.Action, Resource: s.texts.of(use.Resource),
		Kind: string(use.Kind), Level: string(use.Level), Basis: string(use.Basis), PassedTo: use.PassedTo,
		Outcome: outcome, Via: s.via,
		Category: c.Category, Lane: c.Lane,
		Count: c.Events, First: c.First, Last: c.Last,
	})
}

// same reports whether a row of this principal is that of a call's use.
func (s *shard) same(r *usage.Row, c *usage.Call, use *actions.Use, outcome string) bool {
	return r.Resource == use.Resource && r.Action == use.Action && r.Region == c.Region && r.Outcome == outcome &&
		r.Account == c.Account && r.RecipientAccount == c.RecipientAccount && r.Day == c.Day &&
		r.EventSource == c.EventSource && r.Category == c.Category && r.Lane == c.Lane && r.Via == s.via &&
		r.Kind == string(use.Kind) && r.Level == string(use.Level) && r.Basis == string(use.Basis) && r.PassedTo == use.PassedTo
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

// meaning asks the resolver, or remembers. It may be lent until the next call.
func (s *shard) meaning(c *usage.Call, pairs []usage.ContextPair, via string) *resolved {
	q := question{s.memo.frameOf(frameOf(c, via)), c.ArgsID}
	known, keep := s.memo.find(q)
	if known != nil {
		return known
	}
	s.list = s.table.Args.List(s.list[:0], c.ArgsID)
	call := CallOf(c, s.list, pairs)
	r := s.resolver.Resolve(&call)
	s.lent = resolved{r.Class, r.Outcome, r.Uses, r.Note}
	if keep {
		s.memo.keep(q, &s.lent)
	}
	return &s.lent
}

// frameOf is the frame of a call.
func frameOf(c *usage.Call, via string) frame {
	return frame{
		c.EventSource, c.EventName, c.EventType, c.Category, c.Region, c.Account,
		c.RecipientAccount, string(c.PrincipalType), c.ErrorCode, via, callerOf(c), c.ReadOnly,
	}
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

// collect joins the shards into the table.
func collect(t *usage.Table, shards []*shard) {
	var rows []usage.Row
	var coverage []usage.CoverageRow
	var unmapped []usage.UnmappedRow
	for _, s := range shards {
		rows = usage.JoinUsage(rows, s.rows)
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
