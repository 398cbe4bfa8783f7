package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

const (
	accountID = "111122223333"
	region    = "us-east-1"
)

// lastDay is the day of the last records.
var lastDay = time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)

// config says what an archive is like.
type config struct {
	principals, resources, days int
	words                       bool
	actions                     []string
	seed                        uint64
}

// write makes the account file and one object of logs for each day.
func (c *config) write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	data, err := json.Marshal(c.account())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "account.json"), data, 0o644); err != nil {
		return err
	}
	for d := range c.days {
		if err := c.object(folder, d); err != nil {
			return err
		}
	}
	return nil
}

// object writes the records of one day.
func (c *config) object(folder string, d int) (err error) {
	day := lastDay.AddDate(0, 0, d+1-c.days)
	dir := filepath.Join(folder, "logs", "AWSLogs", accountID, "CloudTrail", region, day.Format("2006"), day.Format("01"), day.Format("02"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s_CloudTrail_%s_%sT2355Z_%016x.json.gz", accountID, region, day.Format("20060102"), d)))
	if err != nil {
		return err
	}
	zip, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(zip)
	err = c.records(buffer, d, day)
	for _, end := range []func() error{buffer.Flush, zip.Close, f.Close} {
		if e := end(); err == nil {
			err = e
		}
	}
	return err
}

// records writes the content of one object: of each role's queues every one whose
// number falls on that day. Each role begins on another day, so that many roles of few
// queues cover all of them.
func (c *config) records(w io.Writer, d int, day time.Time) error {
	if _, err := io.WriteString(w, `{"Records":[`); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(c.seed, uint64(d)))
	sep := ""
	for i := range c.principals {
		for k := (d + i) % c.days; k < c.resources; k += c.days {
			at := day.Add(time.Duration(r.IntN(86_400)) * time.Second)
			if _, err := io.WriteString(w, sep+record(r, at, roleName(i), c.queue(r, k))); err != nil {
				return err
			}
			sep = ","
		}
	}
	_, err := io.WriteString(w, `]}`)
	return err
}

// queue is the name of a queue.
func (c *config) queue(r *rand.Rand, k int) string {
	if c.words {
		return word(r) + "-" + word(r) + "-" + word(r)
	}
	return fmt.Sprintf("team%d-queue-%d", k%7, k)
}

func word(r *rand.Rand) string {
	b := make([]byte, 4+r.IntN(6))
	for i := range b {
		b[i] = "aeioubcdfglmnprst"[r.IntN(17)]
	}
	return string(b)
}

// record is one call that makes a queue.
func record(r *rand.Rand, at time.Time, role, queue string) string {
	url := "https://sqs." + region + ".amazonaws.com/" + accountID + "/" + queue
	return fmt.Sprintf(`{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"%[1]s:job","arn":"arn:aws:sts::%[2]s:assumed-role/%[3]s/job","accountId":"%[2]s",`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"%[1]s","arn":"arn:aws:iam::%[2]s:role/%[3]s","accountId":"%[2]s","userName":"%[3]s"}}},`+
		`"eventTime":"%[4]s","eventSource":"sqs.amazonaws.com","eventName":"CreateQueue","awsRegion":"%[5]s","sourceIPAddress":"198.51.100.7","userAgent":"job",`+
		`"requestParameters":{"queueName":"%[6]s"},"responseElements":{"queueUrl":"%[7]s"},"requestID":"%[8]s","eventID":"%[9]s",`+
		`"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"%[2]s","eventCategory":"Management"}`,
		roleID(role), accountID, role, at.Format(time.RFC3339), region, queue, url, uuid(r), uuid(r))
}

func uuid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffff_ffff_ffff)
}
