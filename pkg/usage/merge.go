package usage

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// Merge joins builders into one table: duplicates by event id (and shared event
// id) counted once, rows sorted. The result does not depend on the order of the
// builders nor on which builder saw which record. The builders stay as they are;
// the table shares their texts. A nil builder is passed over.
func Merge(bs ...*Builder) *Table {
	bs = largestFirst(bs)
	if len(bs) == 1 {
		return bs[0].table(true)
	}
	all := NewBuilder()
	for _, b := range bs {
		all.adopt(b)
	}
	return all.table(false)
}

// Drain is Merge for builders that are not used again. It needs less time and
// memory: the largest takes the others in, and all are left empty.
func Drain(bs ...*Builder) *Table {
	bs = append(largestFirst(bs), NewBuilder())
	all := bs[0]
	for _, b := range bs[1:] {
		all.adopt(b)
		*b = Builder{}
	}
	t := all.table(false)
	*all = Builder{}
	return t
}

// largestFirst orders the builders that are there by their size.
func largestFirst(bs []*Builder) []*Builder {
	bs = slices.DeleteFunc(slices.Clone(bs), func(b *Builder) bool { return b == nil })
	slices.SortStableFunc(bs, func(a, b *Builder) int { return cmp.Compare(b.stats.Records, a.stats.Records) })
	return bs
}

// adopt adds all that o counted.
func (b *Builder) adopt(o *Builder) {
	text := b.texts.adopt(&o.texts)
	calls := b.calls.adopt(&o.calls, func(k callKey) callKey { return k.rename(text) })
	trust := b.trust.adopt(&o.trust, func(k trustKey) trustKey { return k.rename(text) })
	b.args.adopt(&o.args, text)
	for n, pairs := range o.contexts {
		b.contexts[text[n]] = pairs
	}
	b.objects = append(b.objects, o.objects...)
	for _, d := range o.parcels {
		b.deliver(d)
	}
	b.stats.add(&o.stats)
	for part, prints := range o.claims {
		part.account = text[part.account]
		for print, c := range prints {
			c.call = calls[c.call]
			if c.trust > 0 {
				c.trust = trust[c.trust-1] + 1
			}
			b.stake(part, print, c)
		}
	}
}

func (k callKey) rename(text []uint32) callKey {
	for _, n := range []*uint32{
		&k.account, &k.recipient, &k.principal, &k.principalID, &k.principalType,
		&k.source, &k.name, &k.eventType, &k.category, &k.region,
		&k.errorCode, &k.outcome, &k.args, &k.context, &k.lane,
	} {
		*n = text[*n]
	}
	return k
}

func (k trustKey) rename(text []uint32) trustKey {
	for _, n := range []*uint32{
		&k.role, &k.roleAccount, &k.caller, &k.callerAccount, &k.mechanism,
		&k.externalID, &k.subject, &k.sessionTags, &k.outcome, &k.lane,
	} {
		*n = text[*n]
	}
	return k
}

// call is the row number n of calls/.
func (b *Builder) call(n uint32) Call {
	t, text := b.calls.at(n), &b.texts
	k := &t.key
	return Call{
		Day: k.day, Account: text.at(k.account), RecipientAccount: text.at(k.recipient),
		Principal: text.at(k.principal), PrincipalID: text.at(k.principalID),
		PrincipalType: PrincipalType(text.at(k.principalType)),
		EventSource:   text.at(k.source), EventName: text.at(k.name), EventType: text.at(k.eventType),
		Category: text.at(k.category), ReadOnly: k.readOnly, Region: text.at(k.region),
		ErrorCode: text.at(k.errorCode), Outcome: text.at(k.outcome),
		ArgsID: text.at(k.args), ContextID: text.at(k.context), Lane: text.at(k.lane),
		Events: t.events, First: t.first, Last: t.last,
	}
}

// trustRow is the row number n of trust/.
func (b *Builder) trustRow(n uint32) Trust {
	t, text := b.trust.at(n), &b.texts
	k := &t.key
	return Trust{
		Day: k.day, Role: text.at(k.role), RoleAccount: text.at(k.roleAccount),
		Caller: text.at(k.caller), CallerAccount: text.at(k.callerAccount), Mechanism: text.at(k.mechanism),
		ExternalID: text.at(k.externalID), Subject: text.at(k.subject), SessionTags: text.at(k.sessionTags),
		Outcome: text.at(k.outcome), Lane: text.at(k.lane), Events: t.events, First: t.first, Last: t.last,
	}
}

// table lists what was counted. Unless the builder is kept, what has been listed
// is given up at once.
func (b *Builder) table(keep bool) *Table {
	t := &Table{
		Calls:    make([]Call, b.calls.len),
		Trust:    make([]Trust, b.trust.len),
		Contexts: make(map[string][]ContextPair, len(b.contexts)),
		Objects:  slices.Clone(b.objects),
		Stats:    b.stats,
	}
	var others sync.WaitGroup
	others.Go(func() {
		if t.prints = b.prints(); !keep {
			b.claims = nil
		}
		t.Args = b.args.lists(&b.texts)
	})
	for i := range t.Calls {
		t.Calls[i] = b.call(uint32(i))
	}
	for i := range t.Trust {
		t.Trust[i] = b.trustRow(uint32(i))
	}
	if !keep {
		b.calls, b.trust = counter[callKey]{}, counter[trustKey]{}
	}
	for n, pairs := range b.contexts {
		t.Contexts[b.texts.at(n)] = pairs
	}
	t.Deliveries = slices.Collect(maps.Values(b.parcels))
	t.Contexts = capContexts(t.Calls, t.Contexts, maxContexts)
	t.Calls = AggregateCalls(t.Calls)
	others.Wait()
	t.sort()
	return t
}
