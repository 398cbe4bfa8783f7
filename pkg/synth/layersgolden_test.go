package synth

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// goldenRequest is one line of the collected decisions, in the form of `tighten simulate`.
type goldenRequest struct {
	ID, Want, Action, Resource, Principal, Account string
	Context                                        map[string]any
	Policies, Boundary, VPCE                       []json.RawMessage
	Session, ResourcePolicy                        json.RawMessage
	SCPs, RCPs                                     [][]json.RawMessage
}

// TestLayersGolden: on requests with a resource policy, what layers call certain is
// what independent evaluators allow, though layers know less of the context; and what
// those allow, layers do not rule out.
func TestLayersGolden(t *testing.T) {
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(root, "golden/policy-decisions.ndjson"))
	if err != nil {
		t.Skip("no collected decisions; set TIGHTEN_SHARED to their folder")
	}
	defer f.Close()
	certain, asked := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var q goldenRequest
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		a, err := iam.ParseARN(q.Principal)
		if err != nil || q.ResourcePolicy == nil || q.Session != nil || len(q.SCPs)+len(q.RCPs)+len(q.VPCE) > 0 ||
			!strings.HasPrefix(a.Resource, "user/") && !strings.HasPrefix(a.Resource, "role/") {
			continue
		}
		asked++
		sure, perhaps := goldenLayers(t, &q, a)
		switch {
		case sure && q.Want != "allow":
			t.Errorf("%s is certain, want %s", q.ID, q.Want)
		case sure:
			certain++
		case perhaps == "" && q.Want == "allow":
			t.Errorf("%s is ruled out, want allow", q.ID)
		}
	}
	if asked < 30 || certain < 5 {
		t.Errorf("%d asked, %d certain", asked, certain)
	}
}

func goldenLayers(t *testing.T, q *goldenRequest, a iam.ARN) (certain bool, perhaps string) {
	t.Helper()
	docs := func(raws []json.RawMessage) (out []*iam.Document) {
		for _, raw := range raws {
			d, err := iam.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, d)
		}
		return out
	}
	compiled := func(list []*iam.Document) *iam.Set {
		set, err := iam.Compile(list...)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	p := &account.Principal{ARN: q.Principal, Account: a.Account, Kind: account.RoleKind, Name: a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]}
	if strings.HasPrefix(a.Resource, "user/") {
		p.Kind = account.UserKind
	}
	l := newLayers(&account.Snapshot{Policies: map[string]*account.Policy{}})
	if q.Boundary != nil {
		p.Boundary = limitARN
		l.boundaries[limitARN] = compiled(docs(q.Boundary))
	}
	r := &resourceLayer{account: q.Account, document: docs([]json.RawMessage{q.ResourcePolicy})[0]}
	r.compiled()
	return l.allows(r, &subject{p: p}, compiled(docs(q.Policies)), &observation{action: q.Action, resource: q.Resource})
}
