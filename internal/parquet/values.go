package parquet

import "encoding/binary"

// Values are the values of one column of a row group.
type Values struct {
	index []uint32 // for each row the number of its value
	texts []string
	ints  []int64
	share bool
}

// missing is the number of no value.
const missing = 1<<32 - 1

// Text is the value of a row of a Text column, empty where it is missing.
func (v *Values) Text(row int) string {
	if n := v.index[row]; n != missing {
		return v.texts[n]
	}
	return ""
}

// Int is the value of a row of another column; ok is false where it is missing.
func (v *Values) Int(row int) (value int64, ok bool) {
	if n := v.index[row]; n != missing {
		return v.ints[n], true
	}
	return 0, false
}

// Pick leaves the values of some rows, given by their numbers in order. They are rows 0,
// 1 and so on then.
func (v *Values) Pick(rows []uint32) {
	for i, row := range rows {
		v.index[i] = v.index[row]
	}
	v.index = v.index[:len(rows)]
}

func (v *Values) reset(f *Field, rows int) {
	clear(v.texts)
	v.texts, v.ints = v.texts[:0], v.ints[:0]
	v.index = room(v.index, rows)
}

// plain reads n values that are stored as they are.
func (v *Values) plain(f *Field, b []byte, n int) error {
	switch f.Type {
	case Text:
		return v.plainTexts(b, n)
	case Bool:
		if len(b) != (n+7)/8 {
			return corrupt("%d bytes for %d values", len(b), n)
		}
		for i := range n {
			v.ints = append(v.ints, int64(b[i/8]>>(i%8)&1))
		}
		return nil
	case Date:
		if len(b) != 4*n {
			return corrupt("%d bytes for %d values", len(b), n)
		}
		for ; len(b) > 0; b = b[4:] {
			v.ints = append(v.ints, int64(int32(binary.LittleEndian.Uint32(b))))
		}
		return nil
	}
	if len(b) != 8*n {
		return corrupt("%d bytes for %d values", len(b), n)
	}
	for ; len(b) > 0; b = b[8:] {
		v.ints = append(v.ints, int64(binary.LittleEndian.Uint64(b)))
	}
	return nil
}

func (v *Values) plainTexts(b []byte, n int) error {
	all := ""
	if v.share {
		all = string(b)
	}
	for range n {
		if len(b) < 4 {
			return corrupt("a text is cut short")
		}
		size := int64(binary.LittleEndian.Uint32(b))
		if b = b[4:]; size > int64(len(b)) {
			return corrupt("a text is cut short")
		}
		if v.share {
			at := int64(len(all) - len(b))
			v.texts = append(v.texts, all[at:at+size])
		} else {
			v.texts = append(v.texts, string(b[:size]))
		}
		b = b[size:]
	}
	if len(b) > 0 {
		return corrupt("%d bytes are left after the texts", len(b))
	}
	return nil
}

// numbered reads n numbers of values of the dictionary.
func (v *Values) numbered(b []byte, n int) error {
	if len(b) == 0 || b[0] == 0 || b[0] > 32 {
		return corrupt("the numbers of values have no width")
	}
	if err := hybrid(b[1:], int(b[0]), v.index[:n]); err != nil {
		return err
	}
	values := uint32(len(v.texts) + len(v.ints))
	for _, i := range v.index[:n] {
		if i >= values {
			return corrupt("value %d of %d", i, values)
		}
	}
	return nil
}

// spread moves the numbers of n values to the rows that have one.
func (v *Values) spread(levels []uint32, n int) {
	for i := len(levels) - 1; i >= 0; i-- {
		if levels[i] == 0 {
			v.index[i] = missing
			continue
		}
		n--
		v.index[i] = v.index[n]
	}
}

// hybrid reads what appendHybrid made: as many numbers as there is room for.
func hybrid(b []byte, width int, into []uint32) error {
	for len(into) > 0 {
		header, used := binary.Uvarint(b)
		if used <= 0 {
			return corrupt("a run of numbers is cut short")
		}
		b = b[used:]
		var n int
		if header&1 == 0 {
			n = unrun(b, header>>1, width, into)
			b = b[min(len(b), (width+7)/8):]
		} else {
			n = unpack(b, header>>1, width, into)
			b = b[min(uint64(len(b)), header>>1*uint64(width)):]
		}
		if n == 0 {
			return corrupt("a run of numbers is none")
		}
		into = into[n:]
	}
	if len(b) > 0 {
		return corrupt("%d bytes are left after the numbers", len(b))
	}
	return nil
}

// unrun reads one number that stands n times; 0 says that it cannot be.
func unrun(b []byte, n uint64, width int, into []uint32) int {
	if n > uint64(len(into)) || len(b) < (width+7)/8 {
		return 0
	}
	value := uint32(0)
	for i := range (width + 7) / 8 {
		value |= uint32(b[i]) << (8 * i)
	}
	if uint64(value)>>width != 0 {
		return 0
	}
	for i := range into[:n] {
		into[i] = value
	}
	return int(n)
}

// unpack reads groups of eight numbers, of which the last may be filled up.
func unpack(b []byte, groups uint64, width int, into []uint32) int {
	if groups > uint64(len(b)) || groups*uint64(width) > uint64(len(b)) || groups > uint64(len(into)+7)/8 {
		return 0
	}
	n := min(int(groups)*8, len(into))
	bits, filled, mask := uint64(0), 0, uint64(1)<<width-1
	for i := range into[:n] {
		for filled < width {
			bits |= uint64(b[0]) << filled
			b, filled = b[1:], filled+8
		}
		into[i] = uint32(bits & mask)
		bits >>= width
		filled -= width
	}
	return n
}
