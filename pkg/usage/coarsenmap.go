package usage

import (
	"strings"
	"unicode/utf8"
)

// The maps that make resources coarser. Map k is step k after map k-1, so that each
// factors through the one before: whatever two resources have in common at one
// level, they have in common at all later ones. A step looks at its text alone, and
// its result is a pattern that covers all that the text stands for, under each
// reading of "*" over colons. A map changes nothing of what itself or one before
// it made.
const (
	// stepIDs: words that look like ids (counters, UUIDs, hex, dates, random) become
	// "*" below the first part of the resource, and in a bare name outside of S3.
	stepIDs = 1
	// stepNumbers: every word with a digit does, and ids in the first part.
	stepNumbers = 2
	// stepCuts is the first of the steps that keep fewer and fewer parts below the
	// first one: "bucket/a/b/c" becomes "bucket/a/*".
	stepCuts = 3
	// stepName: of a bare name, or a bucket, the first word stays: "team-*".
	stepName = stepCuts + 7
	// stepResource, stepRegion and stepAccount: nothing of the resource stays, then
	// nothing of the region, then nothing of the account.
	stepResource = stepName + 1
	stepRegion   = stepName + 2
	stepAccount  = stepName + 3
	// stepAll: "*".
	stepAll = stepName + 4
)

// partsKept is how many parts stay below the first at a step of stepCuts.
func partsKept(step int) int {
	return [...]int{8, 5, 4, 3, 2, 1, 0}[step-stepCuts]
}

// maxStars bounds the wildcards that steps leave in the resource part of an ARN: at
// the last one the pattern ends. Matching costs little then, whatever was coarsened.
const maxStars = 8

// appendCoarser appends what a step makes of a resource.
func appendCoarser(dst []byte, resource string, step int) []byte {
	h, ok := headOf(resource)
	if !ok || step >= stepAll || step == stepIDs && !utf8.ValidString(resource) {
		return append(dst, '*') // patterns cannot spell it
	}
	switch {
	case step <= stepNumbers:
		return h.words(append(dst, resource[:h.end]...), resource[h.end:], step)
	case step < stepName:
		return appendParts(dst, resource, h.end, partsKept(step))
	case step == stepName:
		kept, cut := h.firstWord(resource)
		if dst = append(dst, kept...); cut {
			dst = append(dst, '*')
		}
		return dst
	}
	return h.appendWide(dst, resource, step)
}

// undone reports whether a step leaves no trace in what later ones up to last make:
// each cut keeps less than the one before, and so do the last steps.
func undone(step, last int) bool {
	switch {
	case step < stepCuts || step == last:
		return false
	case step < stepName:
		return step < stepName-1 || last >= stepResource
	}
	return true
}

// head says where the segments of an ARN are: resource[:end] are the first five,
// with their colons.
type head struct {
	service, region, account, end int // where the segments begin; service ends before region
	s3                            bool
}

// headOf finds the first five segments of an ARN. ok is false where they are not
// there, or hold what has a meaning in a pattern but "*" for a region or account.
func headOf(resource string) (h head, ok bool) {
	at := [6]int{}
	for i := 1; i < len(at); i++ {
		n := strings.IndexByte(resource[at[i-1]:], ':')
		if n < 0 {
			return h, false
		}
		segment := resource[at[i-1] : at[i-1]+n]
		if strings.ContainsAny(segment, "*?") && (i < 4 || segment != "*") || strings.Contains(segment, "${") {
			return h, false
		}
		at[i] = at[i-1] + n + 1
	}
	h = head{service: at[2], region: at[3], account: at[4], end: at[5]}
	h.s3 = resource[h.service:h.region] == "s3:"
	return h, true
}

// words appends the resource part with "*" for the words that open at a step.
func (h *head) words(dst []byte, rest string, step int) []byte {
	bare := !strings.ContainsAny(rest, "/:")
	first, stars, start := true, 0, len(dst)
	for i := 0; i < len(rest); {
		c := rest[i]
		switch {
		case c == '/' || c == ':':
			first = false
			dst, i = append(dst, c), i+1
			continue
		case c == '*' || c == '?':
			i++
		case c == '$' && strings.HasPrefix(rest[i:], "${"): // would be a variable in a policy
			i += len("${")
		case !isWordByte(c):
			dst, i = append(dst, c), i+1
			continue
		default:
			n, ids := wordAt(rest[i:])
			opens := ids || step == stepNumbers && hasDigit(rest[i:i+n])
			if first {
				opens = ids && (step == stepNumbers || bare && !h.s3)
			}
			if !opens {
				dst, i = append(dst, rest[i:i+n]...), i+n
				continue
			}
			i += n
		}
		var more int
		if dst, more = appendStar(dst); more > 0 {
			if stars += more; stars == maxStars {
				if first && !bare { // what is left is a bare name
					return h.words(dst[:start], string(dst[start:]), step)
				}
				return dst
			}
		}
	}
	return dst
}

// appendStar appends "*" unless there is one already, with at most one "-", "_" or
// "." after it, which it then stands for too. It returns by how many there are more.
func appendStar(dst []byte) ([]byte, int) {
	n := len(dst)
	switch {
	case n > 0 && dst[n-1] == '*':
		return dst, 0
	case n > 1 && dst[n-2] == '*' && (dst[n-1] == '-' || dst[n-1] == '_' || dst[n-1] == '.'):
		return dst[:n-1], 0
	}
	return append(dst, '*'), 1
}

// appendParts appends the resource with "*" in place of the parts after the first
// and keep others; end is where its resource part begins.
func appendParts(dst []byte, resource string, end, keep int) []byte {
	for i := end; i < len(resource); i++ {
		if c := resource[i]; c != '/' && c != ':' {
			continue
		}
		if keep == 0 {
			return append(append(dst, resource[:i+1]...), '*')
		}
		keep--
	}
	return append(dst, resource...)
}

// firstWord returns what stays of a resource at stepName, and whether it was cut.
func (h *head) firstWord(resource string) (kept string, cut bool) {
	rest := resource[h.end:]
	name := rest
	if i := strings.IndexAny(rest, "/:"); i >= 0 {
		if name = rest[:i]; !h.s3 {
			return resource, false // it is a type
		}
	}
	i := strings.IndexAny(name, "-_.*")
	switch {
	case i < 0:
		return resource, false
	case name[i] != '*':
		i++
	}
	return resource[:h.end+i], true
}

// appendWide appends the first five segments and "*", with less of them after
// stepResource. An empty segment stays: there is one value.
func (h *head) appendWide(dst []byte, resource string, step int) []byte {
	star := func(segment string, from int) {
		if step >= from && len(segment) > 1 {
			segment = "*:"
		}
		dst = append(dst, segment...)
	}
	dst = append(dst, resource[:h.region]...)
	star(resource[h.region:h.account], stepRegion)
	star(resource[h.account:h.end], stepAccount)
	return append(dst, '*')
}

// wordAt returns the length of the word that s begins with, and whether it looks
// like an id; the words of a UUID are one.
func wordAt(s string) (n int, id bool) {
	if isUUID(s) {
		return uuidLength, true
	}
	for n < len(s) && isWordByte(s[n]) {
		n++
	}
	return n, looksLikeID(s[:n])
}

// looksLikeID tells counters and ids from words, as the synthesis does: all digits
// (but twelve, an account), eight or more hex digits with a digit among them, a
// compact time, or twelve or more letters and digits that change between the two
// often.
func looksLikeID(word string) bool {
	digits, hex, flips := 0, 0, 0
	for i := range len(word) {
		if isDigit(word[i]) {
			digits++
		}
		if isHex(word[i]) {
			hex++
		}
		if i > 0 && isDigit(word[i]) != isDigit(word[i-1]) {
			flips++
		}
	}
	const account, compactTime, random = 12, 8, 12
	switch {
	case digits == len(word):
		return len(word) != account
	case digits == 0:
		return false
	case hex == len(word) && len(word) >= 8:
		return true
	case len(word) > compactTime && word[compactTime] == 'T' && digits >= compactTime: // 20260131T0400Z
		return true
	}
	return len(word) >= random && flips >= 3
}

const uuidLength = 36

// isUUID reports whether s begins with a UUID that ends there.
func isUUID(s string) bool {
	if len(s) < uuidLength || len(s) > uuidLength && isWordByte(s[uuidLength]) {
		return false
	}
	for i := range uuidLength {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHex(s[i]) {
				return false
			}
		}
	}
	return true
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

func isHex(c byte) bool      { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
func isWordByte(c byte) bool { return isDigit(c) || isLower(c) || isUpper(c) }
