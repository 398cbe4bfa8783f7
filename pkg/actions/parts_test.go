package actions

import (
	"reflect"
	"slices"
	"strconv"
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

// TestConcreteWords: eight bytes at a time come to the same as one by one.
func TestConcreteWords(t *testing.T) {
	plain := func(value string) bool {
		for i := range len(value) {
			if c := value[i]; c == '*' || c == '?' || c < ' ' || c == 0x7f || c == '$' && strings.HasPrefix(value[i:], "${") {
				return false
			}
		}
		return value != ""
	}
	for n := 1; n <= 20; n++ {
		for at := range n {
			for c := range 256 {
				for _, next := range []string{"", "{", "$", "a"} {
					value := strings.Repeat("a", at) + string([]byte{byte(c)}) + next + strings.Repeat("\xff", n-at-1)
					if got, want := concrete(value), plain(value); got != want {
						t.Fatalf("concrete(%q) = %t", value, got)
					}
				}
			}
		}
	}
}

// TestFollow: the plan of a path is that of this path, in whatever order calls have them,
// and also when a plan forgets the paths that it has seen.
func TestFollow(t *testing.T) {
	r := NewResolver(Default())
	call := Call{EventSource: "s3.amazonaws.com", EventName: "GetObject"}
	p := r.planOf(&call)
	for i := range 2 * maxPaths {
		leaves := []Arg{{Path: "p.key"}, {Path: "p.n" + strconv.Itoa(i%(maxPaths+maxPaths/2))}, {Path: "p.bucketName"}, {Path: "s[].ARN"}}
		leaves = slices.Concat(leaves[i%4:], leaves[:i%4], leaves[:i%3])
		r.paths = r.paths[:0]
		r.follow(p, leaves)
		for j, pp := range r.paths {
			if want := leaves[j].Path; pp.path != want || !slices.Equal(pp.names, members(want)) {
				t.Fatalf("call %d: the plan of %q for %q", i, pp.path, want)
			}
		}
	}
}

// TestRelease: a resolver that let go of a call answers as a new one.
func TestRelease(t *testing.T) {
	used := NewResolver(Default())
	calls := benchCalls()
	for range 2 {
		for i := range calls {
			got, want := used.Resolve(&calls[i]), NewResolver(Default()).Resolve(&calls[i])
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			used.Release()
		}
	}
}
