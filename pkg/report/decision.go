package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Decision is the answer to one request, with its reasons.
type Decision struct {
	Version  int             `json:"version"`
	Decision string          `json:"decision"` // allow, deny or unknown
	Reason   string          `json:"reason"`   // one sentence
	Request  DecidedRequest  `json:"request"`
	Notes    []string        `json:"notes"`  // what of the policies is not known
	Layers   []DecisionLayer `json:"layers"` // in the order of the evaluation
}

// DecidedRequest is the request as it was evaluated.
type DecidedRequest struct {
	Action    string              `json:"action"`
	Resource  string              `json:"resource"`
	Principal string              `json:"principal,omitempty"`
	Account   string              `json:"account,omitempty"` // of the resource
	Context   map[string][]string `json:"context"`           // null: known to be absent
	Derived   []string            `json:"derived"`           // keys of context that follow from the principal
	Partial   bool                `json:"partial_context"`
}

// DecisionLayer is what one layer of policies says.
type DecisionLayer struct {
	Layer      string              `json:"layer"` // identity, boundary, session, scp, rcp, endpoint, resource
	Level      int                 `json:"level"` // of scp and rcp
	Given      bool                `json:"given"`
	Allow      string              `json:"allow"`   // yes, no, unknown: an Allow statement applies
	Deny       string              `json:"deny"`    // the same of Deny
	Missing    bool                `json:"missing"` // the request would be allowed if this layer, and the others marked so, allowed it
	Statements []DecisionStatement `json:"statements"`
	Others     int                 `json:"others"` // statements about other actions
}

// DecisionStatement is how one statement bears on the request.
type DecisionStatement struct {
	Policy  string         `json:"policy"`
	Index   int            `json:"index"`
	Sid     string         `json:"sid,omitempty"`
	Effect  string         `json:"effect"`
	Applies string         `json:"applies"` // yes, no, unknown
	Decides bool           `json:"decides"` // a Deny that decides alone
	Parts   []DecisionPart `json:"parts"`
}

// DecisionPart is one element or condition of a statement against the request.
type DecisionPart struct {
	Element string `json:"element"` // "Action", "NotResource", "Condition StringEquals aws:SourceIp"
	Holds   string `json:"holds"`   // yes, no, unknown
	Text    string `json:"text"`    // what matches, or why not
}

// maxNear is the most statements of a layer that do not apply and are told anyway.
const maxNear = 5

// DecisionText writes the decision, its reason and what each layer says.
func DecisionText(w io.Writer, d *Decision, o TextOptions) error {
	p := newPage(o)
	color := map[string]ink{"allow": good, "deny": bad}[d.Decision]
	p.line(p.paint(cmp.Or(color, wary), Clean(d.Decision)))
	p.note("", Clean(d.Reason), none)
	for _, n := range d.Notes {
		p.note("note: ", Clean(n), wary)
	}
	for i := range d.Layers {
		p.decisionLayer(&d.Layers[i])
	}
	return p.writeTo(w)
}

func (p *page) decisionLayer(l *DecisionLayer) {
	if !l.Given && !l.Missing {
		return
	}
	name := layerTitle(l.Layer)
	if l.Layer == "scp" || l.Layer == "rcp" {
		name += fmt.Sprintf(", level %d", l.Level)
	}
	p.line("")
	p.line(p.paint(strong, name+": "+layerSays(l)))
	shown, more := nearest(l.Statements)
	for i := range shown {
		p.decisionStatement(&shown[i])
	}
	if more > 0 {
		p.line(p.paint(faint, fmt.Sprintf("  %d more that do not apply, see --format json", more)))
	}
	if l.Given && len(l.Statements) == 0 {
		p.line(p.paint(faint, "  no statement is about this action ("+plural(l.Others, "statement")+" about others)"))
	}
}

func layerTitle(layer string) string {
	switch layer {
	case "identity":
		return "identity policies"
	case "boundary":
		return "permissions boundary"
	case "session":
		return "session policies"
	case "scp":
		return "service control policies"
	case "rcp":
		return "resource control policies"
	case "endpoint":
		return "VPC endpoint policy"
	}
	return "resource policy"
}

func layerSays(l *DecisionLayer) string {
	switch {
	case !l.Given:
		return "none is given"
	case l.Deny == "yes":
		return "denies"
	case l.Deny == "unknown":
		return "perhaps denies"
	case l.Layer == "rcp":
		return "does not deny"
	case l.Allow == "yes":
		return "allows"
	case l.Allow == "unknown":
		return "perhaps allows"
	}
	return "allows nothing of it"
}

// nearest are the statements that apply, and those that come nearest to it: of those
// that fail, the ones with the fewest parts that do.
func nearest(all []DecisionStatement) (shown []DecisionStatement, more int) {
	var rest []DecisionStatement
	for _, s := range all {
		if s.Applies != "no" {
			shown = append(shown, s)
		} else {
			rest = append(rest, s)
		}
	}
	slices.SortStableFunc(rest, func(a, b DecisionStatement) int {
		return cmp.Or(cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.failing(), b.failing()))
	})
	n := min(len(rest), maxNear)
	return append(shown, rest[:n]...), len(rest) - n
}

func (s *DecisionStatement) failing() (n int) {
	for i := range s.Parts {
		if s.Parts[i].Holds == "no" {
			n++
		}
	}
	return n
}

// decisionStatement prints a statement: all parts where it applies for certain, else
// those that stand in the way.
func (p *page) decisionStatement(s *DecisionStatement) {
	verb := map[string]string{"yes": "applies", "no": "does not apply"}[s.Applies]
	color := map[bool]ink{true: bad, false: good}[s.Effect == "Deny"]
	if s.Applies == "no" {
		color = faint
	}
	name := fmt.Sprintf("%s of %s, statement %d", Clean(s.Effect), Clean(s.Policy), s.Index)
	if s.Sid != "" {
		name += " (" + Clean(s.Sid) + ")"
	}
	p.line("  " + p.paint(color, name+" "+cmp.Or(verb, "applies perhaps")))
	for i := range s.Parts {
		part := &s.Parts[i]
		if s.Applies == "yes" || part.Holds != "yes" {
			sign := map[string]string{"yes": "+", "no": "-"}[part.Holds]
			p.note("    "+cmp.Or(sign, "?")+" ", Clean(part.Element)+": "+Clean(part.Text), none)
		}
	}
}

// Named lists names in a sentence: "a, b and c".
func Named(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// whole is a copy without null lists.
func (d *Decision) whole() Decision {
	c := *d
	c.Notes, c.Layers, c.Request.Derived = list(d.Notes), slices.Clone(list(d.Layers)), list(d.Request.Derived)
	for i := range c.Layers {
		c.Layers[i].Statements = list(c.Layers[i].Statements)
	}
	return c
}
