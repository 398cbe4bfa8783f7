package s3trail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// Options say how a bucket is reached and what is wanted of it. The zero value takes
// all from the environment, as the AWS CLI does, and wants everything.
type Options struct {
	Profile    string // of the shared configuration files
	AssumeRole string // ARN of a role that reads the bucket
	ExternalID string // what the role's trust policy asks for, with AssumeRole
	// EndpointURL is a server other than AWS, asked with the bucket in the path.
	EndpointURL   string
	RequesterPays bool

	// Since, Until, Accounts and Regions bound the list to the folders that may hold
	// such records; zero values do not bound it. Whole days are listed, with some
	// around them for records that come late, and records are not looked at.
	Since, Until      time.Time
	Accounts, Regions []string
}

// Source is a trail.Source of a bucket. Keys are whole keys of the bucket.
type Source struct {
	client   *s3.Client
	lists    *awshttp.BuildableClient // for requests whose answers are small
	location Location
	payer    types.RequestPayer
	scope    scope
	gate     *gate
	pace     pace
	login    *login
}

var (
	_ trail.Prefetcher = (*Source)(nil)
	_ trail.Located    = (*Source)(nil)
)

// Locate implements trail.Located.
func (s *Source) Locate(key string) string { return scheme + s.location.Bucket + "/" + key }

// New finds credentials and the region of the bucket, for which it makes requests. It
// fails without credentials and where no server answers; whether there is such a bucket
// and it may be listed, List tells.
func New(ctx context.Context, l Location, o Options) (*Source, error) {
	return open(ctx, l, o, usual())
}

func open(ctx context.Context, l Location, o Options, p pace) (*Source, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := &Source{location: l, scope: newScope(&o), gate: newGate(), pace: p}
	if o.RequesterPays {
		s.payer = types.RequestPayerRequester
	}
	cfg, err := o.configure(ctx)
	if err != nil {
		return nil, err
	}
	// The SDK has put the authorities of AWS_CA_BUNDLE into the client it was given.
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		client = newHTTPClient()
	}
	s.lists = client.WithTimeout(2 * p.stall)
	s.login = &login{provider: cfg.Credentials}
	s.client = s.newClient(cfg, &o)
	region, err := s.region(ctx)
	if err != nil {
		return nil, err
	}
	if region != "" && region != cfg.Region && o.EndpointURL == "" {
		cfg.Region = region
		s.client = s.newClient(cfg, &o)
	}
	return s, nil
}

// Validate reports what no server need be asked about: an external id without a role,
// and an endpoint that is no http or https address.
func (o *Options) Validate() error {
	if o.ExternalID != "" && o.AssumeRole == "" {
		return errors.New("an external id is for a role: name the role to assume too")
	}
	if o.EndpointURL == "" {
		return nil
	}
	u, err := url.Parse(o.EndpointURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return fmt.Errorf("the endpoint %q is no address of a server: want https://HOST[:PORT]", o.EndpointURL)
	}
	return nil
}

// defaultRegion is asked where no region is configured; any can tell the bucket's.
const defaultRegion = "us-east-1"

// configure finds credentials as the AWS CLI does.
func (o *Options) configure(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, func(c *config.LoadOptions) error {
		c.SharedConfigProfile = o.Profile
		c.HTTPClient = newHTTPClient()
		c.Logger = logging.Nop{} // what it would print is in the errors, or of no interest
		return nil
	})
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	if o.AssumeRole != "" {
		cfg.Credentials = aws.NewCredentialsCache(o.role(cfg))
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return cfg, o.noCredentials(ctx, err)
	}
	return cfg, nil
}

func (o *Options) role(cfg aws.Config) aws.CredentialsProvider {
	return stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.AssumeRole, func(r *stscreds.AssumeRoleOptions) {
		r.RoleSessionName = "tighten"
		if o.ExternalID != "" {
			r.ExternalID = aws.String(o.ExternalID)
		}
	})
}

func (o *Options) noCredentials(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case o.AssumeRole != "" && code(err) == "AccessDenied":
		return &Error{"assume role " + o.AssumeRole, "access denied: its trust policy must name you (and your --external-id), " +
			"and you need sts:AssumeRole on it", err}
	case o.AssumeRole != "":
		return fmt.Errorf("assume role %s: %w", o.AssumeRole, err)
	}
	return &Error{"no AWS credentials", "name a profile (--profile), sign in (aws sso login), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", err}
}

// newHTTPClient keeps a connection for every request in flight. Bodies are as stored:
// CloudTrail's objects say Content-Encoding: gzip, which net/http would undo.
func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = 2 * maxFlight
		t.MaxIdleConnsPerHost = maxFlight + maxAhead
		t.ResponseHeaderTimeout = time.Minute
		t.ReadBufferSize = 16 << 10 // per connection; large reads pass it by
		t.DisableCompression = true
	})
}

func (s *Source) newClient(cfg aws.Config, o *Options) *s3.Client {
	return s3.NewFromConfig(cfg, func(c *s3.Options) {
		if o.EndpointURL != "" {
			c.BaseEndpoint = aws.String(o.EndpointURL)
			c.UsePathStyle = true
		}
		c.Retryer = newRetryer(s.pace, s.gate, s.login)
		// gzip has its own checksum, and parts of objects have none here.
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		c.DisableLogOutputChecksumValidationSkipped = true
	})
}

// firstTries are fewer than usual: who mistyped an address is not to wait for long.
const firstTries = 4

// region asks for the bucket's region, which any region's endpoint tells, even to
// those who may not ask. Other refusals are left to List: answers to this request have
// no content that could say why.
func (s *Source) region(ctx context.Context) (string, error) {
	out, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.location.Bucket}, func(o *s3.Options) {
		o.RetryMaxAttempts = min(firstTries, s.pace.tries)
	})
	switch hint := regionHint(err); {
	case err == nil:
		return aws.ToString(out.BucketRegion), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case hint != "" || status(err) != 0:
		return hint, nil
	}
	return "", failed("open "+s.location.String(), err)
}

// Prefetch implements trail.Prefetcher.
func (s *Source) Prefetch() int { return maxFlight }
