package ocsf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apache/arrow/go/v15/parquet/compress"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/ocsf/ocsftest"
)

// full is a record with everything in it that an Event has.
const full = `{
	"eventVersion": "1.11", "eventTime": "2026-03-02T10:20:30Z", "eventSource": "s3.amazonaws.com", "eventName": "PutObject",
	"awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli/2",
	"userIdentity": {
		"type": "AssumedRole", "principalId": "AROAEXAMPLEROLEID0001:job", "arn": "arn:aws:sts::111122223333:assumed-role/etl/job",
		"accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE", "invokedBy": "athena.amazonaws.com",
		"sessionContext": {
			"sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLEROLEID0001", "arn": "arn:aws:iam::111122223333:role/jobs/etl", "accountId": "111122223333", "userName": "etl"},
			"attributes": {"mfaAuthenticated": "true", "creationDate": "2026-03-02T10:00:00Z"}, "sourceIdentity": "ann"
		}
	},
	"requestParameters": {"bucketName": "amzn-s3-demo-bucket", "key": "a,b \"c\"\n\u00e9", "tags": ["x", "y"], "list": [{"id": "i-1", "n": {"m": "1"}}, {"id": "i-2", "n": {"m": "2"}}]},
	"responseElements": {"x-amz-version-id": "v1"},
	"additionalEventData": {"SignatureVersion": "SigV4"},
	"resources": [{"ARN": "arn:aws:s3:::amzn-s3-demo-bucket/a,b", "type": "AWS::S3::Object"}, {"ARN": "arn:aws:s3:::amzn-s3-demo-bucket", "accountId": "111122223333", "type": "AWS::S3::Bucket"}],
	"errorCode": "AccessDenied", "errorMessage": "not authorized", "requestID": "r", "eventID": "11111111-2222-3333-4444-555555555555",
	"sharedEventID": "66666666-2222-3333-4444-555555555555", "readOnly": false, "eventType": "AwsApiCall", "managementEvent": false,
	"recipientAccountId": "444455556666", "vpcEndpointId": "vpce-1", "eventCategory": "Data"
}`

// write makes a Parquet file.
func write(t testing.TB, o ocsftest.Options, records ...string) []byte {
	t.Helper()
	raw := make([]json.RawMessage, len(records))
	for i, r := range records {
		raw[i] = json.RawMessage(r)
	}
	b, err := ocsftest.Write(raw, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decoded is what a file yields.
type decoded struct {
	events  []string
	names   string
	skipped int
	err     error
}

func decode(file []byte, l trail.Limits) (res decoded) {
	r, err := NewReader(bytes.NewReader(file), int64(len(file)), l)
	if err != nil {
		return decoded{err: err}
	}
	return decodeFrom(r)
}

func decodeFrom(r io.Reader) (res decoded) {
	d := trail.NewDecoder(trail.Limits{})
	var names []string
	for d.Reset(r); d.Next(); {
		e := *d.Event()
		e.Identity.Serial = 0 // of the decoder, not of the record
		b, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		res.events = append(res.events, string(b))
		names = append(names, strings.Clone(d.Event().Name))
	}
	res.names, res.skipped, res.err = strings.Join(names, " "), d.Skipped(), d.Err()
	return res
}

// plain decodes records as CloudTrail delivers them.
func plain(records ...string) decoded {
	return decodeFrom(strings.NewReader(`{"Records":[` + strings.Join(records, ",") + `]}`))
}

// TestVersions: what comes of a record, member by member. Of version 1.0 the numbers
// and booleans in parameters are texts.
func TestVersions(t *testing.T) {
	want := plain(full)
	if want.err != nil || len(want.events) != 1 {
		t.Fatal(want)
	}
	for _, v := range []ocsftest.Version{ocsftest.V1, ocsftest.V2} {
		t.Run(string(v), func(t *testing.T) {
			got := decode(write(t, ocsftest.Options{Version: v}, full), trail.Limits{})
			if got.err != nil || got.skipped != 0 || len(got.events) != 1 {
				t.Fatalf("%+v", got)
			}
			same(t, got.events[0], want.events[0])
		})
	}
}

// same compares two events, raw members as JSON values.
func same(t *testing.T, got, want string) {
	t.Helper()
	g, w := unpack(t, got), unpack(t, want)
	for _, name := range slices.Sorted(maps.Keys(w)) {
		if g[name] != w[name] {
			t.Errorf("%s\ngot  %s\nwant %s", name, g[name], w[name])
		}
	}
}

// unpack is an event's members as canonical JSON.
func unpack(t *testing.T, event string) map[string]string {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(event), &m); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, raw := range m {
		var v any
		var inner []byte // members that are kept as JSON are []byte, so base64
		if json.Unmarshal(raw, &inner) == nil && json.Unmarshal(inner, &v) == nil {
		} else if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(b)
	}
	return out
}

// TestWriters: neither how a file is laid out and compressed nor the sizes of pages and
// row groups change a thing.
func TestWriters(t *testing.T) {
	var records []string
	for i := range 300 {
		r := strings.ReplaceAll(full, "PutObject", fmt.Sprint("Put", i%7))
		if i%3 == 0 {
			r = fmt.Sprintf(`{"eventName":"N%d","eventSource":"iam.amazonaws.com","requestParameters":{"n":"%s"}}`, i, strings.Repeat("v", i))
		}
		records = append(records, r)
	}
	want := decode(write(t, ocsftest.Options{}, records...), trail.Limits{})
	if want.err != nil || len(want.events) != len(records) {
		t.Fatal(want.err, len(want.events))
	}
	for name, o := range map[string]ocsftest.Options{
		"snappy": {Compression: compress.Codecs.Snappy}, "zstd": {Compression: compress.Codecs.Zstd},
		"pages v2": {PagesV2: true}, "pages v2, zstd": {PagesV2: true, Compression: compress.Codecs.Zstd},
		"small pages": {PageSize: 100}, "small pages v2": {PageSize: 100, PagesV2: true},
		"row groups": {GroupRows: 7}, "no dictionaries": {NoDict: true, PageSize: 1000},
		"three levels": {ThreeLevels: true}, "all": {ThreeLevels: true, GroupRows: 50, PageSize: 300, PagesV2: true, NoDict: true},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, o, records...)
			got := decode(file, trail.Limits{})
			if got.err != nil || !slices.Equal(got.events, want.events) {
				t.Fatalf("%v, %d events, want %d", got.err, len(got.events), len(want.events))
			}
			r, err := NewReader(bytes.NewReader(file), int64(len(file)), trail.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := decodeFrom(iotest.OneByteReader(r)); !slices.Equal(got.events, want.events) {
				t.Error("read byte by byte it differs")
			}
		})
	}
}

// TestOthers: files and rows that are no CloudTrail's.
func TestOthers(t *testing.T) {
	if got := decode(write(t, ocsftest.Options{Product: "Amazon EKS"}, full, full), trail.Limits{}); !errors.Is(got.err, trail.ErrNoRecords) || got.skipped != 0 {
		t.Errorf("another product: %+v", got)
	}
	if got := decode(write(t, ocsftest.Options{Product: "AWS CloudTrail Lake"}, full), trail.Limits{}); got.names != "PutObject" {
		t.Errorf("another name of the product: %+v", got)
	}
	if got := decode(write(t, ocsftest.Options{}, full, `{"eventVersion":"1.1"}`, full), trail.Limits{}); got.names != "PutObject PutObject" || got.skipped != 1 {
		t.Errorf("a row without a call: %+v", got)
	}
	if got := decode(write(t, ocsftest.Options{}), trail.Limits{}); got.err != nil || len(got.events) != 0 {
		t.Errorf("no rows: %+v", got)
	}
}

// TestBroken: damaged files end in an error; what came before it stands.
func TestBroken(t *testing.T) {
	file := write(t, ocsftest.Options{GroupRows: 1}, full, full, full)
	for name, c := range map[string]struct {
		file []byte
		err  error
	}{
		"empty": {nil, nil}, "magic alone": {[]byte("PAR1"), nil}, "magic twice": {[]byte("PAR1PAR1PAR1"), nil},
		"cut": {file[:len(file)/2], io.ErrUnexpectedEOF}, "cut in the footer": {file[:len(file)-9], io.ErrUnexpectedEOF},
		"footer longer than the file": {append(file[:len(file)-8:len(file)-8], "\xff\xff\xff\x00PAR1"...), nil},
		"encrypted":                   {append(file[:len(file)-4:len(file)-4], "PARE"...), nil},
	} {
		if got := decode(c.file, trail.Limits{}); got.err == nil || c.err != nil && !errors.Is(got.err, c.err) {
			t.Errorf("%s: %v", name, got.err)
		}
	}
	damaged := bytes.Clone(file)
	for i := len(file) / 2; i < len(file)/2+40; i++ {
		damaged[i] ^= 0x55
	}
	if got := decode(damaged, trail.Limits{}); got.err == nil || len(got.events) == 0 || len(got.events) == 3 {
		t.Errorf("damaged in the second row group: %d events, %v", len(got.events), got.err)
	}
	failing := iotest.ErrReader(errors.New("no network"))
	r, err := NewReader(struct {
		io.Reader
		io.ReaderAt
	}{failing, errorAt{file, errors.New("no network")}}, int64(len(file)), trail.Limits{})
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("a reader that fails: %v", err)
	}
}

// errorAt fails outside the footer.
type errorAt struct {
	file []byte
	err  error
}

func (e errorAt) ReadAt(p []byte, off int64) (int, error) {
	if off < int64(len(e.file)/2) {
		return 0, e.err
	}
	return bytes.NewReader(e.file).ReadAt(p, off)
}

// TestLimits: each bound holds.
func TestLimits(t *testing.T) {
	long := strings.Replace(full, "aws-cli/2", strings.Repeat("x", 1<<20), 1)
	flat := strings.Replace(full, `"x", "y"`, `"`+strings.Repeat(`,`, 1<<16)+`"`, 1)
	many := make([]string, 30000)
	for i := range many {
		many[i] = fmt.Sprintf(`{"eventName":"A","eventSource":"s","eventID":"%d"}`, i)
	}
	for name, c := range map[string]struct {
		file []byte
		l    trail.Limits
	}{
		"a page":           {write(t, ocsftest.Options{}, long), trail.Limits{MaxRecord: 1 << 19}},
		"the object":       {write(t, ocsftest.Options{}, long, full, full), trail.Limits{MaxObject: 1 << 20}},
		"ratio of pages":   {write(t, ocsftest.Options{NoDict: true}, long, long, long), trail.Limits{MaxRatio: 10}},
		"ratio of records": {write(t, ocsftest.Options{}, many...), trail.Limits{MaxRatio: 10}},
	} {
		if got := decode(c.file, c.l); !errors.Is(got.err, trail.ErrLimit) {
			t.Errorf("%s: %v", name, got.err)
		}
		if got := decode(c.file, trail.Limits{}); got.err != nil {
			t.Errorf("%s, without limits: %v", name, got.err)
		}
	}
	if got := decode(write(t, ocsftest.Options{Version: ocsftest.V1}, flat), trail.Limits{}); got.err != nil || len(got.events) != 1 {
		t.Errorf("many commas: %v", got.err)
	}
}

// TestAmplification: a file that makes far more than it is costs no time.
func TestAmplification(t *testing.T) {
	name := strings.Repeat("n", 1<<16)
	list := strings.Repeat(`{"`+name+`":"v"},`, 1)
	wide := strings.Replace(full, `"x", "y"`, list[:len(list)-1]+strings.Repeat(`,{"a":"1"}`, 1), 1)
	wide = strings.Replace(wide, `"v"`, `"`+strings.Repeat("v,", 1<<16)+`"`, 1)
	began := time.Now()
	got := decode(write(t, ocsftest.Options{Version: ocsftest.V1}, wide), trail.Limits{})
	if !errors.Is(got.err, trail.ErrLimit) {
		t.Errorf("a long name 65,536 times: %v", got.err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestCorpus reads AWS's own samples, and compares with what they were made of.
func TestCorpus(t *testing.T) {
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(root, "corpus", "formats", "security-lake", "*", "*", "*", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Skip("no shared corpus (set TIGHTEN_SHARED)")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			in, err := os.Open(filepath.Join(filepath.Dir(name), "input", strings.TrimSuffix(filepath.Base(name), ".parquet")))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			got, want := decode(b, trail.Limits{}), decodeFrom(in)
			if got.err != nil || got.skipped != 0 || len(got.events) != len(want.events) {
				t.Fatalf("%+v, want %+v", got, want)
			}
			for i := range got.events {
				g, w := unpack(t, got.events[i]), unpack(t, want.events[i])
				for _, member := range []string{"ID", "Time", "Source", "Name", "Type", "Region", "ErrorCode", "ErrorMessage", "RecipientAccount", "Identity", "ReadOnly"} {
					if g[member] != w[member] {
						t.Errorf("%s\ngot  %s\nwant %s", member, g[member], w[member])
					}
				}
			}
		})
	}
}

// TestCut: which commas are separators.
func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "a,b": "a|b", ",": "|", "a,,b": "a||b", "Apr 11, 2016,Apr 12, 2016": "Apr 11, 2016|Apr 12, 2016",
		"arn:aws:s3:::b/a,b,arn:aws:s3:::b": "arn:aws:s3:::b/a,b|arn:aws:s3:::b", `{"a":1,"b":2}`: `{"a":1,"b":2}`, "a,": "a|",
	} {
		var tr tree
		n := node{text: []byte(text)}
		n.cut(&tr)
		if got := string(bytes.Join(tr.parts, []byte("|"))); got != want || int(n.width) != len(tr.parts) {
			t.Errorf("%q: %q, %d wide; want %q", text, got, n.width, want)
		}
	}
}

// TestValues: what a text is taken to have been.
func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		"true": "true", "false": "false", "True": `"True"`, "1.5E9": "1.5E9", "1e-3": "1e-3", "1688560107.857": "1688560107.857", "111122223333": `"111122223333"`,
		"1.0": `"1.0"`, "-1": `"-1"`, "1E": `"1E"`, "1E+": `"1E+"`, "01.5E9": `"01.5E9"`, ".5": `".5"`, "5.": `"5."`, "1e5x": `"1e5x"`, "": `""`, "a\"\\\n": `"a\"\\\u000a"`,
	} {
		if got := string(new(tree).appendValue(nil, []byte(text))); got != want || !json.Valid([]byte(got)) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := string((&tree{plain: true}).appendValue(nil, []byte("500.0"))); got != "500.0" {
		t.Errorf("a measure: %s", got)
	}
}
