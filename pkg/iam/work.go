package iam

// defaultBudget is what Includes may spend unless told otherwise: about a
// tenth of a second, and at most 100 MB of states.
const defaultBudget = 8 << 20

// work is what is left of a budget. One unit is about one machine word of
// automaton state looked at.
type work struct{ left int }

func newWork(n int) *work { return &work{n} }

// spend takes n units and reports whether there were enough.
func (w *work) spend(n int) bool {
	w.left -= n
	return w.left >= 0
}

func (w *work) spent() bool { return w.left < 0 }
