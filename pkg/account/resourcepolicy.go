package account

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// ResourcePolicy is a policy of a resource: a bucket, a queue, a key.
type ResourcePolicy struct {
	// Resource is the ARN of what it is attached to. Region and account are "*" where
	// nothing tells them, as of a key that only its id names.
	Resource string
	Account  string // of the resource, "" not known
	File     string
	Document *iam.Document
}

// KeyGrant is one grant of a KMS key.
type KeyGrant struct {
	Key        string // ARN; region and account are "*" where only the id is known
	ID         string
	Grantee    string    // ARN of a principal or a session, or a service principal
	Operations []string  // as KMS names them: Decrypt, GenerateDataKey, …
	Created    time.Time // CreationDate; zero unknown
	// Constrained: it holds for certain encryption contexts only.
	Constrained bool
	File        string
}

// pendingPolicy is a resource policy before it is known of what.
type pendingPolicy struct {
	ResourcePolicy
	hint string
	at   place
}

// bareDocument is a policy document that nothing surrounds.
type bareDocument struct {
	doc  *iam.Document
	hint string
	file string
	at   place
}

// policyMembers are the names under which answers have a resource policy: Policy of
// S3, KMS, Lambda, EFS, Backup and others, ResourcePolicy of Secrets Manager,
// policyText of ECR, and Policy among the Attributes of SQS and SNS.
func policyMember(o object) value {
	for _, name := range []string{"policy", "resourcepolicy", "policytext", "resourcepolicydocument"} {
		if v := o.get(name); holdsDocument(v) {
			return v
		}
	}
	return o.get("attributes").object().get("policy")
}

func holdsDocument(v value) bool {
	switch v.kind() {
	case '{':
		return v.object().has("statement")
	case '"':
		return strings.HasPrefix(strings.TrimSpace(v.text()), "{")
	}
	return false
}

// isResourcePolicy knows {"Resource": …, "Policy": …} and the answers of
// get-bucket-policy and its like.
func isResourcePolicy(o object) bool { return holdsDocument(policyMember(o)) }

// isBare knows a policy document that nothing surrounds.
func isBare(o object) bool { return o.has("statement") }

// takeResourcePolicy reads a resource policy and what its surroundings tell of the
// resource.
func (l *loader) takeResourcePolicy(o object, at place) {
	_, doc, err := policyDocument(policyMember(o))
	if err != nil {
		l.warn(at, "can't read the resource policy: %s", shorten(err.Error()))
		return
	}
	if !namesPrincipals(doc) && len(doc.Statements) > 0 {
		l.warn(at, "a policy document without principals is no resource policy; not used")
		return
	}
	l.notes(doc, at)
	p := pendingPolicy{hint: at.hint, at: at}
	p.Resource, p.Account = besideResource(o)
	p.File, p.Document = l.file, doc
	l.pending = append(l.pending, p)
}

// takeBare reads a document without an answer around it: a resource policy if it
// names principals, else perhaps an organization's.
func (l *loader) takeBare(o object, at place) {
	_, doc, err := policyDocument(joinedObject(o))
	switch {
	case err != nil:
		l.warn(at, "can't read the policy document: %s", shorten(err.Error()))
	case isTrustPolicy(doc):
		l.warn(at, "a trust policy without its role is not used; give the output of aws iam get-account-authorization-details")
	case namesPrincipals(doc) && !namesControl(at.hint):
		l.notes(doc, at)
		p := pendingPolicy{hint: at.hint, at: at}
		p.File, p.Document = l.file, doc
		l.pending = append(l.pending, p)
	default:
		l.org.bare = append(l.org.bare, &bareDocument{doc, at.hint, l.file, at})
	}
}

// namesControl reports whether a name is that of a policy of an organization, whose
// resource control policies name principals too.
func namesControl(hint string) bool {
	low := strings.ToLower(hint)
	return policyID(hint) != "" || strings.Contains(low, "rcp") || strings.Contains(low, "resource-control")
}

// joinedObject is an object as it was written, but for what stands between members.
func joinedObject(o object) value {
	v := value("{")
	for i, m := range o {
		if i > 0 {
			v = append(v, ',')
		}
		key, _ := json.Marshal(m.key) // a string always can be
		v = append(append(append(v, key...), ':'), m.val...)
	}
	return append(v, '}')
}

// namesPrincipals reports whether some statement has a Principal, as those of
// resource policies have.
func namesPrincipals(d *iam.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s iam.Statement) bool { return s.Principal != nil || s.NotPrincipal != nil })
}

// isTrustPolicy knows the policy of a role: it has no resources, and actions of STS.
func isTrustPolicy(d *iam.Document) bool {
	if len(d.Statements) == 0 {
		return false
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Resource != nil || s.NotResource != nil || s.Principal == nil || len(s.Action) == 0 {
			return false
		}
		for _, a := range s.Action {
			if !strings.HasPrefix(strings.ToLower(a), "sts:") {
				return false
			}
		}
	}
	return true
}

// besideResource is the resource that members beside a policy name, and its account.
func besideResource(o object) (arn, account string) {
	attributes := o.get("attributes").object()
	account = o.get("account").text()
	if account == "" {
		account = attributes.get("owner").text()
	}
	for _, v := range []string{
		o.get("resource").text(), o.get("resourcearn").text(), o.get("arn").text(), o.get("keyarn").text(), o.get("queuearn").text(),
		o.get("topicarn").text(), o.get("functionarn").text(), o.get("backupvaultarn").text(), o.get("bucketarn").text(),
		attributes.get("queuearn").text(), attributes.get("topicarn").text(),
	} {
		if a, err := iam.ParseARN(v); err == nil && a.Service != "iam" {
			return v, firstID(account, a.Account)
		}
	}
	if b := firstText(o, "bucket", "bucketname"); b != "" {
		return "arn:aws:s3:::" + b, firstID(account)
	}
	if id := keyID(firstText(o, "keyid")); id != "" {
		return "arn:aws:kms:*:*:key/" + id, firstID(account)
	}
	if name := o.get("repositoryname").text(); name != "" {
		id := firstID(o.get("registryid").text(), account)
		return "arn:aws:ecr:*:" + orStar(id) + ":repository/" + name, id
	}
	return "", firstID(account)
}

func firstText(o object, names ...string) string {
	for _, n := range names {
		if t := o.get(n).text(); t != "" {
			return t
		}
	}
	return ""
}

func firstID(texts ...string) string {
	for _, t := range texts {
		if accountID(t) {
			return t
		}
	}
	return ""
}

func orStar(s string) string {
	if s == "" {
		return "*"
	}
	return s
}

// finishResources finds of what each resource policy is: what stands beside it
// counts first, then its own Resource elements, then the name of the file or the key.
func (l *loader) finishResources() {
	for _, p := range l.pending {
		if p.Resource == "" {
			p.Resource = ownResource(p.Document)
		}
		if p.Resource == "" {
			p.Resource = l.hinted(&p)
		}
		if p.Resource == "" {
			l.file = p.File
			l.warn(p.at, "nothing tells of which resource this policy is; not used: name the file after the resource's ARN, or wrap it as {\"Resource\": ARN, \"Policy\": …}")
			continue
		}
		if a, err := iam.ParseARN(p.Resource); err == nil && p.Account == "" {
			p.Account = firstID(a.Account)
		}
		r := p.ResourcePolicy
		l.snap.ResourcePolicies = append(l.snap.ResourcePolicies, &r)
	}
	l.file = ""
	s := l.snap
	sort.SliceStable(s.ResourcePolicies, func(i, j int) bool {
		a, b := s.ResourcePolicies[i], s.ResourcePolicies[j]
		if a.Resource != b.Resource {
			return a.Resource < b.Resource
		}
		return a.Account < b.Account
	})
	s.ResourcePolicies = slices.CompactFunc(s.ResourcePolicies, func(a, b *ResourcePolicy) bool {
		return a.Resource == b.Resource && a.Account == b.Account && string(a.Document.Format()) == string(b.Document.Format())
	})
	for i := 1; i < len(s.ResourcePolicies); i++ {
		if r := s.ResourcePolicies[i]; r.Resource == s.ResourcePolicies[i-1].Resource {
			l.file = r.File
			l.warn(place{}, "%s has several policies in the input: only what all of them allow counts", quote(r.Resource))
		}
	}
	l.file = ""
	sort.SliceStable(s.KeyGrants, func(i, j int) bool {
		a, b := s.KeyGrants[i], s.KeyGrants[j]
		if a.Key != b.Key {
			return a.Key < b.Key
		}
		return a.ID < b.ID
	})
}

// ownResource is the one resource that the Resource elements of a policy are about,
// "" where they are of several or of none.
func ownResource(d *iam.Document) string {
	found := ""
	for i := range d.Statements {
		for _, r := range d.Statements[i].Resource {
			base := ResourceBase(r)
			if base == "" || strings.ContainsAny(base, "*?$") {
				continue
			}
			if found != "" && found != base {
				return ""
			}
			found = base
		}
	}
	return found
}

// ResourceBase is the ARN of the resource that has the policy which governs an ARN:
// the bucket of an object, the function of a version or an alias; "" for what is no ARN.
func ResourceBase(arn string) string {
	a, err := iam.ParseARN(arn)
	if err != nil {
		return ""
	}
	head := arn[:len(arn)-len(a.Resource)]
	switch a.Service {
	case "s3":
		if strings.HasPrefix(a.Resource, "accesspoint/") {
			name, _, _ := strings.Cut(strings.TrimPrefix(a.Resource, "accesspoint/"), "/")
			return head + "accesspoint/" + name
		}
		bucket, _, _ := strings.Cut(a.Resource, "/")
		return head + bucket
	case "lambda":
		if p := strings.Split(a.Resource, ":"); len(p) > 2 && p[0] == "function" {
			return head + p[0] + ":" + p[1]
		}
	case "dynamodb":
		if p := strings.Split(a.Resource, "/"); len(p) > 2 && p[0] == "table" {
			return head + p[0] + "/" + p[1]
		}
	}
	return arn
}

// hinted is the resource that the name of the file or the key of a wrapper means.
func (l *loader) hinted(p *pendingPolicy) string {
	if arn := hintARN(p.hint); arn != "" {
		return arn
	}
	service := documentService(p.Document)
	name := trimWords(baseName(p.hint))
	switch {
	case (service == "kms" || service == "") && keyID(p.hint) != "":
		return "arn:aws:kms:*:*:key/" + keyID(p.hint)
	case service == "s3" && name != "":
		arn := "arn:aws:s3:::" + name
		for i := range p.Document.Statements { // the name alone proves nothing
			for _, r := range p.Document.Statements[i].Resource {
				if iam.MatchResource(r, arn) || iam.MatchResource(r, arn+"/x") {
					return arn
				}
			}
		}
	case service == "ecr" && name != "":
		return "arn:aws:ecr:*:*:repository/" + name
	}
	return ""
}

// hintARN undoes the usual ways to write an ARN as the name of a file.
func hintARN(hint string) string {
	name := baseName(hint)
	i := strings.Index(name, "arn")
	if i < 0 {
		return ""
	}
	for _, r := range []*strings.Replacer{strings.NewReplacer(), strings.NewReplacer("%3A", ":", "%3a", ":", "%2F", "/", "%2f", "/"), strings.NewReplacer("_", ":")} {
		if a, err := iam.ParseARN(r.Replace(name[i:])); err == nil && a.Service != "" && a.Service != "iam" {
			return r.Replace(name[i:])
		}
	}
	return ""
}

// documentService is the one service that the actions of a document are of.
func documentService(d *iam.Document) string {
	found := ""
	for i := range d.Statements {
		for _, a := range d.Statements[i].Action {
			service, _, _ := strings.Cut(strings.ToLower(a), ":")
			if found != "" && found != service {
				return ""
			}
			found = service
		}
	}
	return found
}

// trimWords takes off a name what only says that it is a policy.
func trimWords(name string) string {
	for _, w := range []string{"get-bucket-policy", "get-repository-policy", "get-key-policy", "bucket-policy", "repository-policy", "key-policy", "bucketpolicy", "policy", "s3", "ecr"} {
		for _, sep := range []string{"-", "_", "."} {
			name = strings.TrimSuffix(strings.TrimPrefix(name, w+sep), sep+w)
		}
	}
	return name
}

// isGrants knows list-grants of KMS.
func isGrants(o object) bool {
	list := o.get("grants").list()
	return len(list) > 0 && list[0].object().has("grantid")
}

// takeGrants reads list-grants. A grant without a grantee or operations says nothing.
func (l *loader) takeGrants(o object, at place) {
	hint := keyID(at.hint)
	l.each(o, "grants", at, func(o object, at place) {
		g := &KeyGrant{Key: o.get("keyid").text(), ID: o.get("grantid").text(), Grantee: firstText(o, "granteeprincipal", "granteeserviceprincipal"),
			Operations: l.words(o, "operations", "", at), Created: l.date(o, "creationdate", at), File: l.file, Constrained: len(o.get("constraints").object()) > 0}
		if _, err := iam.ParseARN(g.Key); err != nil {
			id := keyID(g.Key)
			if id == "" {
				id = hint
			}
			if id == "" {
				l.warn(at, "nothing tells of which key this grant is; not used: put the key's id into the file's name")
				return
			}
			g.Key = "arn:aws:kms:*:*:key/" + id
		}
		if g.Grantee == "" || len(g.Operations) == 0 {
			l.warn(at, "a grant without a grantee or without operations; ignored")
			return
		}
		sort.Strings(g.Operations)
		l.snap.KeyGrants = append(l.snap.KeyGrants, g)
	})
}
