package usage

import (
	"cmp"
	"errors"
	"iter"
	"strings"
	"unsafe"
)

// Kinds of a Row's resource that are counted and coarsened.
const (
	kindARN     = "arn"
	kindPattern = "pattern"
)

// Coarsened sums up what Coarsen replaced. It depends on the rows alone.
type Coarsened struct {
	Groups    int64 // principals with a day and an action that had too many resources
	Rows      int64 // rows with a resource that these had
	Resources int64 // distinct resources of these rows
	Patterns  int64 // distinct resources and patterns afterwards
}

// Coarsen passes rows on; where one principal (by ARN, unique id and account) has
// more than limit distinct resources of one action on one day in one lane, with patterns in
// place of them: of fixed maps, each coarser than the one before, the first that
// leaves at most limit (docs/limits.md). Which that is depends on the set of the
// resources alone. Rows of the kinds star and none stay as they are and do not
// count. A limit of 0 or less is none.
//
// Rows come in the order and as distinct as AggregateUsage leaves them, and go on
// so. A row is lent until the next one comes, both ways; its texts are not. Up to
// about two times limit rows are held, or all of one group that have no more than
// limit resources. An error ends the rows.
//
// The sums are complete when the rows have come to their end.
func Coarsen(rows iter.Seq2[*Row, error], limit int) (iter.Seq2[*Row, error], *Coarsened) {
	sums := &Coarsened{}
	if limit <= 0 {
		return rows, sums
	}
	return func(yield func(*Row, error) bool) {
		*sums = Coarsened{}
		g := coarseGroup{limit: limit, sums: sums}
		for r, err := range rows {
			if err == nil && !g.holds(r) {
				if !g.flush(yield) {
					return
				}
				err = g.begin(r)
			}
			if err == nil {
				err = g.add(r)
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
		g.flush(yield)
	}, sums
}

// coarseGroup holds the rows of one principal, day and action.
type coarseGroup struct {
	limit int
	sums  *Coarsened

	begun bool
	key   Row   // the first row: what the rows have in common
	rows  []Row // in order and distinct until step 1, and then after compact
	room  int   // number of rows at which they are compacted

	step      int
	resources int               // distinct ones that came
	taken     int64             // rows with a resource that came
	last      string            // the last resource that came
	lastMade  string            // and what it became
	made      map[string]string // what resources became at this step: one copy of each
	buf, old  []byte            // reused by coarse
}

// compareGroups orders rows by the group that they are of.
func compareGroups(a, b *Row) int {
	if c := strings.Compare(a.Principal, b.Principal); c != 0 {
		return c
	}
	if c := strings.Compare(a.PrincipalID, b.PrincipalID); c != 0 {
		return c
	}
	if c := strings.Compare(a.Account, b.Account); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Day, b.Day); c != 0 {
		return c
	}
	if c := strings.Compare(a.Action, b.Action); c != 0 {
		return c
	}
	return strings.Compare(a.Lane, b.Lane) // a lane's resources coarsen no other's
}

// compareInGroup is compareUsage of rows of one group.
func compareInGroup(a, b *Row) int {
	if c := strings.Compare(a.Resource, b.Resource); c != 0 {
		return c
	}
	if c := strings.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	return compareOrigin(a, b)
}

func (g *coarseGroup) holds(r *Row) bool {
	return len(g.rows) > 0 && compareGroups(&g.key, r) == 0
}

// begin starts the group of r.
func (g *coarseGroup) begin(r *Row) error {
	if g.begun && compareGroups(&g.key, r) > 0 {
		return errOrder
	}
	g.key, g.begun = *r, true
	return nil
}

// errOrder is a fault of the caller.
var errOrder = errors.New("rows of usage are not in order")

// add takes a row of the group in.
func (g *coarseGroup) add(r *Row) error {
	if !r.hasResource() {
		g.put(r)
		return nil
	}
	g.taken++
	isNew := g.resources == 0 || g.last != r.Resource
	if isNew {
		if g.resources > 0 && r.Resource < g.last {
			return errOrder
		}
		g.resources++
		g.last = r.Resource
	}
	if g.step == 0 {
		g.put(r)
		if g.resources > g.limit {
			g.raise()
		}
		return nil
	}
	if isNew {
		g.lastMade = g.coarse(r.Resource, 1)
	}
	row := *r
	row.become(g.lastMade)
	g.put(&row)
	if len(g.made) > g.limit {
		g.raise()
	} else if len(g.rows) >= g.room {
		g.compact()
	}
	return nil
}

// hasResource reports whether the row's resource is counted and coarsened.
func (r *Row) hasResource() bool { return r.Kind == kindARN || r.Kind == kindPattern }

// become gives the row a coarser resource.
func (r *Row) become(resource string) {
	r.Resource = resource
	if strings.IndexByte(resource, '*') >= 0 {
		r.Kind = kindPattern
	}
}

// put appends a row, or joins it to the last one.
func (g *coarseGroup) put(r *Row) {
	if n := len(g.rows); g.step > 0 && n > 0 && compareInGroup(&g.rows[n-1], r) == 0 {
		g.rows[n-1].join(r)
		return
	}
	g.rows = append(g.rows, *r)
}

// join adds the counts of an equal row.
func (r *Row) join(o *Row) {
	r.Join(o.Count, o.First, o.Last)
}

// coarse returns what the steps from one to the present one make of a resource.
func (g *coarseGroup) coarse(resource string, from int) string {
	g.buf = append(g.buf[:0], resource...)
	for step := from; step <= g.step; step++ {
		if undone(step, g.step) {
			continue
		}
		g.buf, g.old = g.old, g.buf
		g.buf = appendCoarser(g.buf[:0], unsafe.String(unsafe.SliceData(g.old), len(g.old)), step)
	}
	if made, ok := g.made[string(g.buf)]; ok {
		return made
	}
	made := string(g.buf)
	g.made[made] = made
	return made
}

// raise goes on with coarser maps until there are few enough patterns.
func (g *coarseGroup) raise() {
	if g.made == nil {
		g.made = make(map[string]string, min(g.limit, 1<<10))
	}
	for {
		g.step++
		clear(g.made)
		last, made := "", ""
		for i := range g.rows {
			r := &g.rows[i]
			if !r.hasResource() {
				continue
			}
			if made == "" || r.Resource != last {
				last = r.Resource
				made = g.coarse(last, g.step)
			}
			r.become(made)
		}
		g.compact()
		if len(g.made) <= g.limit || g.step >= stepAll {
			break
		}
	}
	g.lastMade = g.coarse(g.last, 1)
}

// compact sorts the rows and joins equal ones.
func (g *coarseGroup) compact() {
	const least = 1 << 10
	g.rows = aggregate(g.rows, compareInGroup, (*Row).join)
	g.room = len(g.rows) + max(g.limit, least)
}

// flush passes the group on and forgets it. It returns false when no more rows
// are wanted.
func (g *coarseGroup) flush(yield func(*Row, error) bool) bool {
	if g.step > 0 {
		g.compact()
		g.sums.Groups++
		g.sums.Rows += g.taken
		g.sums.Resources += int64(g.resources)
		g.sums.Patterns += int64(len(g.made))
		clear(g.made)
	}
	for i := range g.rows {
		if !yield(&g.rows[i], nil) {
			return false
		}
	}
	clear(g.rows)
	g.rows = g.rows[:0]
	g.step, g.resources, g.taken, g.last, g.lastMade = 0, 0, 0, "", ""
	return true
}

// CoarsenUsage is AggregateUsage and Coarsen for rows in memory. It works in place.
func CoarsenUsage(rows []Row, limit int) ([]Row, Coarsened) {
	var sums Coarsened
	rows = AggregateUsage(rows)
	if limit <= 0 || len(rows) <= limit { // no group has more rows than there are
		return rows, sums
	}
	kept := rows[:0]
	for from := 0; from < len(rows); {
		to, resources := groupEnd(rows, from)
		if resources <= limit {
			if len(kept) == from {
				kept = rows[:to]
			} else {
				kept = append(kept, rows[from:to]...)
			}
			from = to
			continue
		}
		g := coarseGroup{limit: limit, sums: &sums}
		for i := from; i < to; i++ {
			_ = g.add(&rows[i]) // fails on the order alone
		}
		g.flush(func(r *Row, _ error) bool {
			kept = append(kept, *r)
			return true
		})
		from = to
	}
	clear(rows[len(kept):])
	return kept, sums
}

// groupEnd returns where the group that begins at from ends, and the number of its
// distinct resources.
func groupEnd(rows []Row, from int) (to, resources int) {
	last := -1
	for to = from; to < len(rows) && compareGroups(&rows[from], &rows[to]) == 0; to++ {
		if rows[to].hasResource() && (last < 0 || rows[last].Resource != rows[to].Resource) {
			resources++
			last = to
		}
	}
	return to, resources
}
