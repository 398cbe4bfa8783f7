package iam

import (
	"fmt"
	"strings"
)

// ARN is an Amazon Resource Name split at its first five colons.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// ParseARN splits s; the resource part may hold further colons. It fails when s
// does not begin with "arn:" or has fewer than six parts; the parts themselves
// are not checked, so that patterns parse too.
func ParseARN(s string) (ARN, error) {
	parts := strings.SplitN(s, ":", 6)
	if parts[0] != "arn" || len(parts) < 6 {
		return ARN{}, fmt.Errorf("%q is not an ARN: want arn:partition:service:region:account:resource", clip(s))
	}
	return ARN{parts[1], parts[2], parts[3], parts[4], parts[5]}, nil
}

// String joins the parts again.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// clip shortens hostile text for an error message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
