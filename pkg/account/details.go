package account

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sort"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// details gathers the authorization details of all pages.
type details struct {
	principals map[string]*Principal
	groups     map[string]*Group
	seen       map[string][sha256.Size]byte // content of principals and groups by ARN
	truncated  map[string]int               // pages by account that say that more follow
	final      map[string]int               // pages by account that don't
	last       []string                     // the accounts of the page before
}

func newDetails() details {
	return details{
		principals: map[string]*Principal{},
		groups:     map[string]*Group{},
		seen:       map[string][sha256.Size]byte{},
		truncated:  map[string]int{},
		final:      map[string]int{},
	}
}

// page is one answer; its accounts come from the ARNs in it.
type page struct{ accounts map[string]bool }

func (p *page) saw(account string) {
	if !accountID(account) {
		return
	}
	if p.accounts == nil {
		p.accounts = map[string]bool{}
	}
	p.accounts[account] = true
}

// takeDetails reads one page of get-account-authorization-details.
func (l *loader) takeDetails(o object, at place) {
	p := &page{}
	l.each(o, "userdetaillist", at, func(o object, at place) { l.takeUser(o, at, p) })
	l.each(o, "groupdetaillist", at, func(o object, at place) { l.takeGroup(o, at, p) })
	l.each(o, "roledetaillist", at, func(o object, at place) { l.takeRole(o, at, p) })
	l.each(o, "policies", at, func(o object, at place) {
		l.takePolicy(o, at)
		if a, err := iam.ParseARN(o.get("arn").text()); err == nil {
			p.saw(a.Account)
		}
	})
	l.countPage(p, more(o))
}

// more reports whether an answer says that another page follows: the service's
// IsTruncated, or the NextToken that the AWS CLI puts in with --max-items.
func more(o object) bool {
	return o.get("istruncated").truth() || o.get("nexttoken").text() != ""
}

// countPage books a page. One without an account of its own (AWS managed policies
// only) belongs to the accounts of the page before it.
func (l *loader) countPage(p *page, more bool) {
	d := &l.details
	if len(p.accounts) > 0 {
		d.last = d.last[:0]
		for a := range p.accounts {
			d.last = append(d.last, a)
		}
	}
	for _, a := range d.last {
		if more {
			d.truncated[a]++
		} else {
			d.final[a]++
		}
	}
}

// takeUser reads an element of UserDetailList.
func (l *loader) takeUser(o object, at place, pg *page) {
	p := l.newPrincipal(UserKind, "user", o, at, pg)
	if p == nil {
		return
	}
	p.Groups = l.words(o, "grouplist", "groupname", at)
	l.keepPrincipal(p, o, at)
}

// takeRole reads an element of RoleDetailList.
func (l *loader) takeRole(o object, at place, pg *page) {
	p := l.newPrincipal(RoleKind, "role", o, at, pg)
	if p == nil {
		return
	}
	if v := o.get("assumerolepolicydocument"); !v.absent() {
		_, doc, err := policyDocument(v)
		if err != nil {
			l.warn(at.member("AssumeRolePolicyDocument"), "%s: can't read the trust policy: %s", quote(p.ARN), shorten(err.Error()))
		} else {
			p.Trust = doc
			l.notes(doc, at.member("AssumeRolePolicyDocument"))
		}
	}
	l.lastUsed(p, o, at)
	l.each(o, "instanceprofilelist", at, func(o object, at place) {
		if arn := o.get("arn").text(); arn != "" {
			l.snap.Profiles[arn] = p.ARN
		} else {
			l.warn(at, "an instance profile without Arn; ignored")
		}
	})
	l.keepPrincipal(p, o, at)
}

// lastUsed reads RoleLastUsed: absent is unknown, {} is never.
func (l *loader) lastUsed(p *Principal, o object, at place) {
	v := o.get("rolelastused")
	if v.absent() {
		return
	}
	at = at.member("RoleLastUsed")
	if v.kind() != '{' {
		l.warn(at, "want an object, have %s", v.called())
		return
	}
	when, err := date(v.object().get("lastuseddate"))
	if err != nil {
		l.warn(at, "%s", err)
		return
	}
	p.LastUsed, p.LastUsedKnown = when, true
}

// newPrincipal reads what users and roles have in common, nil when there is no
// ARN to know the principal by.
func (l *loader) newPrincipal(kind PrincipalKind, prefix string, o object, at place, pg *page) *Principal {
	arn, account, ok := l.arn(o, at)
	if !ok {
		return nil
	}
	pg.saw(account)
	p := &Principal{
		Kind: kind, ARN: arn, Account: account,
		Name: o.get(prefix + "name").text(), Path: o.get("path").text(), ID: o.get(prefix + "id").text(),
		Created:  l.date(o, "createdate", at),
		Tags:     l.tags(o, at),
		Inline:   l.inline(o, prefix+"policylist", arn, at),
		Attached: l.words(o, "attachedmanagedpolicies", "policyarn", at),
		Boundary: l.boundary(o, at),
	}
	if p.Name == "" {
		p.Name = lastSegment(arn)
	}
	if p.Path == "" {
		p.Path = pathOf(arn)
	}
	return p
}

// takeGroup reads an element of GroupDetailList.
func (l *loader) takeGroup(o object, at place, pg *page) {
	arn, account, ok := l.arn(o, at)
	if !ok {
		return
	}
	pg.saw(account)
	g := &Group{
		ARN: arn, Account: account,
		Name: o.get("groupname").text(), Path: o.get("path").text(), ID: o.get("groupid").text(),
		Created:  l.date(o, "createdate", at),
		Inline:   l.inline(o, "grouppolicylist", arn, at),
		Attached: l.words(o, "attachedmanagedpolicies", "policyarn", at),
	}
	if g.Name == "" {
		g.Name = lastSegment(arn)
	}
	l.compare(arn, o, at)
	l.details.groups[arn] = g
}

func (l *loader) keepPrincipal(p *Principal, o object, at place) {
	l.compare(p.ARN, o, at)
	l.details.principals[p.ARN] = p
}

// compare tells when an ARN was there before with another content; the caller
// keeps the later one.
func (l *loader) compare(arn string, o object, at place) {
	sum := o.digest()
	if old, ok := l.details.seen[arn]; ok && old != sum {
		l.warn(at, "%s is in the input twice with different content; the later one counts", quote(arn))
	}
	l.details.seen[arn] = sum
}

// digest is a hash of an object that white space doesn't change.
func (o object) digest() [sha256.Size]byte {
	var b bytes.Buffer
	for _, m := range o {
		b.WriteString(m.folded)
		b.WriteByte(0)
		if json.Compact(&b, m.val) != nil {
			b.Write(m.val)
		}
		b.WriteByte(0)
	}
	return sha256.Sum256(b.Bytes())
}

// arn reads an element's ARN.
func (l *loader) arn(o object, at place) (arn, account string, ok bool) {
	arn = o.get("arn").text()
	if arn == "" {
		l.warn(at, "no Arn; ignored")
		return "", "", false
	}
	a, err := iam.ParseARN(arn)
	if err != nil {
		l.warn(at, "%s is not an ARN; ignored", quote(arn))
		return "", "", false
	}
	return arn, a.Account, true
}

// boundary reads PermissionsBoundary, an object or a mere ARN.
func (l *loader) boundary(o object, at place) string {
	switch v := o.get("permissionsboundary"); v.kind() {
	case 0, 'n':
		return ""
	case '"':
		return v.text()
	case '{':
		if arn := v.object().get("permissionsboundaryarn").text(); arn != "" || len(v.object()) == 0 {
			return arn
		}
		l.warn(at.member("PermissionsBoundary"), "no PermissionsBoundaryArn; taken as no boundary")
	default:
		l.warn(at.member("PermissionsBoundary"), "want an object, have %s; taken as no boundary", v.called())
	}
	return ""
}

// words reads a list of strings, or of objects that have the string in a member;
// sorted, each once.
func (l *loader) words(o object, name, inside string, at place) []string {
	v := o.get(name)
	at = at.member(o.spelling(name))
	var out []string
	add := func(e value, at place) {
		s := e.text()
		if e.kind() == '{' {
			s = e.object().get(inside).text()
		}
		if s == "" {
			l.warn(at, "want a string or an object, have %s; ignored", e.called())
			return
		}
		out = append(out, s)
	}
	switch v.kind() {
	case 0, 'n':
	case '[':
		for i, e := range v.list() {
			add(e, at.element(i))
		}
	default:
		l.warn(at, "want a list, have %s; taken as its only element", v.called())
		add(v, at)
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// tags reads [{"Key": …, "Value": …}], or an object of them.
func (l *loader) tags(o object, at place) map[string]string {
	var out map[string]string
	set := func(k, v string) {
		if out == nil {
			out = map[string]string{}
		}
		out[k] = v
	}
	if v := o.get("tags"); v.kind() == '{' && !v.object().has("key") {
		for _, m := range v.object() {
			set(m.key, m.val.text())
		}
		return out
	}
	l.each(o, "tags", at, func(o object, at place) {
		if !o.has("key") {
			l.warn(at, "a tag without Key; ignored")
			return
		}
		set(o.get("key").text(), o.get("value").text())
	})
	return out
}

// date reads a date of which nothing but display depends: unreadable is unknown.
func (l *loader) date(o object, name string, at place) (t time.Time) {
	t, err := date(o.get(name))
	if err != nil {
		l.warn(at.member(o.spelling(name)), "%s", err)
	}
	return t
}
