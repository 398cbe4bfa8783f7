package lint

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// found is one policy document of a file.
type found struct {
	root *value
	data []byte         // the document's own text, for its size
	kind Type           // Auto where what holds it does not tell
	at   *span          // of the string that holds it; nil where its own places count
	of   iam.PolicyKind // what an identity policy is used as; "" where that is not told
}

// finder collects the documents of a file.
type finder struct {
	data []byte
	docs []found
	bad  []unreadable
	of   iam.PolicyKind // of what is looked into
}

type unreadable struct {
	span
	why string
}

// remedy ends the messages about input in which no policy is found.
const remedy = "want a policy document (an object with Statement), a list of them, or JSON that holds some as PolicyDocument"

// documents finds the policies in a file.
func documents(data []byte) ([]found, []unreadable) {
	root, err := parse(data)
	if err != nil {
		return nil, []unreadable{syntax(err)}
	}
	f := &finder{data: data}
	switch {
	case root.kind == array:
		f.list(root)
	case !f.top(root):
		f.bad = append(f.bad, unreadable{root.span, "no policy document: " + remedy})
	}
	return f.docs, f.bad
}

// list takes a list of documents. Its items that hold none are told, unless it is a
// list of other things, some of which hold documents.
func (f *finder) list(root *value) {
	var none []unreadable
	for _, item := range root.items {
		if !f.top(item) {
			none = append(none, unreadable{item.span, "no policy document: " + remedy})
		}
	}
	if len(root.items) == 0 {
		none = append(none, unreadable{root.span, "an empty list: " + remedy})
	}
	if len(f.docs) == 0 || slices.ContainsFunc(root.items, isPolicy) {
		f.bad = append(f.bad, none...)
	}
}

func syntax(err error) unreadable {
	var se *syntaxError
	if errors.As(err, &se) {
		return unreadable{span{se.at, se.at}, se.why}
	}
	return unreadable{span{}, err.Error()}
}

// top takes a value that is a document, or holds some. It reports whether there
// was one, or something that claims to be one.
func (f *finder) top(v *value) bool {
	before := len(f.docs) + len(f.bad)
	if isPolicy(v) {
		f.add(v, Auto)
	} else {
		f.inside(v)
	}
	return len(f.docs)+len(f.bad) > before
}

// isPolicy reports whether an object means to be a policy: it has one of the
// members of a policy, in any case.
func isPolicy(v *value) bool {
	if v.kind != object {
		return false
	}
	for _, m := range v.members {
		if strings.EqualFold(m.name, "Statement") {
			return true
		}
	}
	return v.get("Version") != nil && (len(v.members) == 1 || v.get("Id") != nil && len(v.members) == 2)
}

func (f *finder) add(v *value, kind Type) {
	if v.end-v.at > maxDocumentBytes {
		f.bad = append(f.bad, unreadable{v.span, fmt.Sprintf("the document is larger than %d MB", maxDocumentBytes>>20)})
		return
	}
	f.docs = append(f.docs, found{v, f.data[v.at:v.end], kind, nil, f.of})
}

// inside looks for documents below a value: members whose name says that they hold
// one, as text or as JSON. Versions of a managed policy that are not in force are
// passed over.
func (f *finder) inside(v *value) {
	if d := v.get("IsDefaultVersion"); d != nil && d.kind == boolean && d.text == "false" {
		return
	}
	for _, item := range v.items {
		f.inside(item)
	}
	for _, m := range v.members {
		kind, holds := holder(m.name)
		outside := f.of
		f.of = cmp.Or(inlineOf(m.name), f.of)
		switch {
		case holds && isPolicy(m.value):
			f.add(m.value, kind)
		case holds && m.value.kind == text:
			f.encoded(m.value, kind)
		default:
			f.inside(m.value)
		}
		f.of = outside
	}
}

// inlineOf tells whose inline policies a member of authorization details holds.
func inlineOf(member string) iam.PolicyKind {
	switch member {
	case "UserPolicyList":
		return iam.UserInline
	case "RolePolicyList":
		return iam.RoleInline
	case "GroupPolicyList":
		return iam.GroupInline
	}
	return ""
}

// holder reports whether a member of that name holds a policy document.
func holder(name string) (Type, bool) {
	switch strings.ToLower(name) {
	case "assumerolepolicydocument", "assumerolepolicy", "assume_role_policy":
		return Trust, true
	case "inlinepolicy": // sso-admin get-inline-policy-for-permission-set, AWS::SSO::PermissionSet
		return PermissionSet, true
	case "policydocument", "document", "policy", "resourcepolicy":
		return Auto, true
	}
	return Auto, false
}

// encoded takes a document that stands as text in a string, plain or
// percent-encoded. Names ("Policy": "arn:…") are none.
func (f *finder) encoded(v *value, kind Type) {
	s := strings.TrimSpace(v.text)
	if strings.HasPrefix(s, "%7B") || strings.HasPrefix(s, "%7b") || strings.HasPrefix(s, "%0A") {
		if plain, err := url.PathUnescape(s); err == nil {
			s = strings.TrimSpace(plain)
		}
	}
	if !strings.HasPrefix(s, "{") {
		return
	}
	if len(s) > maxDocumentBytes {
		f.bad = append(f.bad, unreadable{v.span, fmt.Sprintf("the document is larger than %d MB", maxDocumentBytes>>20)})
		return
	}
	root, err := parse([]byte(s))
	if err != nil {
		f.bad = append(f.bad, unreadable{v.span, "the policy in this text: " + err.Error()})
		return
	}
	at := v.span
	if isPolicy(root) {
		f.docs = append(f.docs, found{root, []byte(s), kind, &at, f.of})
	}
}

// detect tells the type of a document from what it says.
func detect(root *value) Type {
	sts, principal := true, false
	for _, s := range root.get("Statement").list() {
		if s.get("Principal") != nil || s.get("NotPrincipal") != nil {
			principal = true
		}
		if s.get("Resource") != nil || s.get("NotResource") != nil {
			sts = false
		}
		actions := slices.Concat(s.get("Action").list(), s.get("NotAction").list())
		for _, a := range actions {
			sts = sts && len(a.text) > 4 && strings.EqualFold(a.text[:4], "sts:")
		}
	}
	switch {
	case principal && sts:
		return Trust
	case principal:
		return Resource
	}
	return Identity
}
