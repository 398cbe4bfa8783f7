package reference

import (
	"reflect"
	"strings"
	"testing"
)

const whole = `{"Name":"zz","Version":"v1.4","Later":{"a":[1,null,true]},
 "Actions":[
  {"Name":"GetThing","ActionConditionKeys":["zz:Key/${Tag}"],"Annotations":{"Properties":{"IsList":false,"IsPermissionManagement":false,"IsTaggingOnly":false,"IsWrite":false}},
   "Resources":[{"Name":"thing"}],"SupportedBy":{"IAM Access Analyzer Policy Generation":true,"IAM Action Last Accessed":true}},
  {"Name":"ListThings","Annotations":{"Properties":{"IsList":true,"IsPermissionManagement":false,"IsTaggingOnly":false,"IsWrite":false}}},
  {"Name":"TagThing","Annotations":{"Properties":{"IsList":false,"IsPermissionManagement":false,"IsTaggingOnly":true,"IsWrite":true}}},
  {"Name":"Share","Annotations":{"Properties":{"IsPermissionManagement":true}},"SupportedBy":{"IAM Action Last Accessed":"no"}},
  {"Name":"Odd","Annotations":{"Properties":{"IsWrite":true}}},
  {"Name":"Bare"}],
 "Resources":[{"Name":"thing","ARNFormats":["arn:${Partition}:zz:${Region}:${Account}:thing/${Id}"],"ConditionKeys":["aws:ResourceTag/${TagKey}"]}],
 "ConditionKeys":[{"Name":"zz:Key/${Tag}","Types":["String"]}],
 "Operations":[{"Name":"GetThing","AuthorizedActions":[{"Name":"GetThing","Service":"zz"},{"Name":"Decrypt","Service":"kms"}],"SDK":[{"Name":"zz","Method":"get_thing","Package":"Boto3"}]},{"Name":"Other"}]}`

func TestParseService(t *testing.T) {
	got, err := ParseService([]byte(whole), "zz")
	if err != nil {
		t.Fatal(err)
	}
	want := &Service{
		Name: "zz",
		Actions: []Action{
			{Name: "GetThing", Level: "Read", Keys: []string{"zz:Key/${Tag}"}, Types: []string{"thing"}, Tracked: true},
			{Name: "ListThings", Level: "List"},
			{Name: "TagThing", Level: "Tagging"},
			{Name: "Share", Level: "Permissions management"},
			{Name: "Odd"}, // nothing says that it is no permission management
			{Name: "Bare"},
		},
		Types:      []Type{{"thing", []string{"arn:${Partition}:zz:${Region}:${Account}:thing/${Id}"}, []string{"aws:ResourceTag/${TagKey}"}}},
		Operations: []Operation{{"GetThing", []string{"zz:GetThing", "kms:Decrypt"}}, {Name: "Other"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// hostile are files of the service zz, each with what its refusal says.
func hostile() map[string][2]string {
	actions := func(list string) string { return `{"Name":"zz","Actions":[` + list + `]}` }
	arn := func(arn string) string {
		return `{"Name":"zz","Actions":[{"Name":"A"}],"Resources":[{"Name":"t","ARNFormats":["` + arn + `"]}]}`
	}
	return map[string][2]string{
		"empty":              {"", "whole JSON"},
		"cut short":          {whole[:len(whole)/2], "whole JSON"},
		"html":               {"<html>blocked</html>", "whole JSON"},
		"two values":         {`{"Name":"zz"} {}`, "goes on"},
		"array":              {`[]`, "not a service"},
		"string":             {`"zz"`, "not a service"},
		"actions an object":  {`{"Name":"zz","Actions":{}}`, "not a service"},
		"not utf-8":          {"{\"Name\":\"zz\xff\"}", "UTF-8"},
		"other service":      {`{"Name":"s3"}`, "want zz"},
		"no name":            {`{}`, "want zz"},
		"deep":               {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "deep"},
		"deep lists":         {strings.Repeat(`[`, 100_000), "deep"},
		"member twice":       {`{"Name":"zz","Actions":[],"Actions":[{"Name":"A"}]}`, "twice"},
		"member in any case": {`{"Name":"zz","actions":[],"Actions":[{"Name":"A"}]}`, "twice"},
		"member twice below": {actions(`{"Name":"A","Name":"B"}`), "twice"},
		"huge string":        {`{"Name":"zz","x":"` + strings.Repeat("a", 100_000) + `"}`, "string of"},
		"huge member":        {`{"Name":"zz","` + strings.Repeat("a", 100_000) + `":1}`, "string of"},
		"action twice":       {actions(`{"Name":"A"},{"Name":"a"}`), "action a twice"},
		"action escape":      {actions(`{"Name":"A\u001b[31m"}`), `"A\x1b[31m" is not the name of an action`},
		"action wildcard":    {actions(`{"Name":"Get*"}`), "not the name"},
		"action colon":       {actions(`{"Name":"s3:Get"}`), "not the name"},
		"action tab":         {actions(`{"Name":"A\tW"}`), "not the name"},
		"action line":        {actions(`{"Name":"A\nS\ts3"}`), "not the name"},
		"action unicode":     {actions(`{"Name":"Gеt"}`), "not the name"}, // a Cyrillic letter
		"action empty":       {actions(`{"Name":""}`), "not the name"},
		"action long":        {actions(`{"Name":"` + strings.Repeat("A", 200) + `"}`), "not the name"},
		"too many actions":   {actions(strings.TrimSuffix(strings.Repeat(`{"Name":"A"},`, maxActions+1), ",")), "more than"},
		"key":                {actions(`{"Name":"A","ActionConditionKeys":["nocolon"]}`), "condition key"},
		"key tab":            {actions(`{"Name":"A","ActionConditionKeys":["a:b\t"]}`), "condition key"},
		"undefined type":     {actions(`{"Name":"A","Resources":[{"Name":"t"}]}`), ""}, // cloudwatch's file had one in 2026
		"action's type":      {actions(`{"Name":"A","Resources":[{"Name":"t\n"}]}`), "resource type"},
		"type twice":         {`{"Name":"zz","Resources":[{"Name":"t"},{"Name":"T"}]}`, "twice"},
		"type name":          {`{"Name":"zz","Resources":[{"Name":"t\u202e"}]}`, "not the name of a resource type"},
		"arn":                {arn("bucket"), "six parts"},
		"arn everything":     {arn("arn:${Partition}:s3:::*"), "no resource"},
		"arn any service":    {arn("arn:${Partition}:*:::a/b"), "no service"},
		"arn partition":      {arn("arn:*:s3:::a/b"), "partition"},
		"arn comma":          {arn("arn:${Partition}:s3:::a,arn:${Partition}:s3:::b"), "characters"},
		"arn space":          {arn("arn:${Partition}:s3:::a b"), "characters"},
		"arn brace":          {arn("arn:${Partition}:s3:::${A"), "proper name"},
		"arn nested":         {arn("arn:${Partition}:s3:::${A${B}}"), "proper name"},
		"arn dollar":         {arn("arn:${Partition}:s3:::$a"), "dollar sign"},
		"arn variables":      {arn("arn:${Partition}:s3:::" + strings.Repeat("${A}/", 20)), "variables"},
		"operation":          {`{"Name":"zz","Operations":[{"Name":"a b"}]}`, "operation"},
		"authorized action":  {`{"Name":"zz","Operations":[{"Name":"A","AuthorizedActions":[{"Name":"*","Service":"s3"}]}]}`, "not an action"},
		"authorized service": {`{"Name":"zz","Operations":[{"Name":"A","AuthorizedActions":[{"Name":"B"}]}]}`, "not an action"},
		"number for a name":  {actions(`{"Name":1}`), "not a service"},
		"huge number":        {`{"Name":"zz","x":1e999999}`, ""},
	}
}

func TestParseServiceRefuses(t *testing.T) {
	for name, tt := range hostile() {
		_, err := ParseService([]byte(tt[0]), "zz")
		if tt[1] == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt[1]) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt[1])
		}
		if err != nil && (len(err.Error()) > 600 || !printable(err.Error())) {
			t.Errorf("%s: the error is unfit for a terminal: %q", name, err)
		}
	}
	if _, err := ParseService(make([]byte, MaxFile+1), "zz"); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("too large: %v", err)
	}
}

func TestParseIndex(t *testing.T) {
	got, err := ParseIndex([]byte(`[{"service":"s3","url":"https://h/v1/s3/s3.json","modified":1790000000},{"service":"ec2","url":"/e","modified":"2026-11-01T02:03:04Z","new":{}},{"service":"x","url":"/x","modified":null},{"service":"y","url":"/y","modified":1790000000000}]`))
	want := []Entry{{"s3", "https://h/v1/s3/s3.json", "1790000000"}, {"ec2", "/e", "2026-11-01T02:03:04Z"}, {"x", "/x", ""}, {"y", "/y", "1790000000000"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v %v", got, err)
	}
	for i, day := range []string{"2026-09-21", "2026-11-01", "", "2026-09-21"} {
		if d := got[i].Date(); d != day {
			t.Errorf("%s: date %q, want %q", got[i].Service, d, day)
		}
	}
}

func TestParseIndexRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                             "0 services",
		`{}`:                             "not an index",
		`[{"service":"S3","url":"/"}]`:   "not a service prefix",
		`[{"service":"../x","url":"/"}]`: "not a service prefix",
		`[{"service":"s3"}]`:             "not a URL",
		`[{"service":"s3","url":"/\n"}]`: "not a URL",
		`[{"service":"s3","url":"/"},{"service":"s3","url":"/"}]`: "twice",
		`[{"service":"s3","service":"ec2","url":"/"}]`:            "twice",
		strings.Repeat("[", 5000):                                 "deep",
	} {
		if _, err := ParseIndex([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: error %v, want one with %q", text, err, want)
		}
	}
}

// FuzzParseService: whatever comes in, what is taken passes the checks again and
// holds no text that is unfit for a terminal.
func FuzzParseService(f *testing.F) {
	f.Add([]byte(whole))
	for _, tt := range hostile() {
		if len(tt[0]) < 4096 {
			f.Add([]byte(tt[0]))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseService(data, "zz")
		if err != nil {
			if !printable(err.Error()) && !strings.Contains(err.Error(), "JSON") && !strings.Contains(err.Error(), "not a service") {
				t.Errorf("unfit error %q", err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Errorf("taken, but %v", err)
		}
		for _, a := range s.Actions {
			if !printable(a.Name + strings.Join(a.Keys, "") + strings.Join(a.Types, "")) {
				t.Errorf("unfit text in %+v", a)
			}
		}
	})
}
