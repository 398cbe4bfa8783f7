package synth

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// silentShare: a principal is silent that was active on at most one of so many days.
const silentShare = 10

// recovery says why a principal counts as kept ready for disasters, or "". It must be
// silent, and its name or tags say so; or they hint at it, and it may restore or fail
// over; or it was never used, and much of what it may do is that.
func recovery(s *subject) string {
	active := len(s.active())
	if s.window.Days == 0 || active*silentShare > s.window.Days {
		return ""
	}
	strong, weak := recoveryName(s.p)
	restores, all := recoveryGrants(s)
	switch {
	case strong != "":
		return fmt.Sprintf("looks like a disaster-recovery role by its name or tags (%s), active on %d of %d days", strong, active, s.window.Days)
	case weak != "" && restores > 0:
		return fmt.Sprintf("looks like a disaster-recovery role by its name or tags (%s) and what it may restore, active on %d of %d days", weak, active, s.window.Days)
	case active == 0 && restores >= 2 && restores*4 >= all:
		return fmt.Sprintf("looks like a disaster-recovery role by what it may restore, and unused in %d days", s.window.Days)
	}
	return ""
}

// recoveryName finds the words of a principal's name and tags that mean recovery, and
// those that may.
func recoveryName(p *account.Principal) (strong, weak string) {
	list := nameWords(p.Name)
	for _, k := range sortedKeys(p.Tags) {
		list = append(append(list, nameWords(k)...), nameWords(p.Tags[k])...)
	}
	for _, w := range list {
		switch w {
		case "dr", "drp", "bcdr", "disaster", "failover", "failback":
			return w, ""
		case "recovery", "recover", "restore", "backup", "standby", "bcp":
			weak = w
		}
	}
	return "", weak
}

// nameWords splits a name at what is no letter or digit and where a capital begins a word,
// in lower case: "DRFailover-role" is dr, failover, role.
func nameWords(name string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	list := []rune(name)
	for i, r := range list {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(list[i-1]) || i+1 < len(list) && unicode.IsLower(list[i+1])) {
			end()
		}
		word = append(word, r)
	}
	end()
	return out
}

// recoveryGrants counts the action patterns that are granted, and those of them that
// name a restore or a failover. A pattern for all of a service names nothing.
func recoveryGrants(s *subject) (restores, all int) {
	for _, g := range s.grants {
		if g.Policy.Document == nil {
			continue
		}
		for i := range g.Policy.Document.Statements {
			st := &g.Policy.Document.Statements[i]
			if st.Effect != iam.Allow {
				continue
			}
			for _, a := range st.Action {
				all++
				if restoring(a) {
					restores++
				}
			}
		}
	}
	return restores, all
}

// restoring knows the names of actions that bring something back or over. Sources:
// service authorization reference (RestoreDBInstance…, FailoverDBCluster,
// SwitchoverGlobalCluster, PromoteReadReplica, StartRestoreJob, StartRecovery,
// StartFailbackLaunch), 2026-11.
func restoring(pattern string) bool {
	_, name, _ := strings.Cut(strings.ToLower(pattern), ":")
	for _, p := range []string{"restore", "failover", "failback", "switchover", "promoteread", "startrestore", "startrecovery", "startfailback", "recover"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
