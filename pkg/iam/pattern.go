package iam

import (
	"strings"
	"unicode/utf8"
)

// reading is a set of colon readings. AWS has described the matching of ARNs in
// three ways over time; each is kept, and a claim holds only when it holds under
// all of them.
type reading uint8

const (
	wideReading   reading = 1 << iota // the whole string is one glob: * crosses ':'
	tailReading                       // of the first five segments, only a * that ends one crosses ':'
	narrowReading                     // six segments, each matched apart
	everyReading  = wideReading | tailReading | narrowReading
)

// tokKind is what one position of a pattern accepts.
type tokKind uint8

const (
	litTok  tokKind = iota // the rune r
	oneTok                 // ?
	manyTok                // *
	varTok                 // a policy variable: vars[r]
	foldTok                // the rune r in any case; in condition values alone
)

// tok is one position of a pattern.
type tok struct {
	kind    tokKind
	noColon bool // a wildcard that may not match ':'
	r       rune
}

// eats reports whether the token accepts one rune of a request.
func (t tok) eats(r rune) bool {
	if t.kind == litTok {
		return t.r == r
	}
	return !t.noColon || r != ':'
}

// variable is one policy variable of a pattern.
type variable struct {
	key        string // lower case
	fallback   string // of ${key, 'fallback'}
	hasDefault bool
}

// name is the text by which two variables are the same.
func (v variable) name() string {
	if v.hasDefault {
		return v.key + ",'" + v.fallback
	}
	return v.key
}

// pattern is a compiled resource pattern or string condition value.
type pattern struct {
	src    string
	toks   []tok // as written: the readings derive from it
	vars   []variable
	prefix string // what every match begins with
	lead   int    // tokens that prefix stands for
	exact  bool   // neither wildcards nor variables
	any    bool   // "*"
	dollar bool   // "${" is in src as plain text
	layout
}

// layout is a pattern without variables as each reading sees it.
type layout struct {
	wide, tail, narrow []tok
	split              bool // the readings differ; otherwise tail and narrow are wide
}

// newPattern compiles a resource pattern. literal is Document.Literal: "${" has
// no meaning then.
func newPattern(src string, literal bool) *pattern {
	toks, vars := tokenize(src, true, literal)
	p := &pattern{src: src, toks: toks, vars: vars, any: src == "*"}
	p.dollar = literal && strings.Contains(src, "${")
	p.finish()
	if len(vars) == 0 && !p.any {
		p.layout = lay(toks)
	} else {
		p.wide = normalize(toks)
	}
	return p
}

// newText compiles a condition value: a glob when wild, else plain text. There
// are no colon readings in it.
func newText(src string, wild, literal bool) *pattern {
	toks, vars := tokenize(src, wild, literal)
	p := &pattern{src: src, toks: toks, vars: vars}
	p.dollar = literal && strings.Contains(src, "${")
	p.finish()
	p.wide = normalize(toks)
	return p
}

// finish derives the literal prefix.
func (p *pattern) finish() {
	var b strings.Builder
	for p.lead < len(p.toks) && p.toks[p.lead].kind == litTok {
		b.WriteRune(p.toks[p.lead].r)
		p.lead++
	}
	p.prefix = b.String()
	p.exact = p.lead == len(p.toks)
}

// tokenize splits src into tokens. In a variable, ${*}, ${?} and ${$} are the
// characters themselves; one that does not close is plain text.
func tokenize(src string, wild, literal bool) (toks []tok, vars []variable) {
	toks = make([]tok, 0, len(src))
	last := strings.LastIndexByte(src, '}') // none closes behind it
	for i := 0; i < len(src); {
		if !literal && i < last && strings.HasPrefix(src[i:], "${") {
			if end := strings.IndexByte(src[i:], '}'); end >= 0 {
				name := src[i+2 : i+end]
				i += end + 1
				if name == "*" || name == "?" || name == "$" {
					toks = append(toks, tok{r: rune(name[0])})
					continue
				}
				toks = append(toks, tok{kind: varTok, r: rune(len(vars))})
				vars = append(vars, newVariable(name))
				continue
			}
		}
		r, w := utf8.DecodeRuneInString(src[i:])
		i += w
		toks = append(toks, wildTok(r, wild))
	}
	return toks, vars
}

func wildTok(r rune, wild bool) tok {
	switch {
	case wild && r == '*':
		return tok{kind: manyTok}
	case wild && r == '?':
		return tok{kind: oneTok}
	}
	return tok{r: r}
}

func newVariable(name string) variable {
	key, def, found := strings.Cut(name, ",")
	v := variable{key: strings.ToLower(strings.TrimSpace(key))}
	def = strings.TrimSpace(def)
	if found && len(def) >= 2 && def[0] == '\'' && def[len(def)-1] == '\'' {
		v.fallback, v.hasDefault = def[1:len(def)-1], true
	}
	return v
}

// lay gives the tokens of a resource pattern their classes under each reading.
func lay(toks []tok) layout {
	segments, wildHead := 1, false
	for _, t := range toks {
		if segments == 6 {
			break
		}
		if t.kind == litTok && t.r == ':' {
			segments++
		} else if t.kind != litTok {
			wildHead = true
		}
	}
	l := layout{wide: normalize(toks), split: wildHead || segments < 6}
	if !l.split {
		l.tail, l.narrow = l.wide, l.wide
		return l
	}
	l.tail = normalize(bar(toks, tailReading))
	narrow := bar(toks, narrowReading)
	if segments < 6 {
		narrow = pad(narrow)
	}
	l.narrow = normalize(narrow)
	return l
}

// bar forbids ':' to the wildcards of the first five segments.
func bar(toks []tok, as reading) []tok {
	out := append([]tok(nil), toks...)
	segments := 1
	for i, t := range out {
		if t.kind == litTok {
			if t.r == ':' {
				segments++
			}
			if segments == 6 {
				break
			}
			continue
		}
		ends := i+1 == len(out) || out[i+1] == tok{r: ':'}
		out[i].noColon = as == narrowReading || t.kind != manyTok || !ends
	}
	return out
}

// pad completes an ARN of fewer than six segments with wildcards, as IAM does
// for identity policies.
func pad(toks []tok) []tok {
	if n := len(toks); n > 0 && toks[n-1].kind == manyTok {
		toks[n-1].noColon = false
		return toks
	}
	return append(toks, tok{r: ':'}, tok{kind: manyTok})
}

// normalize rewrites each run of wildcards as its ?s and then at most one *: the
// same language with fewer states.
func normalize(toks []tok) []tok {
	out := make([]tok, 0, len(toks))
	for i := 0; i < len(toks); {
		if toks[i].kind != oneTok && toks[i].kind != manyTok {
			out = append(out, toks[i])
			i++
			continue
		}
		many, barred := false, true
		for ; i < len(toks) && (toks[i].kind == oneTok || toks[i].kind == manyTok); i++ {
			if toks[i].kind == oneTok {
				out = append(out, toks[i])
				continue
			}
			many, barred = true, barred && toks[i].noColon
		}
		if many {
			out = append(out, tok{kind: manyTok, noColon: barred})
		}
	}
	return out
}

// match returns the readings under which the pattern, which has no variables,
// matches s.
func (p *pattern) match(s string) reading {
	if p.any {
		return everyReading
	}
	if !strings.HasPrefix(s, p.prefix) {
		return 0
	}
	if p.exact && !p.split {
		return all(len(s) == len(p.prefix))
	}
	return p.layout.match(p.lead, s[len(p.prefix):])
}

// match skips the lead tokens, which are literals and have matched already.
func (l *layout) match(lead int, s string) reading {
	if !l.split {
		return all(matchTokens(l.wide[lead:], s))
	}
	var out reading
	if matchTokens(l.narrow[lead:], s) {
		out |= narrowReading
	}
	if matchTokens(l.wide[lead:], s) {
		out |= wideReading
	}
	if out&wideReading != 0 && matchMixed(l.tail[lead:], s) {
		out |= tailReading
	}
	return out
}

func all(yes bool) reading {
	if yes {
		return everyReading
	}
	return 0
}

// matchTokens matches by returning to the last * alone. That is exact while
// every * can eat what an earlier one could have eaten instead, which holds for
// the wide and the narrow reading.
func matchTokens(toks []tok, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		r, w := rune(s[j]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRuneInString(s[j:])
		}
		switch {
		case i < len(toks) && toks[i].kind == manyTok:
			star, mark = i, j
			i++
		case i < len(toks) && toks[i].eats(r):
			i, j = i+1, j+w
		case star >= 0:
			r, w = utf8.DecodeRuneInString(s[mark:])
			if !toks[star].eats(r) {
				return false
			}
			mark += w
			i, j = star+1, mark
		default:
			return false
		}
	}
	return onlyStars(toks[i:])
}

func onlyStars(toks []tok) bool {
	for _, t := range toks {
		if t.kind != manyTok {
			return false
		}
	}
	return true
}

// matchMixed matches by keeping every position that s can have reached: exact
// for any mixture of wildcards.
func matchMixed(toks []tok, s string) bool {
	now, next := make([]bool, len(toks)+1), make([]bool, len(toks)+1)
	now[0] = true
	closeOver(toks, now)
	for _, r := range s {
		clear(next)
		for i, t := range toks {
			if !now[i] || !t.eats(r) {
				continue
			}
			if t.kind == manyTok {
				next[i] = true
			} else {
				next[i+1] = true
			}
		}
		closeOver(toks, next)
		now, next = next, now
	}
	return now[len(toks)]
}

func closeOver(toks []tok, at []bool) {
	for i, t := range toks {
		if t.kind == manyTok && at[i] {
			at[i+1] = true
		}
	}
}
