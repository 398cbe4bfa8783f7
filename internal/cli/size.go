package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sizeUnits are the units of sizes, the largest first; those of 1,024 are shown.
var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}, {"", 1},
}

// sizeFlag is a flag that takes a number of bytes, with or without a unit.
type sizeFlag int64

func (f *sizeFlag) String() string {
	for _, u := range sizeUnits[:4] {
		if n := int64(*f); n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(*f), 10)
}

// Type names the form in help texts.
func (f *sizeFlag) Type() string { return "size" }

// Set reads "100MiB", "4 GiB", "500kB" or a plain number of bytes.
func (f *sizeFlag) Set(s string) error {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	n, err := strconv.ParseInt(digits, 10, 64)
	for _, u := range sizeUnits {
		if err == nil && n > 0 && n <= math.MaxInt64/u.bytes && strings.EqualFold(strings.TrimSpace(s[len(digits):]), u.name) {
			*f = sizeFlag(n * u.bytes)
			return nil
		}
	}
	return fmt.Errorf("want a size above zero, such as 100MiB, 4GiB or a number of bytes")
}

// workersFlag is a flag that takes a number of workers.
type workersFlag int

func (f *workersFlag) String() string { return strconv.Itoa(int(*f)) }

// Type names the form in help texts.
func (f *workersFlag) Type() string { return "int" }

// Set refuses negative numbers; 0 stands for the default.
func (f *workersFlag) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return fmt.Errorf("want a number of 1 or more, or 0 for one per CPU")
	}
	*f = workersFlag(n)
	return nil
}
