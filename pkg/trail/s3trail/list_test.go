package s3trail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/s3fake"
	"github.com/tighten-iam/tighten/pkg/trail"
)

// delivered is the key of the n-th object of a day.
func delivered(before, account, service, region, date string, n int) string {
	name := fmt.Sprintf("%s_%s_%s_%sT0005Z_%04d.json.gz", account, service, region, strings.ReplaceAll(date, "/", ""), n)
	return before + account + "/" + service + "/" + region + "/" + date + "/" + name
}

// organization has two trails, of which one is Control Tower's, with n objects on each
// of its days, other services' objects, and what lies outside the layout.
func organization(n int) map[string][]byte {
	objects := map[string][]byte{}
	for _, before := range []string{"AWSLogs/", "o-abc123/AWSLogs/o-abc123/", "team-a/AWSLogs/"} {
		for _, account := range []string{"111122223333", "444455556666"} {
			for _, region := range []string{"eu-west-1", "us-east-1", "us-west-2"} {
				for _, date := range []string{"2025/12/31", "2026/01/01", "2026/02/27", "2026/02/28", "2026/03/01", "2026/03/20"} {
					for i := range n {
						objects[delivered(before, account, "CloudTrail", region, date, i)] = []byte("x")
					}
					objects[delivered(before, account, "CloudTrail-Digest", region, date, 0)] = []byte("x")
				}
			}
			objects[before+account+"/Config/eu-west-1/2026/1/1/ConfigHistory/c.json.gz"] = []byte("x")
			objects[before+account+"/vpcflowlogs/eu-west-1/2026/01/01/v.log.gz"] = []byte("x")
		}
	}
	for _, source := range []string{"CLOUD_TRAIL_MGMT/2.0", "CLOUD_TRAIL_MGMT/1.0", "VPC_FLOW/2.0"} {
		for _, account := range []string{"111122223333", "444455556666"} {
			for _, region := range []string{"eu-west-1", "us-west-2"} {
				for _, date := range []string{"20251231", "20260228", "20260301", "20260320"} {
					for i := range n {
						objects[fmt.Sprintf("aws/%s/region=%s/accountId=%s/eventDay=%s/%d.gz.parquet", source, region, account, date, i)] = []byte("x")
					}
				}
			}
		}
	}
	for _, key := range []string{"aws/CLOUD_TRAIL_MGMT/2.0/metadata/0.metadata.json", "aws/CLOUD_TRAIL_MGMT/2.0/region=us-west-2/x.parquet", "own/year=2026/a=b/c.json", "readme.txt", "firehose/2026/03/01/05/batch-1", "firehose/2026/03/01/06/batch-2", "a\x01\nb/\x1b[31m.json", "zz/"} {
		objects[key] = []byte("x")
	}
	return objects
}

// shown are the keys that a list of these objects has: one for a service.
func shown(objects map[string][]byte, keep func(o trail.Object) bool) (l []string) {
	for key := range objects {
		if !keep(trail.ParseKey(key)) {
			continue
		}
		for _, service := range []string{"/Config/", "/vpcflowlogs/"} {
			if before, _, ok := strings.Cut(key, service); ok {
				key = before + service
			}
		}
		l = append(l, key)
	}
	slices.Sort(l)
	return slices.Compact(l)
}

func all(trail.Object) bool { return true }

// TestListLayouts lists all in order, however the layout is split into requests.
func TestListLayouts(t *testing.T) {
	for _, n := range []int{1, 3} {
		for _, size := range []int{0, 7, 2} {
			t.Run(fmt.Sprintf("%d a day, %d a page", n, size), func(t *testing.T) {
				objects := organization(n)
				fake := filled(objects)
				fake.PageSize = size
				equal(t, keys(t, serve(t, fake, "", Options{})), shown(objects, all))
			})
		}
	}
}

// TestListPrefix takes a name as a folder or an object, not as the beginning of one.
func TestListPrefix(t *testing.T) {
	objects := organization(1)
	objects["AWSLogs-old/x.json"] = []byte("x")
	for _, prefix := range []string{"AWSLogs", "AWSLogs/", "AWSLogs/1111", "AWSLogs/111122223333", "AWSLogs/111122223333/CloudTrail/us-east-1/2026", "readme.txt", "zz/", "firehose/2026/03/01/05/"} {
		fake := filled(objects)
		fake.PageSize = 3
		want := shown(objects, func(o trail.Object) bool {
			return o.Key == prefix || strings.HasPrefix(o.Key, strings.TrimSuffix(prefix, "/")+"/")
		})
		equal(t, keys(t, serve(t, fake, prefix, Options{})), want)
	}
}

// TestListScope leaves out whole folders, and never what may be asked for.
func TestListScope(t *testing.T) {
	objects := organization(3)
	day := func(s string) time.Time {
		d, err := time.Parse("2006-01-02", s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tests := []struct {
		name string
		o    Options
		keep func(trail.Object) bool
	}{
		{"since", Options{Since: day("2026-02-28")}, func(o trail.Object) bool { return o.Day.IsZero() || !o.Day.Before(day("2026-02-27")) }},
		{"until", Options{Until: day("2026-02-22")}, func(o trail.Object) bool { return o.Day.IsZero() || !o.Day.After(day("2026-03-01")) }},
		{"both", Options{Since: day("2026-01-02"), Until: day("2026-01-03")}, func(o trail.Object) bool { return o.Day.IsZero() || o.Day.Equal(day("2026-01-01")) }},
		{"accounts", Options{Accounts: []string{"444455556666"}}, func(o trail.Object) bool {
			return !strings.Contains(o.Key, "111122223333") // other services' folders included
		}},
		{"regions", Options{Regions: []string{"us-west-2"}}, func(o trail.Object) bool { return o.Region == "" || o.Region == "us-west-2" }},
		// Global services' records may lie in the folder of any region.
		{"global", Options{Regions: []string{"us-east-1"}}, all},
	}
	for _, test := range tests {
		for _, size := range []int{0, 4} {
			t.Run(fmt.Sprint(test.name, size), func(t *testing.T) {
				fake := filled(objects)
				fake.PageSize = size
				equal(t, keys(t, serve(t, fake, "", test.o)), shown(objects, test.keep))
			})
		}
	}
}

// TestListRequests: a quiet region costs one request for all its years, a scope of
// some days none for the other ones.
func TestListRequests(t *testing.T) {
	quiet := filled(organization(1))
	keys(t, serve(t, quiet, "AWSLogs/", Options{}))
	if n := len(quiet.Lists()); n > 10 {
		t.Errorf("%d lists of a quiet bucket: %v", n, quiet.Lists())
	}
	busy := filled(organization(20))
	busy.PageSize = 10
	keys(t, serve(t, busy, "AWSLogs/", Options{Since: time.Date(2026, 3, 19, 0, 0, 0, 0, time.UTC), Accounts: []string{"111122223333"}}))
	for _, q := range busy.Lists() {
		if p := q.Get("prefix"); strings.Contains(p, "2025") || strings.Contains(p, "2026/02") || strings.Contains(p, "444455556666") {
			t.Errorf("listed %q", p)
		}
	}
}

// TestListFaults: refusals that pass do not show in the list.
func TestListFaults(t *testing.T) {
	objects := organization(2)
	for name, fault := range map[string]http.HandlerFunc{
		"slow down": s3fake.Refuse(503, "SlowDown"),
		"internal":  s3fake.Refuse(500, "InternalError"),
		"many":      s3fake.Refuse(429, "TooManyRequests"),
		"reset":     s3fake.Reset,
		"half": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `<ListBucketResult><Contents><Key>half-a-`)
		},
		"stall": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `<ListBucketResult><Contents>`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := filled(objects)
			fake.PageSize = 50
			fake.Fault = func(r *http.Request, n int) http.HandlerFunc {
				if n < 3 && (name != "stall" || r.URL.Query().Get("prefix") == "AWSLogs/") {
					return fault
				}
				return nil
			}
			equal(t, keys(t, serve(t, fake, "", Options{})), shown(objects, all))
		})
	}
}

func refuseBelow(prefix string, answer http.HandlerFunc) func(*http.Request, int) http.HandlerFunc {
	return func(r *http.Request, _ int) http.HandlerFunc {
		if r.URL.Query().Has("list-type") && strings.HasPrefix(r.URL.Query().Get("prefix"), prefix) {
			return answer
		}
		return nil
	}
}

// TestListDenied: a folder that cannot be listed is told as such, in its place.
func TestListDenied(t *testing.T) {
	objects := organization(1)
	denied := "AWSLogs/111122223333/CloudTrail/"
	fake := filled(objects)
	fake.Fault = refuseBelow(denied, s3fake.Refuse(403, "AccessDenied"))
	var got []string
	err := serve(t, fake, "AWSLogs/", Options{}).List(context.Background(), func(o trail.Object) error {
		if (o.Kind == trail.KindUnreadable) != (o.Key == denied) || (o.Err != nil) != (o.Key == denied) {
			t.Errorf("%s: %s, %v", o.Key, o.Kind, o.Err)
		}
		got = append(got, o.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := shown(objects, func(o trail.Object) bool {
		return strings.HasPrefix(o.Key, "AWSLogs/") && !strings.HasPrefix(o.Key, denied)
	})
	want = append(want, denied)
	slices.Sort(want)
	equal(t, got, want)
}

// TestListBroken: a folder whose list breaks off is told as such behind what it gave,
// and what comes after it is listed.
func TestListBroken(t *testing.T) {
	fake := filled(map[string][]byte{"a/1.json": nil, "a/2.json": nil, "a/3.json": nil, "a/b/1.json": nil, "b/1.json": nil})
	fake.PageSize = 2
	fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
		if q := r.URL.Query(); q.Get("prefix") == "a/" && q.Has("continuation-token") {
			return s3fake.Refuse(500, "InternalError")
		}
		return nil
	}
	var got []string
	err := serve(t, fake, "", Options{}).List(context.Background(), func(o trail.Object) error {
		got = append(got, o.Key+" "+string(o.Kind))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, []string{"a/1.json log", "a/2.json log", "a/2.json… unreadable", "b/1.json log"})
}

// TestListFails: what would go wrong everywhere ends the list.
func TestListFails(t *testing.T) {
	tests := []struct {
		prefix string
		status int
		code   string
		text   string
	}{
		{"", 403, "AccessDenied", "AccessDenied: " + allow},
		{"", 404, "NoSuchBucket", "there is no such bucket: check its name, and --endpoint-url if the bucket is not at AWS"},
		{"AWSLogs/1", 400, "ExpiredToken", "ExpiredToken: the credentials have expired: sign in again (aws sso login) or renew them, then scan again"},
		{"", 500, "InternalError", "InternalError (HTTP status 500)"},
	}
	for _, test := range tests {
		fake := filled(organization(1))
		fake.Fault = refuseBelow(test.prefix, s3fake.Refuse(test.status, test.code))
		err := serve(t, fake, "", Options{}).List(context.Background(), func(trail.Object) error { return nil })
		wantError(t, err, nil, test.text)
	}
}

// TestListPaging: a server that loses its place is not asked for ever.
func TestListPaging(t *testing.T) {
	for name, body := range map[string]string{
		"no token": `<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>`,
		"same":     `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>`,
		"stray":    `<ListBucketResult><Contents><Key>other/x.json</Key></Contents></ListBucketResult>`,
		"no XML":   `<html>`,
		"itself":   `<ListBucketResult><CommonPrefixes><Prefix>AWSLogs/</Prefix></CommonPrefixes></ListBucketResult>`,
	} {
		t.Run(name, func(t *testing.T) {
			fake := filled(nil)
			fake.Fault = refuseBelow("", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
			s := serve(t, fake, "AWSLogs/", Options{})
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := s.List(ctx, func(trail.Object) error { return nil }); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("no error of its own: %v", err)
			}
		})
	}
}
