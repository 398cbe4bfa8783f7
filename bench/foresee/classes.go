package main

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// fewShapes is how many shapes of one action are told apart; more become one.
const fewShapes = 4

// list merges what differs by names alone and sorts the classes by weight.
func (cs classes) list() []class {
	groups := map[string][]class{}
	for _, c := range cs {
		key := c.Action + " " + strconv.Itoa(len(segments.Split(c.Shape, -1)))
		groups[key] = append(groups[key], *c)
	}
	var l []class
	for _, g := range groups {
		if len(g) > fewShapes {
			g = []class{merged(g)}
		}
		l = append(l, g...)
	}
	slices.SortFunc(l, func(x, y class) int {
		return cmp.Or(y.Calls-x.Calls, cmp.Compare(x.Action, y.Action), cmp.Compare(x.Shape, y.Shape))
	})
	return l
}

// merged is one class for all of g: the parts that differ are written <n>, the
// number of them.
func merged(g []class) class {
	slices.SortFunc(g, func(x, y class) int { return cmp.Compare(x.Shape, y.Shape) })
	m, between := g[0], segments.FindAllString(g[0].Shape, -1)
	m.Calls = 0
	parts := segments.Split(m.Shape, -1)
	values := make([]map[string]bool, len(parts))
	for _, c := range g {
		m.Calls += c.Calls
		m.First = min(m.First, c.First)
		for i, p := range segments.Split(c.Shape, -1) {
			if values[i] == nil {
				values[i] = map[string]bool{}
			}
			values[i][p] = true
		}
	}
	m.Shape = ""
	for i, p := range parts {
		if len(values[i]) > 1 {
			p = "<" + strconv.Itoa(len(values[i])) + ">"
		}
		m.Shape += p
		if i < len(between) {
			m.Shape += between[i]
		}
	}
	return m
}

// The parts of names that vary, the longest first.
var (
	segments = regexp.MustCompile(`[/:]`)
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	hexes    = regexp.MustCompile(`\b[0-9a-f]*[0-9][0-9a-f]{7,}\b`)
	digits   = regexp.MustCompile(`[0-9]+`)
)

// shape writes what varies in a resource as letters, below the account.
func shape(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	s := uuids.ReplaceAllString(parts[len(parts)-1], "~uuid~")
	s = hexes.ReplaceAllString(s, "~hex~")
	s = digits.ReplaceAllString(s, "#")
	if len(parts) == 6 {
		return parts[2] + ":" + s
	}
	return s
}
