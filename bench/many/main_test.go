package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
)

// TestRun looks whether each queue is made once, by its own role, on its day.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"--words=false", "--words"} {
		out := t.TempDir()
		var stdout bytes.Buffer
		if err := run([]string{"--principals", "3", "--resources", "7", "--days", "5", words, "--out", out}, &stdout, io.Discard); err != nil {
			t.Fatal(err)
		}
		if got := stdout.String(); got != "21 records in 5 objects\n" {
			t.Errorf("printed %q", got)
		}
		roles := map[string]int{}
		for _, r := range records(t, out) {
			roles[r.UserIdentity.SessionContext.SessionIssuer.Arn]++
			if r.RequestParameters.QueueName == "" || !strings.HasSuffix(r.ResponseElements.QueueUrl, "/"+r.RequestParameters.QueueName) {
				t.Errorf("%+v", r)
			}
		}
		s, err := account.Load([]string{filepath.Join(out, "account.json")}, actions.Default().ManagedPolicy)
		if err != nil || len(s.Principals) != 3 || len(s.Policies) != 3 {
			t.Fatalf("%+v, %v", s, err)
		}
		for _, p := range s.Principals {
			if roles[p.ARN] != 7 || len(s.Grants(p)) != 1 {
				t.Errorf("%s: %d records, %d grants", p.ARN, roles[p.ARN], len(s.Grants(p)))
			}
		}
	}
}

type logged struct {
	UserIdentity struct {
		SessionContext struct{ SessionIssuer struct{ Arn string } }
	}
	RequestParameters struct{ QueueName string }
	ResponseElements  struct{ QueueUrl string }
}

func records(t *testing.T, folder string) (all []logged) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(folder, "logs"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		zip, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		var object struct{ Records []logged }
		if err := json.NewDecoder(zip).Decode(&object); err != nil {
			return err
		}
		all = append(all, object.Records...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"", "--unknown", "--principals 0 --out x", "--resources 0 --out x", "--days 0 --out x"} {
		if err := run(strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
