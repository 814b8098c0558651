package baseline

import "encoding/binary"

// bitReader gives the bits of an entropy-coded segment, which holds no marker:
// a zero byte stands behind each 0xFF (T.81 F.1.2.3).
type bitReader struct {
	data []byte
	at   int
	// acc holds n bits, the next in the highest place. Those behind them are 0
	// or what follows in data.
	acc uint64
	n   uint
	// missing is how many of the bits were made up behind the end of data.
	missing uint
}

func (r *bitReader) start(data []byte) { *r = bitReader{data: data} }

// cutOff reports whether bits have been used that aren't there.
func (r *bitReader) cutOff() bool { return r.n < r.missing }

// refill brings n to at least 57.
func (r *bitReader) refill() {
	if r.at+8 <= len(r.data) {
		if w := binary.BigEndian.Uint64(r.data[r.at:]); noFF(w) {
			r.acc |= w >> r.n
			r.at += int(63-r.n) >> 3 // #nosec G115 -- at most 7
			r.n |= 56
			return
		}
	}
	for r.n <= 56 {
		b := uint64(0)
		if r.at < len(r.data) {
			b = uint64(r.data[r.at])
			r.at++
			if b == 0xFF {
				r.at++
			}
		} else {
			r.missing += 8
		}
		r.acc |= b << (56 - r.n)
		r.n += 8
	}
}

// block reads one block: adds its coefficients, times their steps, to b. Last
// is the index of its last coefficient in a file's order; it is -1 for a block
// that breaks the rules.
func (r *bitReader) block(c *input, b *packed) (last int) {
	if r.n < 32 {
		r.refill()
	}
	dc, ok := r.dc(c.dc)
	if !ok {
		return -1
	}
	c.last += dc
	b[0] = uint64(int64(c.last)) * c.steps[0] // #nosec G115 -- modulo 2^64

	data, at, acc, n := r.data, r.at, r.acc, r.n
	ac, steps := c.ac, &c.steps
	k := uint(0)
	for k < 63 {
		if n < 32 {
			if at+8 <= len(data) {
				w := binary.BigEndian.Uint64(data[at:])
				if noFF(w) {
					acc |= w >> (n & 63)
					at += int(63-n) >> 3 // #nosec G115 -- at most 7
					n |= 56
					goto filled
				}
			}
			r.at, r.acc, r.n = at, acc, n
			r.refill()
			at, acc, n = r.at, r.acc, r.n
		}
	filled:
		e := ac.look[acc>>(64-lookBits)]
		if e&slowEntry != 0 {
			var used uint
			e, used = ac.slow(e, acc)
			acc <<= used & 63
			n -= used
		} else {
			acc <<= e & 15
			n -= uint(e & 15)
		}
		k += uint(e >> 8 & 0xFF)
		if k > 63 {
			break
		}
		b[places[k]&31] += uint64(int64(int32(e)>>16)) * steps[k] // #nosec G115 -- the sign is meant, modulo 2^64
	}
	r.at, r.acc, r.n = at, acc, n
	switch {
	case k >= endOfBlock:
		return int(k - endOfBlock) // #nosec G115 -- at most 63
	case k > 63:
		return -1
	}
	return 63
}

// broken is an entry that leads past the end of a block.
const broken = 64 << 8

// slow gives an entry as look has it, but for the number of bits, which it
// gives by itself.
func (t *lookup) slow(e uint32, acc uint64) (entry uint32, used uint) {
	symbol, length := byte(e>>8), uint(e&^slowEntry&0xFF) // #nosec G115 -- the lowest byte is meant
	if length == 0 {
		if symbol, length = t.long(acc); length == 0 {
			return broken, 0
		}
	}
	run, size := uint32(symbol>>4), uint(symbol&15)
	if size == 0 {
		switch run {
		case 0:
			return endOfBlock << 8, length
		case 15:
			return 16 << 8, length
		}
		return broken, length // a progressive file's
	}
	v := extend(uint32(acc<<length>>(64-size)), int(size)) // #nosec G115 -- at most 15
	return (run+1)<<8 | uint32(v)<<16, length + size       // #nosec G115 -- the lowest 16 bits are meant
}

// dc reads the difference of two DC values.
func (r *bitReader) dc(t *lookup) (v int32, ok bool) {
	e := t.look[r.acc>>(64-lookBits)]
	if e&slowEntry == 0 {
		r.acc <<= e & 15
		r.n -= uint(e & 15)
		return int32(e) >> 16, true // #nosec G115 -- the sign is meant
	}
	symbol, length := byte(e>>8), uint(e&^slowEntry&0xFF) // #nosec G115 -- the lowest byte is meant
	if length == 0 {
		if symbol, length = t.long(r.acc); length == 0 {
			return 0, false
		}
	}
	if symbol == 0 {
		r.acc <<= length
		r.n -= length
		return 0, true
	}
	if symbol > 11 { // T.81 table F.1
		return 0, false
	}
	v = extend(uint32(r.acc<<length>>(64-symbol)), int(symbol)) // #nosec G115 -- at most 11 bits
	r.acc <<= length + uint(symbol)
	r.n -= length + uint(symbol)
	return v, true
}
