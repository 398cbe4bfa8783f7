package synth

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// risk is a place that stays closed although new names are to be expected there.
type risk struct {
	place    string // a pattern of what would be denied
	arrivals arrivals
}

func (r risk) String() string {
	return fmt.Sprintf("%s (%s)", r.place, r.arrivals)
}

// risk notes a place that stays closed.
func (o *opener) risk(place string, a arrivals) {
	const most = 100 // a report names fewer
	if len(o.risks) < most {
		o.risks = append(o.risks, risk{place, a})
	}
}

// words are tokens in order, of which some have been taken by a group that opened.
type words struct {
	*opener
	place  place
	ix     []int32
	tokens []*token
	taken  []bool
}

// openWords opens a place for words where new ones are to be expected, each time for
// those that begin alike, the longest beginnings first. It returns the words that stay.
func (o *opener) openWords(p place, tokens []*token, ix []int32) []*token {
	if len(tokens) < minWords {
		return tokens
	}
	first := tokens[0].first
	if !slices.ContainsFunc(tokens, func(t *token) bool { return t.first != first }) {
		return tokens
	}
	w := &words{opener: o, place: p, ix: ix, tokens: tokens, taken: make([]bool, len(tokens))}
	w.alike(0, len(tokens), 1)
	var rest []*token
	for i, t := range tokens {
		if !w.taken[i] {
			rest = append(rest, t)
		}
	}
	return rest
}

// minWords is the least number of words that tell of more to come.
const minWords = 3

// alike decides on the words from lo to hi, which have their first n bytes in common:
// as a whole where new ones begin unlike those before; else first on those that have
// more in common.
func (w *words) alike(lo, hi, n int) {
	var runs [][2]int // of words that have one more word in common, or of a single one
	for i := lo; i < hi; {
		text := w.tokens[i].text
		j, end := i+1, wordEnd(text, n)
		for end > n && j < hi && strings.HasPrefix(w.tokens[j].text, text[:end]) {
			j++
		}
		runs = append(runs, [2]int{i, j})
		i = j
	}
	if len(runs) > 1 && w.opens(w.arrive(w.unlike(runs)).expected) && w.decide(lo, hi, n) {
		return
	}
	for _, r := range runs {
		if r[1]-r[0] >= minWords {
			w.alike(r[0], r[1], wordEnd(w.tokens[r[0]].text, n))
		}
	}
	w.decide(lo, hi, n)
}

// unlike lists the first days of the words which, when they came, had fewer than
// minWords-1 like them before: wildcards for the beginnings known by then would not have
// covered them.
func (w *words) unlike(runs [][2]int) []int32 {
	var out []int32
	for _, r := range runs {
		from := len(out)
		for _, t := range w.tokens[r[0]:r[1]] {
			if !strings.ContainsAny(t.text, "*?") {
				out = append(out, t.first)
			}
		}
		slices.Sort(out[from:])
		out = out[:min(len(out), from+minWords-1)]
	}
	return out
}

// decide opens the place for the words from lo to hi that are left, if more like them
// are to be expected, and reports whether it did.
func (w *words) decide(lo, hi, n int) bool {
	var group []*token
	var firsts []int32
	for i := lo; i < hi; i++ {
		if t := w.tokens[i]; !w.taken[i] && !strings.ContainsAny(t.text, "*?") {
			group = append(group, t)
			firsts = append(firsts, t.first)
		}
	}
	if len(group) < minWords {
		return false
	}
	a := w.arrive(firsts)
	if a.expected < roomyNames {
		return false
	}
	open := common(group, n, w.place.first)
	ok := w.opens(a.expected) && (!w.place.first || literalPrefix(open) >= minPrefix)
	if !ok || !w.canOpen(w.place, open, group, w.ix) {
		if n == 1 && a.expected >= expectedNames { // the shortest beginning speaks for the longer ones
			w.risk(w.place.prefix+open, a)
		}
		return false
	}
	for i := lo; i < hi; i++ {
		w.taken[i] = w.taken[i] || !strings.ContainsAny(w.tokens[i].text, "*?")
	}
	q := place{prefix: w.place.prefix + open, why: &opening{a.String(), w.place.why}, dated: w.place.dated}
	w.open(q, w.pool(group, w.ix))
	return true
}

// wordEnd is where the word of a token that begins at n ends, with the mark after it;
// n where no mark follows.
func wordEnd(text string, n int) int {
	return n + strings.IndexAny(text[n:], marksOfWords) + 1
}

// marksOfWords part a name into words.
const marksOfWords = "-_.=@+"

// common is the pattern of tokens which have n bytes in common: what they begin and
// end with, in whole words. Names have to keep something: also a part of a word.
func common(tokens []*token, n int, name bool) string {
	text := tokens[0].text
	head, tail, least := len(text), len(text), len(text)
	for _, t := range tokens[1:] {
		head, tail = commonPrefix(text[:head], t.text), commonSuffix(text[len(text)-tail:], t.text)
		least = min(least, len(t.text))
	}
	whole := strings.LastIndexAny(text[:head], marksOfWords) + 1
	if whole = max(whole, n); name && whole <= minPrefix && head > whole {
		whole = head
		for whole > 0 && whole < len(text) && !utf8.RuneStart(text[whole]) {
			whole--
		}
	}
	end := text[len(text)-min(tail, least-whole):]
	if i := strings.IndexAny(end, marksOfWords); i >= 0 {
		return text[:whole] + "*" + end[i:]
	}
	return text[:whole] + "*"
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
