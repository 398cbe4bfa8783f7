package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Actions is what Compare needs to know of actions; actions.Catalog satisfies it
// through a small adapter of the caller's.
type Actions interface {
	// Expand appends all known actions that match a pattern.
	Expand(dst []string, pattern string) []string
	// Level returns an action's access level, "" when unknown.
	Level(action string) string
}

// Change is the difference of two policies.
//
// It counts known actions, and with them the actions and patterns of a document
// that match nothing known: those count as themselves, with the level "". What
// such a pattern covers is told by the pattern alone.
type Change struct {
	Removed       []LevelGroup // actions allowed by old, by new no more
	Narrowed      []Narrowing  // actions allowed by both, of which new leaves out some resources or contexts
	Widened       []Narrowing  // actions allowed by both, on more resources; never of a proposal
	Added         []LevelGroup // never of a proposal; for other callers
	Kept          int          // actions that both allow (narrowed ones included)
	Before, After int          // number of actions allowed: Kept with the removed, with the added ones
	DeniesChanged bool         // the Deny statements are not the same
	Statements    []StatementChange
}

// LevelGroup is a list of actions of one access level.
type LevelGroup struct {
	Level   string
	Actions []string // sorted
}

// LevelCount is a number of actions of one access level.
type LevelCount struct {
	Level string
	Count int
}

// Narrowing is one action whose resources changed.
type Narrowing struct {
	Action string
	// From and To are resource patterns ("NOT …" for NotResource), sorted; where
	// conditions apply, " when " and the Condition element follow. "DENIED …" is
	// what a Deny statement takes that the other side has not. Actions with the
	// same change share the slices: read only.
	From, To []string
}

// StatementChange tells what became of one statement of old.
type StatementChange struct {
	Index int // in old, counted over all its documents; -1 for an added statement
	Sid   string
	Kind  string // one of the Statement constants
	Into  []int  // indexes in new, counted over all its documents
}

// What can become of a statement. Kept disregards the Sid and the order of lists.
const (
	StatementKept    = "kept"
	StatementChanged = "changed"
	StatementSplit   = "split"
	StatementDropped = "dropped"
	StatementAdded   = "added"
)

// Empty reports whether nothing changed, not even a statement.
func (c *Change) Empty() bool {
	return len(c.Removed)+len(c.Narrowed)+len(c.Widened)+len(c.Added) == 0 && !c.DeniesChanged &&
		!slices.ContainsFunc(c.Statements, func(s StatementChange) bool { return s.Kind != StatementKept })
}

// RemovedCounts is Removed in numbers, in the same order.
func (c *Change) RemovedCounts() []LevelCount { return counts(c.Removed) }

// AddedCounts is Added in numbers, in the same order.
func (c *Change) AddedCounts() []LevelCount { return counts(c.Added) }

func counts(groups []LevelGroup) []LevelCount {
	out := make([]LevelCount, len(groups))
	for i, g := range groups {
		out[i] = LevelCount{g.Level, len(g.Actions)}
	}
	return out
}

// String is one line: "120 → 12 actions: removes 108 (Write 8, Read 100), narrows 3".
func (c *Change) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d → %d actions", c.Before, c.After)
	sep := ": "
	part := func(verb string, n int, by []LevelCount) {
		if n == 0 {
			return
		}
		fmt.Fprintf(&b, "%s%s %d%s", sep, verb, n, levels(by))
		sep = ", "
	}
	part("removes", c.Before-c.Kept, c.RemovedCounts())
	part("adds", c.After-c.Kept, c.AddedCounts())
	part("narrows", len(c.Narrowed), nil)
	part("widens", len(c.Widened), nil)
	return b.String()
}

func levels(by []LevelCount) string {
	if len(by) == 0 {
		return ""
	}
	var parts []string
	for _, l := range by {
		name := l.Level
		if name == "" {
			name = "unknown"
		}
		parts = append(parts, fmt.Sprintf("%s %d", name, l.Count))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// Compare computes the change from old to new, each a set of documents that
// apply together. To compare many, make one Comparer.
func Compare(old, new []*iam.Document, a Actions) Change {
	return NewComparer(a).Compare(old, new)
}
