package s3trail

import (
	"strings"
	"testing"
)

func TestParseLocation(t *testing.T) {
	for arg, want := range map[string]Location{
		"s3://logs":            {"logs", ""},
		"s3://logs/":           {"logs", ""},
		"S3://logs/a":          {"logs", "a"},
		"s3://logs/a/b/":       {"logs", "a/b/"},
		"s3://logs//a":         {"logs", "/a"},
		"s3://a.b-c_D1/%41+ ä": {"a.b-c_D1", "%41+ ä"},
		"s3://logs/../x?y#z":   {"logs", "../x?y#z"},
	} {
		if got, err := ParseLocation(arg); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", arg, got, err, want)
		}
	}
	for _, arg := range []string{
		"", "s3:/", "s3://", "s3:///a", "s3://ab/x", "s3://a b/x", "s3://logs?x", "s3://user@logs/", "s3://../x", "s3://a..b",
		"s3://logs\x1b[31m/", "s3://.logs", "https://logs/", "logs", "s3://logs/" + strings.Repeat("k", 1025),
	} {
		if got, err := ParseLocation(arg); err == nil {
			t.Errorf("%q: %+v, want an error", arg, got)
		}
	}
}

func TestHolds(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"s3://logs", "s3://logs/a", true}, {"s3://logs/a", "s3://logs", false},
		{"s3://logs/a", "s3://logs/a/", true}, {"s3://logs/a/", "s3://logs/a", false},
		{"s3://logs/a", "s3://logs/a/b", true}, {"s3://logs/a", "s3://logs/ab", false},
		{"s3://logs", "s3://other", false}, {"s3://logs/a", "s3://logs/a", true},
	} {
		a, _ := ParseLocation(test.a)
		b, _ := ParseLocation(test.b)
		if got := a.Holds(b); got != test.want {
			t.Errorf("%s holds %s: %t", test.a, test.b, got)
		}
	}
}

func FuzzLocation(f *testing.F) {
	for _, seed := range []string{"s3://logs/a/b", "s3://", "S3://a.b/\x00", "s3://logs//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		l, err := ParseLocation(arg)
		if err != nil {
			return
		}
		again, err := ParseLocation(l.String())
		if err != nil || again != l || !l.Holds(again) {
			t.Errorf("%q is %+v, and that is %+v, %v", arg, l, again, err)
		}
		// No name of a folder is too odd to be placed.
		if p := placeOf(l.Prefix); p.base != "" && !strings.HasPrefix(l.Prefix+"/", p.base) {
			t.Errorf("%q is placed below %q", l.Prefix, p.base)
		}
	})
}

// TestPlaceOfLake: the folders of Security Lake tell as much as those of trails.
func TestPlaceOfLake(t *testing.T) {
	for folder, want := range map[string]place{
		"aws/CLOUD_TRAIL_MGMT/2.0/":                                                                   {},
		"aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/":                                                  {level: levelPartition, region: "eu-west-1"},
		"aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/":                           {level: levelPartition, region: "eu-west-1", account: "111122223333"},
		"aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260301/":         {level: levelDay, region: "eu-west-1", account: "111122223333", date: "2026/03/01"},
		"aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260301/hour=05/": {},
		"accountid=111122223333/":                                                                     {level: levelPartition, account: "111122223333"}, "eventDay=2026-03-01/": {}, "year=2026/": {},
	} {
		if got := placeOf(folder); got != want {
			t.Errorf("%s: %+v, want %+v", folder, got, want)
		}
	}
}
