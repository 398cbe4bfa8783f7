package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// daysFlag is a flag that takes a number of days.
type daysFlag int

func (f *daysFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.Itoa(int(*f)) + "d"
}

// Type names the form in help texts.
func (f *daysFlag) Type() string { return "days" }

// Set reads "7d" or "7".
func (f *daysFlag) Set(s string) error {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), "d"))
	if err != nil || n < 1 || n > 100_000 {
		return fmt.Errorf("want a number of days, such as 7d")
	}
	*f = daysFlag(n)
	return nil
}
