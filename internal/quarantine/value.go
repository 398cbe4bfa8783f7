package quarantine

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// Bounds of what a file may say. AWS gives access key ids 16 to 128 characters (IAM
// API reference, AccessKey) and ARNs at most 2,048.
const (
	maxName    = 40
	maxReason  = 1000
	minKey     = 16
	maxKey     = 128
	maxPattern = 2048
)

// checkName refuses what must not be a part of a lane.
func checkName(s string) error {
	if len(s) == 0 || len(s) > maxName || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%q: want 1 to %d of a-z, 0-9 and -", s, maxName)
	}
	return nil
}

func checkReason(s string) error {
	if len(s) > maxReason {
		return fmt.Errorf("the reason has more than %d bytes", maxReason)
	}
	return nil
}

// accessKey checks the id of an access key: of a user, or of temporary credentials.
func accessKey(s string) (string, error) {
	if len(s) < minKey || len(s) > maxKey || strings.Trim(s, alphanumeric) != "" ||
		!strings.HasPrefix(s, "AKIA") && !strings.HasPrefix(s, "ASIA") {
		return "", fmt.Errorf("access key id %q: want AKIA… or ASIA… in full", s)
	}
	return s, nil
}

// address gives an address its canonical form: "192.0.2.1", "192.0.2.0/24",
// "2001:db8::/32", or the name of a service in lower case.
func address(s string) (string, error) {
	if p, ok := prefixOf(s); ok {
		if p.IsSingleIP() {
			return p.Addr().String(), nil
		}
		return p.String(), nil
	}
	// Source: CloudTrail user guide, "CloudTrail record contents", sourceIPAddress: for
	// services, the DNS name; for actions from within AWS, "AWS Internal".
	if s == "AWS Internal" {
		return s, nil
	}
	name := strings.ToLower(s)
	if strings.HasSuffix(name, ".amazonaws.com") || strings.HasSuffix(name, ".amazonaws.com.cn") {
		return name, nil
	}
	return "", fmt.Errorf("address %q: want an IP address, a CIDR block, or the name of a service such as cloudformation.amazonaws.com", s)
}

// prefixOf reads an address or a CIDR block. IPv4 addresses in IPv6 notation are
// IPv4 addresses.
func prefixOf(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return netip.Prefix{}, false
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}

// session checks the ARN, unique id or name of a session, or a pattern of these.
func session(s string) (string, error) {
	if err := checkPattern(s); err != nil {
		return "", fmt.Errorf("session %w", err)
	}
	return s, nil
}

// principal checks the ARN of a principal, or a pattern of ARNs.
func principal(s string) (string, error) {
	if err := checkPattern(s); err != nil {
		return "", fmt.Errorf("principal %w", err)
	}
	if !strings.HasPrefix(s, "arn:") && !strings.ContainsAny(s, "*?") {
		return "", fmt.Errorf("principal %q: want an ARN, or a pattern of ARNs", s)
	}
	return s, nil
}

func checkPattern(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case len(s) > maxPattern:
		return fmt.Errorf("has more than %d bytes", maxPattern)
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return fmt.Errorf("%q: has spaces or control characters", s)
	}
	return nil
}

// moment reads a date, which is its beginning in UTC, or a time.
func moment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 9999 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: want 2026-08-01 or 2026-08-01T09:30:00Z", s)
}
