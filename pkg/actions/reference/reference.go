// Package reference reads AWS's service reference: the index of the services
// and one file for each, "Simplified AWS service information for programmatic
// access" in the Service Authorization Reference (read 2026-11-23).
//
// What comes over the network is hostile until checked: a file with anything
// that could not be AWS's is refused whole, with the reason. Fields that are not
// known are passed over, as AWS adds some from time to time.
package reference

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The bounds on input. AWS's largest file, EC2's, is below 2 MB, and the index
// below 100 kB.
const (
	MaxIndex    = 2 << 20  // bytes of the index
	MaxFile     = 16 << 20 // bytes of one service's file
	maxServices = 4_000
	maxActions  = 10_000 // a service
	maxTypes    = 2_000
	maxList     = 5_000 // members of any other list
)

// Entry is one line of the index.
type Entry struct {
	Service  string `json:"service"`
	URL      string `json:"url"`
	Modified string `json:"modified,omitempty"` // as the index spells it; "" where it does not tell
}

// Date is the day of Modified, "" where that is no time: the index counts
// seconds or milliseconds since 1970, or spells the time out.
func (e *Entry) Date() string {
	if n, err := strconv.ParseInt(e.Modified, 10, 64); err == nil {
		const milliseconds = 100_000_000_000
		if n > milliseconds {
			n /= 1000
		}
		if n > 0 && n < milliseconds {
			return time.Unix(n, 0).UTC().Format(time.DateOnly)
		}
	}
	if t, err := time.Parse(time.RFC3339, e.Modified); err == nil {
		return t.UTC().Format(time.DateOnly)
	}
	return ""
}

// ParseIndex reads the index. An error tells what is wrong with it.
func ParseIndex(data []byte) ([]Entry, error) {
	if err := wellFormed(data, MaxIndex); err != nil {
		return nil, err
	}
	var wire []struct {
		Service, URL string
		Modified     json.RawMessage
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return nil, fmt.Errorf("not an index of services: %w", err)
	}
	if len(wire) == 0 || len(wire) > maxServices {
		return nil, fmt.Errorf("lists %d services, want 1 to %d", len(wire), maxServices)
	}
	seen := map[string]bool{}
	out := make([]Entry, 0, len(wire))
	for i, w := range wire {
		if !prefixName(w.Service) {
			return nil, fmt.Errorf("entry %d: %s is not a service prefix", i+1, quote(w.Service))
		}
		if seen[w.Service] {
			return nil, fmt.Errorf("lists the service %s twice", w.Service)
		}
		seen[w.Service] = true
		modified := strings.Trim(string(w.Modified), `"`)
		if modified == "null" || len(modified) > 40 || !printable(modified) {
			modified = ""
		}
		if len(w.URL) > 500 || !printable(w.URL) || w.URL == "" {
			return nil, fmt.Errorf("service %s: %s is not a URL", w.Service, quote(w.URL))
		}
		out = append(out, Entry{w.Service, w.URL, modified})
	}
	return out, nil
}

// Service is what one file tells, in the order of the file.
type Service struct {
	Name       string      `json:"name"`
	Actions    []Action    `json:"actions"`
	Types      []Type      `json:"types,omitempty"`
	Operations []Operation `json:"operations,omitempty"`
}

// Action is one action of a service.
type Action struct {
	Name    string   `json:"name"`
	Level   string   `json:"level,omitempty"` // as actions.Level has it; "" where the file does not tell
	Keys    []string `json:"keys,omitempty"`  // condition keys
	Types   []string `json:"types,omitempty"` // resource types, by name; the file may fail to define one
	Tracked bool     `json:"tracked,omitempty"`
}

// Type is a resource type.
type Type struct {
	Name string   `json:"name"`
	ARNs []string `json:"arns,omitempty"` // templates
	Keys []string `json:"keys,omitempty"`
}

// Operation is an API operation with all actions that it may be authorized by,
// over all combinations of parameters: evidence, never a mapping.
type Operation struct {
	Name    string   `json:"name"`
	Actions []string `json:"actions,omitempty"` // "service:Name"
}

// wireService is the file as AWS writes it.
type wireService struct {
	Name    string
	Actions []struct {
		Name                string
		ActionConditionKeys []string
		Annotations         *struct {
			Properties *struct{ IsList, IsPermissionManagement, IsTaggingOnly, IsWrite *bool }
		}
		Resources   []struct{ Name string }
		SupportedBy map[string]any
	}
	Resources []struct {
		Name                      string
		ARNFormats, ConditionKeys []string
	}
	Operations []struct {
		Name              string
		AuthorizedActions []struct{ Name, Service string }
	}
}

// lastAccessed is the member of SupportedBy that tells of action last accessed.
const lastAccessed = "IAM Action Last Accessed"

// ParseService reads the file of the service of that prefix. An error tells
// what is wrong with it.
func ParseService(data []byte, prefix string) (*Service, error) {
	if err := wellFormed(data, MaxFile); err != nil {
		return nil, err
	}
	var wire wireService
	if err := json.Unmarshal(data, &wire); err != nil {
		return nil, fmt.Errorf("not a service's file: %w", err)
	}
	if wire.Name != prefix {
		return nil, fmt.Errorf("is of the service %s, want %s", quote(wire.Name), prefix)
	}
	s := wire.service()
	return s, s.Check()
}

// service reduces the file to what we use.
func (w *wireService) service() *Service {
	s := &Service{Name: w.Name}
	for i := range w.Actions {
		a := &w.Actions[i]
		out := Action{Name: a.Name, Keys: a.ActionConditionKeys}
		if a.Annotations != nil && a.Annotations.Properties != nil {
			p := a.Annotations.Properties
			out.Level = level(p.IsPermissionManagement, p.IsTaggingOnly, p.IsWrite, p.IsList)
		}
		for _, r := range a.Resources {
			out.Types = append(out.Types, r.Name)
		}
		out.Tracked, _ = a.SupportedBy[lastAccessed].(bool)
		s.Actions = append(s.Actions, out)
	}
	for _, r := range w.Resources {
		s.Types = append(s.Types, Type{r.Name, r.ARNFormats, r.ConditionKeys})
	}
	for _, o := range w.Operations {
		op := Operation{Name: o.Name}
		for _, a := range o.AuthorizedActions {
			op.Actions = append(op.Actions, a.Service+":"+a.Name)
		}
		s.Operations = append(s.Operations, op)
	}
	return s
}

// level derives the access level of an action from its properties, which may
// hold together; the most telling one counts. None of them: it reads. An absent
// property that would decide leaves the level unknown.
func level(permissions, tagging, write, list *bool) string {
	for _, p := range []struct {
		holds *bool
		level string
	}{{permissions, "Permissions management"}, {tagging, "Tagging"}, {write, "Write"}, {list, "List"}} {
		switch {
		case p.holds == nil:
			return ""
		case *p.holds:
			return p.level
		}
	}
	return "Read"
}
