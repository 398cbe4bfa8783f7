package actions

import (
	"slices"
	"strings"
	"testing"
)

func TestOutcomeOf(t *testing.T) {
	for _, tt := range []struct {
		code, message string
		want          Outcome
	}{
		{"", "", Allowed},
		{"AccessDenied", "", Denied},
		{"AccessDeniedException", "", Denied},
		{"Client.UnauthorizedOperation", "", Denied},
		{"UnauthorizedOperation", "", Denied},
		{"VpceAccessDenied", "", Denied},
		{"NotAuthorizedException", "", Denied},
		{"AuthorizationErrorException", "", Denied},
		{"InvalidRequest", "User: x is not authorized to perform: s3:GetObject", Denied},
		{"Client.DryRunOperation", "", Allowed},
		{"NoSuchKey", "", Allowed},
		{"ConditionalCheckFailedException", "", Allowed},
		{"EntityAlreadyExistsException", "", Allowed},
		{"ThrottlingException", "", Undetermined},
		{"ValidationException", "", Undetermined},
		{"Client.InvalidInstanceID.NotFound", "", Undetermined},
		{"NoSuchBucket", "", Undetermined},
		{"RequestExpired", "", Undetermined},
		{"SomethingNew", "", Undetermined},
	} {
		if got := OutcomeOf("", tt.code, tt.message); got != tt.want {
			t.Errorf("%q %q: %s, want %s", tt.code, tt.message, got, tt.want)
		}
	}
}

func TestTemplateMatch(t *testing.T) {
	for _, tt := range []struct {
		template, arn string
		want          bool
	}{
		{"arn:${Partition}:s3:::${BucketName}", "arn:aws:s3:::b", true},
		{"arn:${Partition}:s3:::${BucketName}", "arn:aws:s3:::", false},
		{"arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::b/a/b", true},
		{"arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::b", false},
		{"arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::b/", false},
		{"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", "arn:aws:iam::111122223333:role/a/b", true},
		{"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", "arn:aws:iam::111122223333:user/a", false},
		{"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", "arn:aws:iam::1:2:role/a", false},
		{"arn:${Partition}:account::${Account}:account", "arn:aws:account::111122223333:account", true},
		{"arn:${Partition}:account::${Account}:account", "arn:aws:account::111122223333:accounts", false},
		{"arn:${Partition}:x:${Region}:${Account}:a:${N}:b/${M}", "arn:aws:x:r:1:a:n:b/m", true},
		{"arn:${Partition}:x:${Region}:${Account}:a:${N}:b/${M}", "arn:aws:x:r:1:a::b/m", false},
		{"arn:${Partition}:x:${Region}:${Account}:${A}/x/${B}/y", "arn:aws:x:r:1:a/x/b/x/c/y", true},
	} {
		tmpl := parseTemplate(tt.template)
		if got := tmpl.match(tt.arn); got != tt.want {
			t.Errorf("%s against %s: %v", tt.arn, tt.template, got)
		}
	}
	long := parseTemplate("arn:${Partition}:x:::${A}/${B}/${C}/${D}/${E}z")
	if long.match("arn:aws:x:::" + strings.Repeat("a/", 100_000)) { // returns soon
		t.Error("matched without its tail")
	}
}

func TestEventNames(t *testing.T) {
	for name, want := range map[string]string{
		"GetFunction20150331v2":     "GetFunction",
		"GetFunction20150331":       "GetFunction",
		"GetDistribution2020_05_31": "GetDistribution",
		"ListFindingsV2":            "ListFindings",
		" List Buckets ":            "ListBuckets",
		"GetObject":                 "GetObject",
		"v2":                        "v2",
		"20150331":                  "20150331",
		"Get99999999":               "Get99999999",
	} {
		if got := eventNames(name); !slices.Contains(got, want) || got[len(got)-1] != want {
			t.Errorf("%q gives %q, want %q at the end", name, got, want)
		}
	}
}

func TestLabelOf(t *testing.T) {
	for source, want := range map[string]string{
		"S3.amazonaws.com": "s3", "ec2.amazonaws.com.cn": "ec2", "logs.us-gov-east-1.amazonaws.com": "logs",
		"a.b.amazonaws.com": "a.b", "x.api.aws": "x", "": "", "https://x": "https://x",
	} {
		if got := labelOf(source); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}

func TestGuard(t *testing.T) {
	args := []Arg{{Path: "p.Statement", Value: "  SELECT 1"}, {Path: "p.items[].put.tableName", Value: "t"}, {Path: "r.absent"}}
	for text, want := range map[string]bool{
		"":                    true,
		"has:statement":       true,
		"has:other|statement": true,
		"has:state":           false,
		"has:absent":          false, // of the response, not of the request
		"no:other":            true,
		"no:statement":        false,
		"statement=select*":   true,
		"statement!=select*":  false,
		"statement~lect":      true,
		"statement!~lect":     false,
		"other!~x":            true,
		"has:*.put":           true,
		"has:*.pu":            false,
		"has:statement no:x":  true,
		"has:statement has:x": false,
	} {
		g, err := parseGuard(text)
		if err != nil || g.holds(args, complete) == yes != want {
			t.Errorf("guard %q: not %v (%v)", text, want, err)
		}
	}
}

func TestConcrete(t *testing.T) {
	for value, want := range map[string]bool{
		"a b/c:d": true, "$LATEST": true, "": false, "a*": false, "a?": false, "${x}": false, "a\nb": false, "\x7f": false,
		strings.Repeat("a", 1024): true, strings.Repeat("a", 1025): false,
	} {
		if got := concrete(value); got != want {
			t.Errorf("%.20q: %v", value, got)
		}
	}
}

func TestMembers(t *testing.T) {
	for path, want := range map[string][]string{
		"p":                                   nil,
		"p.bucketName":                        {"bucketname"},
		"p.instancesSet.items[].instanceId":   {"instancesset", "instanceid"},
		"p.x-amz-acl":                         {"xamzacl"},
		"p.DeleteRequest.FlowLogId[].content": {"flowlogid"},
		"p.Request.FlowLogId.content":         {"request", "flowlogid"},
		"p..[]":                               nil,
	} {
		if got := members(path); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
