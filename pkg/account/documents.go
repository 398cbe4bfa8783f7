package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// inline reads a list of {PolicyName, PolicyDocument}, sorted by name.
func (l *loader) inline(o object, name, owner string, at place) []*Policy {
	var out []*Policy
	index := map[string]int{}
	l.each(o, name, at, func(o object, at place) {
		pol := &Policy{Name: o.get("policyname").text()}
		if pol.Name == "" {
			l.warn(at, "an inline policy of %s has no PolicyName", quote(owner))
		}
		l.setDocument(pol, o.get("policydocument"), at)
		if i, twice := index[pol.Name]; twice {
			l.warn(at, "%s has the inline policy %s twice; the later one counts", quote(owner), quote(pol.Name))
			out[i] = pol
			return
		}
		index[pol.Name] = len(out)
		out = append(out, pol)
	})
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// setDocument parses a document into a policy; a failure stays with the policy.
func (l *loader) setDocument(pol *Policy, v value, at place) {
	if v.absent() {
		pol.Err = ErrNoDocument
		l.warn(at, "the policy %s has no document", quote(pol.Name))
		return
	}
	pol.Raw, pol.Document, pol.Err = policyDocument(v)
	if pol.Err != nil {
		l.warn(at, "can't read the policy %s: %s", quote(pol.Name), shorten(pol.Err.Error()))
		return
	}
	l.notes(pol.Document, at)
}

// notes tells what is odd in a document that could be parsed.
func (l *loader) notes(doc *iam.Document, at place) {
	notes := slices.DeleteFunc(slices.Clone(doc.Notes()), func(n iam.Note) bool { return !n.Kind.Doubtful() })
	if len(notes) == 0 {
		return
	}
	more := ""
	if n := len(notes) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more oddities", n)
	}
	l.warn(at, "the policy document has a %s at %s%s", notes[0].Kind, quote(notes[0].Path), more)
}

// policyDocument reads a document as the CLI (object), the API (URL-encoded
// string) or other tools (JSON in a string) write it.
func policyDocument(v value) (raw []byte, doc *iam.Document, err error) {
	switch v.kind() {
	case '{':
		raw = outdented(v)
	case '"':
		if raw, err = decodeText(v.text()); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, fmt.Errorf("want a policy document, have %s", v.called())
	}
	doc, err = iam.Parse(raw)
	if err != nil {
		return raw, nil, err
	}
	return raw, doc, nil
}

// outdented copies an object without the indentation of the file that it stands in:
// that of its last line.
func outdented(v value) []byte {
	last := bytes.LastIndexByte(v, '\n')
	if last < 0 {
		return bytes.Clone(v)
	}
	indent := v[last+1:]
	indent = indent[:len(indent)-len(bytes.TrimLeft(indent, " \t"))]
	lines := bytes.SplitAfter(v, []byte("\n"))
	for _, l := range lines[1:] {
		if !bytes.HasPrefix(l, indent) {
			return bytes.Clone(v)
		}
	}
	return bytes.ReplaceAll(v, append([]byte("\n"), indent...), []byte("\n"))
}

// decodeText undoes URL-encoding and further quoting. RFC 3986, which IAM
// follows, keeps a plus sign; only where that isn't JSON, it is a form's space.
func decodeText(s string) ([]byte, error) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, `"`) && json.Valid([]byte(s)) {
		s = strings.TrimSpace(value(s).text())
	}
	if strings.HasPrefix(s, "{") {
		return []byte(s), nil
	}
	path, err := url.PathUnescape(s)
	if err == nil && json.Valid([]byte(path)) {
		return []byte(path), nil
	}
	form, formErr := url.QueryUnescape(s)
	switch {
	case formErr == nil && json.Valid([]byte(form)):
		return []byte(form), nil
	case err != nil:
		return nil, errors.New("the document is neither JSON nor URL-encoded JSON")
	}
	return []byte(path), nil
}

// takePolicy reads a managed policy of authorization details or list-policies.
func (l *loader) takePolicy(o object, at place) {
	arn, _, ok := l.arn(o, at)
	if !ok {
		return
	}
	pol := &Policy{
		Name: o.get("policyname").text(), ARN: arn, AWSManaged: awsManaged(arn),
		VersionID:    o.get("defaultversionid").text(),
		Attachments:  o.get("attachmentcount").number(),
		BoundaryUses: o.get("permissionsboundaryusagecount").number(),
		Created:      l.date(o, "createdate", at), Updated: l.date(o, "updatedate", at),
	}
	if pol.Name == "" {
		pol.Name = lastSegment(arn)
	}
	l.defaultVersion(pol, o, at)
	l.keepPolicy(pol, at)
}

// defaultVersion picks the version in force out of PolicyVersionList.
func (l *loader) defaultVersion(pol *Policy, o object, at place) {
	var versions []object
	l.each(o, "policyversionlist", at, func(v object, _ place) { versions = append(versions, v) })
	pol.Versions = len(versions)
	pol.Err = ErrNoDocument
	if len(versions) == 0 {
		return
	}
	at = at.member("PolicyVersionList")
	chosen := slices.IndexFunc(versions, func(v object) bool { return v.get("isdefaultversion").truth() })
	if chosen < 0 && pol.VersionID != "" {
		chosen = slices.IndexFunc(versions, func(v object) bool { return v.get("versionid").text() == pol.VersionID })
	}
	if chosen < 0 {
		l.warn(at, "%s: none of the versions is the default", quote(pol.ARN))
		return
	}
	if id := versions[chosen].get("versionid").text(); id != "" {
		if pol.VersionID != "" && id != pol.VersionID {
			l.warn(at, "%s: DefaultVersionId says %s, IsDefaultVersion %s; the latter counts", quote(pol.ARN), quote(pol.VersionID), quote(id))
		}
		pol.VersionID = id
	}
	l.takeVersions(pol, versions, chosen, at)
	if doc := versions[chosen].get("document"); !doc.absent() {
		l.setDocument(pol, doc, at.element(chosen))
	}
}

// takeVersions notes since when the default version is there, and what the others are.
// One that can't be read is kept without its document.
func (l *loader) takeVersions(pol *Policy, versions []object, chosen int, at place) {
	for i, v := range versions {
		created := l.date(v, "createdate", at.element(i))
		if i == chosen {
			pol.InForce = created
			continue
		}
		other := Version{ID: v.get("versionid").text(), Created: created}
		if doc := v.get("document"); !doc.absent() {
			if _, d, err := policyDocument(doc); err == nil {
				other.Document = d
			}
		}
		pol.Others = append(pol.Others, other)
	}
}

// keepPolicy merges a managed policy with what is known of it. Accounts differ in
// their counts only, or in the version where the files are of different days.
func (l *loader) keepPolicy(pol *Policy, at place) {
	old := l.snap.Policies[pol.ARN]
	if old == nil {
		l.snap.Policies[pol.ARN] = pol
		return
	}
	attached := max(old.Attachments, pol.Attachments)
	uses := max(old.BoundaryUses, pol.BoundaryUses)
	versions := max(old.Versions, pol.Versions)
	keep := pol
	switch {
	case pol.Raw == nil:
		keep = old // a listing adds nothing to a document
	case old.Raw == nil || sameJSON(old.Raw, pol.Raw):
	case pol.AWSManaged && versionNumber(old.VersionID) > versionNumber(pol.VersionID):
		l.warn(at, "%s is in the input as %s and %s; the higher version counts", quote(pol.ARN), quote(old.VersionID), quote(pol.VersionID))
		keep = old
	default:
		l.warn(at, "%s is in the input twice with different documents; the later one counts", quote(pol.ARN))
	}
	keep.Attachments = attached
	keep.BoundaryUses, keep.Versions = uses, versions
	l.snap.Policies[pol.ARN] = keep
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// versionNumber reads "v12", 0 for anything else.
func versionNumber(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if err != nil {
		return 0
	}
	return n
}
