package account

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestDocumentForms(t *testing.T) {
	spaced := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a+b/*"}}`
	for name, in := range map[string]string{
		"object":       spaced,
		"string":       fmt.Sprintf("%q", spaced),
		"url":          fmt.Sprintf("%q", url.PathEscape(spaced)),
		"url, plus":    fmt.Sprintf("%q", strings.ReplaceAll(url.PathEscape(spaced), "%2B", "+")),
		"form":         fmt.Sprintf("%q", url.QueryEscape(spaced)),
		"quoted twice": fmt.Sprintf("%q", fmt.Sprintf("%q", spaced)),
	} {
		t.Run(name, func(t *testing.T) {
			pol := loadText(t, role("a", in)).Principals[0].Inline[0]
			if pol.Err != nil || string(pol.Raw) != spaced || pol.Document.Statements[0].Resource[0] != "arn:aws:s3:::a+b/*" {
				t.Errorf("err %v, raw %s", pol.Err, pol.Raw)
			}
		})
	}
}

func TestBrokenDocumentLeavesOthers(t *testing.T) {
	for name, doc := range map[string]string{
		"null": "null", "list": "[]", "number": "7", "text": `"nonsense"`, "bad escape": `"%7B%zz"`, "bad statement": `{"Statement":7}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := loadText(t, role("a", doc)+role("b", allowGet))
			bad, good := s.Principals[0].Inline[0], s.Principals[1].Inline[0]
			if bad.Document != nil || bad.Err == nil || good.Document == nil || good.Err != nil {
				t.Errorf("bad: %v %v, good: %v %v", bad.Document, bad.Err, good.Document, good.Err)
			}
			wantWarning(t, s, `RoleDetailList[0].RolePolicyList[0]|`, `"p"`)
		})
	}
}

func TestOddDocumentIsTold(t *testing.T) {
	s := loadText(t, role("a", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","action":"s3:GetObject","Action":"s3:ListBucket","Resource":"*","Comment":"x"}]}`))
	wantWarning(t, s, `the policy document has a case-variant at "/Statement/0/action", and 1 more`)
	if s.Principals[0].Inline[0].Document == nil {
		t.Error("no document")
	}
}

func TestInlineTwice(t *testing.T) {
	s := loadText(t, `{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/a","RolePolicyList":[
	 {"PolicyName":"z","PolicyDocument":`+allowAll+`},{"PolicyName":"b","PolicyDocument":`+allowAll+`},{"PolicyName":"z","PolicyDocument":`+allowGet+`}]}]}`)
	in := s.Principals[0].Inline
	if len(in) != 2 || in[0].Name != "b" || string(in[1].Raw) != allowGet {
		t.Errorf("inline: %+v", in)
	}
	wantWarning(t, s, `has the inline policy "z" twice`)
}

func TestManagedFunction(t *testing.T) {
	calls := map[string]int{}
	managed := func(arn string) ([]byte, string, bool) {
		calls[arn]++
		return []byte(allowAll), "v2", strings.HasSuffix(arn, "AdministratorAccess")
	}
	attached := func(kind string) string {
		return fmt.Sprintf(`"%sDetailList":[{"Arn":"arn:aws:iam::111122223333:%s/x","AttachedManagedPolicies":[{"PolicyArn":%q},{"PolicyArn":"arn:aws:iam::aws:policy/Gone"},{"PolicyArn":"arn:aws:iam::111122223333:policy/lost"}]}]`,
			kind, strings.ToLower(kind), adminARN)
	}
	s, err := Load([]string{write(t, map[string]string{
		"a.json": "{" + attached("Role") + "," + attached("User") + "," + attached("Group") + "}",
		"b.json": `{"Policies":[{"Arn":"` + adminARN + `","DefaultVersionId":"v1"},{"Arn":"arn:aws:iam::aws:policy/Unattached","DefaultVersionId":"v1"}]}`,
	})}, managed)
	if err != nil {
		t.Fatal(err)
	}
	if calls[adminARN] != 1 || calls["arn:aws:iam::aws:policy/Unattached"] != 0 || calls["arn:aws:iam::111122223333:policy/lost"] != 0 {
		t.Errorf("calls: %v", calls)
	}
	admin := s.Policies[adminARN]
	if admin.Document == nil || !admin.Embedded || !admin.AWSManaged || admin.VersionID != "v2" || admin.Err != nil {
		t.Errorf("admin: %+v", admin)
	}
	for _, name := range []string{"arn:aws:iam::aws:policy/Gone", "arn:aws:iam::111122223333:policy/lost"} {
		if pol := s.Policies[name]; pol == nil || pol.Document != nil || !errors.Is(pol.Err, ErrNoDocument) {
			t.Errorf("%s: %+v", name, pol)
		}
		wantWarning(t, s, fmt.Sprintf("the document of %q is not in the input", name))
	}
	wantWarning(t, s, `attached as version "v1", whose document is not in the input; version "v2"`)
	for _, w := range s.Warnings { // its version is told
		if strings.Contains(w.Msg, "documents and versions are not in the input") {
			t.Errorf("warning %q", w.Msg)
		}
	}
	for _, a := range s.Attachments() {
		if strings.HasSuffix(string(a.Key), "Unattached") {
			t.Error("an AWS managed policy that nobody has is listed")
		}
	}
}

// Where the input tells no version, nobody can say whether the known one is in force.
func TestManagedFunctionWithoutVersions(t *testing.T) {
	var attached []string
	for i := range 7 {
		attached = append(attached, fmt.Sprintf(`{"PolicyArn":"arn:aws:iam::aws:policy/P%d"}`, i))
	}
	text := `{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/r","AttachedManagedPolicies":[` + strings.Join(attached, ",") + `]}]}`
	s, err := Load([]string{write(t, map[string]string{"a.json": text})}, func(string) ([]byte, string, bool) { return []byte(allowAll), "v9", true })
	if err != nil {
		t.Fatal(err)
	}
	wantWarning(t, s, `the latest known documents are used for "P0, P1, P2, P3, P4 and 2 more"`)
	if p := s.Policies["arn:aws:iam::aws:policy/P6"]; !p.Embedded || p.Document == nil || p.VersionID != "v9" || len(s.Warnings) != 1 {
		t.Errorf("%+v, warnings %v", p, s.Warnings)
	}
}

func TestDocumentOfInputWins(t *testing.T) {
	managed := func(string) ([]byte, string, bool) {
		t.Error("asked for a document that the input has")
		return nil, "", false
	}
	text := `{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/r","AttachedManagedPolicies":[{"PolicyArn":"` + adminARN + `"}]}],
	 "Policies":[{"Arn":"` + adminARN + `","DefaultVersionId":"v1","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":` + allowGet + `}]}]}`
	s, err := Load([]string{write(t, map[string]string{"a.json": text})}, managed)
	if err != nil || s.Policies[adminARN].Embedded || s.Policies[adminARN].Document == nil {
		t.Errorf("err %v, policy %+v", err, s.Policies[adminARN])
	}
}

func TestDuplicatePolicies(t *testing.T) {
	pol := func(arn, version, doc string, uses int) string {
		return fmt.Sprintf(`{"Policies":[{"Arn":%q,"DefaultVersionId":%q,"PermissionsBoundaryUsageCount":%d,"PolicyVersionList":[{"VersionId":%q,"IsDefaultVersion":true,"Document":%s}]}]}`,
			arn, version, uses, version, doc)
	}
	custom := "arn:aws:iam::111122223333:policy/x"
	listing := `{"Policies":[{"Arn":"` + custom + `","DefaultVersionId":"v1"}]}`
	for name, c := range map[string]struct{ text, arn, version, warning string }{
		"counts differ":        {pol(adminARN, "v1", allowAll, 0) + pol(adminARN, "v1", allowAll, 3), adminARN, "v1", ""},
		"higher AWS version":   {pol(adminARN, "v10", allowGet, 3) + pol(adminARN, "v9", allowAll, 0), adminARN, "v10", "the higher version counts"},
		"custom, later counts": {pol(custom, "v2", allowGet, 3) + pol(custom, "v1", allowAll, 0), custom, "v1", "the later one counts"},
		"listing after":        {pol(custom, "v1", allowGet, 3) + listing, custom, "v1", ""},
		"listing before":       {listing + pol(custom, "v1", allowGet, 3), custom, "v1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := loadText(t, c.text)
			if p := s.Policies[c.arn]; p.VersionID != c.version || p.Document == nil || p.BoundaryUses != 3 || p.Versions != 1 {
				t.Errorf("policy: %+v", p)
			}
			if c.warning == "" {
				wantNoWarning(t, s)
			} else {
				wantWarning(t, s, c.warning)
			}
		})
	}
}

func TestDefaultVersion(t *testing.T) {
	for name, c := range map[string]struct{ versions, version, warning string }{
		"by id":      {`[{"VersionId":"v1","Document":` + allowAll + `},{"VersionId":"v2","Document":` + allowGet + `}]`, "v2", ""},
		"as string":  {`[{"VersionId":"v2","IsDefaultVersion":"true","Document":` + allowGet + `}]`, "v2", ""},
		"disagree":   {`[{"VersionId":"v3","IsDefaultVersion":true,"Document":` + allowGet + `}]`, "v3", "the latter counts"},
		"none":       {`[{"VersionId":"v7","Document":` + allowGet + `}]`, "", "none of the versions is the default"},
		"not listed": {`[{"VersionId":"v2","IsDefaultVersion":true}]`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := loadText(t, `{"Policies":[{"Arn":"arn:aws:iam::111122223333:policy/x","DefaultVersionId":"v2","PolicyVersionList":`+c.versions+`}]}`)
			p := s.Policies["arn:aws:iam::111122223333:policy/x"]
			if (p.Document == nil) != (c.version == "") || p.Document != nil && (p.VersionID != c.version || string(p.Raw) != allowGet) {
				t.Errorf("policy: %+v", p)
			}
			if c.warning != "" {
				wantWarning(t, s, c.warning)
			} else {
				wantNoWarning(t, s)
			}
		})
	}
}
