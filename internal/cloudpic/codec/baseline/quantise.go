package baseline

// zigzag gives, for each place in a file's order, the place in a block
// (T.81 figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// order gives, for each place in a block, the place in a file's order.
var order = func() (o [64]uint8) {
	for k, z := range zigzag {
		o[z] = uint8(k) // #nosec G115 -- at most 63
	}
	return o
}()

// divisor divides by 8 × a quantisation step, rounding half away from 0, by
// one multiplication. The inverse rounded up is exact for dividends below 2^16,
// which a DCT's results are.
type divisor struct{ half, inverse uint32 }

// quantiser divides a block.
type quantiser struct {
	divisors [64]divisor // as coefficients lie in a block
	// What a word of the forward DCT's results plus low and high minus it don't
	// make negative in either half comes to 0: most coefficients of a photo do.
	low, high [32]uint64
}

// newQuantiser is that of a table in zigzag order.
func newQuantiser(table *[64]uint16) *quantiser {
	q := new(quantiser)
	for k, t := range table {
		step, at := uint64(t)*8, zigzag[k]
		q.divisors[at] = divisor{
			half:    uint32(step / 2),                  // #nosec G115 -- small
			inverse: uint32((1<<32 + step - 1) / step), // #nosec G115 -- step is at least 8
		}
		zero, shift := step-step/2-1, 32*(at&1)
		q.low[at>>1] |= zero << forwardShift << shift
		q.high[at>>1] |= ((zero+1)<<forwardShift - 1) << shift
	}
	return q
}

// quantise puts the quantised coefficients that aren't 0 in zigzag order into
// out and gives a mask of them.
func (b *packed) quantise(q *quantiser, out *[64]int16) (mask uint64) {
	const negative = 1 << 31 * both
	for i := 0; i < 32; i += 4 {
		w, low, high := (*[4]uint64)(b[i:]), (*[4]uint64)(q.low[i:]), (*[4]uint64)(q.high[i:])
		s0, s1 := (w[0]+low[0])|(high[0]-w[0]), (w[1]+low[1])|(high[1]-w[1])
		s2, s3 := (w[2]+low[2])|(high[2]-w[2]), (w[3]+low[3])|(high[3]-w[3])
		if (s0|s1|s2|s3)&negative == 0 {
			continue
		}
		if s0&negative != 0 {
			mask |= q.pair(w[0], i, out)
		}
		if s1&negative != 0 {
			mask |= q.pair(w[1], i+1, out)
		}
		if s2&negative != 0 {
			mask |= q.pair(w[2], i+2, out)
		}
		if s3&negative != 0 {
			mask |= q.pair(w[3], i+3, out)
		}
	}
	return mask
}

// pair quantises the two coefficients of a word.
func (q *quantiser) pair(w uint64, i int, out *[64]int16) (mask uint64) {
	low, high := halves(w)
	d, o := (*[2]divisor)(q.divisors[2*i:]), (*[2]uint8)(order[2*i:])
	return d[0].divide(low, out, o[0]) | d[1].divide(high, out, o[1])
}

// halves tells the two numbers in a word apart.
func halves(w uint64) (low, high int32) {
	low = int32(w)                                    // #nosec G115 -- the lower half is meant
	return low, int32((w - uint64(int64(low))) >> 32) // #nosec G115 -- what is left is the upper half
}

// divide quantises one of the forward DCT's results into out[at] and gives that
// place's bit unless it is 0.
func (d divisor) divide(v int32, out *[64]int16, at uint8) (mask uint64) {
	v >>= forwardShift
	sign := v >> 31
	magnitude := uint32((v ^ sign) - sign)                         // #nosec G115 -- not negative
	r := int32(uint64(magnitude+d.half) * uint64(d.inverse) >> 32) // #nosec G115 -- below 2^16
	out[at&63] = int16((r ^ sign) - sign)                          // #nosec G115 -- below 2^12
	return uint64(uint32(-r)>>31) << (at & 63)                     // #nosec G115 -- the highest bit is meant
}
