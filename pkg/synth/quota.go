package synth

import (
	"fmt"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// managedPerPrincipal is the default number of managed policies that may be
// attached to one user, role or group.
// Source: IAM user guide, "IAM and AWS STS quotas" (2026-11).
const managedPerPrincipal = 10

// quotaOf is the number of characters that AWS accepts for a kind of policy.
func quotaOf(k iam.PolicyKind) int {
	for _, q := range iam.Quotas() {
		if q.Kind == k {
			return q.Characters
		}
	}
	return 0 // unreachable: each kind has its quota
}

// room is what a proposal's documents may take.
type room struct {
	each  int // characters of the document in place
	slots int // managed policies that may take its place where it does not fit
}

func (u *unit) room() room {
	if u.kind == PermissionSet {
		return u.setRoom()
	}
	r := room{quotaOf(iam.ManagedPolicy), u.freeSlots()}
	if u.kind == Managed || u.kind == AWSManaged {
		r.slots++ // its own
	}
	r.slots = max(r.slots, u.slots)
	if u.slotCap > 0 {
		r.slots = min(r.slots, u.slotCap)
	}
	if u.kind == Managed || u.kind == AWSManaged {
		return r
	}
	kind := iam.RoleInline
	switch {
	case strings.Contains(u.owner, ":group/"):
		kind = iam.GroupInline
	case u.subjects[0].p.Kind == account.UserKind:
		kind = iam.UserInline
	}
	r.each = quotaOf(kind) - u.otherInline()
	return r
}

// otherInline is the size of the owner's other inline documents as attached today.
func (u *unit) otherInline() int {
	size := 0
	for _, g := range u.subjects[0].grants {
		_, owner := kindOf(g, u.subjects[0].p)
		if g.Policy.ARN == "" && owner == u.owner && g.Key != u.key && g.Policy.Document != nil {
			size += g.Policy.Document.Size()
		}
	}
	return size
}

// freeSlots is the number of managed policies that can still be attached to
// everybody who has this document.
func (u *unit) freeSlots() int {
	free := managedPerPrincipal
	for _, s := range u.subjects {
		count := map[*account.Group]int{} // nil: attached directly
		var vias []*account.Group
		for _, g := range s.grants {
			if g.Policy.ARN != "" {
				count[g.Via]++
			}
			if g.Key == u.key {
				vias = append(vias, g.Via)
			}
		}
		for _, via := range vias {
			free = min(free, managedPerPrincipal-count[via])
		}
	}
	return max(0, free)
}

// fit makes a document fit the room: in place, or moved to managed policies. It
// fails with the numbers.
func fit(d *iam.Document, r room, attached int) (docs []*iam.Document, moved bool, err error) {
	size := d.Size()
	if size <= max(r.each, attached) {
		return []*iam.Document{d}, false, nil
	}
	managedQuota := quotaOf(iam.ManagedPolicy)
	if size > r.slots*managedQuota { // cannot work, and packing a huge one is slow
		return nil, false, fmt.Errorf("%d characters where %d fit, or %d managed policies of %d can be attached", size, r.each, r.slots, managedQuota)
	}
	docs = pack(d, managedQuota)
	largest := 0
	for _, d := range docs {
		largest = max(largest, d.Size())
	}
	if len(docs) > r.slots || largest > managedQuota {
		return nil, false, fmt.Errorf("%d characters where %d fit, or %d managed policies where %d can be attached", size, r.each, len(docs), r.slots)
	}
	return docs, true, nil
}

// pack spreads statements over documents of at most limit characters, in order. A
// statement is split where it is too large alone, and at the end of each document
// where that makes fewer documents.
func pack(d *iam.Document, limit int) []*iam.Document {
	whole := packed(d, limit, false)
	if len(whole) < 2 {
		return whole
	}
	if filled := packed(d, limit, true); len(filled) < len(whole) {
		return filled
	}
	return whole
}

func packed(d *iam.Document, limit int, fill bool) []*iam.Document {
	queue := append([]iam.Statement{}, d.Statements...)
	p := &packer{like: d, base: sizeOf(d), size: sizeOf(d)}
	for len(queue) > 0 {
		s := queue[0]
		n := p.sizeOf(s)
		if p.size+n <= limit {
			p.add(s, n)
			queue = queue[1:]
			continue
		}
		if begun := p.size > p.base; fill || !begun {
			a, b, ok := cut(s, func(a iam.Statement) bool { return p.size+p.sizeOf(a) <= limit })
			switch {
			case ok:
				p.add(a, p.sizeOf(a))
				queue = append([]iam.Statement{b}, queue[1:]...)
			case !begun:
				if a, b, ok = halve(s); ok {
					queue = append([]iam.Statement{a, b}, queue[1:]...)
					continue
				}
				p.add(s, n) // cannot be made smaller: fit will tell
				queue = queue[1:]
			}
		}
		p.flush() // the next document has more room
	}
	p.flush()
	return p.out
}

// packer collects statements into documents like one.
type packer struct {
	like       *iam.Document
	base, size int // characters of the empty document; of the current one
	cur        []iam.Statement
	out        []*iam.Document
}

// sizeOf is what a statement adds to a document.
func (p *packer) sizeOf(s iam.Statement) int {
	return sizeOf(p.like, s) - p.base + len(",")
}

func (p *packer) add(s iam.Statement, n int) {
	p.cur = append(p.cur, s)
	p.size += n
}

func (p *packer) flush() {
	if len(p.cur) > 0 {
		uniqueSids(p.cur)
		p.out = append(p.out, with(p.like, p.cur))
	}
	p.cur, p.size = nil, p.base
}

// uniqueSids renames statements that have the Sid of an earlier one, as the halves
// of one statement do.
func uniqueSids(statements []iam.Statement) {
	used := &sids{used: map[string]bool{}}
	for i := range statements {
		if s := &statements[i]; s.Sid != "" {
			s.Sid = used.fresh(s.Sid)
		}
	}
}

// with is a document like d with other statements.
func with(d *iam.Document, statements []iam.Statement) *iam.Document {
	e := *d
	e.Statements = statements
	return &e
}

// sizeOf is the size of a document like d with the given statements alone.
func sizeOf(d *iam.Document, statements ...iam.Statement) int {
	return with(d, statements).Size()
}

// cut splits a statement by its resources, or else by its actions, so that the first
// part is the largest that fits.
func cut(s iam.Statement, fits func(iam.Statement) bool) (a, b iam.Statement, ok bool) {
	if s.Effect == iam.Deny {
		return s, s, false // kept word for word
	}
	a, b = s, s
	if k := longest(len(s.Resource), func(k int) bool { a.Resource = s.Resource[:k:k]; return fits(a) }); k > 0 {
		a.Resource, b.Resource = s.Resource[:k:k], s.Resource[k:]
		return a, b, true
	}
	a = s
	if k := longest(len(s.Action), func(k int) bool { a.Action = s.Action[:k:k]; return fits(a) }); k > 0 {
		a.Action, b.Action = s.Action[:k:k], s.Action[k:]
		return a, b, true
	}
	return s, s, false
}

// halve splits a statement that is too large by resources and by actions.
func halve(s iam.Statement) (a, b iam.Statement, ok bool) {
	a, b = s, s
	switch mid := len(s.Resource) / 2; {
	case s.Effect == iam.Deny: // kept word for word
	case mid > 0:
		a.Resource, b.Resource = s.Resource[:mid:mid], s.Resource[mid:]
		return a, b, true
	case len(s.Action) > 1:
		mid = len(s.Action) / 2
		a.Action, b.Action = s.Action[:mid:mid], s.Action[mid:]
		return a, b, true
	}
	return s, s, false
}

// longest is the largest k below n for which ok(k) holds, 0 for none; ok of a larger k
// implies that of a smaller.
func longest(n int, ok func(k int) bool) int {
	return max(0, sort.Search(max(n-1, 0), func(i int) bool { return !ok(i + 1) }))
}
