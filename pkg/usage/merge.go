package usage

import (
	"cmp"
	"maps"
	"slices"
)

// Merge joins builders into one table: duplicates by event id (and shared event
// id) counted once, rows sorted. The result does not depend on the order of the
// builders nor on which builder saw which record. The builders stay as they are;
// the table shares their texts. A nil builder is passed over.
func Merge(bs ...*Builder) *Table {
	bs = slices.DeleteFunc(slices.Clone(bs), func(b *Builder) bool { return b == nil })
	if len(bs) == 1 {
		return bs[0].table()
	}
	all := NewBuilder()
	// The largest first: what it has needs no looking up.
	slices.SortStableFunc(bs, func(a, b *Builder) int { return cmp.Compare(b.stats.Records, a.stats.Records) })
	for _, b := range bs {
		all.adopt(b)
	}
	return all.table()
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
		&k.externalID, &k.subject, &k.sessionTags, &k.outcome,
	} {
		*n = text[*n]
	}
	return k
}

// call is the row number n of calls/.
func (b *Builder) call(n uint32) Call {
	t, text := b.calls.at(n), b.texts.texts
	k := &t.key
	return Call{
		Day: k.day, Account: text[k.account], RecipientAccount: text[k.recipient],
		Principal: text[k.principal], PrincipalID: text[k.principalID],
		PrincipalType: PrincipalType(text[k.principalType]),
		EventSource:   text[k.source], EventName: text[k.name], EventType: text[k.eventType],
		Category: text[k.category], ReadOnly: k.readOnly, Region: text[k.region],
		ErrorCode: text[k.errorCode], Outcome: text[k.outcome],
		ArgsID: text[k.args], ContextID: text[k.context], Lane: text[k.lane],
		Events: t.events, First: t.first, Last: t.last,
	}
}

// trustRow is the row number n of trust/.
func (b *Builder) trustRow(n uint32) Trust {
	t, text := b.trust.at(n), b.texts.texts
	k := &t.key
	return Trust{
		Day: k.day, Role: text[k.role], RoleAccount: text[k.roleAccount],
		Caller: text[k.caller], CallerAccount: text[k.callerAccount], Mechanism: text[k.mechanism],
		ExternalID: text[k.externalID], Subject: text[k.subject], SessionTags: text[k.sessionTags],
		Outcome: text[k.outcome], Events: t.events, First: t.first, Last: t.last,
	}
}

// table lists what was counted.
func (b *Builder) table() *Table {
	t := &Table{
		Calls:    make([]Call, b.calls.len),
		Trust:    make([]Trust, b.trust.len),
		Args:     b.args.lists(b.texts.texts),
		Contexts: make(map[string][]ContextPair, len(b.contexts)),
		Objects:  slices.Clone(b.objects),
		Stats:    b.stats,
		prints:   b.prints(),
	}
	for i := range t.Calls {
		t.Calls[i] = b.call(uint32(i))
	}
	for i := range t.Trust {
		t.Trust[i] = b.trustRow(uint32(i))
	}
	for n, pairs := range b.contexts {
		t.Contexts[b.texts.texts[n]] = pairs
	}
	t.Deliveries = slices.Collect(maps.Values(b.parcels))
	t.Contexts = capContexts(t.Calls, t.Contexts, maxContexts)
	t.Calls = AggregateCalls(t.Calls)
	t.sort()
	return t
}
