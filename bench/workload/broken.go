package workload

import (
	"bytes"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// damage adds objects that are cut short, mislabelled or hostile, under an
// account of their own.
func damage(c *Config, sink Sink) error {
	const account = "999999999999"
	at := c.Last.Add(12 * time.Hour)
	d := &delivery{}
	for _, b := range brokenBodies() {
		name := "logs/" + d.key("CloudTrail", account, home, at, at.Format("20060102T1504Z")+"_"+b.name)
		data := b.body
		if !b.plain {
			data = compress(b.body)
		}
		if b.cut > 0 {
			data = data[:len(data)-b.cut]
		}
		if err := sink(name, data); err != nil {
			return err
		}
	}
	return nil
}

// brokenBody is one damaged object.
type brokenBody struct {
	name  string
	body  []byte
	plain bool // not compressed, in spite of its name
	cut   int  // bytes missing at the end
}

// brokenBodies lists the damages.
func brokenBodies() []brokenBody {
	record := `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE0000BROKEN","arn":"arn:aws:iam::999999999999:user/broken","accountId":"999999999999","userName":"broken"},"eventTime":"2026-10-31T11:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"us-east-1","requestParameters":null,"responseElements":null,"eventID":"99999999-aaaa-4bbb-8ccc-00000000000X","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"999999999999"}`
	n := 0
	one := func() string {
		n++
		return strings.Replace(record, "X", string(rune('0'+n)), 1)
	}
	wrap := func(records ...string) []byte { return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`) }
	return []brokenBody{
		{name: "EmptyFile0000000", plain: true},
		{name: "EmptyRecords0000", body: wrap()},
		{name: "GzipCutShort0000", body: wrap(one(), one()), cut: 9},
		{name: "JsonCutShort0000", body: []byte(`{"Records":[` + one() + `,{"eventVersion":"1.11","userId`)},
		{name: "PlainNotGzip0000", body: wrap(one()), plain: true},
		{name: "NotJsonAtAll0000", body: []byte("<Error><Code>AccessDenied</Code></Error>\n")},
		{name: "RecordIsANumber0", body: wrap("42", one(), "null", `"text"`)},
		{name: "NoIdentity000000", body: wrap(strings.Replace(one(), `"userIdentity":{`, `"ignored":{`, 1))},
		{name: "EscapeSequences0", body: wrap(strings.Replace(one(), "DescribeInstances", `Describe\u001b[31mInstances\r\n\u202e`, 1))},
		{name: "DeepNesting00000", body: wrap(strings.Replace(one(), `"requestParameters":null`, `"requestParameters":`+strings.Repeat(`{"a":`, 20000)+"1"+strings.Repeat("}", 20000), 1))},
		{name: "BadTime000000000", body: wrap(strings.Replace(one(), "2026-10-31T11:00:00Z", "yesterday", 1))},
	}
}

// compress is gzip with a fixed header.
func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
