package synth

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Class is a kind of principal whose permissions are needed though no log shows it.
type Class string

// The classes that are detected.
const (
	BreakGlass       Class = "break-glass"       // emergency access, whose point is to be unused
	DisasterRecovery Class = "disaster-recovery" // restores and failovers, silent until needed
	Seasonal         Class = "seasonal"          // used in bursts between long silences
	Deployment       Class = "deployment"        // makes resources, and will change and delete them
	Human            Class = "human"             // people at the console or through SAML
)

// Classes lists the classes in the order in which they are documented.
func Classes() []Class { return []Class{BreakGlass, DisasterRecovery, Seasonal, Deployment, Human} }

// KeepKind says what an entry of a keep list keeps.
type KeepKind string

// The kinds of entries.
const (
	KeepPermissions KeepKind = "permissions"  // permissions stay as attached
	KeepPrincipals  KeepKind = "principals"   // principals are not touched
	KeepTags        KeepKind = "tags"         // the same, by tags alone
	KeepBreakGlass  KeepKind = "break_glass"  // the same, for emergency access
	KeepSeasonal    KeepKind = "seasonal"     // permissions of seasonal jobs stay as attached
	NotDetected     KeepKind = "not_detected" // what is detected of these principals does not count
)

// KeepEntry is one entry of a keep list. Principals and Tags limit it to principals
// that one of each fits; empty ones fit all.
type KeepEntry struct {
	Where      string // file name and line, as reasons name it
	Kind       KeepKind
	Reason     string
	Owner      string
	Expires    time.Time // the last day on which it counts; zero: it does not expire
	Principals []string  // patterns of ARNs; * is any text, ? any character
	Tags       []string  // KEY, or KEY=VALUE with a pattern of values
	Actions    []string  // patterns; of permissions and seasonal: empty is all
	Resources  []string  // patterns; empty is all
	Classes    []Class   // of NotDetected; empty is all
}

// Detection is why a principal counts as of a class.
type Detection struct {
	Class  Class
	Reason string
}

// KeptFor sums up what one entry of a keep list, or one detection, keeps of a document.
type KeptFor struct {
	For     string // the class, or the kind of the entry
	Where   string // of the entry; "" for what was detected
	Reason  string
	Actions []string // sorted
}

// keeper applies a keep list and detects the classes. Its entries are those in force.
type keeper struct {
	entries  []KeepEntry
	hits     []atomic.Bool // parallel: the entry has met what it names
	off      map[Class]bool
	expired  []string
	consoles map[string]string // ARN of a caller → how the logs show a person
	stacks   map[string]bool   // ARN of a caller: CloudFormation calls on its behalf
	through  sync.Map          // throughKey → map[string]bool: services used through a document
}

func newKeeper(in *Input, asOf time.Time) *keeper {
	k := &keeper{off: map[Class]bool{}, consoles: people(in.Table), stacks: map[string]bool{}}
	for _, c := range in.Options.Undetected {
		k.off[c] = true
	}
	for _, e := range in.Options.Keep {
		if !e.Expires.IsZero() && asOf.After(e.Expires) {
			k.expired = append(k.expired, fmt.Sprintf("%s: expired on %s, so it keeps nothing: take it away, or set a later date", e.Where, e.Expires.Format(time.DateOnly)))
			continue
		}
		k.entries = append(k.entries, e)
	}
	k.hits = make([]atomic.Bool, len(k.entries))
	for i := range in.Table.Usage {
		if r := &in.Table.Usage[i]; r.Via == "cloudformation.amazonaws.com" && r.Lane == "" {
			k.stacks[r.Principal] = true
		}
	}
	return k
}

// keeps is what stays of one principal, whatever the logs show.
type keeps struct {
	whole    string      // why no document of it is touched; "" they are
	detected []Detection // in the order of Classes
	list     *keeper
	entries  []int               // of list: permissions, and seasonal jobs
	season   string              // why unused permissions stay; "" they go
	creators map[string][]string // of a deployer: by action, those used that it undoes
	services map[string]bool     // of a person: lower-case prefixes of the services used
}

// of finds what applies to a subject.
func (k *keeper) of(s *subject, catalog *factTable) (out keeps) {
	out.list = k
	not := map[Class]bool{}
	for i := range k.entries {
		e := &k.entries[i]
		if !e.takes(s.p) {
			continue
		}
		switch e.Kind {
		case KeepPermissions, KeepSeasonal:
			out.entries = append(out.entries, i)
			continue // a hit once a permission is met
		case NotDetected:
			for _, c := range Classes() {
				not[c] = not[c] || len(e.Classes) == 0 || slices.Contains(e.Classes, c)
			}
		default:
			if out.whole == "" {
				out.whole = "kept by " + e.cite()
			}
		}
		k.hits[i].Store(true)
	}
	for _, c := range Classes() {
		if k.off[c] || not[c] {
			continue
		}
		if why := k.detect(c, s, &out, catalog); why != "" {
			out.detected = append(out.detected, Detection{c, why})
		}
	}
	return out
}

// detect says why a subject is of a class, or "", and notes what follows of it.
func (k *keeper) detect(c Class, s *subject, out *keeps, facts *factTable) string {
	why := ""
	switch c {
	case BreakGlass:
		if breakGlass(s.p) {
			why = "looks like a break-glass role by its name or tags"
			out.untouched(why)
		}
	case DisasterRecovery:
		if why = recovery(s); why != "" {
			out.untouched(why)
		}
	case Seasonal:
		why = season(s)
		out.season = why
	case Deployment:
		why, out.creators = deployment(s, facts, k.viaStacks(s))
	case Human:
		if why = k.human(s); why != "" {
			out.services = usedServices(s)
		}
	}
	return why
}

func (k *keeps) untouched(why string) {
	if k.whole == "" {
		k.whole = why + ": kept by default"
	}
}

func (k *keeper) viaStacks(s *subject) bool {
	return slices.ContainsFunc(s.seen, func(c *caller) bool { return k.stacks[c.arn] })
}

// cite names an entry in reasons.
func (e *KeepEntry) cite() string {
	out := e.Where + ": " + e.Reason
	if e.Owner != "" {
		out += " (" + e.Owner + ")"
	}
	return out
}

// takes reports whether an entry is about a principal.
func (e *KeepEntry) takes(p *account.Principal) bool {
	if len(e.Principals) > 0 && !slices.ContainsFunc(e.Principals, func(g string) bool { return fits(g, p.ARN) }) {
		return false
	}
	return len(e.Tags) == 0 || slices.ContainsFunc(e.Tags, func(t string) bool { return tagged(p, t) })
}

// tagged reports whether a principal has a tag: KEY, or KEY=VALUE with a pattern of
// values. Case matters in values alone: IAM takes keys that differ in case for the same.
func tagged(p *account.Principal, want string) bool {
	key, value, valued := strings.Cut(want, "=")
	for k, v := range p.Tags {
		if strings.EqualFold(k, key) && (!valued || fits(value, v)) {
			return true
		}
	}
	return false
}

// fits matches a text with a pattern in which * is any text and ? any one character.
func fits(pattern, text string) bool { return overlap(pattern, literal(text)) }

// literal marks a text as one without wildcards.
func literal(text string) string {
	return strings.NewReplacer("*", "\x00", "?", "\x01").Replace(text)
}

// overlap reports whether some text fits both patterns: every pair of positions that
// texts can lead to is visited once, so it takes at most len(p) × len(q) steps.
func overlap(p, q string) bool {
	row := make([]bool, len(q)+1) // of the position in p: positions in q that are reached
	row[0] = true
	for i := 0; ; i++ {
		for j := range q {
			row[j+1] = row[j+1] || row[j] && (q[j] == '*' || i < len(p) && p[i] == '*')
		}
		if i == len(p) {
			return row[len(q)]
		}
		row = step(row, p[i], q)
	}
}

// step is the row of the next position of a pattern, whose present one has c.
func step(row []bool, c byte, q string) []bool {
	next := make([]bool, len(row))
	for j := range row {
		if !row[j] {
			continue
		}
		next[j] = next[j] || c == '*'
		if j == len(q) {
			continue
		}
		switch {
		case q[j] == '*':
			next[j] = true // the star takes what c stands for
		case c == q[j], c == '?', q[j] == '?', c == '*':
			next[j+1] = true
		}
	}
	return next
}

// protected says why no document of a principal is edited, or "".
func (s *subject) protected() string {
	if why := protected(s.p); why != "" {
		return why
	}
	return s.keep.whole
}

// warnings tell which entries have expired, and which have met nothing.
func (k *keeper) warnings(in *Input) []string {
	out := slices.Clone(k.expired)
	if in.Snapshot == nil || in.Options.Principal != "" || in.Options.FromScratch {
		return out
	}
	for i := range k.entries {
		e := &k.entries[i]
		if k.hits[i].Load() {
			continue
		}
		why := "no policy that was looked into grants what it names"
		if !slices.ContainsFunc(in.Snapshot.Principals, e.takes) {
			why = "no principal of the account files fits it"
		}
		out = append(out, fmt.Sprintf("%s: this entry of %s kept nothing: %s", e.Where, e.Kind, why))
	}
	return out
}

// active lists the days, sorted, on which a subject did anything, within its window.
func (s *subject) active() []int32 {
	days := map[int32]bool{}
	for _, c := range s.seen {
		for i := range c.obs {
			if o := &c.obs[i]; !o.documented() {
				for _, d := range o.dayList {
					days[d] = true
				}
			}
		}
	}
	var out []int32
	for d := range days {
		if s.window.Days > 0 && d >= timeDay(s.window.From) && d <= timeDay(s.window.To) {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return out
}

// trusts finds whom of a kind (Service, Federated) a role's trust policy lets take it,
// the first that passes a test; "" for none.
func trusts(p *account.Principal, kind string, test func(string) bool) string {
	if p.Trust == nil {
		return ""
	}
	for i := range p.Trust.Statements {
		s := &p.Trust.Statements[i]
		if s.Effect != iam.Allow || s.Principal == nil {
			continue
		}
		for _, v := range s.Principal.ByKind[kind] {
			if test(v) {
				return v
			}
		}
	}
	return ""
}

// people finds the callers that the logs show at the console: who signed in, used what
// only the console calls, or assumed a role with a SAML assertion.
func people(t *usage.Table) map[string]string {
	out := map[string]string{}
	for i := range t.Calls {
		c := &t.Calls[i]
		if c.Lane != "" || c.Outcome == "denied" {
			continue
		}
		switch {
		case strings.EqualFold(c.EventType, "AwsConsoleSignIn") && c.EventName == "ConsoleLogin":
			out[c.Principal] = "signs in to the console"
		case c.EventType == "AwsConsoleAction" && out[c.Principal] == "":
			out[c.Principal] = "works at the console"
		}
	}
	for i := range t.Trust {
		if r := &t.Trust[i]; r.Mechanism == "AssumeRoleWithSAML" && r.Outcome == "allowed" && r.Lane == "" {
			out[r.Role] = "is assumed with SAML"
		}
	}
	return out
}

// Detected is a principal of the account files with what it was detected as.
type Detected struct {
	ARN      string
	Detected []Detection
}

// Detect lists the principals that count as of some class, sorted by ARN.
func Detect(in Input) []Detected {
	var out []Detected
	for _, s := range newProposer(in).subjects {
		if protected(s.p) == "" && len(s.keep.detected) > 0 {
			out = append(out, Detected{s.p.ARN, s.keep.detected})
		}
	}
	return out
}
