package trail

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"
)

// oracle says what a decoder must make of valid JSON, in the plainest way: with
// encoding/json, maps, and everything in memory. It is the judge in differential
// tests. What it cannot judge (broken JSON, on which the decoder may recover more
// than encoding/json does) ends in unjudged.
type oracle struct {
	events            []string
	skipped, insights int
	strangers         int
	digests, values   int
	cells             int
	unjudged          bool
}

type pair struct {
	key string
	raw json.RawMessage
}

// judge decodes a whole object.
func judge(doc []byte) (o *oracle, err error) {
	o = &oracle{}
	o.values = o.streamOf(perByte(doc), false, 0)
	switch {
	case o.unjudged || len(o.events) > 0:
	case o.values == 0:
		err = ErrNoRecords
	case o.cells > 0 && o.skipped == 0:
		err = ErrNoRecords
	case o.insights > 0 && o.skipped == 0:
		err = ErrInsight
	case o.strangers > 0 && o.strangers == o.skipped:
		o.skipped, err = 0, ErrNoRecords
		if o.digests == o.strangers {
			err = ErrDigest
		}
	}
	return o, err
}

// perByte replaces each invalid byte, as ranging over a string does.
func perByte(doc []byte) []byte { return []byte(string([]rune(string(doc)))) }

func (o *oracle) streamOf(doc []byte, named bool, nest int) (values int) {
	doc = bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))
	dec := json.NewDecoder(bytes.NewReader(doc))
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if err == io.EOF {
			return values
		}
		end := dec.InputOffset()
		glued := err == nil && !strings.ContainsAny(string(raw[:1]), `{["`) && end < int64(len(doc)) && !isSpace(doc[end])
		if err != nil || glued || depthOf(raw) > MaxDepth {
			o.unjudged = true
			return values
		}
		values++
		o.value(raw, inStream, named, 0, nest)
	}
}

func depthOf(raw []byte) (depth int) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	for now := 0; ; {
		t, err := dec.Token()
		if err != nil {
			return depth
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			now++
			depth = max(depth, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

func (o *oracle) stranger(list frame, named bool) {
	o.skipped++
	if !named && list != inNamed {
		o.strangers++
	}
}

func (o *oracle) value(raw json.RawMessage, list frame, named bool, frames, nest int) {
	switch raw[0] {
	case '[':
		if list == inNamed || frames >= maxFrames {
			o.stranger(list, named)
			return
		}
		kind := inArray
		if list == inRows {
			kind = inRow
		}
		o.elements(raw, kind, named, frames+1, nest)
	case '"':
		var s string
		must(json.Unmarshal(raw, &s))
		o.text(s, list, named, nest)
	case '{':
		o.object(raw, list, named, frames, nest)
	default:
		o.stranger(list, named)
	}
}

func (o *oracle) elements(raw json.RawMessage, list frame, named bool, frames, nest int) {
	var l []json.RawMessage
	must(json.Unmarshal(raw, &l))
	for _, e := range l {
		o.value(e, list, named, frames, nest)
	}
}

func (o *oracle) text(s string, list frame, named bool, nest int) {
	switch {
	case nest == maxNest:
		o.skipped++
	case strings.HasPrefix(s, "CWL CONTROL MESSAGE"):
	case o.streamOf([]byte(s), named || list == inNamed, nest+1) == 0:
		o.stranger(list, named)
	}
}

func (o *oracle) object(raw json.RawMessage, list frame, named bool, frames, nest int) {
	pairs := pairsOf(raw)
	if list != inNamed && frames+1 < maxFrames && o.wrapper(pairs, named, frames, nest) {
		return
	}
	m := map[string]json.RawMessage{}
	for _, p := range pairs {
		m[p.key] = p.raw
	}
	if !isRecord(m) && textPayload(pairs) == nil {
		if d := detailOf(pairs); d != nil {
			m, pairs = mapOf(d), pairsOf(d)
			if m["insightDetails"] == nil && !isRecord(m) {
				pairs = nil
			}
		}
	}
	payload := textPayload(pairs)
	if v := m["value"]; payload == nil && !isRecord(m) && pairs != nil && string(m["field"]) == `"@message"` && len(v) > 0 && v[0] == '"' {
		must(json.Unmarshal(v, &payload))
	}
	switch {
	case list == inRow && (payload == nil || isRecord(m)) && (len(pairs) == 1 || m["field"] != nil):
		o.cells++
	case pairs == nil && m != nil:
		o.stranger(list, named)
	case isRecord(m):
		o.events = append(o.events, render(eventOf(m)))
	case payload != nil:
		o.text(*payload, list, named, nest)
	case m["insightDetails"] != nil:
		o.insights++
	case m["digestS3Bucket"] != nil || m["digestS3Object"] != nil:
		o.digests++
		o.stranger(list, named)
	case emptyWrapper(pairs):
	default:
		o.stranger(list, named)
	}
}

func (o *oracle) wrapper(pairs []pair, named bool, frames, nest int) (is bool) {
	for _, p := range pairs {
		if !is && (p.key == "eventName" || p.key == "eventSource") {
			return false
		}
		if as, ok := wraps([]byte(p.key)); ok && p.raw[0] == '[' {
			is = true
			o.elements(p.raw, as, named, frames+2, nest)
		}
	}
	return is
}

func pairsOf(raw json.RawMessage) (l []pair) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, err := dec.Token()
	must(err)
	for dec.More() {
		t, err := dec.Token()
		must(err)
		p := pair{key: t.(string)}
		must(dec.Decode(&p.raw))
		l = append(l, p)
	}
	return l
}

func mapOf(raw json.RawMessage) (m map[string]json.RawMessage) {
	_ = json.Unmarshal(raw, &m) // nil for anything but an object
	return m
}

func isRecord(m map[string]json.RawMessage) bool {
	return m["eventName"] != nil || m["eventSource"] != nil
}

// textPayload is the last member that may hold records as text, when it is a string.
func textPayload(pairs []pair) (s *string) {
	for _, p := range pairs {
		switch p.key {
		case "CloudTrailEvent", "_raw", "message", "@message", "eventjson", "eventJson":
			s = nil
			if p.raw[0] == '"' {
				must(json.Unmarshal(p.raw, &s))
			}
		}
	}
	return s
}

// detailOf is the last member that is a record's envelope.
func detailOf(pairs []pair) (d json.RawMessage) {
	for _, p := range pairs {
		switch p.key {
		case "detail":
			d = nil
			if p.raw[0] == '{' {
				d = p.raw
			}
		case "CloudTrailEvent", "_raw", "message", "@message", "eventjson", "eventJson":
			if p.raw[0] == '{' {
				d = p.raw
			}
		}
	}
	return d
}

func emptyWrapper(pairs []pair) (empty bool) {
	for _, p := range pairs {
		if _, ok := wraps([]byte(p.key)); ok {
			empty = string(p.raw) == "null"
		}
	}
	return empty
}

func eventOf(m map[string]json.RawMessage) *Event {
	e := &Event{
		ID: textOf(m["eventID"]), SharedID: textOf(m["sharedEventID"]), Source: textOf(m["eventSource"]),
		Name: textOf(m["eventName"]), Type: textOf(m["eventType"]), Category: textOf(m["eventCategory"]),
		Version: textOf(m["eventVersion"]), Region: textOf(m["awsRegion"]), SourceIP: textOf(m["sourceIPAddress"]),
		ErrorCode: textOf(m["errorCode"]), ErrorMessage: textOf(m["errorMessage"]),
		RecipientAccount: textOf(m["recipientAccountId"]), VPCEndpoint: textOf(m["vpcEndpointId"]),
		ReadOnly: flagOf(m["readOnly"]), Management: flagOf(m["managementEvent"]),
		RequestParameters: jsonOf(m["requestParameters"]), ResponseElements: jsonOf(m["responseElements"]),
		AdditionalEventData: jsonOf(m["additionalEventData"]), Resources: jsonOf(m["resources"]),
		Identity: identityOf(mapOf(jsonOf(m["userIdentity"]))),
	}
	var agents []json.RawMessage
	if _ = json.Unmarshal(m["userAgent"], &agents); len(agents) > 0 {
		m["userAgent"] = agents[0]
	}
	e.UserAgent = textOf(m["userAgent"])
	stamp := m["eventTime"]
	if stamp == nil {
		stamp = m["@timestamp"]
	}
	if len(stamp) > 0 && stamp[0] == '"' {
		e.Time = timeOf(textOf(stamp))
	}
	return e
}

func identityOf(m map[string]json.RawMessage) Identity {
	session := mapOf(either(m, "sessionContext", "sessioncontext"))
	issuer := mapOf(either(session, "sessionIssuer", "sessionissuer"))
	return Identity{
		Type: textOf(m["type"]), PrincipalID: textOf(either(m, "principalId", "principalid")), ARN: textOf(m["arn"]),
		AccountID:        textOf(either(m, "accountId", "accountid")),
		AccessKeyID:      textOf(either(m, "accessKeyId", "accesskeyid", "accesKeyId")),
		UserName:         textOf(either(m, "userName", "username")),
		InvokedBy:        textOf(either(m, "invokedBy", "invokedby")),
		IdentityProvider: textOf(either(m, "identityProvider", "identityprovider")),
		CredentialID:     textOf(either(m, "credentialId", "credentialid")),
		OnBehalfOf:       textOf(either(mapOf(either(m, "onBehalfOf", "onbehalfof")), "userId", "userid")),
		Issuer: Issuer{
			Type: textOf(issuer["type"]), ARN: textOf(issuer["arn"]),
			PrincipalID: textOf(either(issuer, "principalId", "principalid")),
			AccountID:   textOf(either(issuer, "accountId", "accountid")),
			UserName:    textOf(either(issuer, "userName", "username")),
		},
		MFA: textOf(either(mapOf(session["attributes"]), "mfaAuthenticated", "mfaauthenticated")),
		FederatedProvider: textOf(either(mapOf(either(session, "webIdFederationData", "webidfederationdata")),
			"federatedProvider", "federatedprovider")),
		SourceIdentity: textOf(either(session, "sourceIdentity", "sourceidentity")),
	}
}

func either(m map[string]json.RawMessage, names ...string) json.RawMessage {
	for _, n := range names {
		if v, ok := m[n]; ok {
			return v
		}
	}
	return nil
}

func textOf(raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || strings.ContainsAny(string(raw[:1]), "{[n"):
		return ""
	case raw[0] == '"':
		var s string
		must(json.Unmarshal(raw, &s))
		return s
	}
	return string(raw)
}

func jsonOf(raw json.RawMessage) []byte {
	if len(raw) == 0 || raw[0] == 'n' {
		return nil
	}
	if raw[0] == '"' {
		s := strings.TrimSpace(textOf(raw))
		if s == "null" {
			return nil
		}
		if s != "" && (s[0] == '{' || s[0] == '[') && json.Valid([]byte(s)) && depthOf([]byte(s)) <= MaxDepth {
			return []byte(s)
		}
	}
	return raw
}

func flagOf(raw json.RawMessage) int8 {
	switch textOf(raw) {
	case "true", "True", "TRUE":
		return True
	case "false", "False", "FALSE":
		return False
	}
	return Absent
}

var timeShape = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)([.,]\d+)?(Z|z| UTC|UTC|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$`)

func timeOf(s string) time.Time {
	f := timeShape.FindStringSubmatch(s)
	if f == nil {
		return time.Time{}
	}
	t, err := time.Parse("2006-01-02T15:04:05", f[1]+"T"+f[2])
	if err != nil {
		return time.Time{}
	}
	if f[3] != "" {
		d, err := time.ParseDuration("0." + (f[3][1:] + "000000000")[:9] + "s")
		must(err)
		t = t.Add(d)
	}
	if z := f[4]; z != "" && (z[0] == '+' || z[0] == '-') {
		z = strings.Replace(z, ":", "", 1) + "00"
		d, err := time.ParseDuration(z[:3] + "h" + z[3:5] + "m")
		must(err)
		t = t.Add(-d)
	}
	return t
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// differ compares a decoder's result with the oracle's; "" where they agree or the
// oracle cannot judge.
func differ(d *Decoder, res result, doc []byte) string {
	o, err := judge(doc)
	switch {
	case o.unjudged:
		return ""
	case !errors.Is(res.err, err) || (err == nil) != (res.err == nil):
		return "error " + message(res.err) + ", want " + message(err)
	case len(res.events) != len(o.events):
		return "number of events"
	case res.skipped != o.skipped || d.Insights() != o.insights:
		return "number of skipped records"
	}
	for i, want := range o.events {
		if res.events[i] != want {
			return "event\n got " + res.events[i] + "\nwant " + want
		}
	}
	return ""
}

func message(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}
