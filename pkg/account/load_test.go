package account

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	allowAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	allowGet  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	adminARN  = "arn:aws:iam::aws:policy/AdministratorAccess"
	deployARN = "arn:aws:iam::111122223333:role/ci/deploy"
)

// write makes a folder with files and returns its path.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// loadText loads one file with the given text.
func loadText(t *testing.T, text string) *Snapshot {
	t.Helper()
	return loadFiles(t, map[string]string{"in.json": text})
}

func loadFiles(t *testing.T, files map[string]string) *Snapshot {
	t.Helper()
	s, err := Load([]string{write(t, files)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func messages(s *Snapshot) string {
	var b strings.Builder
	for _, w := range s.Warnings {
		fmt.Fprintf(&b, "%s|%s\n", w.Where, w.Msg)
	}
	return b.String()
}

func wantWarning(t *testing.T, s *Snapshot, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(messages(s), p) {
			t.Errorf("no warning with %q in:\n%s", p, messages(s))
		}
	}
}

func wantNoWarning(t *testing.T, s *Snapshot) {
	t.Helper()
	if len(s.Warnings) > 0 {
		t.Errorf("unexpected warnings:\n%s", messages(s))
	}
}

// role is authorization details with one role that has one inline document.
func role(name, document string) string {
	return fmt.Sprintf(`{"RoleDetailList":[{"RoleName":%q,"Arn":"arn:aws:iam::111122223333:role/%s",`+
		`"RolePolicyList":[{"PolicyName":"p","PolicyDocument":%s}],"AttachedManagedPolicies":[]}]}`, name, name, document)
}

func inUTF16(order binary.AppendByteOrder, s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func TestShapes(t *testing.T) {
	a, b := role("a", allowGet), role("b", allowGet)
	for name, text := range map[string]string{
		"stream":     a + b,
		"ndjson":     a + "\n" + b + "\n",
		"array":      "[" + a + "," + b + "]",
		"nested":     "[[" + a + "],[" + b + "]]",
		"wrapper":    `{"first":` + a + `,"second":{"details":` + b + `},"meta":{"x":{}},"note":"x","n":[1,2]}`,
		"bom":        "\ufeff" + a + b,
		"utf16le":    inUTF16(binary.LittleEndian, a+b),
		"utf16be":    inUTF16(binary.BigEndian, a+b),
		"gzip":       gzipped(a + b),
		"lower case": `[{"roledetaillist":[{"rolename":"a","arn":"arn:aws:iam::111122223333:role/a"},{"rolename":"b","arn":"arn:aws:iam::111122223333:role/b"}]}]`,
		"snake case": `{"role_detail_list":[{"role_name":"a","arn":"arn:aws:iam::111122223333:role/a"},{"role_name":"b","arn":"arn:aws:iam::111122223333:role/b"}]}`,
		"bare roles": `[{"RoleName":"a","Arn":"arn:aws:iam::111122223333:role/a","RolePolicyList":[]},{"RoleName":"b","Arn":"arn:aws:iam::111122223333:role/b","RolePolicyList":[]}]`,
	} {
		t.Run(name, func(t *testing.T) {
			s := loadText(t, text)
			wantNoWarning(t, s)
			if len(s.Principals) != 2 || s.Principals[0].Name != "a" || s.Principals[1].Name != "b" {
				t.Errorf("principals: %d", len(s.Principals))
			}
			if len(s.Files) != 1 || s.Files[0].Kind != KindAuthorization {
				t.Errorf("files: %v", s.Files)
			}
		})
	}
}

func TestFolder(t *testing.T) {
	dir := write(t, map[string]string{
		"sub/a.json": role("a", allowGet), "b.json.gz": gzipped(role("b", allowGet)), "plain": role("c", allowGet),
		"README.md": "# no", "broken.json": `{"RoleDetailList":[`, "table.json": "------\n| x |", "empty.json": "",
		".hidden.json": role("h", allowGet), ".git/x.json": role("h", allowGet), "bad.json.gz": "\x1f\x8b\x08nonsense",
		"after.json": role("d", allowGet) + "}" + role("e", allowGet),
	})
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling.json")); err != nil {
		t.Fatal(err)
	}
	s, err := Load([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range s.Principals {
		names = append(names, p.Name)
	}
	if want := []string{"a", "b", "c", "d"}; !reflect.DeepEqual(names, want) {
		t.Errorf("principals %v, want %v", names, want)
	}
	warned := map[string]string{}
	for _, w := range s.Warnings {
		warned[filepath.Base(w.File)] = w.Msg
	}
	for name, want := range map[string]string{
		"README.md": "neither JSON nor", "broken.json": "stopped reading", "table.json": "--output json",
		"empty.json": "not JSON", "bad.json.gz": "can't be read", "after.json": "stopped reading near byte",
		"dangling.json": "can't be read",
	} {
		if !strings.Contains(warned[name], want) {
			t.Errorf("%s: %q, want %q", name, warned[name], want)
		}
	}
	if len(warned) != 7 {
		t.Errorf("warnings: %v", warned)
	}
}

func TestNothingRecognised(t *testing.T) {
	dir := write(t, map[string]string{"a.json": `{"x":1}`, "b.txt": "hello", "c.json": `{"ReportFormat":"text/csv"}`})
	_, err := Load([]string{dir}, nil)
	if !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "aws iam get-account-authorization-details") ||
		!strings.Contains(err.Error(), `an object with "x"`) {
		t.Errorf("err: %v", err)
	}
	if _, err := Load([]string{filepath.Join(dir, "missing")}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err: %v", err)
	}
	if s, err := Load(nil, nil); err != nil || s == nil {
		t.Errorf("no paths: %v", err)
	}
	if s := loadText(t, `{"UserDetailList":[],"RoleDetailList":[]}`); len(s.Principals) != 0 {
		t.Error("an empty account has principals")
	}
}

func TestKnownButUnused(t *testing.T) {
	for text, kind := range map[string]string{
		`{"JobStatus":"COMPLETED","EntityDetailsList":[]}`: KindEntities,
		`{"JobId":"a-b"}`: KindJob,
		`{"Policy":{"PolicySummary":{"Type":"SERVICE_CONTROL_POLICY"},"Content":"{}"}}`:      KindServiceControl,
		`{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}`:                         KindResourcePolicy,
		`[{"Resource":"arn:aws:s3:::b","Policy":` + allowAll + `,"Account":"111122223333"}]`: KindResourcePolicy,
		allowAll: KindPolicyDocument,
		`{"PolicyVersion":{"Document":` + allowAll + `,"VersionId":"v1"}}`:      KindPolicyDocument,
		`{"Roles":[{"RoleName":"r","Arn":"arn:aws:iam::111122223333:role/r"}]}`: KindListing,
		`{"User":{"UserName":"u","Arn":"arn:aws:iam::111122223333:user/u"}}`:    KindListing,
		`{"Records":[{"eventVersion":"1.08"}]}`:                                 KindRecords,
	} {
		s := loadText(t, text+role("a", allowGet))
		if len(s.Files) != 2 || s.Files[0].Kind != kind || len(s.Warnings) != 1 {
			t.Errorf("%s\n%v %v, want %s", text, s.Files, s.Warnings, kind)
		}
	}
}

func TestUnrecognisedAmongOthers(t *testing.T) {
	s := loadText(t, "["+role("a", allowGet)+`,{"x":1},{"y":{"z":1}}]`)
	wantWarning(t, s, "2 of its values are not recognised")
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	wantWarning(t, loadText(t, role("a", allowGet)+deep), `document 2|not recognised: an object with "a"`)
	wantWarning(t, loadText(t, role("a", allowGet)+strings.Repeat("[", 20000)), "document 2|stopped reading near byte")
}

func TestWarningsAreBounded(t *testing.T) {
	s := loadText(t, `{"RoleDetailList":[`+strings.Repeat("7,", 5000)+`7]}`)
	if len(s.Warnings) != warnLimit {
		t.Errorf("%d warnings, want %d", len(s.Warnings), warnLimit)
	}
	evil := loadText(t, role("a", allowGet)+`[{"RoleDetailList":[{"Arn":"x\u001b[2J`+strings.Repeat("y", 9999)+`"}]}]`)
	wantWarning(t, evil, `"x\x1b[2Jyyy`)
	for _, w := range evil.Warnings {
		if strings.ContainsRune(w.Msg, 0x1b) || len(w.Msg) > 400 {
			t.Errorf("unfit for a terminal: %q", w.Msg)
		}
	}
}

func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	dir := write(t, map[string]string{"a.json": full, "b.json": strings.ReplaceAll(full, "111122223333", "444455556666")})
	a, b := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
	x, err1 := Load([]string{a, b}, nil)
	y, err2 := Load([]string{b, a}, nil)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if !reflect.DeepEqual(x.Principals, y.Principals) || !reflect.DeepEqual(x.Policies, y.Policies) || !reflect.DeepEqual(x.Accounts, y.Accounts) {
		t.Error("another order of files gives another snapshot")
	}
	if len(x.Accounts) != 2 || len(x.Principals) != 6 {
		t.Errorf("accounts %v", x.Accounts)
	}
}
