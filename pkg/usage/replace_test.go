package usage

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// TestReplacedDays checks that of days which a batch replaces nothing is left but what
// the batch has, and that other days are added to.
func TestReplacedDays(t *testing.T) {
	at := func(id string, days int) Record { return session(id, "Get"+id, noon.AddDate(0, 0, days)) }
	today := int32(noon.Unix() / 86400)
	for _, memory := range []int64{0, 1} {
		root, o := memoryDir(t)+"/d", derive("f")
		o.Memory = memory
		extendWith(t, root, o, []Record{at("a", 0), at("b", 1), at("c", 2), at("d", 2)}, nil)
		d, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBuilder()
		for _, r := range []Record{at("d", 2), at("e", 0)} {
			b.Add(&r)
		}
		batch := Gather(b)
		batch.Replaces = func(day int32) bool { return day > today }
		if err := errors.Join(d.Extend(t.Context(), batch, o), d.Close()); err != nil {
			t.Fatal(err)
		}
		if days := slices.Sorted(maps.Keys(d.manifest.Days)); !slices.Equal(days, []string{dateName(today), dateName(today + 2)}) {
			t.Errorf("days %v", days)
		}
		want := memoryDir(t) + "/d"
		extendWith(t, want, derive("f"), []Record{at("a", 0), at("d", 2), at("e", 0)}, nil)
		if !reflect.DeepEqual(eventFiles(t, root), eventFiles(t, want)) {
			t.Errorf("memory %d: other bytes", memory)
		}
	}
}

// TestOtherBound checks that all days are made again where the bound of resources
// changes, and only what follows from facts.
func TestOtherBound(t *testing.T) {
	root, want := memoryDir(t)+"/d", memoryDir(t)+"/d"
	var records []Record
	for i := range 20 {
		r := session(string(rune('a'+i)), "Get", noon.AddDate(0, 0, i%2))
		r.Args[0].Value = "arn:aws:s3:::b/k" + string(rune('a'+i))
		records = append(records, r)
	}
	few := derive("f")
	few.MaxResources = 3
	extendWith(t, root, derive("f"), records, nil)
	extendWith(t, root, few, nil, nil)
	extendWith(t, want, few, records, nil)
	if !reflect.DeepEqual(tree(t, root), tree(t, want)) {
		t.Error("other bytes")
	}
}
