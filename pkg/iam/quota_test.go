package iam

import (
	"strings"
	"testing"
)

func TestOverQuota(t *testing.T) {
	d := mustParse(t, `{"Statement" : []}`)
	if got := d.OverQuota(); len(got) != 0 {
		t.Errorf("a small document is over %v", got)
	}
	for _, c := range []struct{ size, over int }{{2048, 0}, {2049, 3}, {5120, 3}, {5121, 5}, {6144, 5}, {6145, 6}, {10240, 6}, {10241, 8}} {
		d.ID = strings.Repeat("é", c.size-len(`{"Id":"","Statement":[]}`))
		if d.Size() != c.size {
			t.Fatalf("size %d, want %d", d.Size(), c.size)
		}
		if got := d.OverQuota(); len(got) != c.over {
			t.Errorf("%d characters: over %d quotas, want %d", c.size, len(got), c.over)
		}
	}
}

func TestQuotasAreOnePerKind(t *testing.T) {
	seen := map[PolicyKind]bool{}
	for _, q := range Quotas() {
		if seen[q.Kind] || q.Characters < 2048 || q.Source == "" {
			t.Errorf("%+v", q)
		}
		seen[q.Kind] = true
	}
}
