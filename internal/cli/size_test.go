package cli

import (
	"testing"
)

func TestSizes(t *testing.T) {
	for in, want := range map[string]string{
		"100MiB": "100MiB", "4 gib": "4GiB", "1024": "1KiB", "1500": "1500", "2kB": "2000", "7B": "7", "1MB": "1000000",
		"": "", "-5": "", "0": "", "MiB": "", "1.5GiB": "", "5 parsecs": "", "9999999999TiB": "", "1MiB2": "",
	} {
		var f sizeFlag
		if err := f.Set(in); (err == nil) != (want != "") || err == nil && f.String() != want {
			t.Errorf("%q: %s %v, want %q", in, f.String(), err, want)
		}
	}
}

func TestWorkers(t *testing.T) {
	for in, ok := range map[string]bool{"0": true, "8": true, "-1": false, "x": false} {
		var f workersFlag
		if err := f.Set(in); (err == nil) != ok || ok && f.String() != in {
			t.Errorf("%q: %v %v", in, f, err)
		}
	}
}
