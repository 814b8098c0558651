package baseline

// lookBits is how many bits a Huffman table is looked up by. Most codes of a
// photo and the bits of their values fit in.
const lookBits = 10

// lookup decodes the codes of one Huffman table.
//
// An entry of look holds, for codes whose value's bits fit in too, the number
// of bits of both (bits 0 to 6), how far to go on among the coefficients (8 to
// 15) and the value (16 to 31). Else slowEntry is set, and it holds the code's
// length, 0 if it doesn't fit in itself, and the symbol (8 to 15).
type lookup struct {
	look   [1 << lookBits]uint32
	limit  [17]uint32 // codes of up to so many bits, with ones behind them to 16 bits, are below
	offset [17]int32  // from a code to its symbol
	values [256]byte
}

const (
	slowEntry = 1 << 7
	// endOfBlock is as far as no run goes.
	endOfBlock = 128
)

// newLookup builds the table of a DHT segment, and is false for one that
// states more codes than there are, or none. In a table for AC coefficients a
// symbol is a run of zeros and the size of the value behind it; in one for DC
// it is a size alone (T.81 F.1.2).
func newLookup(s *spec, ac bool) (t *lookup, ok bool) {
	t = new(lookup)
	copy(t.values[:], s.values)
	for i := range t.look {
		t.look[i] = slowEntry
	}
	code, index := uint32(0), 0
	for i, count := range s.counts {
		length, n := i+1, uint32(count)
		if code+n > 1<<length || index+int(n) > len(s.values) {
			return nil, false
		}
		t.offset[length] = int32(index) - int32(code) // #nosec G115 -- 17 bits
		for range n {
			t.fill(code, length, s.values[index], ac)
			code++
			index++
		}
		t.limit[length] = code << (16 - length)
		code <<= 1
	}
	return t, index > 0
}

// fill writes the entries that begin with a code.
func (t *lookup) fill(code uint32, length int, symbol byte, ac bool) {
	if length > lookBits {
		return
	}
	rest := lookBits - length
	run, size := 0, int(symbol)
	if ac {
		run, size = int(symbol>>4), int(symbol&15)
	}
	for i := range uint32(1) << rest {
		entry := uint32(slowEntry | length | int(symbol)<<8) // #nosec G115 -- 16 bits
		switch {
		case ac && symbol == 0:
			entry = uint32(length | endOfBlock<<8) // #nosec G115 -- 16 bits
		case ac && size == 0 && run < 15: // a progressive file's
		case size <= rest:
			v := extend(i>>(rest-size), size)
			entry = uint32(length+size) | uint32(run+1)<<8 | uint32(v)<<16 // #nosec G115 -- run is at most 15
		}
		t.look[code<<rest|i] = entry
	}
}

// extend gives the value of so many bits (T.81 F.2.2.1): the lower half stands
// for negative ones.
func extend(bits uint32, size int) int32 {
	if size == 0 {
		return 0
	}
	v := int32(bits) // #nosec G115 -- at most 16 bits
	if v < 1<<(size-1) {
		v -= 1<<size - 1
	}
	return v
}

// long finds the symbol of a code that is longer than lookBits among the
// highest bits of acc. Its length is 0 if there is none.
func (t *lookup) long(acc uint64) (symbol byte, length uint) {
	next := uint32(acc >> 48)
	for length = lookBits + 1; length <= 16; length++ {
		if next < t.limit[length] {
			code := int32(next >> (16 - length))                  // #nosec G115 -- at most 16 bits
			return t.values[uint8(code+t.offset[length])], length // #nosec G115 -- newLookup has counted
		}
	}
	return 0, 0
}
