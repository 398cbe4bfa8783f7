package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestDigestOutcome(t *testing.T) {
	fine := usage.DigestRow{Digests: 24, Verified: 23, Listed: 9, Equal: 9}
	harmed := fine
	harmed.Failed, harmed.Missing = 1, 3
	gone, changed := usage.ListedRow{State: "missing", Name: "a"}, usage.ListedRow{State: "different", Name: "b"}
	for _, tt := range []struct {
		name   string
		verify bool
		table  usage.Table
		want   string // "" for no error
	}{
		{"fine", true, usage.Table{Digests: []usage.DigestRow{fine}}, ""},
		{"harmed", true, usage.Table{Digests: []usage.DigestRow{fine, harmed}, Listed: []usage.ListedRow{gone, gone, changed}}, "2 log files missing, 1 log file changed, 1 digest not as"},
		{"a digest alone", true, usage.Table{Digests: []usage.DigestRow{harmed}}, "digests: 1 digest not as"},
		{"not asked", false, usage.Table{Digests: []usage.DigestRow{harmed}, Listed: []usage.ListedRow{gone}}, ""},
		{"no digests", true, usage.Table{}, "no digest files"},
	} {
		err := (&digestFlags{verify: tt.verify}).outcome(&tt.table)
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || exitCode(err) != ExitUnreadable) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	d := digestReport(&usage.Table{Digests: []usage.DigestRow{fine, harmed}, Listed: []usage.ListedRow{gone, gone, changed}})
	if d.Files != 48 || d.Logs != 18 || d.Missing != 2 || d.Different != 1 || d.First != "a" || d.Failed != 1 || d.Verified != 46 {
		t.Errorf("%+v", d)
	}
}

func TestPublicKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, []byte(`{"PublicKeyList":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flags digestFlags
		want  string
		code  int
	}{
		{digestFlags{}, "", ExitOK},
		{digestFlags{verify: true}, "", ExitOK},
		{digestFlags{keys: path}, "give both", ExitUsage},
		{digestFlags{verify: true, keys: path}, "keys.json: public keys: the file holds none", ExitFailure},
		{digestFlags{verify: true, keys: path + "x"}, "no such file", ExitFailure},
	} {
		k, err := tt.flags.publicKeys()
		if exitCode(err) != tt.code || k != nil || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.flags, err)
		}
	}
}
