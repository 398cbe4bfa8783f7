package quarantine

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// finding is what is read of a GuardDuty finding. encoding/json matches names without
// regard to case, so one shape serves get-findings (PascalCase) and the events and
// exports (camelCase).
// Source: Amazon GuardDuty API reference, "Finding" and the types that it names;
// GuardDuty user guide, "Exporting generated findings" and "Processing GuardDuty
// findings with Amazon EventBridge" (2026-11).
type finding struct {
	ID        string `json:"id"`
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	Resource  struct {
		AccessKeyDetails struct {
			AccessKeyID string `json:"accessKeyId"`
			PrincipalID string `json:"principalId"`
		} `json:"accessKeyDetails"`
	} `json:"resource"`
	Service struct {
		Archived       bool            `json:"archived"`
		UserFeedback   string          `json:"userFeedback"`
		EventFirstSeen string          `json:"eventFirstSeen"`
		EventLastSeen  string          `json:"eventLastSeen"`
		AdditionalInfo json.RawMessage `json:"additionalInfo"`
		Action         struct {
			APICall struct {
				RemoteIP struct {
					V4 string `json:"ipAddressV4"`
					V6 string `json:"ipAddressV6"`
				} `json:"remoteIpDetails"`
			} `json:"awsApiCallAction"`
		} `json:"action"`
		Detection struct {
			Sequence struct {
				Actors []struct {
					User struct {
						CredentialUID string `json:"credentialUid"`
					} `json:"user"`
				} `json:"actors"`
			} `json:"sequence"`
		} `json:"detection"`
	} `json:"service"`
}

// envelope is what findings come in: the output of get-findings, or an event.
type envelope struct {
	Findings   *[]json.RawMessage `json:"findings"`
	DetailType *string            `json:"detail-type"`
	Detail     json.RawMessage    `json:"detail"`
	Type       *string            `json:"type"`
	Service    json.RawMessage    `json:"service"`
	Resource   json.RawMessage    `json:"resource"`
	Name       *string            `json:"name"` // of a rule
}

func (e *envelope) isFinding() bool {
	return e.Type != nil && e.Name == nil && (len(e.Service) > 0 || len(e.Resource) > 0)
}

// isFindings reports whether a file begins with something of GuardDuty's.
func isFindings(data []byte) bool {
	var raw json.RawMessage
	if json.NewDecoder(bytes.NewReader(data)).Decode(&raw) != nil {
		return false
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		if len(list) == 0 {
			return false
		}
		raw = list[0]
	}
	var e envelope
	return json.Unmarshal(raw, &e) == nil && (e.Findings != nil || e.DetailType != nil || e.isFinding())
}

// caller is the caller of whom a finding tells.
type caller struct {
	key, session string // one of them is given
	address      string // "": any
	exfiltration bool   // credentials that their owner goes on using from elsewhere
	first        time.Time
	end          time.Time // zero: it goes on
	what         string    // type of the finding
	file         string
}

// tally counts the findings of one file by what became of them.
type tally struct {
	taken    int
	leftOut  map[string]int // by why
	examples map[string]string
}

// findingsFile reads the findings of one file: one JSON value or many, in any of the
// shapes in which GuardDuty gives them.
func (l *loader) findingsFile(file string, data []byte) error {
	t := tally{leftOut: map[string]int{}, examples: map[string]string{}}
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			break
		}
		offset := int(d.InputOffset()) - len(raw)
		if err != nil {
			offset = wrongByte(err, data)
		} else {
			err = l.value(file, raw, &t)
		}
		if err != nil {
			return &Error{File: file, Line: 1 + bytes.Count(data[:offset], []byte("\n")), Err: err}
		}
	}
	l.notes = append(l.notes, Note{file, t.String()})
	return nil
}

// wrongByte is the offset at which JSON goes wrong: its end where it is cut.
func wrongByte(err error, data []byte) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 && syntax.Offset <= int64(len(data)) {
		return int(syntax.Offset) - 1
	}
	return len(bytes.TrimRight(data, "\n"))
}

// value takes one JSON value apart into findings.
func (l *loader) value(file string, raw json.RawMessage, t *tally) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		return l.values(file, raw, t)
	}
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("not a GuardDuty finding: %w", err)
	}
	switch {
	case e.Findings != nil:
		for _, f := range *e.Findings {
			if err := l.value(file, f, t); err != nil {
				return err
			}
		}
		return nil
	case e.DetailType != nil && *e.DetailType != "GuardDuty Finding":
		t.leave("are events of another kind", *e.DetailType)
		return nil
	case e.DetailType != nil:
		raw = e.Detail
	case !e.isFinding():
		return errors.New("neither a GuardDuty finding nor an event with one")
	}
	var f finding
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("not a GuardDuty finding: %w", err)
	}
	l.finding(file, &f, t)
	return nil
}

func (l *loader) values(file string, raw json.RawMessage, t *tally) error {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for _, v := range list {
		if bytes.HasPrefix(v, []byte("[")) {
			return errors.New("a list within a list of findings")
		}
		if err := l.value(file, v, t); err != nil {
			return err
		}
	}
	return nil
}

// finding takes the callers of one finding, or counts why there are none.
func (l *loader) finding(file string, f *finding, t *tally) {
	list, why := f.callers()
	if why != "" {
		t.leave(why, f.Type)
		return
	}
	t.taken++
	for _, c := range list {
		c.what, c.file = f.Type, file
		l.findings = append(l.findings, c)
	}
}

// callers lists whom a finding is about, or says why it makes no rule.
func (f *finding) callers() ([]caller, string) {
	purpose, _, _ := strings.Cut(f.Type, ":")
	switch {
	case f.sample():
		return nil, "are samples"
	case f.Service.UserFeedback == "NOT_USEFUL":
		return nil, "were marked as not useful"
	case purpose == "Policy":
		return nil, "are about a policy, not an intruder"
	}
	base, ok := f.span()
	base.exfiltration = strings.Contains(f.Type, "InstanceCredentialExfiltration")
	remote := f.Service.Action.APICall.RemoteIP
	if a, err := address(cmp.Or(remote.V4, remote.V6)); err == nil {
		base.address = a
	}
	list := f.credentials(base)
	switch {
	case len(list) == 0:
		return nil, "do not tell whose credentials called an API"
	case !ok:
		return nil, "do not tell when"
	case list[0].address == "" && (base.exfiltration || list[0].userID()):
		return nil, "do not tell from where credentials of a workload or a user were used"
	}
	return list, ""
}

// credentials lists the callers by access key or, where the finding shows none, by
// the unique id of the session or user.
func (f *finding) credentials(base caller) []caller {
	var out []caller
	d := f.Resource.AccessKeyDetails
	ids := []string{d.AccessKeyID}
	for _, a := range f.Service.Detection.Sequence.Actors {
		ids = append(ids, a.User.CredentialUID)
	}
	for _, id := range ids {
		if key, err := accessKey(id); err == nil {
			c := base
			c.key = key
			out = append(out, c)
		}
	}
	id, _, isSession := strings.Cut(d.PrincipalID, ":")
	if len(out) == 0 && uniqueID(id) && (isSession || strings.HasPrefix(id, "AIDA")) && checkPattern(d.PrincipalID) == nil &&
		!strings.ContainsAny(d.PrincipalID, "*?/") {
		base.session = d.PrincipalID
		out = append(out, base)
	}
	return out
}

// userID reports whether the caller is told as a user alone: one who goes on working.
func (c *caller) userID() bool { return c.key == "" && !strings.Contains(c.session, ":") }

// span is from when until when the calls count as the intruder's. It ends only with an
// archived finding: that a finding was last seen says nothing of what came after it.
func (f *finding) span() (c caller, ok bool) {
	first, err := moment(f.Service.EventFirstSeen)
	if err != nil {
		return c, false
	}
	c.first = first
	if last, err := moment(f.Service.EventLastSeen); f.Service.Archived && err == nil && !last.Before(first) {
		c.end = last.Add(time.Second).Truncate(time.Second) // the last call itself is in
	}
	return c, true
}

// sample reports whether a finding is one of those that CreateSampleFindings makes.
// Source: GuardDuty user guide, "Sample findings" (2026-11).
func (f *finding) sample() bool {
	if strings.HasPrefix(f.Resource.AccessKeyDetails.AccessKeyID, "GeneratedFinding") || strings.HasPrefix(f.Title, "[SAMPLE]") {
		return true
	}
	var info struct {
		Sample bool            `json:"sample"`
		Value  json.RawMessage `json:"value"` // of get-findings: the same as a JSON text
	}
	if json.Unmarshal(f.Service.AdditionalInfo, &info) != nil {
		return false
	}
	var text string
	if json.Unmarshal(info.Value, &text) == nil && json.Unmarshal([]byte(text), &info) != nil {
		return false
	}
	return info.Sample
}

func (t *tally) leave(why, example string) {
	t.leftOut[why]++
	if old, ok := t.examples[why]; !ok || example < old {
		t.examples[why] = example
	}
}

// String says what became of the findings of a file.
func (t *tally) String() string {
	total := t.taken
	var parts []string
	for _, why := range sortedKeys(t.leftOut) {
		total += t.leftOut[why]
		part := fmt.Sprintf("%d %s", t.leftOut[why], why)
		if e := t.examples[why]; e != "" {
			part += fmt.Sprintf(" (such as %s)", clip(e))
		}
		parts = append(parts, part)
	}
	text := fmt.Sprintf("%d of %d GuardDuty findings make rules", t.taken, total)
	if len(parts) > 0 {
		text += "; " + strings.Join(parts, "; ")
	}
	return text
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 100)], "") }

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// addFindings makes one rule of all findings about the same credentials.
func (l *loader) addFindings() error {
	type who struct {
		key, session string
		address      bool
	}
	groups := map[who][]caller{}
	for _, c := range l.findings {
		w := who{c.key, c.session, c.exfiltration || c.userID()}
		groups[w] = append(groups[w], c)
	}
	rules := make([]Rule, 0, len(groups))
	for w, list := range groups {
		rules = append(rules, ruleOfFindings(list, w.address))
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range rules {
		if err := l.add("GuardDuty findings", r, 0); err != nil {
			return located("GuardDuty findings", r.Name, err)
		}
	}
	return nil
}

// ruleOfFindings makes the rule of findings about the same credentials.
func ruleOfFindings(list []caller, addresses bool) Rule {
	r := Rule{From: list[0].first}
	open := false
	types := map[string]bool{}
	for _, c := range list {
		if c.first.Before(r.From) {
			r.From = c.first
		}
		if open = open || c.end.IsZero(); c.end.After(r.To) {
			r.To = c.end
		}
		if addresses {
			r.Addresses = append(r.Addresses, c.address)
		}
		types[clip(c.what)] = true
	}
	if open {
		r.To = time.Time{}
	}
	slices.Sort(r.Addresses)
	r.Addresses = slices.Compact(r.Addresses)
	c := list[0]
	r.Name = "guardduty-" + digest(c.key+"\n"+c.session)
	if addresses {
		r.Name = "guardduty-from-" + digest(c.key+"\n"+c.session)
	}
	if c.key != "" {
		r.AccessKeys = []string{c.key}
	} else {
		r.Sessions = []string{c.session}
	}
	r.Reason = reasonOf(sortedKeys(types))
	return r
}

// reasonOf names the types of findings, some of them where there are many.
func reasonOf(types []string) string {
	const most = 5
	text := "GuardDuty: " + strings.Join(types[:min(most, len(types))], ", ")
	if more := len(types) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// digest is short, and the same for the same credentials in every export.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
