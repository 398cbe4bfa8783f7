package args

import "bytes"

// keeps says whether the value of a string that is not presence only by its name
// is kept, by its shape.
func keeps(r rule, s []byte) bool {
	arn := bytes.HasPrefix(s, []byte("arn:"))
	switch {
	case !arn && !r.keep, isHidden(s), isSigned(s):
		return false
	case arn:
		return true
	case r.class == naming || r.class == container:
		return true
	default:
		return !isDigits(s) && !isTime(s) && !isEmbedded(s)
	}
}

// isHidden tells what AWS writes in place of a text that is a secret, or may be one.
func isHidden(s []byte) bool {
	return len(s) > 0 && s[0] == 'H' &&
		(bytes.HasPrefix(s, []byte("HIDDEN_DUE_TO_SECURITY_REASONS")) || bytes.HasPrefix(s, []byte("HIDDEN_FOR_SECURITY_REASONS")))
}

// isARN tells an ARN: six parts and no white space.
func isARN(s []byte) bool {
	return bytes.HasPrefix(s, []byte("arn:")) && bytes.Count(s, []byte(":")) >= 5 && !bytes.ContainsAny(s, " \t\r\n\"{")
}

// isSigned tells a URL that carries a signature.
func isSigned(s []byte) bool {
	return bytes.IndexByte(s, '=') >= 0 && isSignedQuery(s)
}

func isSignedQuery(s []byte) bool {
	return bytes.Contains(s, []byte("X-Amz-Signature=")) ||
		bytes.Contains(s, []byte("X-Amz-Security-Token=")) ||
		bytes.Contains(s, []byte("&Signature="))
}

// isDigits tells quantities and epoch times that were written as strings.
func isDigits(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0
}

// isTime tells "2024-02-26T…", "2024-02-26", "2024-02-26 10:…" and the
// "Feb 26, 2024, 10:00:00 AM" that CloudTrail writes.
func isTime(s []byte) bool {
	if len(s) == 0 || s[0] > 'Z' {
		return false
	}
	return matches(s, "dddd-dd-dd") && (len(s) == 10 || s[10] == 'T' || s[10] == 't' || s[10] == ' ') ||
		matches(s, "Aaa d, dddd") || matches(s, "Aaa dd, dddd")
}

// matches tells whether s starts like the shape: d digit, A capital, a small letter.
func matches(s []byte, shape string) bool {
	if len(s) < len(shape) {
		return false
	}
	for i := range len(shape) {
		if !isOf(s[i], shape[i]) {
			return false
		}
	}
	return true
}

func isOf(c, kind byte) bool {
	switch kind {
	case 'd':
		return '0' <= c && c <= '9'
	case 'A':
		return 'A' <= c && c <= 'Z'
	case 'a':
		return 'a' <= c && c <= 'z'
	default:
		return c == kind
	}
}

// isEmbedded tells a document in a string: JSON as it is, URL-encoded or in
// base64 (a token of the form eyJ… too).
func isEmbedded(s []byte) bool {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t' || s[0] == '\r' || s[0] == '\n') {
		s = s[1:]
	}
	if len(s) == 0 || s[0] != '{' && s[0] != '%' && s[0] != 'e' {
		return false
	}
	return bytes.HasPrefix(s, []byte("{")) || bytes.HasPrefix(s, []byte("%7B")) ||
		bytes.HasPrefix(s, []byte("%7b")) || bytes.HasPrefix(s, []byte("eyJ"))
}
