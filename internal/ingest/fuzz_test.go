package ingest

import (
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// FuzzRun takes any bytes all the way. Nothing panics, and every record that is
// read is accounted for, alike with one worker and with several.
func FuzzRun(f *testing.F) {
	good := object(f, many(4)...)
	f.Add(good)
	f.Add(zip(f, good))
	f.Add(zip(f, good)[:200])
	f.Add(append(good[:len(good)-2:len(good)-2], `,5,{},"x"]}`...))
	f.Add(object(f, record("t", map[string]any{
		"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
		"requestParameters": map[string]any{"roleArn": 1, "tags": map[string]any{"key": []any{}}},
		"resources":         []any{5, map[string]any{"arn": "arn:aws:iam::1:role/"}},
		"userIdentity":      map[string]any{"type": []any{}, "sessionContext": "x"},
	})))
	f.Add([]byte(`{"Records":[{"eventName":"x","eventSource":"\u0000","requestParameters":"{\"a\":[[[1]]]}"}]}`))
	limits := trail.Limits{MaxObject: 1 << 20, MaxRecord: 1 << 18}
	f.Fuzz(func(t *testing.T, content []byte) {
		source := memory{{key: delivered(1), content: content}, {key: delivered(2), content: content}}
		one := run(t, Options{Workers: 1, Limits: limits}, source)
		several := run(t, Options{Workers: 3, Limits: limits}, source)
		resolve(t, one, 1)
		resolve(t, several, 3)
		equal(t, several, one)
		a := Account(one)
		if err := a.Check(); err != nil {
			t.Error(err)
		}
		if a.Records%2 != 0 {
			t.Errorf("two equal objects have %d records", a.Records)
		}
	})
}
