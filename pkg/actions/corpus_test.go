package actions

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sharedDir finds the folder of shared test data, or skips the test.
func sharedDir(t testing.TB) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("TIGHTEN_SHARED"), filepath.Join("..", "..", "..", "shared"))
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no shared test data; set TIGHTEN_SHARED to its folder")
	}
	return dir
}

// record is the part of a CloudTrail record that a Call is made of.
type record struct {
	EventSource, EventName, EventType, EventCategory string
	AWSRegion, RecipientAccountID                    string
	ErrorCode, ErrorMessage                          string
	ReadOnly                                         any
	UserIdentity                                     struct{ Type, AccountID, InvokedBy string }
	RequestParameters, ResponseElements, Resources   any
	AdditionalEventData                              any
}

// call flattens a record as internal/args does, without its economies.
func (r *record) call() *Call {
	c := &Call{
		EventSource: r.EventSource, EventName: r.EventName, EventType: r.EventType, Category: r.EventCategory,
		Region: r.AWSRegion, Account: r.UserIdentity.AccountID, RecipientAccount: r.RecipientAccountID,
		PrincipalType: r.UserIdentity.Type, InvokedBy: r.UserIdentity.InvokedBy,
		ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage,
	}
	switch r.ReadOnly {
	case true, "true":
		c.ReadOnly = True
	case false, "false":
		c.ReadOnly = False
	}
	c.Args = flatten(c.Args, "p", r.RequestParameters)
	c.Args = flatten(c.Args, "r", r.ResponseElements)
	c.Args = flatten(c.Args, "s", r.Resources)
	c.Args = flatten(c.Args, "a", r.AdditionalEventData)
	slices.SortFunc(c.Args, func(a, b Arg) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Value, b.Value))
	})
	c.Args = slices.Compact(c.Args)
	return c
}

func flatten(dst []Arg, path string, v any) []Arg {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			dst = flatten(dst, path+"."+k, e)
		}
	case []any:
		for _, e := range v {
			dst = flatten(dst, path+"[]", e)
		}
	case string:
		if len(v) > 1024 {
			v = ""
		}
		dst = append(dst, Arg{Path: path, Value: v})
	case bool:
		dst = append(dst, Arg{Path: path, Value: strconv.FormatBool(v)})
	case float64:
		dst = append(dst, Arg{Path: path})
	}
	return dst
}

// corpusRecords reads all records below dir; broken ones are left out.
func corpusRecords(t testing.TB, dir string) []record {
	t.Helper()
	var out []record
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			data, _ = io.ReadAll(z)
		}
		var file struct{ Records []json.RawMessage }
		if json.Unmarshal(data, &file) != nil || file.Records == nil {
			file.Records = nil
			for line := range bytes.Lines(data) {
				file.Records = append(file.Records, json.RawMessage(line))
			}
			var one []json.RawMessage
			if json.Unmarshal(data, &one) == nil {
				file.Records = one
			}
		}
		for _, raw := range file.Records {
			var r record
			if err := json.Unmarshal(raw, &r); (err == nil || r.EventName != "") && r.EventName != "" {
				out = append(out, r)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tally is what the corpus test counts.
type tally struct {
	records, apiCalls, unmapped       int
	pairs, unmappedPairs              map[string]bool
	level, derived                    map[string]bool // resource-level pairs with parameters
	classes                           map[Class]int
	unknownActions, inconsistentKinds []string
}

func (n *tally) add(c *Call, res Resolution, cat *Catalog) {
	n.records++
	n.classes[res.Class]++
	if c.EventType != "AwsApiCall" && c.EventType != "" {
		return
	}
	pair := c.EventSource + " " + c.EventName
	n.apiCalls++
	n.pairs[pair] = true
	if res.Class == ClassUnmapped {
		n.unmapped++
		n.unmappedPairs[pair] = true
	}
	named := slices.ContainsFunc(c.Args, func(a Arg) bool { return strings.HasPrefix(a.Path, "p") })
	for _, u := range res.Uses {
		if f, ok := cat.Lookup(u.Action); !ok || f.Name != u.Action {
			n.unknownActions = append(n.unknownActions, u.Action)
		}
		if err := kindError(u); err != "" {
			n.inconsistentKinds = append(n.inconsistentKinds, pair+": "+err)
		}
		if named && u.Kind != KindStar && (u.Basis == Logged || u.Basis == Ambiguous) {
			n.level[pair] = true
			if u.Kind == KindARN || u.Kind == KindPattern {
				n.derived[pair] = true
			}
		}
	}
}

// kindError says what is wrong between a use's kind and its resource.
func kindError(u Use) string {
	wild := strings.ContainsAny(u.Resource, "*?")
	ok := false
	switch u.Kind {
	case KindARN:
		ok = !wild && strings.HasPrefix(u.Resource, "arn:")
	case KindPattern:
		ok = wild && strings.HasPrefix(u.Resource, "arn:")
	case KindStar:
		ok = u.Resource == "*"
	case KindNone:
		ok = u.Resource == ""
	}
	if ok {
		return ""
	}
	return fmt.Sprintf("%s is %q with resource %q", u.Action, u.Kind, u.Resource)
}

func TestCorpus(t *testing.T) {
	cat := Default()
	r := NewResolver(cat)
	n := tally{
		pairs: map[string]bool{}, unmappedPairs: map[string]bool{}, classes: map[Class]int{},
		level: map[string]bool{}, derived: map[string]bool{},
	}
	records := corpusRecords(t, filepath.Join(sharedDir(t), "corpus", "logs"))
	if len(records) < 4000 {
		t.Fatalf("%d records, want the corpus's 4,008", len(records))
	}
	for i := range records {
		c := records[i].call()
		n.add(c, r.Resolve(c), cat)
	}
	t.Logf("%d records %v", n.records, n.classes)
	t.Logf("API calls %d, unmapped %d (%.2f%%); pairs %d, unmapped %d (%.2f%%)", n.apiCalls, n.unmapped,
		percent(n.unmapped, n.apiCalls), len(n.pairs), len(n.unmappedPairs), percent(len(n.unmappedPairs), len(n.pairs)))
	t.Logf("resource-level pairs with parameters %d, derived %d (%.2f%%)", len(n.level), len(n.derived), percent(len(n.derived), len(n.level)))
	for p := range n.unmappedPairs {
		t.Log("unmapped: ", p)
	}
	for p := range n.level {
		if !n.derived[p] {
			t.Log("underived: ", p)
		}
	}
	if percent(n.unmapped, n.apiCalls) > 1 || percent(len(n.unmappedPairs), len(n.pairs)) > 4 {
		t.Error("too many unmapped")
	}
	// The rest list without naming, or name an association instead of its ends.
	if percent(len(n.derived), len(n.level)) < 95 {
		t.Error("too few resources derived")
	}
	for _, a := range n.unknownActions {
		t.Errorf("mapped to %q, which does not exist", a)
	}
	for _, e := range n.inconsistentKinds {
		t.Error(e)
	}
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }
