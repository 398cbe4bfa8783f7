package keeplist

import (
	"strings"
	"testing"
	"time"
)

// TestHostile: what nests or repeats without end is refused in reasonable time.
func TestHostile(t *testing.T) {
	const n = 100_000
	for name, text := range map[string]string{
		"lists":    strings.Repeat("[", n),
		"mappings": strings.Repeat("{a: ", n),
		"dashes":   strings.Repeat("- ", n),
		"indent":   strings.Repeat("? ", n),
		"aliases":  "a: &a [x]\nb: [" + strings.Repeat("*a,", n) + "]",
		"anchors":  strings.Repeat("&a ", n),
		"quotes":   strings.Repeat("'", n),
		"comments": strings.Repeat("# x\n", n),
		"tags":     "tags:\n" + strings.Repeat("- {tags: [a], reason: r}\n", n),
	} {
		start := time.Now()
		_, err := parse("k.yaml", []byte(text))
		if took := time.Since(start); took > 10*time.Second || (err == nil) != (name == "comments") {
			t.Errorf("%s: %v after %v", name, err, took)
		}
		t.Log(name, time.Since(start))
	}
}
