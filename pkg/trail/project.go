package trail

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// class is what a JSON object in the place of a record turned out to be.
type class uint8

const (
	notRecord class = iota
	record
	insight
	digest
	nothing // a wrapper of no records, {"Records":null}
	payload // its member projector.inner is a string that holds records
)

// projector takes the fields of an Event from one object. It makes no copies but of
// text with escapes.
type projector struct {
	ev    Event
	arena arena
	// habits is what quick guesses by; nil until it is needed.
	habits *habits
	valid  []byte // the object, with its invalid UTF-8 replaced
	inner  []byte // with payload: the raw string between its quotes

	named, insight, digest, empty bool
	timed                         bool   // eventTime was there
	detail                        []byte // of an EventBridge envelope; a message that is no string
	count                         int    // members
	cell, value                   []byte // "field" and "value" of a cell of a query's result

	identity identityMembers
	session  sessionMembers
	issuer   issuerMembers
	one      oneMember
}

// project classifies an object and, when it is a record, fills ev. The index tells
// the place of an error.
func (p *projector) project(b []byte) (class, int, error) {
	if !utf8.Valid(b) {
		p.valid = appendValidUTF8(p.valid[:0], b)
		b = p.valid
	}
	p.arena.reset()
	p.detail = nil
	i, err := p.object(b)
	if err == nil && !p.named && p.inner == nil && p.detail != nil {
		return p.envelope()
	}
	return p.class(), i, err
}

// envelope projects the record in an EventBridge event's detail.
func (p *projector) envelope() (class, int, error) {
	if _, err := p.object(p.detail); err != nil {
		return notRecord, 0, err
	}
	if !p.named && !p.insight {
		return notRecord, 0, nil
	}
	return p.class(), 0, nil
}

func (p *projector) object(b []byte) (int, error) {
	p.ev = Event{}
	p.named, p.insight, p.digest, p.empty, p.timed = false, false, false, false, false
	p.inner, p.cell, p.value, p.count = nil, nil, nil, 0
	i, err := skipObject(b, 0, 1, (*recordMembers)(p))
	if err == nil && skipSpace(b, i) != len(b) {
		err = errSyntax
	}
	return i, err
}

func (p *projector) class() class {
	switch {
	case p.named:
		return record
	case p.inner != nil:
		return payload
	case p.isMessage():
		p.inner = p.value[1 : len(p.value)-1]
		return payload
	case p.insight:
		return insight
	case p.digest:
		return digest
	case p.empty:
		return nothing
	}
	return notRecord
}

// isMessage tells the cell of an Insights query that holds the log's line.
func (p *projector) isMessage() bool {
	return string(p.cell) == `"@message"` && len(p.value) > 0 && p.value[0] == '"'
}

// isCell tells what may be a cell of a query's result: one column as {"name":…}, or as
// {"field":…,"value":…}.
func (p *projector) isCell() bool { return p.count == 1 || p.cell != nil }

// recordMembers sees a record's members. Every one assigns, so that of two equal
// names the last wins.
type recordMembers projector

func (m *recordMembers) member(key, value []byte) {
	p := (*projector)(m)
	p.count++
	key = p.arena.text(key)
	if f := p.ev.text(key); f != nil {
		*f = p.scalar(value)
		return
	}
	if f := p.ev.raw(key); f != nil {
		*f = p.json(value)
		return
	}
	switch string(key) {
	case "eventName":
		p.named, p.ev.Name = true, p.scalar(value)
	case "eventSource":
		p.named, p.ev.Source = true, p.scalar(value)
	case "eventTime":
		p.timed, p.ev.Time = true, p.time(value)
	case "@timestamp": // where Logstash puts eventTime
		if !p.timed {
			p.ev.Time = p.time(value)
		}
	case "readOnly":
		p.ev.ReadOnly = p.flag(value)
	case "managementEvent":
		p.ev.Management = p.flag(value)
	case "userAgent":
		p.ev.UserAgent = p.scalar(first(value))
	case "userIdentity":
		p.userIdentity(p.json(value))
	default:
		p.around(key, value)
	}
}

// text is the field of a plain text member.
func (e *Event) text(key []byte) *string {
	switch string(key) {
	case "eventID":
		return &e.ID
	case "sharedEventID":
		return &e.SharedID
	case "eventType":
		return &e.Type
	case "eventCategory":
		return &e.Category
	case "eventVersion":
		return &e.Version
	case "awsRegion":
		return &e.Region
	case "sourceIPAddress":
		return &e.SourceIP
	case "errorCode":
		return &e.ErrorCode
	case "errorMessage":
		return &e.ErrorMessage
	case "recipientAccountId":
		return &e.RecipientAccount
	case "vpcEndpointId":
		return &e.VPCEndpoint
	}
	return nil
}

// raw is the field of a member that is kept as JSON.
func (e *Event) raw(key []byte) *[]byte {
	switch string(key) {
	case "requestParameters":
		return &e.RequestParameters
	case "responseElements":
		return &e.ResponseElements
	case "additionalEventData":
		return &e.AdditionalEventData
	case "resources":
		return &e.Resources
	}
	return nil
}

// around sees the members of what may stand in a record's place.
func (p *projector) around(key, value []byte) {
	switch string(key) {
	case "CloudTrailEvent", "_raw", "message", "@message", "eventjson", "eventJson":
		p.inner = nil
		switch value[0] {
		case '"':
			p.inner = value[1 : len(value)-1]
		case '{':
			p.detail = value
		}
	case "field":
		p.cell = value
	case "value":
		p.value = value
	case "detail":
		p.detail = nil
		if value[0] == '{' {
			p.detail = value
		}
	case "insightDetails":
		p.insight = true
	case "digestS3Bucket", "digestS3Object":
		p.digest = true
	default:
		if _, ok := wraps(key); ok {
			p.empty = value[0] == 'n'
		}
	}
}

// scalar is a string's text, or a number's or boolean's; "" for anything else.
func (p *projector) scalar(value []byte) string {
	switch c := value[0]; {
	case c == '"':
		return lend(p.arena.text(value[1 : len(value)-1]))
	case c == 't' || c == 'f' || c == '-' || c >= '0' && c <= '9':
		return lend(value)
	}
	return ""
}

// first is the first element of a list, and anything else itself.
func first(value []byte) []byte {
	if value[0] != '[' {
		return value
	}
	i := skipSpace(value, 1)
	end, err := skipValue(value, i, 0)
	if err != nil {
		return value // an empty list
	}
	return value[i:end]
}

// json is a value's JSON: nil for null and "null", unwrapped where it is a string
// that holds an object or an array.
func (p *projector) json(value []byte) []byte {
	switch value[0] {
	case 'n':
		return nil
	case '"':
		inner := bytes.TrimSpace(p.arena.text(value[1 : len(value)-1]))
		if string(inner) == "null" {
			return nil
		}
		if len(inner) > 0 && (inner[0] == '{' || inner[0] == '[') {
			if _, err := checkValue(inner); err == nil {
				return inner
			}
		}
	}
	return value
}

func (p *projector) time(value []byte) time.Time {
	if value[0] != '"' {
		return time.Time{}
	}
	return parseTime(p.arena.text(value[1 : len(value)-1]))
}

func (p *projector) flag(value []byte) int8 { return triState(p.scalar(value)) }

func triState(text string) int8 {
	switch text {
	case "true", "True", "TRUE":
		return True
	case "false", "False", "FALSE":
		return False
	}
	return Absent
}
