package usage

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// table lists all that was counted.
func (b *Builder) table() *Table {
	t := b.list(b.everything())
	t.Objects = slices.Clone(b.objects)
	sortRows(t.Objects, compareObjects)
	t.Deliveries = deliveriesOf(t.Objects)
	t.Stats = b.stats
	return t
}

// list makes a table of some rows: of all, or of all of some days. Several goroutines
// may list different days at a time while nothing is added.
func (b *Builder) list(rows selection) *Table { return b.listAt(rows, nil) }

// listAt is list for a part of a day, with the levels of contexts of all of it.
func (b *Builder) listAt(rows selection, levels *contextLevels) *Table {
	t := &Table{Contexts: map[string][]ContextPair{}}
	var others sync.WaitGroup
	others.Go(func() { t.Args = b.args.lists(&b.texts, b.argsOf(rows.calls)) })
	b.listCalls(t, slices.Clone(rows.calls), levels)
	b.listTrust(t, slices.Clone(rows.trust))
	b.listPrints(t, &rows)
	others.Wait()
	return t
}

// listCalls fills in calls and contexts, and notes the place of each row.
func (b *Builder) listCalls(t *Table, rows []uint32, levels *contextLevels) {
	slices.SortFunc(rows, b.compareRows)
	t.Calls = make([]Call, len(rows))
	for i, n := range rows {
		t.Calls[i] = b.call(n)
		if x := b.calls.at(n).key.context; x != 0 {
			t.Contexts[b.texts.at(x)] = b.contexts[x]
		}
	}
	at := capCalls(t, levels)
	day := dayCounter{}
	for i, n := range rows {
		if at == nil {
			b.calls.at(n).place = day.next(t.Calls[i].Day)
			continue
		}
		b.calls.at(n).place = at[i]
	}
}

// dayCounter counts places, each day from 0.
type dayCounter map[int32]uint32

func (c dayCounter) next(day int32) uint32 {
	n := c[day]
	c[day] = n + 1
	return n
}

// capCalls takes away from contexts where a principal has too many of them on a day. Where
// that makes rows equal they are joined; then it returns the place of each row that was.
func capCalls(t *Table, levels *contextLevels) (places []uint32) {
	switch {
	case levels != nil:
		t.Contexts = levels.rewrite(t.Calls, t.Contexts)
	case len(t.Contexts) <= maxContexts && !anyHidden(t.Contexts):
		return nil
	default:
		t.Contexts = capContexts(t.Calls, t.Contexts, maxContexts)
	}
	order := make([]int, len(t.Calls))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(compareCalls(&t.Calls[i], &t.Calls[j]), cmp.Compare(i, j)) })
	places = make([]uint32, len(order))
	day, last := dayCounter{}, -1
	for _, i := range order {
		if last < 0 || compareCalls(&t.Calls[last], &t.Calls[i]) != 0 {
			day.next(t.Calls[i].Day)
			last = i
		}
		places[i] = day[t.Calls[i].Day] - 1
	}
	t.Calls = AggregateCalls(t.Calls)
	return places
}

// listTrust fills in trust, and notes the place of each row.
func (b *Builder) listTrust(t *Table, rows []uint32) {
	t.Trust = make([]Trust, len(rows))
	for i, n := range rows {
		t.Trust[i] = b.trustRow(n)
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return compareTrust(&t.Trust[i], &t.Trust[j]) })
	day := dayCounter{}
	for _, i := range order {
		b.trust.at(rows[i]).place = day.next(t.Trust[i].Day)
	}
	permute(t.Trust, order)
}

// listPrints lists the fingerprints of some sets.
func (b *Builder) listPrints(t *Table, rows *selection) {
	n := 0
	for _, part := range rows.parts {
		n += b.claims[part].len
	}
	if rows.until > 0 {
		n = n / spoolShards * (rows.until - rows.from) * 9 / 8
	}
	t.prints = make([]print, 0, n)
	for _, part := range rows.parts {
		account := b.texts.at(part.account)
		b.claims[part].each(rows, func(s *claimSlot) {
			p := print{Account: account, Day: part.day, Fingerprint: int64(s.print), Call: int64(b.calls.at(s.call).place)}
			if s.trust > 0 {
				p.Trust = int64(b.trust.at(s.trust-1).place) + 1
			}
			t.prints = append(t.prints, p)
		})
	}
	sortRows(t.prints, comparePrints)
}

// argsOf lists the numbers of the arguments of rows, each once.
func (b *Builder) argsOf(rows []uint32) []uint32 {
	list := make([]uint32, 0, len(rows))
	for _, n := range rows {
		if a := b.calls.at(n).key.args; a != 0 {
			list = append(list, a)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// compareRows orders calls as compareCalls does. Equal texts have equal numbers, so
// that it looks at texts only where they differ.
func (b *Builder) compareRows(n, m uint32) int {
	x, y := &b.calls.at(n).key, &b.calls.at(m).key
	for _, f := range [...][2]uint32{
		{x.principal, y.principal}, {x.principalID, y.principalID}, {x.principalType, y.principalType},
		{x.account, y.account}, {x.recipient, y.recipient},
	} {
		if f[0] != f[1] {
			return strings.Compare(b.texts.at(f[0]), b.texts.at(f[1]))
		}
	}
	if x.day != y.day {
		return cmp.Compare(x.day, y.day)
	}
	for _, f := range [...][2]uint32{
		{x.source, y.source}, {x.name, y.name}, {x.eventType, y.eventType}, {x.category, y.category},
	} {
		if f[0] != f[1] {
			return strings.Compare(b.texts.at(f[0]), b.texts.at(f[1]))
		}
	}
	if x.readOnly != y.readOnly {
		return cmp.Compare(x.readOnly, y.readOnly)
	}
	for _, f := range [...][2]uint32{
		{x.region, y.region}, {x.outcome, y.outcome}, {x.errorCode, y.errorCode},
		{x.args, y.args}, {x.context, y.context}, {x.lane, y.lane},
	} {
		if f[0] != f[1] {
			return strings.Compare(b.texts.at(f[0]), b.texts.at(f[1]))
		}
	}
	return 0
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
