package ocsf

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail/ocsf/internal/leaves"
)

// entryCost is what an entry of a list or map counts of a row's size beside its text.
const entryCost = 16

// rowKeep is what a row's buffer may keep for the next one.
const rowKeep = 1 << 20

// row is one row of the file. Its texts are spans of one buffer.
type row struct {
	buf      []byte
	fields   [scalars]span
	lists    [fieldCount - scalars][]span
	size     int64
	stamp    []byte // eventTime
	unmapped tree

	// The column being read, for take, which is add without a closure for each.
	field   field
	present int
	most    int64
	take    func(level int, text []byte) error
}

// span is a text in the buffer, or the lack of one.
type span struct {
	lo, hi int
	set    bool
}

// read takes the next row of all columns.
func (r *row) read(l *layout, columns []*leaves.Column, most int64) error {
	if cap(r.buf) > rowKeep {
		r.buf = nil
	}
	r.buf, r.size = r.buf[:0], 0
	r.fields = [scalars]span{}
	for i := range r.lists {
		r.lists[i] = r.lists[i][:0]
	}
	if r.most = most; r.take == nil {
		r.take = r.add
	}
	for i, c := range columns {
		r.field, r.present = l.fields[i], l.leaves[i].Level
		if err := c.Row(r.take); err != nil {
			return err
		}
	}
	return nil
}

// add takes one value. In a list, one that is absent keeps its place, except that a
// single one says that there is no list.
func (r *row) add(level int, text []byte) error {
	f := r.field
	s := span{lo: len(r.buf), hi: len(r.buf) + len(text), set: level == r.present}
	r.buf = append(r.buf, text...)
	if r.size += int64(len(text)); f >= scalars {
		r.size += entryCost
	}
	switch {
	case r.size > r.most:
		return fmt.Errorf("row of more than %d bytes: %w", r.most, leaves.ErrLimit)
	case f >= scalars:
		r.lists[f-scalars] = append(r.lists[f-scalars], s)
	case !r.fields[f].set: // of a list where one value is expected, the first
		r.fields[f] = s
	}
	return nil
}

func (r *row) at(s span) []byte { return r.buf[s.lo:s.hi] }

// text is a field's, nil where it is absent.
func (r *row) text(f field) []byte {
	if !r.fields[f].set {
		return nil
	}
	return r.at(r.fields[f])
}

// first is the first of several fields that has a text.
func (r *row) first(fields ...field) []byte {
	for _, f := range fields {
		if text := r.text(f); len(text) > 0 {
			return text
		}
	}
	return nil
}

// isRecord reports whether the row was made of a CloudTrail record.
func (r *row) isRecord() bool {
	if len(r.text(operation)) == 0 && len(r.text(service)) == 0 {
		return false
	}
	if name := r.text(product); len(name) > 0 {
		return bytes.Contains(bytes.ToLower(name), []byte("cloudtrail"))
	}
	return bytes.HasSuffix(r.text(service), []byte(".amazonaws.com"))
}

// appendRecord appends the record's JSON, of no more bytes than most.
func (r *row) appendRecord(dst []byte, most int64) ([]byte, error) {
	if !r.isRecord() {
		return append(dst, "{}"...), nil
	}
	t := &r.unmapped
	t.reset()
	// First of all what makes a record, so that no other member is taken for a wrapper.
	t.set(r.text(operation), "eventName")
	t.set(r.text(service), "eventSource")
	r.plain(t)
	r.identity(t)
	if data := r.text(request); data != nil {
		t.set(data, "requestParameters")
	}
	if data := r.text(response); data != nil {
		t.set(data, "responseElements")
	}
	r.flattened(t)
	r.moved(t)
	dst, err := t.append(dst, min(most, 1<<20+64*r.size))
	if err != nil {
		return dst, err
	}
	return r.resources(t, dst)
}

// plain sets what has a column of its own.
func (r *row) plain(t *tree) {
	t.set(r.text(version), "eventVersion")
	t.set(r.text(code), "eventType")
	t.set(r.text(eventID), "eventID")
	t.set(r.text(region), "awsRegion")
	t.set(r.text(errorCode), "errorCode")
	t.set(r.text(errorMessage), "errorMessage")
	t.set(r.text(sourceUID), "vpcEndpointId")
	t.set(r.first(sourceIP, sourceDomain), "sourceIPAddress")
	t.set(r.text(agent), "userAgent")
	// Where a record has no category, the column says "Management, Data, and Insights".
	if c := r.text(category); bytes.IndexByte(c, ',') < 0 {
		t.set(c, "eventCategory")
	}
	if at, ok := r.time(); ok {
		r.stamp = at.AppendFormat(r.stamp[:0], "2006-01-02T15:04:05.999999999Z")
		t.set(r.stamp, "eventTime")
	}
}

// time is the event's: a number that tells its unit by its size, or a text.
func (r *row) time() (time.Time, bool) {
	for _, f := range []field{eventTime, eventTimeDT} {
		n, err := strconv.ParseInt(string(r.text(f)), 10, 64)
		if err != nil {
			continue
		}
		t := instant(n).UTC()
		if y := t.Year(); 0 < y && y <= 9999 {
			return t, true
		}
	}
	t, err := time.Parse(time.RFC3339, string(r.text(eventTimeDT)))
	return t.UTC(), err == nil
}

// instant is a time in seconds, milliseconds, microseconds or nanoseconds since 1970.
// Of the years 1971 to 2200 each number is of one unit only.
func instant(n int64) time.Time {
	switch {
	case n < 1e10:
		return time.Unix(n, 0)
	case n < 1e13:
		return time.UnixMilli(n)
	case n < 1e16:
		return time.UnixMicro(n)
	}
	return time.Unix(0, n)
}

// identity sets userIdentity. Schema 1.0 has the ARN in uuid and the principal's id in
// uid; 1.1 has them in uid and uid_alt.
func (r *row) identity(t *tree) {
	arn, id := r.text(actorUUID), r.text(actorAlt)
	if uid := r.text(actorUID); isARN(uid) && len(arn) == 0 {
		arn = uid
	} else if len(id) == 0 {
		id = uid
	}
	const user = "userIdentity"
	t.set(r.text(actorType), user, "type")
	t.set(arn, user, "arn")
	t.set(r.text(actorName), user, "userName")
	t.set(r.text(actorAccount), user, "accountId")
	t.set(r.text(invokedBy), user, "invokedBy")
	if string(r.text(actorType)) == "IdentityCenterUser" {
		t.set(id, user, "onBehalfOf", "userId")
		t.set(r.text(actorKey), user, "credentialId")
	} else {
		t.set(id, user, "principalId")
		t.set(r.text(actorKey), user, "accessKeyId")
	}
	t.set(r.text(sessionMFA), user, "sessionContext", "attributes", "mfaAuthenticated")
	t.set(r.text(sessionIssuer), user, "sessionContext", "sessionIssuer", "arn")
	if r.text(sessionIssuer) == nil {
		t.set(r.text(provider), user, "identityProvider")
	} else {
		t.set(r.text(provider), user, "sessionContext", "webIdFederationData", "federatedProvider")
	}
}

func isARN(b []byte) bool { return bytes.HasPrefix(b, []byte("arn:")) }

// flattened sets what the schema has no column for.
func (r *row) flattened(t *tree) {
	keys, values := r.lists[unmappedKey-scalars], r.lists[unmappedValue-scalars]
	for i, key := range keys {
		if key.set && i < len(values) && values[i].set {
			t.setPath(r.at(key), r.at(values[i]))
		}
	}
}

// moved puts back what schema 1.0 has taken out of the parameters, and what both take
// out of sign-ins.
func (r *row) moved(t *tree) {
	const parameters = "requestParameters"
	name, op := r.text(targetName), r.text(operation)
	switch {
	case r.text(request) != nil:
	case bytes.HasPrefix(op, []byte("AssumeRole")) && string(r.text(service)) == "sts.amazonaws.com":
		for _, f := range []field{targetUUID, targetUID} {
			if arn := r.text(f); isARN(arn) && bytes.Contains(arn, []byte(":role/")) {
				t.fill(arn, parameters, "roleArn")
				t.fill(name, parameters, "roleSessionName")
				break
			}
		}
	case string(r.text(class)) != "3001" || bytes.HasPrefix(op, []byte("CreateServiceLinked")):
	case bytes.Contains(op, []byte("Role")):
		t.fill(name, parameters, "roleName")
		r.created(t, "role", "roleName", "roleId")
	default:
		t.fill(name, parameters, "userName")
		r.created(t, "user", "userName", "userId")
	}
	if string(op) == "ConsoleLogin" && r.text(response) == nil {
		t.fill(r.text(status), "responseElements", "ConsoleLogin")
	}
	t.fill(r.text(loginTo), "additionalEventData", "LoginTo")
	switch string(r.text(loginMFA)) {
	case "true":
		t.fill([]byte("Yes"), "additionalEventData", "MFAUsed")
	case "false":
		t.fill([]byte("No"), "additionalEventData", "MFAUsed")
	}
}

// created puts back into a response what was created.
func (r *row) created(t *tree, what, name, id string) {
	if t.has("responseElements", what) {
		t.fill(r.text(targetName), "responseElements", what, name)
		t.fill(r.text(targetUID), "responseElements", what, id)
	}
}

// resources puts the column's resources into the record that dst ends with, in front
// of what unmapped has of them.
func (r *row) resources(t *tree, dst []byte) ([]byte, error) {
	uids, accounts, kinds := r.lists[0], r.lists[resourceAccount-scalars], r.lists[resourceType-scalars]
	dst = append(dst[:len(dst)-1], `,"resources":[`...)
	began := len(dst)
	for i := range max(len(uids), len(accounts), len(kinds)) {
		at := len(dst)
		dst = append(dst, '{')
		dst = r.member(dst, "ARN", uids, i)
		dst = r.member(dst, "accountId", accounts, i)
		dst = r.member(dst, "type", kinds, i)
		if dst = append(dst, '}', ','); len(dst) == at+3 {
			dst = dst[:at] // nothing in it
		}
	}
	dst, err := t.appendElements(dst, "resources")
	if len(dst) == began {
		return append(dst[:began-len(`,"resources":[`)], '}'), err
	}
	return append(closeList(dst), '}'), err
}

func (r *row) member(dst []byte, name string, texts []span, i int) []byte {
	if i >= len(texts) || !texts[i].set {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(append(append(dst, '"'), name...), `":`...)
	return appendString(dst, r.at(texts[i]))
}
