package usage

import (
	"slices"
	"strings"
)

// Builder counts calls. One per worker; not safe for concurrent use.
type Builder struct {
	texts    interner
	calls    counter[callKey]
	trust    counter[trustKey]
	claims   claims
	args     arguments
	contexts map[uint32][]ContextPair
	parcels  map[parcelKey]Delivery
	objects  []ObjectRow
	stats    Stats
	pairs    []ContextPair // reused by context
}

// callKey is all of a Call that tells it from others, texts by number.
type callKey struct {
	account, recipient, principal, principalID, principalType uint32
	source, name, eventType, category, region                 uint32
	errorCode, outcome, args, context, lane                   uint32
	day                                                       int32
	readOnly                                                  int8
}

// trustKey is all of a Trust that tells it from others, texts by number.
type trustKey struct {
	role, roleAccount, caller, callerAccount, mechanism uint32
	externalID, subject, sessionTags, outcome           uint32
	day                                                 int32
}

// parcelKey is all of a Delivery that tells it from others.
type parcelKey struct {
	account, region, kind string
	day                   int32
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	return &Builder{
		texts:    newInterner(),
		calls:    newCounter[callKey](),
		trust:    newCounter[trustKey](),
		claims:   claims{},
		args:     newArguments(),
		contexts: map[uint32][]ContextPair{},
		parcels:  map[parcelKey]Delivery{},
	}
}

// Add counts one record. A record whose event was counted already makes its row,
// and counts as a duplicate.
func (b *Builder) Add(r *Record) {
	day, ms := clock(r.Time)
	p := Credit(&r.Identity)
	key := b.callKey(r, &p, day)
	c := claim{call: b.calls.row(key)}
	b.calls.see(c.call, ms)
	if r.Trust != nil {
		c.trust = 1 + b.trust.row(b.trustKey(r, day))
		b.trust.see(c.trust-1, ms)
	}
	b.stats.Records++
	b.count(c, 1)
	if part, print, ok := b.fingerprint(r, &key); ok {
		b.stake(part, print, c)
	}
}

// count adds n to the rows that a claim counts in.
func (b *Builder) count(c claim, n int64) {
	b.calls.at(c.call).events += n
	if c.trust > 0 {
		b.trust.at(c.trust - 1).events += n
	}
}

func (b *Builder) callKey(r *Record, p *Principal, day int32) callKey {
	id := b.texts.id
	return callKey{
		account: id(p.Account), recipient: id(r.RecipientAccount),
		principal: id(p.ARN), principalID: id(p.ID), principalType: id(string(p.Type)),
		source: id(r.EventSource), name: id(r.EventName), eventType: id(r.EventType),
		category: id(r.Category), region: id(r.Region),
		errorCode: id(r.ErrorCode), outcome: id(r.Outcome),
		args: b.args.number(&b.texts, r), context: b.contextID(r), lane: id(r.Lane),
		day: day, readOnly: r.ReadOnly,
	}
}

func (b *Builder) trustKey(r *Record, day int32) trustKey {
	id, t := b.texts.id, r.Trust
	outcome := t.Outcome
	if outcome == "" {
		outcome = r.Outcome
	}
	return trustKey{
		role: id(t.Role), roleAccount: id(t.RoleAccount),
		caller: id(t.Caller), callerAccount: id(t.CallerAccount), mechanism: id(t.Mechanism),
		externalID: id(t.ExternalID), subject: id(t.Subject), sessionTags: id(t.SessionTags),
		outcome: id(outcome), day: day,
	}
}

// contextID numbers the content hash of the context, and keeps new ones.
func (b *Builder) contextID(r *Record) uint32 {
	b.pairs = canonicalPairs(append(b.pairs[:0], r.Context...))
	n := b.texts.id(contextHash(b.pairs))
	if _, ok := b.contexts[n]; !ok && n != 0 {
		pairs := slices.Clone(b.pairs)
		for i := range pairs {
			pairs[i] = ContextPair{strings.Clone(pairs[i].Key), strings.Clone(pairs[i].Value)}
		}
		b.contexts[n] = pairs
	}
	return n
}

// AddObject accounts for one object and its delivery. Filtered and Unreadable
// are what Add was not called for; where d.Objects is 0 it counts as 1.
func (b *Builder) AddObject(o ObjectRow, d Delivery) {
	o.Key, o.ETag, o.Error = cleanClone(o.Key), cleanClone(o.ETag), cleanClone(o.Error)
	b.objects = append(b.objects, o)
	b.stats.object(&o, d.Kind)
	if d.Objects == 0 {
		d.Objects = 1
	}
	d.Account, d.Region, d.Kind = cleanClone(d.Account), cleanClone(d.Region), cleanClone(d.Kind)
	b.deliver(d)
}

func (b *Builder) deliver(d Delivery) {
	k := parcelKey{d.Account, d.Region, d.Kind, d.Day}
	if sum, ok := b.parcels[k]; ok {
		d.Objects += sum.Objects
		d.Bytes += sum.Bytes
		d.Unreadable += sum.Unreadable
	}
	b.parcels[k] = d
}

func cleanClone(s string) string { return strings.Clone(cleanText(s)) }
