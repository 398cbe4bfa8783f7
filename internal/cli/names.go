package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"github.com/tighten-iam/tighten/pkg/synth"
)

// fileNames hands out file names that are safe on every file system, whatever the
// logs and account files contain, and that differ even where case is ignored.
type fileNames struct{ used map[string]bool }

// place is the path of a proposal's documents, without the ending:
// ACCOUNT/role/NAME/POLICY, ACCOUNT/managed/POLICY, permission-set/NAME/POLICY.
func (n *fileNames) place(p *synth.Proposal) string {
	parts := strings.SplitN(p.Owner, ":", 6)
	acct, rest := "unknown", p.Owner
	if len(parts) == 6 {
		acct, rest = parts[4], parts[5]
	}
	kind, name, _ := strings.Cut(rest, "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	policy := p.Name
	if p.Kind == synth.AWSManaged || p.Kind == synth.PermissionSet && p.ARN != "" {
		policy += "-tightened"
	}
	dir := path.Join(safe(acct), safe(kind), safe(name))
	switch p.Kind {
	case synth.Managed:
		dir = path.Join(safe(acct), "managed")
	case synth.PermissionSet:
		dir = path.Join(safe(kind), safe(name))
	}
	return n.unique(path.Join(dir, safe(policy)), string(p.Key)+"\n"+p.Owner)
}

func (n *fileNames) unique(name, id string) string {
	if n.used[strings.ToLower(name)] {
		sum := sha256.Sum256([]byte(id))
		name += "-" + hex.EncodeToString(sum[:4])
	}
	n.used[strings.ToLower(name)] = true
	return name
}

// safe keeps letters, digits and the signs that IAM names may have, and is never
// empty, a dot name, or a device name of Windows.
func safe(s string) string {
	const maxName = 100
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("+=,.@_-", r):
			return r
		}
		return '_'
	}, s)
	if len(out) > maxName {
		sum := sha256.Sum256([]byte(s))
		out = out[:maxName] + "-" + hex.EncodeToString(sum[:4])
	}
	stem, _, _ := strings.Cut(strings.ToLower(out), ".")
	if strings.Trim(out, ".") == "" || strings.HasPrefix(out, "-") || device[stem] {
		out = "_" + out
	}
	return out
}

var device = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "lpt1": true, "lpt2": true, "lpt3": true}
