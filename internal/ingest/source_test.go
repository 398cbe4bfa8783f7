package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// memory is a source of objects in memory, listed in the order given.
type memory []stored

type stored struct {
	key     string
	content []byte
	err     error // of Open
}

func (m memory) List(ctx context.Context, fn func(trail.Object) error) error {
	for _, s := range m {
		if err := ctx.Err(); err != nil {
			return err
		}
		o := trail.ParseKey(s.key)
		o.Size = int64(len(s.content))
		if err := fn(o); err != nil {
			return err
		}
	}
	return nil
}

func (m memory) Open(_ context.Context, o trail.Object) (io.ReadCloser, error) {
	for _, s := range m {
		if s.key == o.Key {
			return io.NopCloser(bytes.NewReader(s.content)), s.err
		}
	}
	return nil, errors.New("not listed")
}

// at is the time that test records have, n minutes after the start of 2026-03-02.
func at(n int) time.Time {
	return time.Date(2026, 3, 2, 0, n, 0, 0, time.UTC)
}

// record is a record of a role's GetObject; with changes members of it.
func record(id string, with map[string]any) map[string]any {
	r := map[string]any{
		"eventVersion": "1.09", "eventID": id, "eventTime": at(0).Format(time.RFC3339),
		"eventSource": "s3.amazonaws.com", "eventName": "GetObject",
		"eventType": "AwsApiCall", "eventCategory": "Data", "readOnly": true,
		"awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
		"userIdentity": map[string]any{
			"type": "AssumedRole", "principalId": "AROAEXAMPLEROLEID0001:session", "accountId": "111122223333",
			"arn": "arn:aws:sts::111122223333:assumed-role/etl/session",
			"sessionContext": map[string]any{"sessionIssuer": map[string]any{
				"type": "Role", "principalId": "AROAEXAMPLEROLEID0001", "accountId": "111122223333",
				"arn": "arn:aws:iam::111122223333:role/jobs/etl", "userName": "etl",
			}},
		},
		"requestParameters": map[string]any{"bucketName": "amzn-s3-demo-bucket", "key": "a/b"},
	}
	for key, value := range with {
		if value == nil {
			delete(r, key)
			continue
		}
		r[key] = value
	}
	return r
}

// object is a log object of records.
func object(t testing.TB, records ...map[string]any) []byte {
	t.Helper()
	content, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// event decodes one record.
func event(t testing.TB, r map[string]any) *trail.Event {
	t.Helper()
	d := trail.NewDecoder(trail.Limits{})
	d.Reset(bytes.NewReader(object(t, r)))
	if !d.Next() {
		t.Fatalf("no record: %v", d.Err())
	}
	return d.Event()
}

func zip(t testing.TB, content []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// delivered is the key of the n-th object in a trail's bucket.
func delivered(n int) string {
	return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/"+
		"111122223333_CloudTrail_eu-west-1_20260302T0005Z_%016d.json.gz", n)
}

// corpus is the folder of real logs that lies beside the checkout.
func corpus(t testing.TB) string {
	t.Helper()
	shared := os.Getenv("TIGHTEN_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "corpus", "logs")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of real logs: %v; set TIGHTEN_SHARED", err)
	}
	return dir
}

// many is n records with ids of their own, unlike in principal, name and time.
func many(n int) []map[string]any {
	records := make([]map[string]any, n)
	for i := range records {
		records[i] = record(fmt.Sprintf("id-%d", i), map[string]any{
			"eventTime": at(i % 5000).Format(time.RFC3339),
			"eventName": []string{"GetObject", "PutObject", "DeleteObject", "ListObjects"}[i%4],
			"requestParameters": map[string]any{
				"bucketName": "amzn-s3-demo-bucket", "key": strings.Repeat("k", i%7+1),
			},
		})
	}
	return records
}
