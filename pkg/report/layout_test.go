package report

import (
	"slices"
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		f    func(string, int) string
		s    string
		n    int
		want string
	}{
		{middle, "short", 5, "short"},
		{middle, "role/etl/nightly-eu-west-1", 16, "role/…-eu-west-1"},
		{end, "observed 20 days", 12, "observed 20…"},
		{middle, "注文注文注文", 6, "…注文"},
		{middle, "abc", 1, "…"},
		{middle, "abc", 0, ""},
		{middle, "", 0, ""},
	} {
		got := c.f(c.s, c.n)
		if got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestDistinct(t *testing.T) {
	names := []string{
		"role/etl/orders-one-nightly-aggregation-job",
		"role/etl/orders-two-nightly-aggregation-job",
		"role/web",
		"role/etl/orders-one-nightly-aggregation-job",
	}
	got := distinct(names, 24)
	if got[0] == got[1] {
		t.Errorf("two roles look the same: %q", got)
	}
	if got[0] != got[3] || got[2] != "role/web" {
		t.Errorf("got %q", got)
	}
	for _, s := range got {
		if width(s) > 24 {
			t.Errorf("%q is too wide", s)
		}
	}
}

func TestTable(t *testing.T) {
	mk := func() *table {
		return &table{
			cols: []shape{{title: "NAME", least: 6, fit: fitNames}, {title: "N", right: true}, {title: "TEXT", least: 4, fit: fitProse}},
			rows: [][]cell{{{text: "a"}, {text: "1"}, {text: "one"}}, {{text: "注文注文"}, {text: "20"}, {}}},
		}
	}
	want := []string{"NAME       N  TEXT", "a          1  one", "注文注文  20"}
	if got := mk().lines(40, pen{}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := mk().need(); got != 16 {
		t.Errorf("needs %d, want 16", got)
	}
	for _, l := range mk().lines(16, pen{}) {
		if width(l) > 16 {
			t.Errorf("%q is too wide", l)
		}
	}
	for i, l := range mk().lines(40, pen{color: true}) {
		if got := ours.ReplaceAllString(l, ""); got != want[i] {
			t.Errorf("colour moves the columns: %q, want %q", got, want[i])
		}
	}
}

func TestWrap(t *testing.T) {
	got := wrap(glue([]string{"180 used", "12 denied", "3 other"}), 18)
	if want := []string{"180 used ·", "12 denied ·", "3 other"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := wrap("a "+strings.Repeat("b", 30)+" c", 10); !slices.Equal(got, []string{"a", "bbb…bbbbbb", "c"}) {
		t.Errorf("got %q", got)
	}
	if got := wrap("", 10); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		number(0): "0", number(999): "999", number(1000): "1,000", number(int64(-1234567)): "-1,234,567",
		plural(1, "day"): "1 day", plural(2, "day"): "2 days", plural(2, "query"): "2 queries", plural(3, "entry"): "3 entries",
		size(999): "999 bytes", size(38112004): "38.1 MB", size(999_950): "1.0 MB", size(2_000_000_000_000_000): "2.0 PB",
		fewer(1000, 1): "99.9 % fewer", fewer(100000, 1): "99.9 % fewer", fewer(10, 0): "100 % fewer", fewer(0, 3): "", fewer(4, 4): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
