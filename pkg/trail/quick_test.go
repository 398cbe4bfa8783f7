package trail

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
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
		fmt.Fprintf(&out, "%q\n", fmt.Sprintf("%+v", *d.Event()))
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
	d := NewDecoder(Limits{})
	f.Fuzz(func(t *testing.T, doc []byte) {
		if got, want := trace(d, doc, false), trace(d, doc, true); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
