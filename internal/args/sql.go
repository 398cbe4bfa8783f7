package args

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	maxStatement = 8192 // bytes of a statement that are read
	maxMasked    = 512  // bytes of a masked statement that are kept
)

// maskSQL keeps the words of a PartiQL statement, which name the verb and the
// table, and replaces what may be data: string literals by '?', numbers by ?;
// comments are left out. Names in double quotes stay.
func maskSQL(sql []byte) string {
	out := make([]byte, 0, min(len(sql), maxMasked+64))
	for i := 0; i < len(sql) && len(out) <= maxMasked; {
		n, as := sqlToken(sql[i:])
		if as == nil {
			as = sql[i : i+n]
		}
		out = append(out, as...)
		i += n
	}
	return cutUTF8(strings.TrimSpace(string(out)), maxMasked)
}

// sqlToken returns the length of the token that s starts with, and what to write
// for it: nil for itself.
func sqlToken(s []byte) (n int, as []byte) {
	switch c := s[0]; {
	case c == '\'':
		return quotedLen(s), []byte("'?'")
	case c == '"':
		return quotedLen(s), nil
	case c == '-' && len(s) > 1 && s[1] == '-':
		return until(s, "\n"), []byte{}
	case c == '/' && len(s) > 1 && s[1] == '*':
		return until(s, "*/"), []byte{}
	case isOf(c, 'd'):
		return wordLen(s), []byte("?")
	case isWord(c):
		return wordLen(s), nil
	default:
		return 1, nil
	}
}

// quotedLen is the length of a quoted token; a doubled quote stands for itself,
// and a missing end runs to the end.
func quotedLen(s []byte) int {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 < len(s) && s[i+1] == s[0] {
			i++
			continue
		}
		return i + 1
	}
	return len(s)
}

// until is the length of a comment: to its end mark, or to the end.
func until(s []byte, end string) int {
	if i := bytes.Index(s[2:], []byte(end)); i >= 0 {
		return 2 + i + len(end)
	}
	return len(s)
}

func wordLen(s []byte) int {
	n := 1
	for n < len(s) && (isWord(s[n]) || isOf(s[n], 'd')) {
		n++
	}
	return n
}

func isWord(c byte) bool {
	return isOf(c, 'a') || isOf(c, 'A') || c == '_' || c == '$' || c >= utf8.RuneSelf
}

func cutUTF8(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
