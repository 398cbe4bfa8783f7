package usage

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestEveryTextIsLookedAt changes one text of a record at a time, which memory
// must not take for the record before.
func TestEveryTextIsLookedAt(t *testing.T) {
	for _, shape := range []reflect.Type{reflect.TypeFor[Identity](), reflect.TypeFor[Record]()} {
		for i := range shape.NumField() {
			if shape.Field(i).Type.Kind() != reflect.String {
				continue
			}
			if !slices.ContainsFunc(make([]int, 4), func(int) bool { return looksAt(shape, i) }) {
				t.Errorf("%s.%s is not looked at", shape, shape.Field(i).Name)
			}
		}
	}
}

// looksAt reports whether a changed field makes another key or caller. That may fail by
// chance: two callers can have one slot.
func looksAt(shape reflect.Type, i int) bool {
	if name := shape.Field(i).Name; name == "EventID" || name == "SharedID" {
		return true
	}
	b := NewBuilder()
	r := session("", "GetObject", noon)
	of := reflect.ValueOf(&r).Elem()
	if shape == reflect.TypeFor[Identity]() {
		of = reflect.ValueOf(&r.Identity).Elem()
	}
	first := b.callKey(&r, 1)
	callers := len(b.callers.filled())
	of.Field(i).SetString(of.Field(i).String() + "2")
	again := b.callKey(&r, 1)
	return first != again || len(b.callers.filled()) != callers
}

// filled lists the slots that hold something.
func (c *recent[V]) filled() []string {
	var all []string
	for i := range c.slots {
		if c.slots[i].kind != 0 {
			all = append(all, string(c.slots[i].raw))
		}
	}
	return all
}

func TestRecent(t *testing.T) {
	c, r := newRecent[int](8), rand.New(rand.NewPCG(1, 3))
	hits := 0
	for range 5000 {
		n := r.IntN(40)
		kind, raw := byte('a'+n%2), []byte(strings.Repeat("x", n/2))
		slot := c.slot(kind, raw)
		if slot.holds(kind, raw) {
			hits++
			if slot.value != n {
				t.Fatalf("%d instead of %d", slot.value, n)
			}
		}
		slot.set(kind, raw, n)
	}
	if hits == 0 {
		t.Error("nothing was remembered")
	}
	long := make([]byte, maxRecent+1)
	if slot := c.slot('a', long); slot != nil || slot.holds('a', long) {
		t.Error("a long text is remembered")
	}
}

// A serial number stands for its own identity only, also where another one had its slot.
func TestSerials(t *testing.T) {
	b := NewBuilder()
	one, two := session("1", "GetObject", noon), session("2", "GetObject", noon)
	two.Identity.IssuerARN = "arn:aws:iam::111122223333:role/two"
	plain := [2]callKey{b.callKey(&one, 1), b.callKey(&two, 1)}
	if plain[0] == plain[1] {
		t.Fatal("the identities are one")
	}
	for round := range 3 {
		for i, r := range []*Record{&one, &two} {
			r.Identity.Serial = uint64(5 + recentCallers*(2*round+i))
			for range 2 {
				if b.callKey(r, 1) != plain[i] {
					t.Errorf("serial %d: another caller", r.Identity.Serial)
				}
			}
		}
	}
	for _, id := range []Identity{{}, one.Identity, {Type: "AWSAccount", AccountID: "1"}} {
		id.Serial = 0
		plain := Credit(&id)
		if id.Serial = 9; Credit(&id) != plain {
			t.Errorf("%+v: the serial number changes who it is", id)
		}
	}
	one.Identity.Serial, two.Identity.Serial = 7, 7
	if b.callKey(&one, 1) != b.callKey(&two, 1) {
		t.Error("an identity is looked at though its serial number is known")
	}
}

// Frames that differ in one text, or share a slot, are told apart.
func TestRecentFrames(t *testing.T) {
	b, rng := NewBuilder(), rand.New(rand.NewPCG(4, 5))
	text := func() string { return strings.Repeat("x", rng.IntN(3)) }
	for range 3000 {
		r := Record{
			EventSource: text(), EventName: fmt.Sprint(rng.IntN(3000)), EventType: text(), Category: text(), Region: text(),
			RecipientAccount: text(), ErrorCode: text(), Outcome: text(), Lane: text(),
		}
		for range 2 {
			f, at := b.frame(&r), b.texts.at
			got := []string{at(f.source), at(f.name), at(f.eventType), at(f.category), at(f.region), at(f.recipient), at(f.errorCode), at(f.outcome), at(f.lane)}
			want := []string{r.EventSource, r.EventName, r.EventType, r.Category, r.Region, r.RecipientAccount, r.ErrorCode, r.Outcome, r.Lane}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q instead of %q", got, want)
			}
		}
	}
	odd := Record{EventName: "\xff"}
	if f := b.frame(&odd); b.texts.at(f.name) != "\uFFFD" || b.frame(&odd) != f {
		t.Errorf("%q", b.texts.at(f.name))
	}
}

// TestAppendTexts moves bytes from one text to the next.
func TestAppendTexts(t *testing.T) {
	seen := map[string]string{}
	for _, texts := range [][]string{{"ab", ""}, {"a", "b"}, {"", "ab"}, {"ab"}, {"a\x00\x00\x00\x00b"}, {"a", "", "b"}} {
		key := string(appendTexts(nil, texts...))
		if other, ok := seen[key]; ok {
			t.Errorf("%q looks like %s", texts, other)
		}
		seen[key] = fmt.Sprintf("%q", texts)
	}
}
