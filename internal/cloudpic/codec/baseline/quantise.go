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

// divisor divides by 8 × a quantisation step, rounding half away from 0, by
// one multiplication. What lies within ±zero comes to 0: most coefficients of
// a photo do.
type divisor struct {
	zero          int32
	half, inverse uint32
}

// divisors are those of a table in zigzag order. The inverse rounded up is
// exact for dividends below 2^16, which a DCT's results are.
func divisors(table *[64]uint16) (d [64]divisor) {
	for i, q := range table {
		step := uint64(q) * 8
		d[i] = divisor{
			zero:    int32(step - step/2 - 1),          // #nosec G115 -- small
			half:    uint32(step / 2),                  // #nosec G115 -- small
			inverse: uint32((1<<32 + step - 1) / step), // #nosec G115 -- step is at least 8
		}
	}
	return d
}

// quantise puts the quantised coefficients that aren't 0 in zigzag order into
// out and gives a mask of them.
func (b *block) quantise(d *[64]divisor, out *[64]int16) (mask uint64) {
	for i := range d {
		v, q := b[zigzag[i]&63], &d[i]
		if uint32(v+q.zero) <= uint32(2*q.zero) { // #nosec G115 -- negative is meant to be large
			continue
		}
		sign := v >> 31
		magnitude := uint32((v ^ sign) - sign)                         // #nosec G115 -- not negative
		r := int32(uint64(magnitude+q.half) * uint64(q.inverse) >> 32) // #nosec G115 -- below 2^16
		out[i] = int16((r ^ sign) - sign)                              // #nosec G115 -- below 2^12
		mask |= 1 << i
	}
	return mask
}
