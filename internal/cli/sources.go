package cli

import (
	"context"
	"slices"

	"github.com/spf13/pflag"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/s3trail"
)

// s3Flags say how buckets are reached.
type s3Flags struct {
	profile, role, externalID, endpoint string
	requesterPays                       bool
}

func (f *s3Flags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.profile, "profile", "", "AWS profile that reads s3:// logs")
	fl.StringVar(&f.role, "assume-role", "", "ARN of the role that reads s3:// logs")
	fl.StringVar(&f.externalID, "external-id", "", "external id for --assume-role")
	fl.StringVar(&f.endpoint, "endpoint-url", "", "S3 server other than AWS's, such as https://minio.example:9000")
	fl.BoolVar(&f.requesterPays, "requester-pays", false, "accept the charges of requester-pays buckets")
}

// given reports whether any of the flags is set.
func (f *s3Flags) given() bool { return *f != s3Flags{} }

// sources opens what the arguments name. The list of a bucket is bounded by the
// filter.
func (f *logFlags) sources(ctx context.Context, env Env, logs []string) ([]trail.Source, error) {
	locations, err := locations(logs)
	if err != nil {
		return nil, err
	}
	if f.s3.given() && len(locations) == 0 {
		return nil, usagef("--profile, --assume-role, --external-id, --endpoint-url and --requester-pays are for s3:// logs, and none is given")
	}
	if f.s3.externalID != "" && f.s3.role == "" {
		return nil, usagef("--external-id is for --assume-role: name the role too")
	}
	reach := f.s3.options(f.filter())
	if err := reach.Validate(); err != nil {
		return nil, usageError{err}
	}
	var sources []trail.Source
	for _, arg := range logs {
		if s3trail.IsLocation(arg) {
			continue
		}
		s, err := trail.Open(arg, env.Stdin)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	for _, l := range locations {
		s, err := s3trail.New(ctx, l, reach)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// locations are the places in S3 that are named, without those that lie in others:
// no object is to be read twice.
func locations(logs []string) ([]s3trail.Location, error) {
	var named, kept []s3trail.Location
	for _, arg := range logs {
		if !s3trail.IsLocation(arg) {
			continue
		}
		l, err := s3trail.ParseLocation(arg)
		if err != nil {
			return nil, usageError{err}
		}
		named = append(named, l)
	}
	for i, l := range named {
		within := func(j int) bool { return j != i && named[j].Holds(l) && (j < i || !l.Holds(named[j])) }
		if !slices.ContainsFunc(indexes(named), within) {
			kept = append(kept, l)
		}
	}
	return kept, nil
}

func indexes[T any](l []T) []int {
	n := make([]int, len(l))
	for i := range n {
		n[i] = i
	}
	return n
}

func (f *s3Flags) options(filter ingest.Filter) s3trail.Options {
	return s3trail.Options{
		Profile: f.profile, AssumeRole: f.role, ExternalID: f.externalID,
		EndpointURL: f.endpoint, RequesterPays: f.requesterPays,
		Since: filter.Since, Until: filter.Until, Accounts: filter.Accounts, Regions: filter.Regions,
	}
}
