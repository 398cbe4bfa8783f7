package args

// Members calls each for the members of a JSON object in the order in which they
// stand, with the raw value, and reports whether raw is one valid object. What
// was told before an error is not to be used. Both are valid until each returns.
func Members(raw []byte, each func(key, value []byte)) bool {
	s := scanner{src: raw}
	return s.container('{', '}', 0, each) && s.atEnd()
}

// Elements is Members for the elements of a list.
func Elements(raw []byte, each func(value []byte)) bool {
	s := scanner{src: raw}
	return s.container('[', ']', 0, func(_, value []byte) { each(value) }) && s.atEnd()
}

// container passes over an object or a list.
func (s *scanner) container(open, end byte, depth int, each func(key, value []byte)) bool {
	if s.space(); s.peek() != open || depth >= maxNesting {
		return false
	}
	s.pos++
	if s.space(); s.peek() == end {
		s.pos++
		return true
	}
	for {
		var key []byte
		if open == '{' {
			ok := false
			if key, ok = s.key(); !ok {
				return false
			}
		}
		s.space()
		start := s.pos
		if !s.skip(depth + 1) {
			return false
		}
		if each != nil {
			each(key, s.src[start:s.pos])
		}
		if more, ok := s.next(end); !more {
			return ok
		}
	}
}

// key takes a member's name and the colon, and returns the name decoded.
func (s *scanner) key() ([]byte, bool) {
	if s.space(); s.peek() != '"' {
		return nil, false
	}
	key, escaped, ok := s.str()
	if s.space(); !ok || s.peek() != ':' {
		return nil, false
	}
	s.pos++
	if escaped {
		key = s.unescape(key)
	}
	return validUTF8(key), true
}

// skip passes over a value.
func (s *scanner) skip(depth int) (ok bool) {
	switch s.peek() {
	case '{':
		return s.container('{', '}', depth, nil)
	case '[':
		return s.container('[', ']', depth, nil)
	case '"':
		_, _, ok = s.str()
		return ok
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	_, ok = s.number()
	return ok
}

// Text is the value of a raw JSON string, and whether it is one.
func Text(raw []byte) (string, bool) {
	s := scanner{src: raw}
	if s.space(); s.peek() != '"' {
		return "", false
	}
	text, escaped, ok := s.str()
	if !ok || !s.atEnd() {
		return "", false
	}
	if escaped {
		text = s.unescape(text)
	}
	return string(validUTF8(text)), true
}
