package diff

import "github.com/tighten-iam/tighten/pkg/iam"

// Actions is what Compare needs to know of actions; actions.Catalog satisfies it
// through a small adapter of the caller's.
type Actions interface {
	// Expand appends all known actions that match a pattern.
	Expand(dst []string, pattern string) []string
	// Level returns an action's access level, "" when unknown.
	Level(action string) string
}

// Change is the difference of two policies.
type Change struct {
	Removed       []LevelGroup // actions allowed by old, by new no more
	Narrowed      []Narrowing  // actions allowed by both, on fewer resources
	Added         []LevelGroup // never of a proposal; for other callers
	Kept          int          // actions that both allow (narrowed ones included)
	Before, After int          // number of known actions allowed
	Statements    []StatementChange
}

// LevelGroup is a list of actions of one access level.
type LevelGroup struct {
	Level   string
	Actions []string // sorted
}

// Narrowing is one action whose resources changed.
type Narrowing struct {
	Action   string
	From, To []string // resource patterns ("NOT …" for NotResource)
}

// StatementChange tells what became of one statement of old.
type StatementChange struct {
	Index int
	Sid   string
	Kind  string // kept, changed, split, dropped, added
	Into  []int  // indexes in new
}

// Compare computes the change from old to new, each a set of documents that
// apply together.
func Compare(old, new []*iam.Document, a Actions) Change { panic("todo") }

// Unified renders the textual difference of two printed documents as a unified
// diff with three lines of context; names label the sides.
func Unified(oldName, newName string, old, new []byte) string { panic("todo") }
