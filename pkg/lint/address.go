package lint

import (
	"net/netip"
	"strings"
)

// checkAddresses looks at the values of IpAddress and NotIpAddress.
func (d *document) checkAddresses(s *statement, c *condition) {
	var private, public []*value
	for _, v := range c.values {
		if v.kind == object || v.kind == array || variable(v.text) {
			continue
		}
		p, ok := prefixOf(v.text)
		if !ok {
			d.report("value-address", v.span, "%q is no address or range: want a form such as 203.0.113.0/24", clip(v.text))
			continue
		}
		if p.Masked() != p {
			d.report("address-range", v.span, "%q has bits set beyond its prefix: it means %s", clip(v.text), p.Masked())
		}
		if isPrivate(p) {
			private = append(private, v)
		} else {
			public = append(public, v)
		}
	}
	if !strings.EqualFold(c.key, "aws:SourceIp") || len(private) == 0 {
		return
	}
	d.privateAddresses(c, private, len(public) == 0)
}

// privateAddresses reports addresses that aws:SourceIp never has: it is the public one,
// and absent in requests through VPC endpoints.
func (d *document) privateAddresses(c *condition, private []*value, all bool) {
	switch {
	case all && c.op.negated:
		d.report("private-not-address", c.holder.span, "aws:SourceIp is never a private address: the clause always holds")
	case all:
		d.report("private-address", c.holder.span, "aws:SourceIp is never a private address: the clause never holds")
	case c.op.negated:
		d.report("private-not-address-part", private[0].span, "%q does nothing here: aws:SourceIp is never a private address", clip(private[0].text))
	default:
		d.report("private-address-part", private[0].span, "%q does nothing here: aws:SourceIp is never a private address", clip(private[0].text))
	}
}

func prefixOf(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, true
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

func isPrivate(p netip.Prefix) bool {
	for _, s := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"} {
		if q := netip.MustParsePrefix(s); q.Bits() <= p.Bits() && q.Contains(p.Addr()) {
			return true
		}
	}
	return false
}
