package ingest

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Resolve derives Usage, Coverage, Unmapped and Facts of the table from its
// Calls, Args and Contexts by the facts of c, in place of what was there.
// workers is the number of goroutines; 0 means one per CPU. Only the end of ctx
// is an error; it leaves the table as it was.
func Resolve(ctx context.Context, t *usage.Table, c *actions.Catalog, workers int) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return newResolver(c, workers).resolve(ctx, t)
}

// shardCalls is the number of calls that are worth a goroutine.
const shardCalls = 64

// resolver resolves tables one after the other.
type resolver struct {
	facts   *actions.Catalog
	workers int
	shards  []*shard // made when they are needed
}

func newResolver(c *actions.Catalog, workers int) *resolver {
	return &resolver{facts: c, workers: workers}
}

// resolve is Resolve. The Usage of the table is lent until the next one is resolved.
func (r *resolver) resolve(ctx context.Context, t *usage.Table) error {
	workers := min(r.workers, 1+len(t.Calls)/shardCalls)
	for len(r.shards) < workers {
		r.shards = append(r.shards, newShard(r.facts))
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for i, s := range r.shards[:workers] {
		// Calls are sorted by principal: neighbours have much in common.
		calls := t.Calls[len(t.Calls)*i/workers : len(t.Calls)*(i+1)/workers]
		group.Go(func() error { return s.resolve(groupCtx, t, calls) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	collect(t, r.shards[:workers])
	t.Facts = r.facts.Version()
	return nil
}

// Derive makes usage of calls by the facts of c, see usage.Derive. workers is the
// number of goroutines; 0 means one per CPU; memory bounds what the days take that are
// made at a time, in bytes; 0 means no bound.
func Derive(c *actions.Catalog, workers, maxResources int, memory int64) usage.Derive {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return usage.Derive{
		Facts: c.Version(), Workers: workers, MaxResources: maxResources, Memory: memory,
		Resolver: func(goroutines int) func(context.Context, *usage.Table) error {
			return newResolver(c, goroutines).resolve
		},
	}
}

// CallOf is the call as the facts know it. Its strings are those of c, list and
// pairs.
func CallOf(c *usage.Call, list args.List, pairs []usage.ContextPair) actions.Call {
	return actions.Call{
		EventSource: c.EventSource, EventName: c.EventName,
		EventType: c.EventType, Category: c.Category,
		Region:  c.Region,
		Account: c.Account, RecipientAccount: c.RecipientAccount,
		PrincipalType: identityType(c.PrincipalType),
		Caller:        callerOf(c),
		InvokedBy:     valueOf(pairs, contextVia),
		ReadOnly:      actions.Tri(c.ReadOnly),
		ErrorCode:     c.ErrorCode,
		Args:          list,
	}
}

// callerOf is the ARN of the user who calls IAM, which some of its operations are about
// when they name nobody. To other calls the facts do not look who made them.
func callerOf(c *usage.Call) string {
	if c.PrincipalType == usage.User && c.EventSource == "iam.amazonaws.com" {
		return c.Principal
	}
	return ""
}

// Outcome of a call: what the facts say of its error code now, unless it was
// told as denied when the record was read, which knew the error message too.
func Outcome(stored string, now actions.Outcome) actions.Outcome {
	if actions.Outcome(stored) == actions.Denied {
		return actions.Denied
	}
	return now
}

// identityType is the userIdentity.type that a type of principal comes from.
func identityType(t usage.PrincipalType) string {
	switch t {
	case usage.Role, usage.IdentityCenter, usage.ServiceLinked:
		return "AssumedRole"
	case usage.User:
		return "IAMUser"
	case usage.Root:
		return "Root"
	case usage.Federated:
		return "FederatedUser"
	case usage.Service:
		return "AWSService"
	case usage.External, usage.Anonymous:
		return "AWSAccount"
	}
	return ""
}

func valueOf(pairs []usage.ContextPair, key string) string {
	for _, pair := range pairs {
		if pair.Key == key {
			return pair.Value
		}
	}
	return ""
}
