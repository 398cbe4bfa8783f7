package simulate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Refused says what of a document IAM refuses, where a decision on the rest would
// mislead: a misspelt version turns variables into text, a misspelt principal names
// nobody (IAM user guide, policy grammar). path is a JSON pointer.
func Refused(d *iam.Document) (path string, err error) {
	if _, there := d.Locate("/Statement"); !there {
		return "/Statement", errors.New("is missing: this is no policy document")
	}
	switch d.Version {
	case "", "2008-10-17", iam.CurrentVersion:
	default:
		return "/Version", errors.New("want 2012-10-17 or 2008-10-17")
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		for name, p := range map[string]*iam.Principals{"Principal": s.Principal, "NotPrincipal": s.NotPrincipal} {
			if err := refusedPrincipals(p); err != nil {
				return iam.Pointer("Statement", fmt.Sprint(i), name), err
			}
		}
	}
	return "", nil
}

func refusedPrincipals(p *iam.Principals) error {
	if p == nil {
		return nil
	}
	for kind, names := range p.ByKind {
		switch kind {
		case "AWS":
			if i := slices.IndexFunc(names, func(n string) bool { return !principalForm(n) }); i >= 0 {
				return fmt.Errorf("%.100q is no ARN, account, unique id or *", names[i])
			}
		case "Service", "Federated", "CanonicalUser":
		default:
			return fmt.Errorf("%.100q is no kind of principal: want AWS, Service, Federated or CanonicalUser", kind)
		}
	}
	return nil
}

// principalForm reports whether a name has a form in which IAM takes principals.
func principalForm(name string) bool {
	if name == "*" || len(name) == 12 && strings.Trim(name, "0123456789") == "" {
		return true
	}
	if a, err := iam.ParseARN(name); err == nil {
		return (a.Service == "iam" || a.Service == "sts") && a.Resource != ""
	}
	const unique = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" // AIDA…, AROA… and others: 16 characters or more
	return len(name) >= 16 && name[0] == 'A' && strings.Trim(name, unique) == ""
}
