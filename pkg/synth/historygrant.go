package synth

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// granted tells since when a document is known to grant an action to each principal.
// What was not granted could not be used, so days before prove nothing.
type granted struct {
	log      *grantLog
	policy   *account.Policy
	document since                 // change of what the document says
	attached map[*subject]since    // change of whether the principal has it
	bounds   map[*subject]boundary // its permissions boundary
	memo     map[string]bool       // lower-case action → every stored version grants it alike
	from     int32                 // first day of the logs
}

// since is the day of the last change that counts; -1 none. never: the change is after
// all that the logs show.
type since struct {
	day int32
	why string // what the change was
}

func unchangedGrant() since { return since{day: -1} }

// afterLogs is the day of a change of which only the account files know.
const afterLogs = math.MaxInt32 - 1

// boundary is the permissions boundary of a principal.
type boundary struct {
	put      since // when it was put, replaced or deleted
	document since // when what it says was changed
	policy   *account.Policy
}

// later is the later of two changes.
func later(a, b since) since {
	if b.day > a.day {
		return b
	}
	return a
}

// of is the last change that may have brought an action to a principal.
func (g *granted) of(s *subject, action string) since {
	if g == nil {
		return unchangedGrant()
	}
	out := g.attached[s]
	if g.document.day > out.day && !g.always(g.policy, action) {
		out = g.document
	}
	b := g.bounds[s]
	out = later(out, b.put)
	if b.document.day > out.day && !g.always(b.policy, action) {
		out = b.document
	}
	return out
}

// always reports whether each version of a policy that may have been in force in the
// window grants an action as the one in force now does. A version that was, is stored
// now or was deleted since: IAM deletes none by itself.
func (g *granted) always(p *account.Policy, action string) bool {
	if p == nil || p.Document == nil || len(p.Others) == 0 {
		return false
	}
	key := p.ARN + " " + strings.ToLower(action)
	if ok, known := g.memo[key]; known {
		return ok
	}
	ok := g.complete(p)
	for i := range p.Others {
		d := p.Others[i].Document
		ok = ok && d != nil && grantsAlike(p.Document, d, action)
	}
	g.memo[key] = ok
	return ok
}

// complete reports whether the account files have all versions that may have been in
// force since the logs begin: no number is missing, none was deleted in the logs, and the
// lowest is the first or as old as the logs.
func (g *granted) complete(p *account.Policy) bool {
	for _, c := range g.log.policies[strings.ToLower(p.ARN)] {
		if c.verb == verbForget {
			return false
		}
	}
	oldest, low, high := p.InForce, versionOf(p.VersionID), versionOf(p.VersionID)
	for i := range p.Others {
		v := &p.Others[i]
		n := versionOf(v.ID)
		if n < low {
			low, oldest = n, v.Created
		}
		high = max(high, n)
	}
	if low <= 0 || high-low != len(p.Others) {
		return false
	}
	return low == 1 || !oldest.IsZero() && timeDay(oldest) < g.from
}

// versionOf reads "v12", 0 for anything else.
func versionOf(id string) int {
	n := 0
	if _, err := fmt.Sscanf(id, "v%d", &n); err != nil {
		return 0
	}
	return n
}

// grantsAlike reports whether another document grants an action wherever a document does:
// for each Allow statement that takes it, an equal one or one without limits, and no Deny
// that takes it. Where it is not that plain the answer is no.
func grantsAlike(now, other *iam.Document, action string) bool {
	for i := range other.Statements {
		if s := &other.Statements[i]; s.Effect == iam.Deny && takesAction(s, action) {
			return false
		}
	}
	found := false
	for i := range now.Statements {
		s := &now.Statements[i]
		if s.Effect != iam.Allow || !takesAction(s, action) {
			continue
		}
		found = true
		if !anyAlike(s, now, other, action) {
			return false
		}
	}
	return found
}

func anyAlike(s *iam.Statement, now, other *iam.Document, action string) bool {
	for i := range other.Statements {
		o := &other.Statements[i]
		if o.Effect != iam.Allow || !takesAction(o, action) {
			continue
		}
		free := len(o.Resource) == 1 && o.Resource[0] == "*" && len(o.Condition) == 0
		same := now.Version == other.Version && equalStrings(o.Resource, s.Resource) && equalStrings(o.NotResource, s.NotResource) &&
			iam.EqualConditions(o.Condition, s.Condition)
		if free || same {
			return true
		}
	}
	return false
}

// equalStrings compares lists as sets, nil apart from empty.
func equalStrings(a, b iam.Strings) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	has := map[string]bool{}
	for _, x := range a {
		has[x] = true
	}
	for _, x := range b {
		if !has[x] {
			return false
		}
	}
	return true
}

// grantDay makes a since of a time, if it lies in the logs or after them.
func (g *grantLog) grantDay(at int64, what string) since {
	return since{millisDay(at), fmt.Sprintf("%s on %s", what, date(millisDay(at)))}
}

// documentSince is when a managed policy last got another document, as the logs or its
// version's date tell. AWS's own changes to its managed policies are not counted: they
// come often, and bring actions of new operations.
func (g *grantLog) documentSince(p *account.Policy) since {
	out := unchangedGrant()
	if p == nil || p.ARN == "" || p.AWSManaged {
		return out
	}
	if len(p.Others) > 0 || !p.InForce.Equal(p.Created) || versionOf(p.VersionID) > 1 {
		out = laterTime(out, p.InForce, "the policy's version "+p.VersionID+" was created")
	} else {
		out = laterTime(out, p.InForce, "the policy was created")
	}
	for _, c := range g.policies[strings.ToLower(p.ARN)] {
		if c.verb == verbDefault {
			out = later(out, g.grantDay(c.at, "the policy was changed"))
		}
	}
	return out
}

func laterTime(s since, t time.Time, what string) since {
	if t.IsZero() || timeDay(t) <= s.day {
		return s
	}
	return since{timeDay(t), fmt.Sprintf("%s on %s", what, date(timeDay(t)))}
}

// thingSince is when an owner got a thing, as far as the logs tell: the first give after
// the last take, or the last put of an inline document, which may have said less before.
func (g *grantLog) thingSince(x thing, what string) since {
	out, gone := unchangedGrant(), false
	for _, c := range g.things[x] {
		switch {
		case c.verb == verbTake:
			out = since{afterLogs, fmt.Sprintf("it was taken away on %s, and given again after the logs", date(millisDay(c.at)))}
			gone = true
		case gone || out.day < 0 || c.put:
			out, gone = g.grantDay(c.at, what), false
		}
	}
	return out
}
