package trail

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// rec is a minimal record of that name.
func rec(name string) string {
	return `{"eventSource":"s3.amazonaws.com","eventName":"` + name + `"}`
}

func quoted(s string) string { return strconv.Quote(s) }

// decodeCase is an input with the names of the events it must yield.
type decodeCase struct {
	name, in string
	events   string // names, joined by a space
	skipped  int
	err      error // the sentinel; nil: a clean end
}

var formCases = []decodeCase{
	{"records", `{"Records":[` + rec("A") + `,` + rec("B") + `]}`, "A B", 0, nil},
	{"records among other keys", `{"x":{"Records":[1]},"Records" : [` + rec("A") + `], "y":[{}], "z":null}`, "A", 0, nil},
	{"records twice", `{"Records":[` + rec("A") + `],"Records":[` + rec("B") + `]}`, "A B", 0, nil},
	{"escaped key", `{"\u0052ecords":[` + rec("A") + `]}`, "A", 0, nil},
	{"key of a wrapper in a string", `{"x":"Records","Records":[` + rec("A") + `]}`, "A", 0, nil},
	{"empty records", `{"Records":[]}`, "", 0, nil},
	{"null records", `{"Records":null}`, "", 0, nil},
	{"records of the wrong type", `{"Records":{}}`, "", 0, ErrNoRecords},
	{"records key in another case", `{"records":[` + rec("A") + `]}`, "", 0, ErrNoRecords},
	{"a record with a member like a wrapper's", `{"eventName":"A","Records":[` + rec("B") + `]}`, "A", 0, nil},
	{"array", `[` + rec("A") + `, ` + rec("B") + `]`, "A B", 0, nil},
	{"empty array", ` [ ] `, "", 0, nil},
	{"array of wrappers", `[{"Records":[` + rec("A") + `]},{"Records":[]},{"Records":[` + rec("B") + `]},` + rec("C") + `]`, "A B C", 0, nil},
	{"array of arrays", `[[` + rec("A") + `],[[` + rec("B") + `]]]`, "A B", 0, nil},
	{"single record", "\n" + rec("A") + "\n", "A", 0, nil},
	{"ndjson", rec("A") + "\n" + rec("B") + "\r\n\n" + rec("C"), "A B C", 0, nil},
	{"stream without separators", rec("A") + `{"Records":[` + rec("B") + `]}` + rec("C"), "A B C", 0, nil},
	{"ndjson of wrappers and arrays", `{"Records":[` + rec("A") + "]}\n[" + rec("B") + "]\n" + rec("C"), "A B C", 0, nil},
	{"pretty-printed stream", "{\n  \"eventName\": \"A\"\n}\n{\n\"eventName\":\n\"B\"\n}", "A B", 0, nil},
	{"byte order mark", "\xef\xbb\xbf" + rec("A") + "\n\xef\xbb\xbf" + rec("B"), "A B", 0, nil},
	{"lookup-events", `{"Events":[{"EventId":"1","EventName":"X","CloudTrailEvent":` + quoted(rec("A")) + `}],"NextToken":"t"}`, "A", 0, nil},
	{"lookup-events elements", `{"EventName":"X","CloudTrailEvent":` + quoted(rec("A")) + "}\n{\"CloudTrailEvent\":" + quoted(rec("B")) + `}`, "A B", 0, nil},
	{"lookup-events element without its event", `{"Events":[{"EventId":"1"}]}`, "", 1, nil},
	{"string of a record", quoted(rec("A")), "A", 0, nil},
	{"string of a wrapper", quoted(`{"Records":[` + rec("A") + `,` + rec("B") + `]}`), "A B", 0, nil},
	{"array of strings", `[` + quoted(rec("A")) + `,` + quoted(rec("B")) + `]`, "A B", 0, nil},
	{"string in a string", quoted(quoted(rec("A"))), "A", 0, nil},
	{"strings in one another without end", quoted(quoted(quoted(quoted(quoted(rec("A")))))), "", 1, nil},
	{"raw members", `[{"_raw":` + quoted(rec("A")) + `,"_time":1},{"@message":` + quoted(rec("B")) + `}]`, "A B", 0, nil},
	{"eventbridge", `{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","resources":["x"],"userIdentity":{"arn":"EVIL"},"detail":` + rec("A") + `}`, "A", 0, nil},
	{"eventbridge without a call", `{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}`, "", 0, ErrNoRecords},
	{"cloudwatch logs", `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":` + quoted(rec("A")) + `},{"id":"2","message":` + quoted(rec("B")) + `}]}`, "A B", 0, nil},
	{"cloudwatch logs of something else", `{"logEvents":[{"message":"START RequestId"},{"message":""},{"message":` + quoted(rec("A")) + `}]}`, "A", 2, nil},
	{"cloudwatch logs control message", `{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}`, "", 0, nil},
	{"cloudwatch logs export", "2015-10-30T09:42:14.000Z " + rec("A") + "\n2015-10-30T09:42:14Z " + rec("B") + "\n", "A B", 0, nil},
	{"cloudwatch logs export of envelopes", "2015-10-30T09:42:14.000Z " + `{"detail":` + rec("A") + "}\n", "A", 0, nil},
	{"cloudwatch logs export of something else", "2015-10-30T09:42:14.000Z START RequestId\n", "", 0, ErrNotJSON},
	{"test object of an export", "Permission Check Successful", "", 0, ErrNotJSON},
	{"time alone", "2015-10-30T09:42:14.000Z ", "", 0, ErrNoRecords},
	{"no time", "2015-13-30T09:42:14.000Z " + rec("A"), "", 0, ErrNotJSON},
	{"filter-log-events", `{"events":[{"logStreamName":"s","timestamp":1,"message":` + quoted(rec("A")) + `,"eventId":"1"},{"message":` + quoted(rec("B")) + `}],"searchedLogStreams":[]}`, "A B", 0, nil},
	{"get-log-events, empty", `{"events":[],"nextForwardToken":"f/1"}`, "", 0, nil},
	{"events of another program", `{"events":[{"id":1},{"id":2}]}`, "", 0, ErrNoRecords},
	{"message that is no string", `[{"@message":` + rec("A") + `,"@timestamp":"2024-01-01 00:00:00.000"},{"message":{"a":1}}]`, "A", 1, nil},
	{"insights query", `{"results":[[{"field":"@timestamp","value":"2024"},{"field":"@message","value":` + quoted(rec("A")) + `},{"field":"@ptr","value":"x"}],[{"field":"@message","value":` + quoted(rec("B")) + `}]],"statistics":{},"status":"Complete"}`, "A B", 0, nil},
	{"insights query without messages", `{"results":[[{"field":"eventName","value":"A"}]],"status":"Complete"}`, "", 0, ErrNoRecords},
	{"lake query", `{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventName":"X"},{"eventjson":` + quoted(rec("A")) + `}],[{"eventName":"Y"},{"eventjson":` + quoted(rec("B")) + `}]]}`, "A B", 0, nil},
	{"lake query without events", `{"QueryResultRows":[[{"eventName":"X"},{"eventSource":"s"}]]}`, "", 0, ErrNoRecords},
	{"results of another program", `{"results":[` + rec("A") + `,{"a":1}]}`, "A", 1, nil},
	{"results behind others", `{"events":[],"results":[[{"eventJson":` + quoted(rec("A")) + `}]],"Records":[` + rec("B") + `]}`, "A B", 0, nil},
	{"digest", `{"awsAccountId":"111122223333","digestS3Bucket":"b","digestS3Object":"o","logFiles":[]}`, "", 0, ErrDigest},
	{"insight", `{"Records":[{"eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start"}}]}`, "", 0, ErrInsight},
	{"insight among records", `{"Records":[{"insightDetails":{}},` + rec("A") + `]}`, "A", 0, nil},
	{"configuration", `{"a":{"b":[1,2,{"eventName":"X"}]}}`, "", 0, ErrNoRecords},
	{"scalars", `1 true null "x"`, "", 0, ErrNoRecords},
	{"empty", "", "", 0, ErrNoRecords},
	{"white space", " \n\t", "", 0, ErrNoRecords},
	{"text", "Event Type,Event Name\nAwsApiCall,ListObjects\n", "", 0, ErrNotJSON},
	{"zip", "PK\x03\x04\x14\x00", "", 0, ErrNotJSON},
}

var brokenCases = []decodeCase{
	{"value in a record's place", `{"Records":[` + rec("A") + `,1,null,"x",[],{},` + rec("B") + `]}`, "A B", 5, nil},
	{"malformed record", `{"Records":[` + rec("A") + `,{"eventName":"X",,},{"eventName":'X'},{"eventName" "X"},{"a":01},{"a":tru},{"a":"\x"},{"a":"` + "\n" + `"},` + rec("B") + `]}`, "A B", 7, nil},
	{"malformed record in a bare array", `[{"eventName":"X",},` + rec("B") + `]`, "B", 1, nil},
	{"malformed number", `{"Records":[{"eventName":"X","a":-},{"eventName":"X","a":1.},{"eventName":"X","a":1e},` + rec("B") + `]}`, "B", 3, nil},
	{"brackets that do not match", `{"Records":[` + rec("A") + `,{"a":[1},` + rec("B") + `]}`, "A", 0, errBracket},
	{"comma missing", `{"Records":[` + rec("A") + rec("B") + `]}`, "A", 0, errSyntax},
	{"comma too many", `{"Records":[` + rec("A") + `,]}`, "A", 0, errSyntax},
	{"malformed before the records", `{"a" 1,"Records":[` + rec("A") + `]}`, "", 1, nil},
	{"malformed behind the records", `{"Records":[` + rec("A") + `],"a":x}`, "A", 0, errSyntax},
	{"name missing behind the records", `{"Records":[` + rec("A") + `],}`, "A", 0, errSyntax},
	{"colon missing behind the records", `{"Records":[` + rec("A") + `],"a"}`, "A", 0, errSyntax},
	{"cut in a record", `{"Records":[` + rec("A") + `,{"eventName":"B`, "A", 0, io.ErrUnexpectedEOF},
	{"cut in an escape", `{"Records":[` + rec("A") + `,{"eventName":"B\`, "A", 0, io.ErrUnexpectedEOF},
	{"cut behind a record", `{"Records":[` + rec("A"), "A", 0, io.ErrUnexpectedEOF},
	{"cut behind a comma", `{"Records":[` + rec("A") + `,`, "A", 0, io.ErrUnexpectedEOF},
	{"cut behind the records", `{"Records":[` + rec("A") + `]`, "A", 0, io.ErrUnexpectedEOF},
	{"cut in the tail", `{"Records":[` + rec("A") + `],"a":`, "A", 0, io.ErrUnexpectedEOF},
	{"cut single record", "{\n  \"eventName\": \"A\",\n  \"eventSource\":", "", 0, io.ErrUnexpectedEOF},
	{"garbage behind the records", `{"Records":[` + rec("A") + `]}` + "\x00\x00", "A", 1, nil},
	{"ndjson: garbage line", rec("A") + "\n%%%\n" + rec("B"), "A B", 1, nil},
	{"export: line cut", "2015-10-30T09:42:14.000Z " + rec("A") + "\n2015-10-30T09:42:14.000Z {\"eventName\":\n2015-10-30T09:42:14.000Z " + rec("B") + "\n2015-10-30T09:42:14.000Z " + rec("C"), "A B C", 1, nil},
	{"export: line of something else", "2015-10-30T09:42:14.000Z " + rec("A") + "\n2015-10-30T09:42:14.000Z hello\n2015-10-30T09:42:14.000Z " + rec("B"), "A B", 1, nil},
	{"ndjson: first line bad", "{bad}\n" + rec("B"), "B", 1, nil},
	{"ndjson: line cut in a string", rec("A") + "\n{\"eventName\":\"X\n" + rec("B"), "A B", 1, nil},
	{"ndjson: line cut behind a colon", rec("A") + "\n{\"eventName\":\n" + rec("B") + "\n" + rec("C"), "A B C", 1, nil},
	{"ndjson: line cut in an array", rec("A") + "\n{\"eventName\":\"X\",\"a\":[\n" + rec("B") + "\n" + rec("C"), "A B C", 1, nil},
	{"ndjson: last line cut", rec("A") + "\n{\"eventName\":\"X", "A", 0, io.ErrUnexpectedEOF},
	{"ndjson: bracket too many", rec("A") + "}\n" + rec("B"), "A B", 1, nil},
	{"ndjson: line of another program", rec("A") + "\n{\"level\":\"info\"}\n" + rec("B"), "A B", 1, nil},
	{"string of broken JSON", `[` + quoted(`{"Records":[`+rec("A")+`,{"x":`) + `,` + rec("B") + `]`, "A B", 1, nil},
	{"bad string", `{"Records":["\x",` + rec("A") + `]}`, "A", 1, nil},
	{"too deep", `{"Records":[{"eventName":"X","a":` + deep(MaxDepth) + `},` + rec("B") + `]}`, "B", 1, nil},
	{"much too deep", `{"Records":[{"eventName":"X","a":` + deep(5*MaxDepth) + `},` + rec("B") + `]}`, "B", 1, nil},
	{"just not too deep", `{"Records":[{"eventName":"A","a":` + deep(MaxDepth-1) + `},` + rec("B") + `]}`, "A B", 0, nil},
	{"arrays around it all", strings.Repeat("[", 40) + rec("A") + strings.Repeat("]", 40), "", 0, ErrNoRecords},
}

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func namesOf(d *Decoder, r io.Reader) string {
	var l []string
	d.Reset(r)
	for d.Next() {
		l = append(l, strings.Clone(d.Event().Name))
	}
	return strings.Join(l, " ")
}

func TestDecode(t *testing.T) {
	d := NewDecoder(Limits{}) // one for all: nothing may stay from object to object
	for _, c := range slices.Concat(formCases, brokenCases) {
		t.Run(c.name, func(t *testing.T) {
			readers := map[string]io.Reader{"whole": strings.NewReader(c.in), "bytewise": iotest.OneByteReader(strings.NewReader(c.in))}
			for how, r := range readers {
				got := namesOf(d, r)
				if got != c.events || d.Skipped() != c.skipped || len(d.Unreadable()) != c.skipped {
					t.Errorf("%s: events %q, skipped %d %v, want %q, %d", how, got, d.Skipped(), d.Unreadable(), c.events, c.skipped)
				}
				if !errors.Is(d.Err(), c.err) {
					t.Errorf("%s: error %v, want %v", how, d.Err(), c.err)
				}
				if d.Bytes() != int64(len(c.in)) && d.Err() == nil {
					t.Errorf("%s: %d bytes, want %d", how, d.Bytes(), len(c.in))
				}
			}
		})
	}
}

// TestDecodeOracle holds the cases themselves against the oracle.
func TestDecodeOracle(t *testing.T) {
	d := NewDecoder(Limits{})
	for _, c := range formCases {
		if diff := differ(d, decodeAll(d, strings.NewReader(c.in)), []byte(c.in)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestUnreadablePlace(t *testing.T) {
	d := NewDecoder(Limits{})
	in := `{"Records":[` + rec("A") + `, {"eventName":!},` + rec("B") + `,7]}`
	namesOf(d, strings.NewReader(in))
	l := d.Unreadable()
	if len(l) != 2 {
		t.Fatalf("unreadable: %v", l)
	}
	if want := int64(strings.IndexByte(in, '!')); l[0].Record != 1 || l[0].Offset != want || !l[0].Resumable {
		t.Errorf("first: %+v, want record 1 at %d", l[0], want)
	}
	if l[1].Record != 3 || !errors.Is(l[1], ErrNotRecord) {
		t.Errorf("second: %+v, want record 3, ErrNotRecord", l[1])
	}
	if msg := l[0].Error(); strings.Contains(msg, "!") || !strings.Contains(msg, "record 1 at byte") {
		t.Errorf("message %q", msg)
	}
}

func TestErrorPlace(t *testing.T) {
	d := NewDecoder(Limits{})
	namesOf(d, strings.NewReader(`{"Records":[`+rec("A")+`,`+rec("B")+` x`))
	var e *SyntaxError
	if !errors.As(d.Err(), &e) || e.Record != 2 || e.Resumable {
		t.Errorf("error %#v, want one at record 2", d.Err())
	}
}

func TestMaxRecord(t *testing.T) {
	long := `{"eventName":"X","a":"` + strings.Repeat("x", 500<<10) + `"}`
	cases := []decodeCase{
		{"within an array", `{"Records":[` + rec("A") + `,` + long + `,` + rec("B") + `]}`, "A B", 1, nil},
		{"ndjson", rec("A") + "\n" + long + "\n" + rec("B"), "A B", 1, nil},
		{"number", `[` + rec("A") + `,` + strings.Repeat("1", 500<<10) + `,` + rec("B") + `]`, "A B", 1, nil},
		{"white space before the records", `{"Records":` + strings.Repeat(" ", 500<<10) + `[` + rec("A") + `]}`, "", 1, nil},
		{"member name behind the records", `{"Records":[` + rec("A") + `],` + quoted(strings.Repeat("x", 500<<10)) + `:1}`, "A", 0, ErrLimit},
		{"member behind the records", `{"Records":[` + rec("A") + `],"a":` + quoted(strings.Repeat("x", 500<<10)) + `}`, "A", 0, nil},
	}
	d := NewDecoder(Limits{MaxRecord: 1000})
	for _, c := range cases {
		if got := namesOf(d, strings.NewReader(c.in)); got != c.events || d.Skipped() != c.skipped || !errors.Is(d.Err(), c.err) {
			t.Errorf("%s: %q, %d skipped, %v", c.name, got, d.Skipped(), d.Err())
		}
		for _, e := range d.Unreadable() {
			if !errors.Is(e, ErrLimit) {
				t.Errorf("%s: %v, want ErrLimit", c.name, e)
			}
		}
		if n := cap(d.levels[0].win.buf); n > 2*windowSize {
			t.Errorf("%s: window grew to %d bytes", c.name, n)
		}
	}
}

// TestMemory: an object far larger than the window leaves the window as it is.
func TestMemory(t *testing.T) {
	d := NewDecoder(Limits{})
	r := io.MultiReader(strings.NewReader(`{"Records":[`+rec("A")), strings.NewReader(strings.Repeat(","+rec("B"), 200_000)), strings.NewReader(`]}`))
	d.Reset(r)
	n := 0
	for d.Next() {
		n++
	}
	if n != 200_001 || d.Err() != nil {
		t.Fatalf("%d records, %v", n, d.Err())
	}
	if size := cap(d.levels[0].win.buf); size != windowSize {
		t.Errorf("window of %d bytes, want %d", size, windowSize)
	}
}

// TestTrim: what one huge record made grow is not kept for the next object.
func TestTrim(t *testing.T) {
	huge := `{"eventName":"A","a":"` + strings.Repeat("\xff", windowKeep) + `"}`
	d := NewDecoder(Limits{})
	if got := namesOf(d, strings.NewReader(`[`+huge+`,{"CloudTrailEvent":`+quoted(rec("B")+strings.Repeat(" ", windowKeep))+`}]`)); got != "A B" {
		t.Fatalf("events %q, %v", got, d.Err())
	}
	d.Reset(nil)
	for _, l := range d.levels {
		if n := cap(l.win.buf) + cap(l.text) + cap(l.scratch); n > 2*windowKeep {
			t.Errorf("%d bytes kept", n)
		}
	}
	if n := cap(d.proj.valid); n > windowKeep {
		t.Errorf("%d bytes of replaced UTF-8 kept", n)
	}
}

// TestUnreadableBounded: the list of unreadable records does not grow with the input.
func TestUnreadableBounded(t *testing.T) {
	d := NewDecoder(Limits{})
	if got := namesOf(d, strings.NewReader(rec("A")+strings.Repeat("\n%", 5000)+"\n"+rec("B"))); got != "A B" {
		t.Errorf("events %q", got)
	}
	in := `[` + rec("A") + strings.Repeat(",1", 5000) + `]`
	namesOf(d, strings.NewReader(in))
	if d.Skipped() != 5000 || len(d.Unreadable()) != MaxListed {
		t.Errorf("%d skipped, %d listed", d.Skipped(), len(d.Unreadable()))
	}
}

// TestHostileLines: lines that each open brackets for the lines after them do not
// make the time quadratic.
func TestHostileLines(t *testing.T) {
	for _, line := range []string{"{\"a\":[\n", "[\n", "{\"a\":\n", "{\"a\":{\"b\":[1,\n"} {
		in := rec("A") + "\n" + strings.Repeat(line, (1<<20)/len(line))
		d := NewDecoder(Limits{})
		if got := namesOf(d, strings.NewReader(in)); got != "A" || d.Err() == nil && d.Skipped() == 0 {
			t.Errorf("%q: events %q, error %v", line, got, d.Err())
		}
		if again := d.levels[0].rescan; again > rescanMin+int64(8*len(in)) {
			t.Errorf("%q: %d bytes read again", line, again)
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("connection reset")
	d := NewDecoder(Limits{})
	in := `{"Records":[` + rec("A") + `,{"ev`
	got := namesOf(d, io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)))
	if got != "A" || !errors.Is(d.Err(), broken) {
		t.Errorf("events %q, error %v; want A and the reader's error", got, d.Err())
	}
	if namesOf(d, iotest.ErrReader(broken)); !errors.Is(d.Err(), broken) {
		t.Errorf("error %v, want the reader's", d.Err())
	}
	if namesOf(d, bytes.NewReader([]byte(rec("A")))); d.Err() != nil {
		t.Errorf("the error stayed for the next object: %v", d.Err())
	}
}
