package report

// mostBeside is the number of lines of each kind that an explanation shows.
const mostBeside = 10

// beside tells what policies other than the attached ones do to a principal.
func (p *page) beside(x *Principal) {
	some, rest := first(x.Explained, mostBeside)
	for _, e := range some {
		p.note("", "explained by "+Clean(e.By)+": "+Clean(e.Action)+" on "+Clean(e.Resource)+", "+plural(e.Count, "call"), faint)
	}
	if rest > 0 {
		p.note("", "… and "+number(rest)+" more that other policies explain", faint)
	}
}
