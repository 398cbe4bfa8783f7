package account

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// reportJSON builds one answer with the given services.
func reportJSON(rest string, services ...string) string {
	return `{"JobStatus":"COMPLETED","JobCreationDate":"2024-03-01T00:00:00Z","JobCompletionDate":"2024-03-01T00:00:05Z",` + rest +
		`"ServicesLastAccessed":[` + strings.Join(services, ",") + `]}`
}

const (
	usedS3  = `{"ServiceNamespace":"s3","ServiceName":"S3","LastAuthenticated":"2024-02-01T10:00:00Z","LastAuthenticatedEntity":"arn:aws:iam::111122223333:role/other","TotalAuthenticatedEntities":2}`
	idleEC2 = `{"ServiceNamespace":"ec2","ServiceName":"EC2","TotalAuthenticatedEntities":0}`
)

func TestActionLevel(t *testing.T) {
	s := loadText(t, reportJSON(`"JobType":"ACTION_LEVEL","Arn":"`+deployARN+`",`,
		`{"ServiceNamespace":"S3","LastAuthenticated":"2024-02-01T10:00:00Z","TotalAuthenticatedEntities":1,"TrackedActionsLastAccessed":[
		 {"ActionName":"PutBucketPolicy"},{"ActionName":"ListBucket","LastAccessedTime":"2024-02-01T10:00:00Z","LastAccessedEntity":"x"},
		 {"ActionName":"Odd","LastAccessedTime":"nonsense"}]}`, idleEC2))
	wantWarning(t, s, "TrackedActionsLastAccessed[2]|a tracked action that can't be read")
	when := time.Date(2024, 2, 1, 10, 0, 0, 0, time.UTC)
	want := []ServiceAccess{
		{Namespace: "ec2"},
		{Namespace: "s3", Last: when, Entities: 1, Actions: []ActionAccess{{"ListBucket", when}, {"PutBucketPolicy", time.Time{}}}},
	}
	r := s.LastAccessed[0]
	if !reflect.DeepEqual(r.Services, want) || !r.ActionLevel || r.ARN != deployARN || r.ARNFrom != FromMember {
		t.Errorf("report %+v", r)
	}
	if !r.Created.Equal(time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)) || !r.Completed.Equal(time.Date(2024, 3, 1, 0, 0, 5, 0, time.UTC)) {
		t.Errorf("created %v, completed %v", r.Created, r.Completed)
	}
}

// A service that can't be read must not look unused.
func TestUnreadableServiceIsUnknown(t *testing.T) {
	s := loadText(t, reportJSON(`"Arn":"`+deployARN+`",`, idleEC2,
		`{"ServiceNamespace":"a","LastAuthenticated":"soon"}`, `{"ServiceNamespace":"b","LastAuthenticated":[]}`,
		`{"ServiceNamespace":"c","TotalAuthenticatedEntities":1}`, `{"ServiceName":"d"}`, `7`))
	if got := s.LastAccessed[0].Services; len(got) != 1 || got[0].Namespace != "ec2" {
		t.Errorf("services %+v", got)
	}
	wantWarning(t, s, `can't read the date "soon" of service "a"`, `want a date, have a list of service "b"`,
		`service "c" has entities but no LastAuthenticated`, "[4]|a service without ServiceNamespace", "[5]|want an object")
}

func TestWhoseReport(t *testing.T) {
	details := `{"RoleDetailList":[{"RoleName":"deploy","Arn":"` + deployARN + `"},{"RoleName":"role-x","Arn":"arn:aws:iam::111122223333:role/role-x"},{"RoleName":"x","Arn":"arn:aws:iam::111122223333:role/x"},
	 {"RoleName":"twin","Arn":"arn:aws:iam::111122223333:role/twin"},{"RoleName":"twin","Arn":"arn:aws:iam::444455556666:role/twin"}]}`
	plain := reportJSON("", usedS3, idleEC2)
	for name, c := range map[string]struct {
		file, text, arn string
		from            ARNSource
	}{
		"member":             {"r.json", reportJSON(`"PrincipalArn":"`+deployARN+`",`, usedS3), deployARN, FromMember},
		"wrapper member":     {"r.json", `{"Arn":"` + deployARN + `","Report":` + plain + `}`, deployARN, FromMember},
		"key":                {"r.json", `{"` + deployARN + `":` + plain + `}`, deployARN, FromKey},
		"other ARN":          {"j.json", `{"Arn":"arn:aws:s3:::b","r":` + plain + `}`, "", ""},
		"key, deeper":        {"r.json", `{"reports":{"` + deployARN + `":{"service":` + plain + `}}}`, deployARN, FromKey},
		"key is a name":      {"r.json", `{"deploy":` + plain + `}`, deployARN, FromKey},
		"file, escaped ARN":  {url.PathEscape(deployARN) + ".json", plain, deployARN, FromFileName},
		"file, all escaped":  {strings.NewReplacer(":", "%3A", "/", "%2F").Replace(deployARN) + ".json", plain, deployARN, FromFileName},
		"file, mangled ARN":  {strings.NewReplacer(":", "_", "/", "_").Replace(deployARN) + "-last-accessed.json", plain, deployARN, FromFileName},
		"file, name":         {"deploy.json", plain, deployARN, FromFileName},
		"file, name in gz":   {"last-accessed-deploy.json.gz", gzipped(plain), deployARN, FromFileName},
		"file, kind":         {"111122223333-role-deploy.json", plain, deployARN, FromFileName},
		"file, ambiguous":    {"role-x.json", plain, "", ""},
		"file, two accounts": {"twin.json", plain, "", ""},
		"file, one account":  {"444455556666_twin.json", plain, "arn:aws:iam::444455556666:role/twin", FromFileName},
		"file, other words":  {"prod-deploy.json", plain, "", ""},
		"file, wrong id":     {"444455556666-deploy.json", plain, "", ""},
		"two in a file":      {"deploy.json", plain + plain, "", ""},
		"entity":             {"j.json", reportJSON("", strings.ReplaceAll(usedS3, `:2}`, `:1}`), idleEC2), "arn:aws:iam::111122223333:role/other", FromEntity},
		"two entities":       {"j.json", reportJSON("", strings.ReplaceAll(usedS3, `:2}`, `:1}`), `{"ServiceNamespace":"kms","LastAuthenticated":"2024-02-01T10:00:00Z","LastAuthenticatedEntity":"arn:aws:iam::111122223333:role/b","TotalAuthenticatedEntities":1}`), "", ""},
		"nobody":             {"j.json", reportJSON("", idleEC2), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := loadFiles(t, map[string]string{"0-account.json": details, c.file: c.text})
			r := s.LastAccessed[0]
			if r.ARN != c.arn || r.ARNFrom != c.from {
				t.Errorf("%q from %q, want %q from %q", r.ARN, r.ARNFrom, c.arn, c.from)
			}
			if c.arn == "" {
				wantWarning(t, s, "nothing tells whose last-accessed report this is")
			} else {
				wantNoWarning(t, s)
			}
		})
	}
}

func TestReportPages(t *testing.T) {
	more := `"IsTruncated":true,"Marker":"m",`
	s := loadText(t, reportJSON(`"Arn":"`+deployARN+`",`+more, usedS3)+reportJSON(`"Arn":"`+deployARN+`","IsTruncated":false,`, idleEC2, usedS3))
	wantNoWarning(t, s)
	if len(s.LastAccessed) != 1 || len(s.LastAccessed[0].Services) != 2 || s.LastAccessed[0].Truncated {
		t.Errorf("reports %+v", s.LastAccessed)
	}
	s = loadFiles(t, map[string]string{"deploy.json": reportJSON(more, usedS3) + reportJSON("", idleEC2), "a.json": role("deploy", allowGet)})
	if len(s.LastAccessed) != 1 || len(s.LastAccessed[0].Services) != 2 || s.LastAccessed[0].ARNFrom != FromFileName {
		t.Errorf("reports %+v", s.LastAccessed)
	}
	s = loadText(t, reportJSON(`"Arn":"`+deployARN+`",`+more, usedS3))
	wantWarning(t, s, "a last-accessed report is cut off")
	if !s.LastAccessed[0].Truncated {
		t.Error("not truncated")
	}
}

// What is missing in one place must not hide what is missing in another.
func TestEachStepWarns(t *testing.T) {
	var roles []string
	for i := range 3 * warnLimit {
		roles = append(roles, fmt.Sprintf(`{"Arn":"arn:aws:iam::111122223333:role/r%d","AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::111122223333:policy/p%d"}]}`, i, i))
	}
	s := loadText(t, `{"IsTruncated":true,"RoleDetailList":[`+strings.Join(roles, ",")+`]}`+reportJSON("", idleEC2))
	wantWarning(t, s, "are cut off", "policy/p0", "more warnings of this kind", "nothing tells whose last-accessed report")
	if len(s.Warnings) > 2*warnLimit {
		t.Errorf("%d warnings", len(s.Warnings))
	}
}

func TestUnfinishedJob(t *testing.T) {
	s := loadText(t, strings.Replace(reportJSON(`"Arn":"`+deployARN+`",`, idleEC2), "COMPLETED", "IN_PROGRESS", 1)+role("a", allowGet))
	if len(s.LastAccessed) != 0 {
		t.Error("an unfinished report counts")
	}
	wantWarning(t, s, `this last-accessed report is "IN_PROGRESS"`)
}

func TestSelectors(t *testing.T) {
	s := loadText(t, `{"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/b","EventSelectors":[
	  {"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"ExcludeManagementEventSources":["kms.amazonaws.com"],"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]},
	  {"ReadWriteType":"Odd"},{"DataResources":[{"Values":["x"]}]},{}]}
	 {"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/a","AdvancedEventSelectors":[
	  {"Name":"n","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.ARN","NotStartsWith":["arn:x"]}]},{"FieldSelectors":[{"Equals":["Data"]}]}]}`)
	want := []*TrailSelectors{
		{TrailARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/a", Advanced: []AdvancedSelector{{Name: "n", Fields: []FieldSelector{
			{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.ARN", NotStartsWith: []string{"arn:x"}}}}}},
		{TrailARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/b", Basic: []BasicSelector{
			{ReadWrite: "WriteOnly", ExcludeManagementSources: []string{"kms.amazonaws.com"}, Data: map[string][]string{"AWS::S3::Object": {"arn:aws:s3"}}},
			{ReadWrite: "All", Management: true, Data: map[string][]string{}}}},
	}
	for _, sel := range s.Selectors {
		sel.File = ""
	}
	if !reflect.DeepEqual(s.Selectors, want) {
		t.Errorf("selectors\n%+v %+v", s.Selectors[0], s.Selectors[1])
	}
	wantWarning(t, s, `EventSelectors[1]|ReadWriteType is "Odd"`, "EventSelectors[2]|the event selector is ignored", "AdvancedEventSelectors[1]|the event selector is ignored")
}

func TestTrails(t *testing.T) {
	trail := `{"Name":"org","TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/org","HomeRegion":"us-east-1","S3BucketName":"logs","S3KeyPrefix":"p",
	 "IncludeGlobalServiceEvents":true,"IsMultiRegionTrail":true,"IsOrganizationTrail":true,"LogFileValidationEnabled":true,"HasCustomEventSelectors":true}`
	s := loadText(t, `{"trailList":[`+trail+`,`+trail+`,{"Name":"x"}]}{"Trail":`+trail+`}`)
	if len(s.Trails) != 1 {
		t.Fatalf("%d trails", len(s.Trails))
	}
	s.Trails[0].File = ""
	want := Trail{ARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/org", Name: "org", HomeRegion: "us-east-1", Bucket: "logs", Prefix: "p",
		MultiRegion: true, Organization: true, GlobalServices: true, LogFileValidation: true, CustomSelectors: true}
	if *s.Trails[0] != want {
		t.Errorf("trail %+v", s.Trails[0])
	}
	wantWarning(t, s, "trailList[2]|a trail without TrailARN")
}

func TestCredentialReport(t *testing.T) {
	csv := "user,arn,user_creation_time,password_enabled,password_last_used,access_key_1_active,access_key_1_last_used_date,access_key_1_last_used_service,access_key_2_active\n" +
		"bob,arn:aws:iam::111122223333:user/bob,2018-05-07T15:35:54+00:00,true,no_information,true,2018-06-07T15:35:54+00:00,s3,false\n" +
		"eve,arn:aws:iam::111122223333:user/eve,2018-05-07T15:35:54+00:00,false,nonsense,false,N/A,N/A\n,\n"
	for name, text := range map[string]string{
		"csv":    csv,
		"json":   fmt.Sprintf(`{"Content":%q,"ReportFormat":"text/csv","GeneratedTime":"2018-06-08T00:00:00Z"}`, csv),
		"base64": fmt.Sprintf(`{"Content":%q,"ReportFormat":"text/csv"}`, base64.StdEncoding.EncodeToString([]byte(csv))),
	} {
		t.Run(name, func(t *testing.T) {
			s := loadText(t, text)
			if len(s.Credentials) != 2 || len(s.Files) != 1 || s.Files[0].Kind != KindCredentials {
				t.Fatalf("%d credentials, files %v", len(s.Credentials), s.Files)
			}
			bob := s.Credentials[0]
			if want := time.Date(2018, 6, 7, 15, 35, 54, 0, time.UTC); !bob.LastUsed().Equal(want) || !bob.PasswordEnabled ||
				bob.Keys[0].LastUsedService != "s3" || !bob.Keys[0].Active || bob.Keys[1].Active {
				t.Errorf("bob: %+v", bob)
			}
			wantWarning(t, s, "password_last_used: can't read the date", "a line without arn")
		})
	}
}

func TestDates(t *testing.T) {
	base := time.Date(2019, 12, 18, 19, 10, 8, 0, time.UTC)
	for in, want := range map[string]time.Time{
		`"2019-12-18 19:10:08+00:00"`: base, `"2019-12-18T19:10:08Z"`: base, `"2019-12-18T21:10:08+02:00"`: base,
		`"2019-12-18T19:10:08+0000"`: base, `"2019-12-18T19:10:08"`: base, `"2019-12-18 19:10:08"`: base,
		`"2019-12-18 19:10:08.000000+00:00"`: base, `"2019-12-18 19:10:08 +0000 UTC"`: base, `"Wed, 18 Dec 2019 19:10:08 GMT"`: base,
		`1576696208`: base, `1576696208.0`: base, `1.576696208e9`: base, `1576696208000`: base, `"1576696208"`: base,
		`"2019-12-18T19:10:08.085000+00:00"`: base.Add(85 * time.Millisecond), `1576696208.085`: base.Add(85 * time.Millisecond),
		`"2019-12-18"`: time.Date(2019, 12, 18, 0, 0, 0, 0, time.UTC),
		`null`:         {}, ``: {}, `"N/A"`: {}, `"no_information"`: {}, `""`: {},
	} {
		got, err := date(value(in))
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{`"yesterday"`, `[]`, `{}`, `true`, `-1`, `1e300`, `"NaN"`} {
		if got, err := date(value(in)); err == nil {
			t.Errorf("%s: %v, want an error", in, got)
		}
	}
}
