package s3trail

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/s3fake"
	"github.com/tighten-iam/tighten/pkg/trail"
)

// TestRegion: the region of the bucket is found from any other.
func TestRegion(t *testing.T) {
	for _, configured := range []string{"", "ap-south-1", "eu-central-2"} {
		fake := filled(map[string][]byte{key: content(100)})
		fake.Bucket, fake.Region = bucket, "eu-central-2"
		server := httptest.NewServer(fake)
		defer server.Close()
		credentials(t)
		t.Setenv("AWS_REGION", configured)
		// An endpoint of the environment stands for AWS's own, and is asked with the
		// bucket in the path since its host is an address.
		t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
		s, err := open(context.Background(), Location{bucket, ""}, Options{}, fast())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, keys(t, s), []string{key})
	}
}

// TestAssumeRole reads with the credentials of a role.
func TestAssumeRole(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/log-reader"
	asked := make(chan string, 1)
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil {
			asked <- fmt.Sprint(r.Form.Get("Action"), " ", r.Form.Get("RoleArn"), " ", r.Form.Get("ExternalId"))
		}
		fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>of-the-role</AccessKeyId>`+
			`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`+
			`</Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	fake := filled(map[string][]byte{key: content(100)})
	fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=of-the-role/") {
			return s3fake.Refuse(403, "AccessDenied")
		}
		return nil
	}
	s := serve(t, fake, "", Options{AssumeRole: role, ExternalID: "an-id"})
	equal(t, keys(t, s), []string{key})
	if got, want := <-asked, "AssumeRole "+role+" an-id"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// TestAssumeRoleDenied says what the role needs.
func TestAssumeRoleDenied(t *testing.T) {
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
		fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`)
	}))
	defer sts.Close()
	credentials(t)
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	_, err := open(context.Background(), Location{bucket, ""}, Options{AssumeRole: "arn:aws:iam::111122223333:role/r"}, fast())
	if err == nil || !strings.Contains(err.Error(), "its trust policy must name you") {
		t.Errorf("error %v", err)
	}
}

// TestProfile reads the credentials and the region of a profile.
func TestProfile(t *testing.T) {
	credentials(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	config := t.TempDir() + "/config"
	text := "[profile logs]\nregion = eu-north-1\naws_access_key_id = of-the-profile\naws_secret_access_key = made-up\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	cfg, err := (&Options{Profile: "logs"}).configure(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got, err := cfg.Credentials.Retrieve(context.Background())
	if err != nil || got.AccessKeyID != "of-the-profile" || cfg.Region != "eu-north-1" {
		t.Errorf("%q in %q, %v", got.AccessKeyID, cfg.Region, err)
	}
	if _, err := (&Options{Profile: "absent"}).configure(context.Background()); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("error %v", err)
	}
	if _, err := (&Options{}).configure(context.Background()); err == nil || !strings.Contains(err.Error(), "no AWS credentials") {
		t.Errorf("error %v", err)
	}
}

// TestRequesterPays says so in every request for content.
func TestRequesterPays(t *testing.T) {
	for _, pays := range []bool{true, false} {
		fake := filled(map[string][]byte{key: content(100)})
		fake.Fault = func(r *http.Request, _ int) http.HandlerFunc {
			if r.Method == http.MethodGet && r.Header.Get("x-amz-request-payer") != "requester" {
				return s3fake.Refuse(403, "AccessDenied")
			}
			return nil
		}
		s := serve(t, fake, "", Options{RequesterPays: pays})
		var o trail.Object
		err := s.List(context.Background(), func(listed trail.Object) error { o = listed; return nil })
		if (err == nil) != pays {
			t.Fatalf("pays %t: %v", pays, err)
		}
		if !pays {
			continue
		}
		if _, err := read(context.Background(), s, o); err != nil {
			t.Error(err)
		}
	}
}

func TestOptionsCheck(t *testing.T) {
	for _, o := range []Options{
		{ExternalID: "x"}, {EndpointURL: "localhost:9000"}, {EndpointURL: "ftp://localhost"}, {EndpointURL: "https://"},
		{EndpointURL: "https://user:word@localhost"}, {EndpointURL: "http://\x7f"},
	} {
		if _, err := open(context.Background(), Location{bucket, ""}, o, fast()); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// TestFlight: the gate opens while all goes well, closes when asked to slow down, and
// never lets more in than it says.
func TestFlight(t *testing.T) {
	g := newGate()
	fill := func() (n int) {
		for {
			ctx, cancel := context.WithCancel(context.Background())
			if n >= int(g.limit) {
				cancel() // the next one would wait
			}
			err := g.enter(ctx)
			cancel()
			if err != nil {
				return n
			}
			n++
		}
	}
	leave := func(n int) {
		for range n {
			g.leave(true)
		}
	}
	first := fill()
	leave(first)
	if first != startFlight {
		t.Errorf("%d in flight at first, want %d", first, startFlight)
	}
	for range 400 {
		leave(fill())
	}
	if n := fill(); n != maxFlight {
		t.Errorf("%d in flight at best, want %d", n, maxFlight)
	} else {
		leave(n)
	}
	now := time.Now()
	for range 100 {
		g.slow(now)
	}
	if n := fill(); n != maxFlight*2/3 {
		t.Errorf("%d in flight after being refused once, want %d", n, maxFlight*2/3)
	} else {
		leave(n)
	}
	for i := range 100 {
		g.slow(now.Add(time.Duration(i+1) * calm))
	}
	if n := fill(); n != minFlight {
		t.Errorf("%d in flight at worst, want %d", n, minFlight)
	}
	if len(g.waiting) != 0 {
		t.Errorf("%d still wait", len(g.waiting))
	}
}

// TestFlightTurns: who waits gets a place when one is given back.
func TestFlightTurns(t *testing.T) {
	g := &gate{limit: 3}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 20 {
				if err := g.enter(context.Background()); err != nil {
					t.Error(err)
				}
				g.mu.Lock()
				if g.flying > int(g.limit) {
					t.Errorf("%d in flight, at most %f", g.flying, g.limit)
				}
				g.mu.Unlock()
				g.leave(false)
			}
		})
	}
	wg.Wait()
	if g.flying != 0 || len(g.waiting) != 0 {
		t.Errorf("%d fly and %d wait at the end", g.flying, len(g.waiting))
	}
}
