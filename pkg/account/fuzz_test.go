package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"
)

// checkSnapshot holds a snapshot against what every reader of it relies on.
func checkSnapshot(t *testing.T, s *Snapshot) {
	t.Helper()
	if !sort.SliceIsSorted(s.Principals, func(i, j int) bool { return s.Principals[i].ARN < s.Principals[j].ARN }) {
		t.Error("principals are not sorted")
	}
	check := func(pol *Policy) {
		if pol == nil || (pol.Document == nil) != (pol.Err != nil) {
			t.Errorf("a policy needs either a document or an error: %+v", pol)
		}
	}
	for arn, pol := range s.Policies {
		check(pol)
		if pol.ARN != arn {
			t.Errorf("%q is filed as %q", pol.ARN, arn)
		}
	}
	held := map[Key]bool{}
	for _, a := range s.Attachments() {
		check(a.Policy)
		for _, p := range a.Principals {
			held[a.Key+Key("\x00"+p.ARN)] = true
		}
	}
	for _, p := range s.Principals {
		if p.ARN == "" || s.Principal(p.ARN) != p {
			t.Errorf("%q is not found", p.ARN)
		}
		for _, g := range s.Grants(p) {
			if !held[g.Key+Key("\x00"+p.ARN)] {
				t.Errorf("%s is granted to %s, but not attached", g.Key, p.ARN)
			}
		}
	}
	for _, r := range s.ResourcePolicies {
		if r.Document == nil || r.Resource == "" {
			t.Errorf("a resource policy of nothing: %+v", r)
		}
	}
	for _, id := range []string{"111122223333", "r-exam"} {
		for _, l := range s.Organization.Levels(id, ServiceControl) {
			for _, c := range l.Controls {
				if l.Complete && c.Document == nil {
					t.Errorf("level %s is complete without %s", l.Target, c.ID)
				}
			}
		}
	}
	for _, r := range s.LastAccessed {
		if !sort.SliceIsSorted(r.Services, func(i, j int) bool { return r.Services[i].Namespace < r.Services[j].Namespace }) {
			t.Error("services are not sorted")
		}
	}
	for _, w := range s.Warnings {
		if strings.ContainsFunc(w.Msg, func(r rune) bool { return r < ' ' }) {
			t.Errorf("a warning with control characters: %q", w.Msg)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("[" + role("a", allowGet) + "," + role("a", allowAll) + "]"))
	f.Add([]byte(`{"` + deployARN + `":` + reportJSON(`"IsTruncated":true,`, usedS3, idleEC2) + `}`))
	f.Add([]byte(`{"trailList":[{"TrailARN":"a"}],"EventSelectors":[{"DataResources":[{"Type":"t","Values":"v"}]}],"AdvancedEventSelectors":[{"FieldSelectors":{}}]}`))
	f.Add([]byte("user,arn,user_creation_time\nbob,arn:aws:iam::111122223333:user/bob,N/A\n\"x"))
	f.Add([]byte(`{"ReportFormat":"text/csv","Content":"dXNlcixhcm4sdXNlcl9jcmVhdGlvbl90aW1l"}`))
	f.Add([]byte(gzipped(role("a", `"%7B%22Statement%22%3A[]%7D"`))))
	f.Add([]byte(`{"UserDetailList":{"Arn":7},"Policies":{"PolicyVersionList":[[]]},"Tags":null}`))
	_, bucket := policyOf("s3:GetObject", "arn:aws:s3:::data-1/*")
	f.Add([]byte(`{"Policy":` + bucket + `}{"Attributes":{"QueueArn":"` + queue + `","Policy":` + bucket + `}}`))
	f.Add([]byte(`{"` + keyUUID + `":{"Policy":` + bucket + `}}{"Grants":[{"KeyId":"` + keyUUID + `","GrantId":"g","GranteePrincipal":"p","Operations":"Decrypt"}]}`))
	f.Add([]byte(describe + rootList + accounts + `{"PolicyId":"` + scpID + `",` + targets("r-exam", "ROOT")[1:]))
	f.Add([]byte(`{"TargetId":"111122223333",` + listed[1:] + `{"ChildId":"111122223333","Parents":[{"Id":"r-exam","Type":"ROOT"}]}` + denyDoc))
	f.Add([]byte("\xff\xfe{\x00}\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		run := func() *Snapshot {
			l := newLoader()
			l.file = "in.json"
			l.content(bytes.NewReader(data), true)
			l.finish(func(arn string) ([]byte, string, bool) { return []byte(allowAll), "v1", len(arn)%2 == 0 })
			return l.snap
		}
		s := run()
		checkSnapshot(t, s)
		again := run()
		if messages(s) != messages(again) || !reflect.DeepEqual(s.Files, again.Files) || len(s.Policies) != len(again.Policies) {
			t.Error("the same input gives two snapshots")
		}
	})
}

// FuzzValue holds the lazy reader against encoding/json.
func FuzzValue(f *testing.F) {
	for _, s := range []string{full, `[]`, `{}`, ` [ 1 , -2.5e3 ,"a\"\\,]}" , {"k" : [ { } ] , "k":null}, true,false ] `, `"x"`, `{"a_B-c":"\u00e9\ud800"}`, `[[],[[]],"[",{"}":"{"}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		if !json.Valid(data) || d.Decode(&want) != nil {
			return
		}
		if got := plainValue(value(bytes.TrimSpace(data))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nread as %v, want %v", data, got, want)
		}
	})
}

// plainValue takes a value apart into what encoding/json makes of it.
func plainValue(v value) any {
	switch v.kind() {
	case '{':
		out := map[string]any{}
		for _, m := range v.object() {
			out[m.key] = plainValue(m.val)
		}
		return out
	case '[':
		out := []any{}
		for _, e := range v.list() {
			out = append(out, plainValue(e))
		}
		return out
	case '"':
		return v.text()
	case 't', 'f':
		return v.truth()
	case 'n':
		return nil
	}
	return json.Number(v)
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]int{"7": 7, "-1": -1, "1.5": 0, `"7"`: 0, "null": 0, "99999999999999999999": 0} {
		if got := value(in).number(); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	text.WriteString(`{"RoleDetailList":[`)
	for i := range 5000 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"RoleName":"r%d","Arn":"arn:aws:iam::111122223333:role/r%d","CreateDate":"2019-12-18T19:10:08Z","Tags":[{"Key":"k","Value":"v"}],"RolePolicyList":[{"PolicyName":"p","PolicyDocument":{"Version":"2012-10-17","Statement":[%s]}}],"AttachedManagedPolicies":[{"PolicyArn":%q}]}`,
			i, i, strings.TrimSuffix(strings.Repeat(`{"Sid":"x","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket/*"},`, 8), ","), adminARN)
	}
	text.WriteString(`]}`)
	dir := write(b, map[string]string{"a.json": text.String()})
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := Load([]string{dir}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
