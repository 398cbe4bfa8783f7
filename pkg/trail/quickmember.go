package trail

import (
	"encoding/binary"
	"unsafe"
)

// known is the number of a member that records have; others is 0.
type known uint8

const (
	others known = iota
	eventVersion
	userIdentity
	eventTime
	eventSource
	eventName
	awsRegion
	sourceIPAddress
	userAgent
	errorCode
	errorMessage
	requestParameters
	responseElements
	additionalEventData
	requestID
	eventID
	readOnly
	resources
	eventType
	apiVersion
	managementEvent
	recipientAccountID
	sharedEventID
	vpcEndpointID
	vpcEndpointAccountID
	eventCategory
	tlsDetails
	consoleCredential
	logstashTime
	knownMembers
)

// knownNames are the names of known members. All are at least 8 bytes long with the
// quotes and the colon, and at most 32.
var knownNames = [knownMembers]string{
	others: "", eventVersion: "eventVersion", userIdentity: "userIdentity", eventTime: "eventTime",
	eventSource: "eventSource", eventName: "eventName", awsRegion: "awsRegion",
	sourceIPAddress: "sourceIPAddress", userAgent: "userAgent", errorCode: "errorCode",
	errorMessage: "errorMessage", requestParameters: "requestParameters",
	responseElements: "responseElements", additionalEventData: "additionalEventData",
	requestID: "requestID", eventID: "eventID", readOnly: "readOnly", resources: "resources",
	eventType: "eventType", apiVersion: "apiVersion", managementEvent: "managementEvent",
	recipientAccountID: "recipientAccountId", sharedEventID: "sharedEventID",
	vpcEndpointID: "vpcEndpointId", vpcEndpointAccountID: "vpcEndpointAccountId",
	eventCategory: "eventCategory", tlsDetails: "tlsDetails",
	consoleCredential: "sessionCredentialFromConsole", logstashTime: "@timestamp",
}

// nameRoom is how many bytes a nameWords looks at.
const nameRoom = 32

// nameWords is a member's name, its quotes and the colon as four words, which overlap
// where it is shorter than they are.
type nameWords struct {
	word [4]uint64
	at   [4]uint8
	size uint8
}

func newNameWords(name string) nameWords {
	quoted := make([]byte, 0, nameRoom)
	quoted = append(append(append(quoted, '"'), name...), `":`...)
	last := len(quoted) - 8
	w := nameWords{size: uint8(len(quoted))}
	for i := range w.word {
		at := min(8*i, last)
		w.at[i] = uint8(at)
		w.word[i] = binary.LittleEndian.Uint64(quoted[at:])
	}
	return w
}

// is tells whether the name stands at p, behind which nameRoom bytes are.
func (w *nameWords) is(p unsafe.Pointer) bool {
	return (load64(p)^w.word[0])|
		(load64(unsafe.Add(p, w.at[1]&31))^w.word[1])|
		(load64(unsafe.Add(p, w.at[2]&31))^w.word[2])|
		(load64(unsafe.Add(p, w.at[3]&31))^w.word[3]) == 0
}

func load64(p unsafe.Pointer) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(p)[:])
}

// habits is what the records so far had in common. It is a guess about the next one,
// by which nothing but time is won: what does not come as guessed is read in full.
type habits struct {
	names [knownMembers]nameWords
	after [knownMembers][2]known // what followed a member, the latest first
	who   memo[Identity]
	agent memo[struct{}]
	tls   memo[struct{}]
	day   dayMemo
	// serial is that of the last identity in who.
	serial uint64
}

// newHabits returns those of no records.
func newHabits() *habits {
	h := &habits{
		who:   newMemo[Identity](512, 42),
		agent: newMemo[struct{}](64, 1),
		tls:   newMemo[struct{}](64, 90),
	}
	for k := others + 1; k < knownMembers; k++ {
		h.names[k] = newNameWords(knownNames[k])
	}
	return h
}

// note learns that a member followed another.
func (h *habits) note(prev, k known) {
	if a := &h.after[prev]; a[0] != k {
		a[0], a[1] = k, a[0]
	}
}

// member reads the name at i, that of a record's member which stands behind prev: its
// number, and the index of the value, -1 to give up.
func (q *quick) member(h *habits, prev known, i int) (k known, at int) {
	if i+nameRoom <= q.n {
		p := unsafe.Add(q.p, i)
		for _, k := range h.after[prev] {
			if k == others || !h.names[k].is(p) {
				continue
			}
			h.note(prev, k)
			if i += int(h.names[k].size); q.at(i) <= ' ' {
				i = q.space(i)
			}
			return k, i
		}
	}
	name, at := q.name(i)
	if at < 0 || q.esc {
		return others, -1
	}
	for k := others + 1; k < knownMembers; k++ {
		if string(name) == knownNames[k] {
			h.note(prev, k)
			return k, at
		}
	}
	return others, at
}
