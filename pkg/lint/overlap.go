package lint

// overlap reports whether a text exists that both patterns match: * stands for any
// text and ? for one character, in b only where bWild says so. It takes time in
// proportion to the product of the lengths and memory to that of b.
func overlap(a, b string, bWild bool) bool {
	// row[j] tells whether a[:i] and b[:j] can stand for the same text.
	row := make([]bool, len(b)+1)
	row[0] = true
	for j := 0; j < len(b); j++ {
		row[j+1] = row[j] && bWild && b[j] == '*'
	}
	for i := 0; i < len(a); i++ {
		diagonal := row[0]
		row[0] = row[0] && a[i] == '*'
		for j := 0; j < len(b); j++ {
			starA, starB := a[i] == '*', bWild && b[j] == '*'
			both := a[i] == b[j] || a[i] == '?' || bWild && b[j] == '?'
			now := diagonal && (both || starA || starB) ||
				starA && (row[j] || row[j+1]) || // * is empty against a's end, or takes b[j]
				starB && (row[j+1] || row[j])
			diagonal, row[j+1] = row[j+1], now
		}
	}
	return row[len(b)]
}
