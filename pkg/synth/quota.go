package synth

import (
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// Quotas of policy documents, in characters without white space.
// Source: IAM user guide, "IAM and AWS STS quotas" (2026-11).
const (
	managedQuota     = 6144
	roleInlineQuota  = 10240
	userInlineQuota  = 2048
	groupInlineQuota = 5120
	// managedPerPrincipal is the default number of managed policies that may be
	// attached to one user, role or group.
	managedPerPrincipal = 10
)

// room is what a proposal's documents may take.
type room struct {
	each int // characters of one document
	docs int // documents
}

func (u *unit) room() room {
	switch u.kind {
	case Managed:
		return room{managedQuota, 1}
	case AWSManaged:
		return room{managedQuota, managedPerPrincipal - u.otherManaged()}
	}
	sub := u.subjects[0]
	total := roleInlineQuota
	switch {
	case strings.Contains(u.owner, ":group/"):
		total = groupInlineQuota
	case sub.p.Kind == account.UserKind:
		total = userInlineQuota
	}
	return room{total - u.otherInline(), 1}
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

// otherManaged counts the managed policies attached beside this one.
func (u *unit) otherManaged() int {
	n := 0
	for _, g := range u.subjects[0].grants {
		if g.Policy.ARN != "" && g.Key != u.key && (g.Via != nil) == strings.Contains(u.owner, ":group/") {
			n++
		}
	}
	return n
}

// fit makes a document fit the room: as it is, or in several documents where
// there may be several. It fails with the numbers.
func fit(d *iam.Document, r room, attached int) ([]*iam.Document, error) {
	size := d.Size()
	if size <= max(r.each, attached) && r.docs <= 1 || size <= r.each {
		return []*iam.Document{d}, nil
	}
	if r.docs <= 1 {
		return nil, fmt.Errorf("%d characters, the quota leaves %d", size, r.each)
	}
	docs := pack(d, r.each)
	if len(docs) > r.docs {
		return nil, fmt.Errorf("%d characters in %d documents, the quota leaves %d documents", size, len(docs), r.docs)
	}
	return docs, nil
}

// pack spreads statements over documents of at most limit characters, in order;
// a statement that is too large alone is split by its actions.
func pack(d *iam.Document, limit int) []*iam.Document {
	queue := append([]iam.Statement{}, d.Statements...)
	var out []*iam.Document
	cur := empty(d)
	for len(queue) > 0 {
		s := queue[0]
		cur.Statements = append(cur.Statements, s)
		if cur.Size() <= limit {
			queue = queue[1:]
			continue
		}
		cur.Statements = cur.Statements[:len(cur.Statements)-1]
		if len(s.Action) > 1 {
			a, b := halve(s)
			queue = append([]iam.Statement{a, b}, queue[1:]...)
			continue
		}
		if len(cur.Statements) == 0 { // cannot be made smaller: let Size tell
			cur.Statements, queue = append(cur.Statements, s), queue[1:]
		}
		out = append(out, cur)
		cur = empty(d)
	}
	if len(cur.Statements) > 0 {
		out = append(out, cur)
	}
	return out
}

func empty(d *iam.Document) *iam.Document {
	e := d.Clone()
	e.Statements = nil
	return e
}

func halve(s iam.Statement) (a, b iam.Statement) {
	a, b = s, s
	mid := len(s.Action) / 2
	a.Action, b.Action = s.Action[:mid:mid], s.Action[mid:]
	return a, b
}
