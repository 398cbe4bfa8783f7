package actions

import (
	"errors"
	"fmt"
	"strings"
)

// managedPolicy is the latest known version of an AWS managed policy.
type managedPolicy struct{ version, document string }

// decodePolicies parses the policies file: a line each of ARN, version,
// document, separated by tabs.
func decodePolicies(packed []byte) (map[string]managedPolicy, error) {
	text, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("policies file: %w", err)
	}
	out := make(map[string]managedPolicy, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		arn, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		version, document, ok := strings.Cut(rest, "\t")
		if !ok {
			return nil, errors.New("policies file: malformed line")
		}
		out[arn] = managedPolicy{version, document}
	}
	return out, nil
}

// ManagedPolicy returns the latest known document of an AWS managed policy, and
// that version's id ("v3"). The ARN may be of any partition: the embedded
// documents are those of the aws partition. Decoded on first use.
func (c *Catalog) ManagedPolicy(arn string) (document []byte, version string, ok bool) {
	policies, err := c.policies()
	if err != nil {
		return nil, "", false
	}
	p, ok := policies[arn]
	if !ok {
		if _, rest, isARN := strings.Cut(arn, ":iam::aws:"); isARN {
			p, ok = policies["arn:aws:iam::aws:"+rest]
		}
	}
	return []byte(p.document), p.version, ok
}
