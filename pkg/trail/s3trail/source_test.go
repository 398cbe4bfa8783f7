package s3trail

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/s3fake"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/trailtest"
)

const bucket = "amzn-s3-demo-bucket"

// fast is a pace for tests.
func fast() pace {
	return pace{tries: 6, first: time.Millisecond, most: 10 * time.Millisecond, stall: 300 * time.Millisecond}
}

// credentials sets made-up ones, and hides the machine's own configuration.
func credentials(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "",
		"AWS_CONFIG_FILE": t.TempDir() + "/config", "AWS_SHARED_CREDENTIALS_FILE": t.TempDir() + "/credentials",
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

// serve starts a fake with these objects and opens it.
func serve(t *testing.T, fake *s3fake.Server, prefix string, o Options) *Source {
	t.Helper()
	credentials(t)
	fake.Bucket = bucket
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	o.EndpointURL = server.URL
	s, err := open(context.Background(), Location{bucket, prefix}, o, fast())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func filled(objects map[string][]byte) *s3fake.Server {
	fake := &s3fake.Server{}
	for key, content := range objects {
		fake.Put(key, content)
	}
	return fake
}

func TestSuite(t *testing.T) {
	for name, size := range map[string]int{"one page": 0, "many pages": 1} {
		t.Run(name, func(t *testing.T) {
			trailtest.Run(t, trailtest.Suite{New: func(t *testing.T, objects map[string][]byte) trail.Source {
				fake := filled(objects)
				fake.PageSize = size
				return serve(t, fake, "", Options{})
			}})
		})
	}
}

// keys lists a source.
func keys(t *testing.T, s *Source) (l []string) {
	t.Helper()
	err := s.List(context.Background(), func(o trail.Object) error {
		if o.Err != nil {
			t.Errorf("%s: %v", o.Key, o.Err)
		}
		l = append(l, o.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %d\n%q\nwant %d\n%q", len(got), got, len(want), want)
	}
}

func wantError(t *testing.T, err error, is error, text string) {
	t.Helper()
	var e *Error
	if err == nil || is != nil && !errors.Is(err, is) || !errors.As(err, &e) || e.Why != text {
		t.Errorf("error %v, want %q", err, text)
	}
}
