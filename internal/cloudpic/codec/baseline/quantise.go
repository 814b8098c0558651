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
// one multiplication.
type divisor struct {
	half, inverse uint32
}

// divisors are those of a table in zigzag order. The inverse rounded up is
// exact for dividends below 2^16, which a DCT's results are.
func divisors(table *[64]uint16) (d [64]divisor) {
	for i, q := range table {
		step := uint64(q) * 8
		d[i] = divisor{uint32(step / 2), uint32((1<<32 + step - 1) / step)} // #nosec G115 -- step is at least 8
	}
	return d
}

// quantise puts the quantised coefficients in zigzag order into out and gives
// a mask of those that aren't 0.
func (b *block) quantise(d *[64]divisor, out *[64]int16) (mask uint64) {
	for i := range d {
		v := b[zigzag[i]&63]
		sign := v >> 31
		magnitude := uint32((v ^ sign) - sign)                               // #nosec G115 -- not negative
		q := int32(uint64(magnitude+d[i].half) * uint64(d[i].inverse) >> 32) // #nosec G115 -- below 2^16
		out[i] = int16((q ^ sign) - sign)                                    // #nosec G115 -- below 2^12
		mask |= uint64(uint32(-q)>>31) << i                                  // #nosec G115 -- a sign bit
	}
	return mask
}
