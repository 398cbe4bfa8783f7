package report

import (
	"encoding/json"
	"io"
	"slices"
)

// What `tighten check` can be asked, and its answers.
const (
	QuestionNoNewAccess = "no-new-access"
	QuestionEquivalent  = "equivalent"
	QuestionNotGranted  = "access-not-granted"

	VerdictHolds   = "holds"
	VerdictFails   = "fails"
	VerdictUnknown = "unknown"
)

// Check is the answer of `tighten check`.
type Check struct {
	Version    int         `json:"version"`
	Question   string      `json:"question"`
	Verdict    string      `json:"verdict"`
	Directions []Direction `json:"directions"`

	Permissiveness *CheckPermissiveness `json:"permissiveness,omitempty"`
}

// CheckPermissiveness is how much each side allows: log2 of a number of pairs of action
// and resource, as a text such as "800.005647", "at most 12.000000", "nothing" or "unknown".
type CheckPermissiveness struct {
	Old string `json:"old,omitempty"`
	New string `json:"new"`
}

// Direction is the claim that the inner policies allow nothing that the outer ones do not.
type Direction struct {
	Inner   string   `json:"inner"` // new or old
	Outer   string   `json:"outer"`
	Verdict string   `json:"verdict"`
	Reason  string   `json:"reason,omitempty"`
	Witness *Witness `json:"witness,omitempty"` // a request that inner allows and outer denies
}

// Witness is a request in the form of `tighten simulate`.
type Witness struct {
	Action    string                     `json:"action"`
	Resource  string                     `json:"resource"`
	Principal string                     `json:"principal,omitempty"`
	Account   string                     `json:"account,omitempty"` // of the resource
	Context   map[string]json.RawMessage `json:"context"`
	AllowedBy string                     `json:"allowed_by"` // the statement of inner
	Command   string                     `json:"command"`    // for a shell, without the policies; "" where a character in it would not show
	Reproduce struct {
		Inner json.RawMessage `json:"inner"` // lines for simulate: allow
		Outer json.RawMessage `json:"outer"` // and deny
	} `json:"reproduce"`
}

// Settle makes the verdict of all directions: one that fails settles it, else one that
// is unknown.
func (c *Check) Settle() {
	c.Verdict = VerdictHolds
	for _, d := range c.Directions {
		if d.Verdict == VerdictFails || d.Verdict == VerdictUnknown && c.Verdict == VerdictHolds {
			c.Verdict = d.Verdict
		}
	}
}

// Sentence says what the verdict means.
func (c *Check) Sentence() string {
	words := map[string][3]string{
		QuestionNoNewAccess: {"the new policies allow nothing that the old ones do not", "the new policies allow something that the old ones do not",
			"not proved that the new policies allow nothing new, and no request shows that they do"},
		QuestionEquivalent: {"both allow the same", "they do not allow the same", "not proved that both allow the same, and no request shows that they do not"},
		QuestionNotGranted: {"the new policies grant nothing of what is forbidden", "the new policies grant something that is forbidden",
			"not proved that the new policies grant nothing that is forbidden, and no request shows that they do"},
	}[c.Question]
	return words[slices.Index([]string{VerdictHolds, VerdictFails, VerdictUnknown}, c.Verdict)]
}

// CheckText writes what was proved, or the request that shows otherwise.
func CheckText(w io.Writer, c *Check, o TextOptions) error {
	p := newPage(o)
	lead := map[string]string{VerdictHolds: "proved", VerdictFails: "no", VerdictUnknown: "unknown"}[c.Verdict]
	color := map[string]ink{VerdictHolds: good, VerdictFails: bad, VerdictUnknown: wary}[c.Verdict]
	p.note("", p.paint(color, lead)+": "+c.Sentence(), none)
	for i := range c.Directions {
		d := &c.Directions[i]
		if d.Reason != "" && d.Witness == nil {
			p.note("  ", "("+d.Inner+" within "+d.Outer+") "+Clean(d.Reason), none)
		}
		if d.Witness != nil {
			p.witness(d, c.Question)
		}
	}
	if m := c.Permissiveness; m != nil {
		p.line("")
		if m.Old != "" {
			p.line("permissiveness of old (log2)  " + Clean(m.Old))
		}
		p.line("permissiveness of new (log2)  " + Clean(m.New))
	}
	return p.writeTo(w)
}

func (p *page) witness(d *Direction, question string) {
	w := d.Witness
	p.line("")
	if question == QuestionNotGranted {
		p.line("The new policies allow this request, which is forbidden:")
	} else {
		p.line("The " + d.Inner + " policies allow this request, and the " + d.Outer + " ones do not:")
	}
	row := func(name, value string) {
		if value != "" {
			p.line("  " + name + "  " + Clean(value))
		}
	}
	row("action    ", w.Action)
	row("resource  ", w.Resource)
	row("principal ", w.Principal)
	row("account   ", w.Account)
	keys := make([]string, 0, len(w.Context))
	for k := range w.Context {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		row("context   ", k+" = "+string(EscapeJSON(w.Context[k])))
	}
	row("allowed by", w.AllowedBy)
	p.line("")
	if w.Command != "" {
		p.line("To see why, add --policy FILE (--resource-policy for one with principals) to:")
		p.line("  " + w.Command)
	}
	const short = 4000
	if n := len(w.Reproduce.Inner) + len(w.Reproduce.Outer); n <= short && len(w.Reproduce.Inner) > len("null") {
		p.line("These lines to tighten simulate give allow and deny:")
		p.line(string(EscapeJSON(w.Reproduce.Inner)))
		p.line(string(EscapeJSON(w.Reproduce.Outer)))
	}
}
