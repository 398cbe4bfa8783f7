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
	slots    int64 // of all claims
	args     arguments
	contexts map[uint32][]ContextPair
	objects  []ObjectRow
	stats    Stats
	pairs    []ContextPair // reused by context
	buf      []byte        // reused by caller, frame and contextID

	serials serials
	callers recent[caller] // by the texts of an Identity
	frames  recentFrames
	hashes  recent[uint32] // of contexts, by number
}

// caller is a Principal, texts by number.
type caller struct {
	account, arn, id, kind uint32
}

// frame is what many calls of a log have in common, texts by number.
type frame struct {
	recipient, source, name, eventType, category, region uint32
	errorCode, outcome, lane                             uint32
}

// The number of callers and of contexts that are remembered.
const (
	recentCallers  = 1 << 10
	recentContexts = 1 << 10
)

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
	externalID, subject, sessionTags, outcome, lane     uint32
	day                                                 int32
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
		callers:  newRecent[caller](recentCallers),
		frames:   newRecentFrames(),
		hashes:   newRecent[uint32](recentContexts),
	}
}

// Add counts one record. A record whose event was counted already makes its row,
// and counts as a duplicate.
func (b *Builder) Add(r *Record) {
	day, ms := clock(r.Time)
	key := b.callKey(r, day)
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

func (b *Builder) callKey(r *Record, day int32) callKey {
	p, f := b.caller(&r.Identity), b.frame(r)
	return callKey{
		account: p.account, principal: p.arn, principalID: p.id, principalType: p.kind,
		recipient: f.recipient, source: f.source, name: f.name, eventType: f.eventType,
		category: f.category, region: f.region, errorCode: f.errorCode, outcome: f.outcome, lane: f.lane,
		args: b.args.number(&b.texts, r, f.name), context: b.contextID(r),
		day: day, readOnly: r.ReadOnly,
	}
}

// caller credits an identity.
func (b *Builder) caller(id *Identity) caller {
	known := b.serials.slot(id.Serial)
	if known == nil {
		return b.credit(id)
	}
	if known.serial != id.Serial {
		known.serial, known.caller = id.Serial, b.credit(id)
	}
	return known.caller
}

// credit is caller by the texts of the identity.
func (b *Builder) credit(id *Identity) caller {
	b.buf = appendTexts(b.buf[:0],
		id.Type, id.PrincipalID, id.ARN, id.AccountID, id.UserName, id.InvokedBy, id.IdentityProvider,
		id.IssuerType, id.IssuerPrincipalID, id.IssuerARN, id.IssuerAccountID, id.IssuerUserName,
		id.MFA, id.FederatedProvider)
	slot := b.callers.slot('c', b.buf)
	if slot.holds('c', b.buf) {
		return slot.value
	}
	p := Credit(id)
	number := b.texts.id
	c := caller{number(p.Account), number(p.ARN), number(p.ID), number(string(p.Type))}
	slot.set('c', b.buf, c)
	return c
}

// frame numbers the texts that say what was called, where and how it ended.
func (b *Builder) frame(r *Record) frame {
	slot := b.frames.slot(r)
	if slot.holds(r) {
		return slot.frame
	}
	number := b.texts.id
	f := frame{
		recipient: number(r.RecipientAccount), source: number(r.EventSource), name: number(r.EventName),
		eventType: number(r.EventType), category: number(r.Category), region: number(r.Region),
		errorCode: number(r.ErrorCode), outcome: number(r.Outcome), lane: number(r.Lane),
	}
	slot.set(&b.texts, f)
	return f
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
		outcome: id(outcome), lane: id(r.Lane), day: day,
	}
}

// contextID numbers the content hash of the context, and keeps new ones.
func (b *Builder) contextID(r *Record) uint32 {
	if len(r.Context) == 0 {
		return 0
	}
	b.buf = b.buf[:0]
	for _, p := range r.Context {
		b.buf = appendTexts(b.buf, p.Key, p.Value)
	}
	slot := b.hashes.slot('x', b.buf)
	if slot.holds('x', b.buf) {
		return slot.value
	}
	b.pairs = canonicalPairs(append(b.pairs[:0], r.Context...))
	n := b.texts.id(contextHash(b.pairs))
	if _, ok := b.contexts[n]; !ok && n != 0 {
		pairs := slices.Clone(b.pairs)
		for i := range pairs {
			pairs[i] = ContextPair{strings.Clone(pairs[i].Key), strings.Clone(pairs[i].Value)}
		}
		b.contexts[n] = pairs
	}
	slot.set('x', b.buf, n)
	return n
}

// AddObject accounts for one object. Its Filtered and Unreadable records are what Add
// was not called for.
func (b *Builder) AddObject(o ObjectRow) {
	for _, text := range []*string{&o.Key, &o.ETag, &o.Kind, &o.Account, &o.Region, &o.Filter, &o.Error} {
		*text = cleanClone(*text)
	}
	b.objects = append(b.objects, o)
	stats := o.stats()
	b.stats.Add(&stats)
}

func cleanClone(s string) string { return strings.Clone(cleanText(s)) }
