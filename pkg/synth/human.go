package synth

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
)

// human says why a principal counts as used by people, or "". People look around: what
// they read next is not told by what they read last.
func (k *keeper) human(s *subject) string {
	for _, c := range s.seen {
		if how := k.consoles[c.arn]; how != "" {
			return how
		}
	}
	if how := k.consoles[s.p.ARN]; how != "" {
		return how
	}
	if s.password {
		return "has a console password"
	}
	saml := trusts(s.p, "Federated", func(v string) bool { return strings.Contains(v, ":saml-provider/") })
	if saml != "" && len(s.seen) > 0 {
		return "trusts a SAML provider"
	}
	return ""
}

// passwords are the users with a console password, by ARN.
func passwords(s *account.Snapshot) map[string]bool {
	out := map[string]bool{}
	for _, c := range s.Credentials {
		if c.PasswordEnabled {
			out[c.ARN] = true
		}
	}
	return out
}

// usedServices are the prefixes of the services that a subject used with success.
func usedServices(s *subject) map[string]bool {
	out := map[string]bool{}
	for _, c := range s.seen {
		for i := range c.obs {
			if o := &c.obs[i]; o.allowed() && !o.documented() {
				out[servicePrefix(o.action)] = true
			}
		}
	}
	return out
}

// looks reports whether an action shows something and changes nothing.
func looks(f *actions.Fact) bool { return f.Level == actions.Read || f.Level == actions.List }
