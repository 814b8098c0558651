package baseline

import "encoding/binary"

// Constants of jfdctint.c and jidctint.c, scaled by 2^13.
const (
	constBits = 13
	pass1Bits = 2

	fix0298 = 2446
	fix0390 = 3196
	fix0541 = 4433
	fix0765 = 6270
	fix0899 = 7373
	fix1175 = 9633
	fix1501 = 12299
	fix1847 = 15137
	fix1961 = 16069
	fix2053 = 16819
	fix2562 = 20995
	fix3072 = 25172
)

// forwardShift is what the forward DCT's results are still to be shifted by.
const forwardShift = constBits + pass1Bits

// forward is the accurate integer DCT (jpeg_fdct_islow) of 8 rows of samples:
// results are 8 times the coefficients, times 2^forwardShift, rounded already.
func (b *packed) forward(pix []byte, stride int) {
	for r := range 4 {
		above, below := pix[2*r*stride:], pix[(2*r+1)*stride:]
		forwardRows((*[8]uint64)(b[8*r:]), binary.LittleEndian.Uint64(above), binary.LittleEndian.Uint64(below))
	}
	for p := range 4 {
		forwardColumns((*[29]uint64)(b[p:]))
	}
}

// forwardRows transforms two rows of 8 samples. It centres them on 0 by taking
// 8 × 128 off their sum; elsewhere they occur as differences only.
func forwardRows(c *[8]uint64, above, below uint64) {
	const sample = 0xFF * both
	left, right := above&lower|below<<32, above>>32|below&^lower
	p0, p1, p2, p3 := left&sample, left>>8&sample, left>>16&sample, left>>24&sample
	p4, p5, p6, p7 := right&sample, right>>8&sample, right>>16&sample, right>>24&sample
	t0, t7 := p0+p7, p0-p7
	t1, t6 := p1+p6, p1-p6
	t2, t5 := p2+p5, p2-p5
	t3, t4 := p3+p4, p3-p4
	t10, t13 := t0+t3, t0-t3
	t11, t12 := t1+t2, t1-t2
	d0 := (t10+t11)<<pass1Bits + rest1 - 8*128<<pass1Bits*both
	d4 := (t10-t11)<<pass1Bits + rest1
	d2, d6 := forwardEven(t12, t13, bias1)
	d7, d5, d3, d1 := odd(t7, t6, t5, t4)
	d2, d6 = d2>>shift1&mask1, d6>>shift1&mask1
	d1, d3 = (d1+bias1)>>shift1&mask1, (d3+bias1)>>shift1&mask1
	d5, d7 = (d5+bias1)>>shift1&mask1, (d7+bias1)>>shift1&mask1
	// From two rows of a column to two columns of a row.
	c[0], c[4] = d0&lower+d1<<32-rest1, d0>>32+d1&^lower-rest1
	c[1], c[5] = d2&lower+d3<<32-rest1, d2>>32+d3&^lower-rest1
	c[2], c[6] = d4&lower+d5<<32-rest1, d4>>32+d5&^lower-rest1
	c[3], c[7] = d6&lower+d7<<32-rest1, d6>>32+d7&^lower-rest1
}

// forwardColumns transforms two columns.
func forwardColumns(c *[29]uint64) {
	t0, t7 := c[0]+c[28], c[0]-c[28]
	t1, t6 := c[4]+c[24], c[4]-c[24]
	t2, t5 := c[8]+c[20], c[8]-c[20]
	t3, t4 := c[12]+c[16], c[12]-c[16]
	t10, t13 := t0+t3, t0-t3
	t11, t12 := t1+t2, t1-t2
	const round = 1 << (forwardShift - 1) * both
	c[0] = (t10+t11)<<constBits + round
	c[16] = (t10-t11)<<constBits + round
	c[8], c[24] = forwardEven(t12, t13, round)
	d7, d5, d3, d1 := odd(t7, t6, t5, t4) // the same both ways
	c[4], c[12], c[20], c[28] = d1+round, d3+round, d5+round, d7+round
}

// forwardEven gives the even results that take multiplications, with round added.
func forwardEven(t12, t13, round uint64) (d2, d6 uint64) {
	z1 := (t12+t13)*fix0541 + round
	return z1 + t13*fix0765, z1 - t12*fix1847
}
