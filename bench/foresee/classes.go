package main

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"github.com/tighten-iam/tighten/bench/family"
)

// class is a kind of permission with what varies in the resource written as
// letters: # digits, ~ a random part.
type class struct {
	Action  string `json:"action"`
	Shape   string `json:"shape"`
	Calls   int    `json:"calls"`
	Example string `json:"example"`
	First   string `json:"first"`
}

type classes map[[2]string]*class

func (cs classes) add(u family.Use, at time.Time) {
	key := [2]string{u.Action, shape(u.Resource)}
	c := cs[key]
	if c == nil {
		c = &class{Action: key[0], Shape: key[1], Example: u.Resource, First: at.Format("2006-01-02")}
		cs[key] = c
	}
	c.Calls++
}

// list sorts the classes by weight.
func (cs classes) list() []class {
	var l []class
	for _, c := range cs {
		l = append(l, *c)
	}
	slices.SortFunc(l, func(x, y class) int {
		return cmp.Or(y.Calls-x.Calls, cmp.Compare(x.Action, y.Action), cmp.Compare(x.Shape, y.Shape))
	})
	return l
}

// The parts of names that vary, the longest first.
var (
	uuids  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	hexes  = regexp.MustCompile(`\b[0-9a-f]*[0-9][0-9a-f]{7,}\b`)
	digits = regexp.MustCompile(`[0-9]+`)
)

func shape(arn string) string {
	s := uuids.ReplaceAllString(arn, "~uuid~")
	s = hexes.ReplaceAllString(s, "~hex~")
	return digits.ReplaceAllString(s, "#")
}
