package trail

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// trace decodes a document and tells all that a caller can see of it. plain leaves
// the one-pass reader out.
func trace(d *Decoder, doc []byte, plain bool) string {
	d.Reset(bytes.NewReader(doc))
	if plain {
		d.levels[0].proj = nil
	}
	var out strings.Builder
	for d.Next() {
		e := *d.Event()
		e.Identity.Serial = 0
		fmt.Fprintf(&out, "%q\n", fmt.Sprintf("%+v", e))
	}
	for _, e := range d.Unreadable() {
		fmt.Fprintf(&out, "%d %d %s\n", e.Record, e.Offset, e.Msg)
	}
	fmt.Fprintf(&out, "skipped %d, insights %d, %d bytes, %v", d.Skipped(), d.Insights(), d.Bytes(), d.Err())
	return out.String()
}

// quickSeeds are members of a record, sound and odd.
var quickSeeds = []string{
	`"eventName":"A","eventSource":"s3.amazonaws.com"`,
	`"eventName":"A","eventName":"B","readOnly":true,"readOnly":"false"`,
	`"event\u004eame":"A","eventName":"B"`,
	`"eventName":"a\"\\\/\b\u00e9\ud83d\ude00","userAgent":["x","y"]`,
	"\"eventName\":\"\xff\"", "\"eventName\":\"\u00e9\u20ac\"", "\"eventName\":\"a\tb\"",
	`"eventName":"A","requestParameters":{"a":[1,-2.5e3,{"b":[]},{},null,true,false,"x\n"]}`,
	`"eventName":"A","requestParameters":"null","responseElements":null,"resources":"[1]"`,
	`"eventName":"A","requestParameters":{"a":1]}`, `"eventName":"A","x":[1,]`, `"eventName":"A","x":{"a":1,}`, `"eventName":"A",`,
	`"eventName":"A","x":01`, `"eventName":"A","x":truE`, `"eventName":"A","x":1e`, `"eventName" : "A" , "x" : [ 1 , { "y" : 2 } ] `,
	`"eventName":"A","userIdentity":{"type":"AssumedRole","principalid":"P","principalId":"Q","accesKeyId":"K","sessionContext":{"sessionIssuer":{"arn":"a","username":"u"},"attributes":{"mfaAuthenticated":"true","mfaauthenticated":"x"},"webIdFederationData":{"federatedProvider":"f"},"sourceIdentity":"s"},"onBehalfOf":{"userId":"u"}}`,
	`"eventName":"A","userIdentity":null,"userIdentity":{"sessionContext":null}`, `"eventName":"A","userIdentity":"x"`, `"eventName":"A","userIdentity":{}`,
	`"eventName":"A","userIdentity":{"type":"IAMUser","userName":7,"arn":null,"accountId":"1"},"userIdentity":{"arn":"b"}`,
	`"eventName":"A","eventTime":"2026-01-02T03:04:05Z","@timestamp":"2020-01-01T00:00:00Z"`, `"@timestamp":"2020-01-01T00:00:00Z","eventName":"A"`,
	`"eventName":"A","_raw":"{\"eventName\":\"B\"}","detail":{"eventName":"C"},"Records":null`,
	`"eventName":"A","x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70),
	`"eventName":"A","x":"` + strings.Repeat("long ", 40000) + `"`,
	``, `"insightDetails":{}`, `"x":1`, `"eventName":"A"}{`, `"eventName":"A"]`,
}

func delivered(members string) string {
	return `{"Records":[` + rec("first") + `,{` + members + `},` + rec("last") + `]}`
}

// What the one-pass reader makes of a document is what the plain one makes of it, at
// every cut of the input.
func TestQuick(t *testing.T) {
	d := NewDecoder(Limits{MaxRecord: 150000})
	for _, seed := range quickSeeds {
		doc := delivered(seed)
		step := 1 + len(doc)/300
		for cut := len(doc); cut >= 0; cut -= step {
			if got, want := trace(d, []byte(doc[:cut]), false), trace(d, []byte(doc[:cut]), true); got != want {
				t.Fatalf("%.300q\ngot  %.2000s\nwant %.2000s", doc[:cut], got, want)
			}
		}
	}
}

func FuzzQuick(f *testing.F) {
	for _, seed := range quickSeeds {
		if len(seed) < 1000 {
			f.Add([]byte(delivered(seed)))
		}
	}
	f.Add([]byte(`{"Records":[` + whole + "," + whole + `]}`))
	d := NewDecoder(Limits{})
	f.Fuzz(func(t *testing.T, doc []byte) {
		want := trace(d, doc, true)
		for range 2 { // the second time with what was remembered of the first
			if got := trace(d, doc, false); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}

// whole is a record as long as real ones are, with texts to repeat and to change.
const whole = `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:session","arn":"arn:aws:sts::111122223333:assumed-role/r/session","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/r","accountId":"111122223333","userName":"r"},"attributes":{"creationDate":"2026-01-02T00:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli/2.27.50 md/awscrt#0.26.1","requestParameters":{"bucketName":"b"},"responseElements":null,"requestID":"R","eventID":"0d7c1c42-6c0f-4f0e-9a55-6ff6e6f3d2a5","readOnly":true,"resources":[{"ARN":"arn:aws:s3:::b"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","sharedEventID":"1d7c1c42-6c0f-4f0e-9a55-6ff6e6f3d2a5","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"b.s3.us-east-1.amazonaws.com"}}`

// What was remembered of records changes nothing of those that resemble them.
func TestQuickRemembers(t *testing.T) {
	d := NewDecoder(Limits{})
	swap := func(doc string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(doc) }
	variants := []string{
		whole, whole,
		swap(whole, `"mfaAuthenticated":"false"}}}`, `"mfaAuthenticated":"true" }}}`),
		swap(whole, "ASIAEXAMPLE", "ASIAEXAMPL2"), swap(whole, "ASIAEXAMPLE", `ASIA\u0045XAMPLE`), swap(whole, "ASIAEXAMPLE", "ASIA\u00e9"), swap(whole, "ASIAEXAMPLE", "ASIA\xff"),
		swap(whole, "md/awscrt#0.26.1", "md/awscrt#0.26.2"), swap(whole, "awscrt#0.26.1", "\u00e9"), swap(whole, "awscrt#0.26.1", `\"x`), swap(whole, "awscrt#0.26.1", "\x01"), swap(whole, "awscrt#0.26.1", "\xff"),
		swap(whole, "2026-01-02T03:04:05Z", "2026-01-02T23:59:59Z"), swap(whole, "2026-01-02T03:04:05Z", "2026-01-02T24:00:00Z"), swap(whole, "2026-01-02T03:04:05Z", "2026-02-30T03:04:05Z"),
		swap(whole, "2026-01-02T03:04:05Z", "2026-01-03 03:04:05Z"), swap(whole, "2026-01-02T03:04:05Z", "2026-01-02T03:04:0:Z"), swap(whole, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05z"),
		swap(whole, `"TLSv1.3"`, `"TLSv1.2"`), swap(whole, "com\"}}", "com\"]}"), swap(whole, "com\"}}", "com\"}"), swap(whole, "com\"}}", "com\"},}"),
		swap(whole, `"eventName":"GetObject",`, ``), swap(whole, `"eventName":`, `"eventName" :`), swap(whole, `"eventName":`, `"eventname":`), swap(whole, `"eventName":`, `"eventNam\u0065":`),
		swap(whole, `"awsRegion":"us-east-1",`, `"awsRegion":"us-east-1","awsRegion": "eu-west-1",`), swap(whole, `"readOnly":true`, `"readOnly":truex`), swap(whole, `"readOnly":true`, `"readOnly":null`),
		swap(whole, `"userIdentity":{`, `"userIdentity":{"arn":"z"},"userIdentity":{`), swap(whole, `"userAgent":"aws-cli`, `"userAgent":["x"],"userAgent":"aws-cli`),
		swap(whole, `"userIdentity":{`, `"userIdentity":null,"x":{`), swap(whole, `"tlsDetails":{`, `"tlsDetails":null,"x":{`),
	}
	for i, v := range variants {
		for j, u := range variants {
			doc := []byte(`{"Records":[` + whole + "," + v + "," + u + "," + whole + `]}`)
			want := trace(d, doc, true)
			for range 2 {
				if got := trace(d, doc, false); got != want {
					t.Fatalf("%d, %d: %s\ngot  %s\nwant %s", i, j, doc, got, want)
				}
			}
		}
	}
}

// A name is told from all that differ from it in a byte.
func TestNameWords(t *testing.T) {
	for k := others + 1; k < knownMembers; k++ {
		w := newNameWords(knownNames[k])
		text := make([]byte, nameRoom+8)
		n := copy(text, `"`+knownNames[k]+`":`)
		if n < 8 || n > nameRoom || int(w.size) != n || !w.is(unsafe.Pointer(&text[0])) {
			t.Fatalf("%s: %d bytes", knownNames[k], n)
		}
		for i := range text {
			for _, flip := range []byte{1, 0x80, text[i]} {
				text[i] ^= flip
				if got, want := w.is(unsafe.Pointer(&text[0])), i >= n || flip == 0; got != want {
					t.Errorf("%s: byte %d: %v", knownNames[k], i, got)
				}
				text[i] ^= flip
			}
		}
	}
}

// A Serial stands for one identity, and an identity that comes again has its Serial.
func TestSerial(t *testing.T) {
	d := NewDecoder(Limits{})
	other := strings.ReplaceAll(whole, "AROAEXAMPLE", "AROAEXAMPL2")
	d.Reset(strings.NewReader(`{"Records":[` + strings.Join([]string{whole, other, whole, other, rec("x")}, ",") + `]}`))
	var got []uint64
	for d.Next() {
		got = append(got, d.Event().Identity.Serial)
	}
	if len(got) != 5 || got[0] == 0 || got[1] == 0 || got[0] == got[1] || got[2] != got[0] || got[3] != got[1] || got[4] != 0 {
		t.Error("serials", got)
	}
}

// Records take no allocation.
func TestQuickAllocates(t *testing.T) {
	d := NewDecoder(Limits{})
	doc := []byte(`{"Records":[` + strings.Repeat(whole+",", 999) + whole + `]}`)
	in := bytes.NewReader(nil)
	n := 0
	allocs := testing.AllocsPerRun(5, func() {
		in.Reset(doc)
		d.Reset(in)
		for d.Next() {
			n++
		}
	})
	if n == 0 || allocs > 10 {
		t.Errorf("%v allocations for 1,000 records, %d in all", allocs, n)
	}
}
