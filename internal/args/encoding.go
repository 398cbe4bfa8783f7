package args

import "encoding/binary"

// AppendEncoding appends the bytes that ID hashes: of each leaf the path and the
// value, each with its length before it.
func (l List) AppendEncoding(dst []byte) []byte {
	for _, leaf := range l {
		dst = binary.AppendUvarint(dst, uint64(len(leaf.Path)))
		dst = append(dst, leaf.Path...)
		dst = binary.AppendUvarint(dst, uint64(len(leaf.Value)))
		dst = append(dst, leaf.Value...)
	}
	return dst
}

// Decode appends the leaves that an encoding stands for. Their strings are parts
// of it. It panics on what AppendEncoding did not make.
func Decode(dst List, encoding string) List {
	for len(encoding) > 0 {
		var l Leaf
		l.Path, encoding = cutText(encoding)
		l.Value, encoding = cutText(encoding)
		dst = append(dst, l)
	}
	return dst
}

// cutText takes a length and as many bytes.
func cutText(s string) (text, rest string) {
	n, shift := 0, 0
	for i := 0; ; i++ {
		n |= int(s[i]&0x7f) << shift
		if shift += 7; s[i] < 0x80 {
			return s[i+1 : i+1+n], s[i+1+n:]
		}
	}
}
