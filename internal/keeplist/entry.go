package keeplist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tighten-iam/tighten/pkg/synth"
)

// Bounds of what a file may say. AWS gives ARNs at most 2,048 characters.
const (
	maxText    = 1000
	maxPattern = 2048
	maxEntries = 10000
)

// section is one kind of entries: the members that each must have one of, and those
// that it may have beside reason, owner and expires.
type section struct {
	kind synth.KeepKind
	must []string
	may  []string
}

func sections() []section {
	return []section{
		{synth.KeepPermissions, []string{"actions"}, []string{"resources", "principals", "tags"}},
		{synth.KeepPrincipals, []string{"principals"}, []string{"tags"}},
		{synth.KeepTags, []string{"tags"}, nil},
		{synth.KeepBreakGlass, []string{"principals", "tags"}, nil},
		{synth.KeepSeasonal, []string{"principals", "tags"}, []string{"actions"}},
		{synth.NotDetected, []string{"principals", "tags"}, []string{"classes"}},
	}
}

// sections reads the sections of a file in the order in which it has them.
func (l *List) sections(root *yaml.Node) error {
	if root == nil || root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil // all of it is commented out
	}
	all := sections()
	return members(root, "sections such as permissions and principals", func(key, value *yaml.Node) error {
		i := slices.IndexFunc(all, func(s section) bool { return string(s.kind) == key.Value })
		if i < 0 {
			var names []string
			for _, s := range all {
				names = append(names, string(s.kind))
			}
			return at(key, "unknown section %q; want %s", key.Value, alternatives(names))
		}
		if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" {
			return nil // its entries are commented out
		}
		if value.Kind != yaml.SequenceNode {
			return fmt.Errorf("want a list of entries, not %s", kindOf(value))
		}
		for _, item := range value.Content {
			if len(l.Entries) >= maxEntries {
				return at(item, "more than %d entries", maxEntries)
			}
			e, err := all[i].entry(item)
			if err != nil {
				return err
			}
			e.Where = fmt.Sprintf("%s:%d", l.Name, item.Line)
			l.Entries = append(l.Entries, e)
		}
		return nil
	})
}

func alternatives(names []string) string {
	n := len(names) - 1
	return strings.Join(names[:n], ", ") + " or " + names[n]
}

// entry reads one entry.
func (s *section) entry(n *yaml.Node) (synth.KeepEntry, error) {
	e := synth.KeepEntry{Kind: s.kind}
	known := slices.Concat(s.must, s.may, []string{"reason", "owner", "expires"})
	has := map[string]bool{}
	err := members(n, "an entry with members", func(key, value *yaml.Node) error {
		if !slices.Contains(known, key.Value) {
			return at(key, "unknown member %q of %s; want %s", key.Value, s.kind, alternatives(known))
		}
		has[key.Value] = true
		return set(&e, key.Value, value)
	})
	switch {
	case err != nil:
		return e, err
	case !has["reason"]:
		return e, at(n, "the entry has no reason: say why it stays, so that others can judge it later")
	case !slices.ContainsFunc(s.must, func(m string) bool { return has[m] }):
		return e, at(n, "the entry names nothing: give %s", strings.Join(s.must, " or "))
	}
	return e, nil
}

// set reads one member.
func set(e *synth.KeepEntry, key string, n *yaml.Node) (err error) {
	switch key {
	case "actions":
		e.Actions, err = texts(n, checkAction)
	case "resources":
		e.Resources, err = texts(n, checkResource)
	case "principals":
		e.Principals, err = texts(n, checkPrincipal)
	case "tags":
		e.Tags, err = texts(n, checkTag)
	case "classes":
		var list []string
		list, err = texts(n, checkClass)
		for _, c := range list {
			e.Classes = append(e.Classes, synth.Class(c))
		}
	case "reason":
		e.Reason, err = line(n)
	case "owner":
		e.Owner, err = line(n)
	case "expires":
		e.Expires, err = date(n)
	}
	return err
}

// line reads a text for people, brought to one line.
func line(n *yaml.Node) (string, error) {
	s, err := text(n)
	s = strings.Join(strings.Fields(s), " ")
	switch {
	case err != nil:
		return "", err
	case s == "":
		return "", errors.New("is empty")
	case len(s) > maxText:
		return "", fmt.Errorf("has more than %d bytes", maxText)
	}
	return s, nil
}

func date(n *yaml.Node) (time.Time, error) {
	s, err := text(n)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() <= 1970 || t.Year() >= 9999 {
		return time.Time{}, fmt.Errorf("%q: want the last day on which the entry counts, such as 2027-06-30", s)
	}
	return t, nil
}

func checkPattern(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case len(s) > maxPattern:
		return fmt.Errorf("has more than %d bytes", maxPattern)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%q: has control characters", s)
	}
	return nil
}

func checkAction(s string) error {
	service, name, ok := strings.Cut(s, ":")
	if s != "*" && (!ok || service == "" || name == "" || strings.ContainsFunc(s, notOfAction)) || len(s) > maxPattern {
		return fmt.Errorf("action %q: want service:Name, such as s3:DeleteObject or rds:Restore*", s)
	}
	return nil
}

func notOfAction(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(":*?-_", r))
}

func checkResource(s string) error {
	if err := checkPattern(s); err != nil {
		return fmt.Errorf("resource %w", err)
	}
	if s != "*" && (!strings.HasPrefix(s, "arn:") || strings.Count(s, ":") < 5) {
		return fmt.Errorf("resource %q: want an ARN or a pattern of ARNs, such as arn:aws:s3:::backup-*", s)
	}
	if strings.Contains(s, "${") {
		return fmt.Errorf("resource %q: policy variables are not taken: use * in their place", s)
	}
	return nil
}

func checkPrincipal(s string) error {
	if err := checkPattern(s); err != nil {
		return fmt.Errorf("principal %w", err)
	}
	if !strings.HasPrefix(s, "arn:") && !strings.ContainsAny(s, "*?") {
		return fmt.Errorf("principal %q: want an ARN, or a pattern of ARNs, such as arn:aws:iam::*:role/%s", s, s)
	}
	if strings.Contains(s, ":assumed-role/") {
		return fmt.Errorf("principal %q: is a session: name its role, such as arn:aws:iam::111122223333:role/NAME", s)
	}
	return nil
}

func checkTag(s string) error {
	if err := checkPattern(s); err != nil {
		return fmt.Errorf("tag %w", err)
	}
	if strings.HasPrefix(s, "=") {
		return fmt.Errorf("tag %q: want KEY, or KEY=VALUE where * in VALUE is any text", s)
	}
	return nil
}

func checkClass(s string) error {
	for _, c := range synth.Classes() {
		if s == string(c) {
			return nil
		}
	}
	return fmt.Errorf("class %q: want %s", s, classNames())
}

func classNames() string {
	var names []string
	for _, c := range synth.Classes() {
		names = append(names, string(c))
	}
	return alternatives(names)
}
