package diff

import "slices"

// editLimit bounds the lines that differ, and with them time and memory; texts that
// differ more are told as one replacement of their middle.
const editLimit = 1500

// edits finds the changes from a to b, in order and apart from each other. It is
// the shortest list unless that has more than editLimit lines.
func edits(a, b []string) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	x, y := intern(a[head:len(a)-tail], b[head:len(b)-tail])
	if len(x) == 0 && len(y) == 0 {
		return nil
	}
	list := []edit{{0, len(x), 0, len(y)}}
	if trace, ok := search(x, y); ok {
		list = backtrack(trace, len(x), len(y))
	}
	for i := range list {
		list[i].a0, list[i].a1 = list[i].a0+head, list[i].a1+head
		list[i].b0, list[i].b1 = list[i].b0+head, list[i].b1+head
	}
	return list
}

// intern numbers equal lines alike.
func intern(a, b []string) (x, y []int) {
	ids := map[string]int{}
	number := func(list []string) []int {
		out := make([]int, len(list))
		for i, s := range list {
			id, ok := ids[s]
			if !ok {
				id = len(ids)
				ids[s] = id
			}
			out[i] = id
		}
		return out
	}
	return number(a), number(b)
}

// search is the greedy algorithm of Myers, "An O(ND) difference algorithm and its
// variations" (1986). trace[d][k+d] is how far along a a path with d edits gets on
// the diagonal k = (position in a) - (position in b).
func search(a, b []int) (trace [][]int32, ok bool) {
	most := min(len(a)+len(b), editLimit)
	var prev []int32
	for d := 0; d <= most; d++ {
		cur := make([]int32, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x = step(prev, d, k)
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			cur[k+d] = int32(x)
			if x >= len(a) && x-k >= len(b) {
				return append(trace, cur), true
			}
		}
		trace = append(trace, cur)
		prev = cur
	}
	return nil, false
}

// down reports whether the path to diagonal k with d edits ends with an insertion.
func down(prev []int32, d, k int) bool {
	return k == -d || k != d && at(prev, d-1, k-1) < at(prev, d-1, k+1)
}

func at(v []int32, d, k int) int { return int(v[k+d]) }

// step is where the d-th edit leads on diagonal k.
func step(prev []int32, d, k int) int {
	if down(prev, d, k) {
		return at(prev, d-1, k+1)
	}
	return at(prev, d-1, k-1) + 1
}

// backtrack follows the trace from the end and joins neighbouring edits.
func backtrack(trace [][]int32, alen, blen int) []edit {
	var out []edit
	x, y := alen, blen
	for d := len(trace) - 1; d > 0; d-- {
		k, prev := x-y, trace[d-1]
		pk := k - 1
		if down(prev, d, k) {
			pk = k + 1
		}
		px := at(prev, d-1, pk)
		py := px - pk
		one := edit{px, px, py, py + 1}
		if pk == k-1 {
			one = edit{px, px + 1, py, py}
		}
		if n := len(out); n > 0 && out[n-1].a0 == one.a1 && out[n-1].b0 == one.b1 {
			out[n-1].a0, out[n-1].b0 = one.a0, one.b0
		} else {
			out = append(out, one)
		}
		x, y = px, py
	}
	slices.Reverse(out)
	return out
}
