package account

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestMergeServices(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	got := mergeServices([]ServiceAccess{
		{Namespace: "s3", Last: day(1), Entity: "a", Entities: 3, Actions: []ActionAccess{{"Get", day(1)}, {"Put", day(5)}}},
		{Namespace: "ec2"},
		{Namespace: "s3", Last: day(2), Entity: "b", Entities: 1, Actions: []ActionAccess{{"Get", day(4)}, {"List", day(1)}, {"Put", time.Time{}}}},
	})
	want := []ServiceAccess{
		{Namespace: "ec2"},
		{Namespace: "s3", Last: day(2), Entity: "b", Entities: 3, Actions: []ActionAccess{{"Get", day(4)}, {"List", day(1)}, {"Put", day(5)}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestLimitIsAnError(t *testing.T) {
	data, err := io.ReadAll(&limited{r: strings.NewReader("123456"), left: 4})
	if string(data) != "1234" || !errors.Is(err, errTooLarge) {
		t.Errorf("%q %v", data, err)
	}
	if data, err := io.ReadAll(&limited{r: strings.NewReader("1234"), left: 5}); string(data) != "1234" || err != nil {
		t.Errorf("%q %v", data, err)
	}
}

// A download that broke off gives what came before, and says so.
func TestCutOffGzip(t *testing.T) {
	whole := gzipped(role("a", allowGet) + strings.Repeat(role("b", allowGet), 50))
	for _, n := range []int{1, 5, len(whole) / 2, len(whole) - 4} {
		s, err := Load([]string{write(t, map[string]string{"a.json": role("z", allowGet), "b.json.gz": whole[:n]})}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Warnings) == 0 || filepath.Base(s.Warnings[0].File) != "b.json.gz" {
			t.Errorf("%d of %d bytes: %v", n, len(whole), s.Warnings)
		}
	}
}

func TestPathsByName(t *testing.T) {
	dir := write(t, map[string]string{"odd name.txt": role("a", allowGet), "sub/x.json": role("b", allowGet)})
	if err := os.Symlink(filepath.Join(dir, "sub"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s, err := Load([]string{filepath.Join(dir, "odd name.txt"), filepath.Join(dir, "link")}, nil)
	if err != nil || len(s.Principals) != 2 {
		t.Errorf("a named file of any name, and a linked folder: %v", err)
	}
	s, err = Load([]string{dir}, nil)
	if err != nil || len(s.Principals) != 2 {
		t.Fatalf("err %v", err)
	}
	wantWarning(t, s, "not a regular file; ignored")
	_, err = Load([]string{write(t, map[string]string{"a.txt": "x"}), dir + "/none"}, nil)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err %v", err)
	}
}

func TestManyPathsInError(t *testing.T) {
	var paths []string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		paths = append(paths, filepath.Join(write(t, map[string]string{name: "{}"}), name))
	}
	_, err := Load(paths, nil)
	if !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), " and 2 more: ") || !strings.Contains(err.Error(), "no members") {
		t.Errorf("err %v", err)
	}
}

func TestOddMembers(t *testing.T) {
	s := loadText(t, `{"RoleDetailList":[
	 {"Arn":"arn:aws:iam::111122223333:role/a","RoleLastUsed":{"LastUsedDate":"soon"},"PermissionsBoundary":{"Other":1},"Tags":[{"Value":"v"},{"Key":"k","Value":null}]},
	 {"Arn":"arn:aws:iam::111122223333:role/b","AssumeRolePolicyDocument":"nonsense","PermissionsBoundary":{},"RolePolicyList":[{"PolicyDocument":`+allowGet+`}]},
	 {"Arn":"arn:aws:iam::111122223333:role/c","PermissionsBoundary":null,"RoleLastUsed":null}]}`)
	wantWarning(t, s, `RoleLastUsed|can't read the date "soon"`, "PermissionsBoundary|no PermissionsBoundaryArn", "Tags[0]|a tag without Key",
		"can't read the trust policy", `has no PolicyName`)
	if a := s.Principals[0]; a.LastUsedKnown || a.Boundary != "" || !reflect.DeepEqual(a.Tags, map[string]string{"k": ""}) {
		t.Errorf("%+v", a)
	}
	if b := s.Principals[1]; b.Trust != nil || len(b.Inline) != 1 || b.Inline[0].Document == nil {
		t.Errorf("%+v", b)
	}
	if len(s.Warnings) != 5 {
		t.Errorf("%s", messages(s))
	}
}

func TestUnreadableEmbeddedDocument(t *testing.T) {
	text := `{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/r","AttachedManagedPolicies":[{"PolicyArn":"` + adminARN + `"}]}]}`
	s, err := Load([]string{write(t, map[string]string{"a.json": text})}, func(string) ([]byte, string, bool) { return []byte("{"), "", true })
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Policies[adminARN]; p.Document != nil || p.Err == nil || errors.Is(p.Err, ErrNoDocument) {
		t.Errorf("%+v", p)
	}
	wantWarning(t, s, "can't read the known document of")
	checkSnapshot(t, s)
}

// Partitions other than aws have AWS managed policies of their own.
func TestPartitions(t *testing.T) {
	for arn, want := range map[string]bool{
		adminARN: true, "arn:aws-cn:iam::aws:policy/job-function/Billing": true, "arn:aws-us-gov:iam::aws:policy/X": true,
		"arn:aws:iam::111122223333:policy/x": false, "arn:aws:iam::aws:group/x": false, "arn:aws:s3::aws:policy/x": false, "": false,
	} {
		if got := awsManaged(arn); got != want {
			t.Errorf("%s: %v", arn, got)
		}
	}
}

func TestHandMadeSnapshot(t *testing.T) {
	p := &Principal{ARN: deployARN, Account: "111122223333", Attached: []string{adminARN}, Groups: []string{"g"}}
	s := &Snapshot{Principals: []*Principal{p}}
	if g := s.Grants(p); len(g) != 1 || g[0].Policy == nil || !errors.Is(g[0].Policy.Err, ErrNoDocument) || !g[0].Policy.AWSManaged {
		t.Errorf("grants %+v", g)
	}
	if a := s.Attachments(); len(a) != 1 || a[0].Key != ManagedKey(adminARN) || a[0].Principals[0] != p {
		t.Errorf("attachments %+v", a)
	}
	if s.Principal("none") != nil || len(s.MissingGroups(p)) != 1 {
		t.Error("found what is not there")
	}
}
