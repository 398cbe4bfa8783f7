package usage

import (
	"fmt"
	"math/rand/v2"
	"reflect"
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
			b := NewBuilder()
			r := session("", "GetObject", noon)
			of := reflect.ValueOf(&r).Elem()
			if shape == reflect.TypeFor[Identity]() {
				of = reflect.ValueOf(&r.Identity).Elem()
			}
			first := b.callKey(&r, 1)
			firstFrame, firstCaller := len(b.frames.filled()), len(b.callers.filled())
			of.Field(i).SetString(of.Field(i).String() + "2")
			again := b.callKey(&r, 1)
			if name := shape.Field(i).Name; name == "EventID" || name == "SharedID" {
				continue
			}
			if first == again && len(b.frames.filled()) == firstFrame && len(b.callers.filled()) == firstCaller {
				t.Errorf("%s.%s is not looked at", shape, shape.Field(i).Name)
			}
		}
	}
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
