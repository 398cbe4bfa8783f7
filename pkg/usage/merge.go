package usage

import (
	"cmp"
	"slices"
)

// Merge joins builders into one table: duplicates by event id (and shared event
// id) counted once, rows sorted. The result does not depend on the order of the
// builders nor on which builder saw which record. The builders are not to be used
// again, since the largest takes the others in. A nil builder is passed over.
func Merge(bs ...*Builder) *Table { return merge(bs).table() }

// merge joins builders into the largest of them and leaves the others empty.
func merge(bs []*Builder) *Builder {
	bs = append(largestFirst(bs), NewBuilder())
	all := bs[0]
	for _, b := range bs[1:] {
		all.adopt(b, b.everything())
		*b = Builder{}
	}
	return all
}

// largestFirst orders the builders that are there by their size.
func largestFirst(bs []*Builder) []*Builder {
	bs = slices.DeleteFunc(slices.Clone(bs), func(b *Builder) bool { return b == nil })
	slices.SortStableFunc(bs, func(a, b *Builder) int { return cmp.Compare(b.calls.len, a.calls.len) })
	return bs
}

// selection is some of a builder's rows by number, and of its sets of fingerprints.
type selection struct {
	calls, trust []uint32
	parts        []partKey
	from, until  int // shards of the fingerprints; until 0: all of them
}

// everything selects all rows.
func (b *Builder) everything() selection {
	s := selection{calls: make([]uint32, b.calls.len), trust: make([]uint32, b.trust.len)}
	for i := range s.calls {
		s.calls[i] = uint32(i)
	}
	for i := range s.trust {
		s.trust[i] = uint32(i)
	}
	for part := range b.claims {
		s.parts = append(s.parts, part)
	}
	return s
}

// byDay selects the rows of each day.
func (b *Builder) byDay() map[int32]*selection {
	days := map[int32]*selection{}
	at := func(day int32) *selection {
		if days[day] == nil {
			days[day] = &selection{}
		}
		return days[day]
	}
	for n := range uint32(b.calls.len) {
		s := at(b.calls.at(n).key.day)
		s.calls = append(s.calls, n)
	}
	for n := range uint32(b.trust.len) {
		s := at(b.trust.at(n).key.day)
		s.trust = append(s.trust, n)
	}
	for part := range b.claims {
		s := at(part.day)
		s.parts = append(s.parts, part)
	}
	return days
}

// adopt adds what o counted in some of its rows, and all its objects.
func (b *Builder) adopt(o *Builder, rows selection) {
	b.objects = append(b.objects, o.objects...)
	b.stats.Add(&o.stats)
	b.adoptRows(o, rows)
}

// adoptRows adds what o counted in some rows. A claim of a row that is not among
// them must not be.
func (b *Builder) adoptRows(o *Builder, rows selection) {
	text := renumber{to: make([]uint32, len(o.texts.refs)), from: &o.texts, in: &b.texts}
	calls := b.calls.adopt(&o.calls, rows.calls, func(k callKey) callKey { return k.rename(&text) })
	trust := b.trust.adopt(&o.trust, rows.trust, func(k trustKey) trustKey { return k.rename(&text) })
	parts := renumber{to: make([]uint32, len(o.args.parts.refs)), from: &o.args.parts, in: &b.args.parts}
	for _, n := range rows.calls {
		k := &o.calls.at(n).key
		b.args.keep(text.number(k.args), o.args.byID[k.args].rename(&parts))
		if pairs, ok := o.contexts[k.context]; ok {
			b.contexts[text.number(k.context)] = pairs
		}
	}
	for _, part := range rows.parts {
		prints := o.claims[part]
		part.account = text.number(part.account)
		for _, s := range prints.slots {
			if s.print == 0 {
				continue
			}
			s.call = calls[s.call]
			if s.trust > 0 {
				s.trust = trust[s.trust-1] + 1
			}
			b.stake(part, s.print, s.claim)
		}
	}
}

// renumber gives texts of one interner their numbers in another, when they are asked for.
type renumber struct {
	to       []uint32 // number + 1; 0: not asked for yet
	from, in *interner
}

func (r *renumber) number(n uint32) uint32 {
	if r.to[n] == 0 {
		r.to[n] = r.in.number(r.from.at(n)) + 1
	}
	return r.to[n] - 1
}

func (k callKey) rename(text *renumber) callKey {
	for _, n := range []*uint32{
		&k.account, &k.recipient, &k.principal, &k.principalID, &k.principalType,
		&k.source, &k.name, &k.eventType, &k.category, &k.region,
		&k.errorCode, &k.outcome, &k.args, &k.context, &k.lane,
	} {
		*n = text.number(*n)
	}
	return k
}

func (k trustKey) rename(text *renumber) trustKey {
	for _, n := range []*uint32{
		&k.role, &k.roleAccount, &k.caller, &k.callerAccount, &k.mechanism,
		&k.externalID, &k.subject, &k.sessionTags, &k.outcome, &k.lane,
	} {
		*n = text.number(*n)
	}
	return k
}

func (ps parts) rename(part *renumber) parts {
	for i := range ps {
		ps[i] = part.number(ps[i])
	}
	return ps
}

// add counts again what a table counted, which is whole: the rows of some days with
// the fingerprints of their events.
func (b *Builder) add(t *Table) {
	calls := make([]uint32, len(t.Calls))
	for i := range t.Calls {
		c := &t.Calls[i]
		k := b.storedCall(c)
		if _, ok := b.args.byID[k.args]; !ok && k.args != 0 {
			b.args.stored(k.args, t.Args[c.ArgsID])
		}
		if _, ok := b.contexts[k.context]; !ok && k.context != 0 {
			b.contexts[k.context] = t.Contexts[c.ContextID]
		}
		n := b.calls.row(k)
		b.calls.at(n).join(c.Events, c.First, c.Last)
		calls[i] = n
	}
	trust := make([]uint32, len(t.Trust))
	for i := range t.Trust {
		r := &t.Trust[i]
		n := b.trust.row(b.storedTrust(r))
		b.trust.at(n).join(r.Events, r.First, r.Last)
		trust[i] = n
	}
	b.restake(t, calls, trust)
}

// restake lets the events of a table claim their fingerprints. calls and trust are
// the numbers of its rows.
func (b *Builder) restake(t *Table, calls, trust []uint32) {
	firstCall, firstTrust := places(t.Calls, func(c *Call) int32 { return c.Day }), places(t.Trust, func(r *Trust) int32 { return r.Day })
	for i := range t.prints {
		p := &t.prints[i]
		c := claim{call: calls[firstCall[p.Day][p.Call]]}
		if p.Trust > 0 {
			c.trust = trust[firstTrust[p.Day][p.Trust-1]] + 1
		}
		b.stake(partKey{b.texts.id(p.Account), p.Day}, uint64(p.Fingerprint), c)
	}
}

// places lists for each day where its rows are, in their order.
func places[R any](rows []R, day func(*R) int32) map[int32][]uint32 {
	at := map[int32][]uint32{}
	for i := range rows {
		d := day(&rows[i])
		at[d] = append(at[d], uint32(i))
	}
	return at
}

// storedCall is the key of a row that was listed before.
func (b *Builder) storedCall(c *Call) callKey {
	id := b.texts.id
	return callKey{
		account: id(c.Account), recipient: id(c.RecipientAccount),
		principal: id(c.Principal), principalID: id(c.PrincipalID), principalType: id(string(c.PrincipalType)),
		source: id(c.EventSource), name: id(c.EventName), eventType: id(c.EventType),
		category: id(c.Category), region: id(c.Region), errorCode: id(c.ErrorCode), outcome: id(c.Outcome),
		args: id(c.ArgsID), context: id(c.ContextID), lane: id(c.Lane),
		day: c.Day, readOnly: c.ReadOnly,
	}
}

func (b *Builder) storedTrust(t *Trust) trustKey {
	id := b.texts.id
	return trustKey{
		role: id(t.Role), roleAccount: id(t.RoleAccount),
		caller: id(t.Caller), callerAccount: id(t.CallerAccount), mechanism: id(t.Mechanism),
		externalID: id(t.ExternalID), subject: id(t.Subject), sessionTags: id(t.SessionTags),
		outcome: id(t.Outcome), lane: id(t.Lane), day: t.Day,
	}
}
