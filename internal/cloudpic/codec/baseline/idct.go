package baseline

import "encoding/binary"

// packed is a block of coefficients, two to a word: that of an even column is
// the lower half, the next one times 2^32 is added. Sums and multiples of such
// words are those of both halves, so that one multiplication does for two. A
// negative lower half borrows from the upper one, which gets it back as soon as
// the halves are told apart.
//
// Halves have 32 bits, as much as the coefficients of any picture need on their
// way. Coefficients that no picture has, in damaged files, run over and give
// noise.
type packed [32]uint64

// places gives, for each place in a file's order, the word in a block.
var places = func() (p [64]uint8) {
	for i, z := range zigzag {
		p[i] = z >> 1
	}
	return p
}()

// packSteps spreads a quantisation table in zigzag order so that a value times
// its step is what is to be added to its word.
func packSteps(table *[64]uint16) (steps [64]uint64) {
	for i, q := range table {
		steps[i] = uint64(q) << (32 * (zigzag[i] & 1))
	}
	return steps
}

const (
	both  = 1<<32 + 1 // times a number below 2^32 gives it in both halves
	lower = 1<<32 - 1

	// What rounds a result of the first pass, and makes it positive before the
	// halves are told apart; what is left of that behind the shift.
	shift1 = constBits - pass1Bits
	bias1  = (1<<31 + 1<<(shift1-1)) * both
	rest1  = 1 << (31 - shift1) * both
	mask1  = (1<<(32-shift1) - 1) * both

	// The same for the second pass, whose results have 128 added as well. The
	// bit that makes them positive is masked away.
	shift2 = constBits + pass1Bits + 3
	bias2  = (1<<31 + 128<<shift2 + 1<<(shift2-1)) * both
	mask2  = (1<<(31-shift2) - 1) * both
	above2 = mask2 &^ (0xFF * both)
)

// cornerLast is the last place in a file's order before one comes that lies
// outside the first 4 × 4 coefficients.
const cornerLast = 9

// inverse is the accurate integer DCT (jpeg_idct_islow): it writes samples to 8
// rows of dst, to the bit as libjpeg does. Last is the place of the last
// coefficient that isn't 0; most blocks of a photo have few.
func (b *packed) inverse(dst []byte, stride, last int) {
	corner := last <= cornerLast
	columns((*[29]uint64)(b[0:]), corner)
	columns((*[29]uint64)(b[1:]), corner)
	if !corner {
		columns((*[29]uint64)(b[2:]), corner)
		columns((*[29]uint64)(b[3:]), corner)
	}
	for r := range 4 {
		rows((*[8]uint64)(b[8*r:]), corner, dst[2*r*stride:], stride)
	}
}

// columns transforms two columns. It leaves rest1 added.
func columns(c *[29]uint64, corner bool) {
	var e0, e1, e2, e3, o0, o1, o2, o3 uint64
	v0, v1, v2, v3 := c[0]<<constBits+bias1, c[4], c[8], c[12]
	if corner {
		e0, e1, e2, e3 = even(v0, v2, 0, 0)
		o0, o1, o2, o3 = odd(v1, v3, 0, 0)
	} else {
		v4, v5, v6, v7 := c[16], c[20], c[24], c[28]
		if v1|v2|v3|v4|v5|v6|v7 == 0 {
			v := v0 >> shift1 & mask1
			c[0], c[4], c[8], c[12], c[16], c[20], c[24], c[28] = v, v, v, v, v, v, v, v
			return
		}
		e0, e1, e2, e3 = even(v0, v2, v4<<constBits, v6)
		o0, o1, o2, o3 = odd(v1, v3, v5, v7)
	}
	c[0] = (e0 + o3) >> shift1 & mask1
	c[28] = (e0 - o3) >> shift1 & mask1
	c[4] = (e1 + o2) >> shift1 & mask1
	c[24] = (e1 - o2) >> shift1 & mask1
	c[8] = (e2 + o1) >> shift1 & mask1
	c[20] = (e2 - o1) >> shift1 & mask1
	c[12] = (e3 + o0) >> shift1 & mask1
	c[16] = (e3 - o0) >> shift1 & mask1
}

// even and odd are the halves of the one-dimensional transform.
func even(v0, v2, v4, v6 uint64) (e0, e1, e2, e3 uint64) {
	z1 := (v2 + v6) * fix0541
	z2, z3 := z1-v6*fix1847, z1+v2*fix0765
	t0, t1 := v0+v4, v0-v4
	return t0 + z3, t1 + z2, t1 - z2, t0 - z3
}

func odd(v1, v3, v5, v7 uint64) (o0, o1, o2, o3 uint64) {
	z5 := (v7 + v3 + v5 + v1) * fix1175
	z1, z2 := (v7+v1)*fix0899, (v5+v3)*fix2562
	z3, z4 := z5-(v7+v3)*fix1961, z5-(v5+v1)*fix0390
	return v7*fix0298 - z1 + z3, v5*fix2053 - z2 + z4, v3*fix3072 - z2 + z3, v1*fix1501 - z1 + z4
}

// rows transforms two rows, which lie one behind the other, and writes their
// samples.
func rows(c *[8]uint64, corner bool, dst []byte, stride int) {
	var e0, e1, e2, e3, o0, o1, o2, o3 uint64
	// From two columns of a row to two rows of a column.
	v0, v1 := c[0]&lower+c[4]<<32-rest1, c[0]>>32+c[4]&^lower-rest1
	v2, v3 := c[1]&lower+c[5]<<32-rest1, c[1]>>32+c[5]&^lower-rest1
	v0 = v0<<constBits + bias2
	if corner {
		e0, e1, e2, e3 = even(v0, v2, 0, 0)
		o0, o1, o2, o3 = odd(v1, v3, 0, 0)
	} else {
		v4, v5 := c[2]&lower+c[6]<<32-rest1, c[2]>>32+c[6]&^lower-rest1
		v6, v7 := c[3]&lower+c[7]<<32-rest1, c[3]>>32+c[7]&^lower-rest1
		e0, e1, e2, e3 = even(v0, v2, v4<<constBits, v6)
		o0, o1, o2, o3 = odd(v1, v3, v5, v7)
	}
	s0, s7 := (e0+o3)>>shift2&mask2, (e0-o3)>>shift2&mask2
	s1, s6 := (e1+o2)>>shift2&mask2, (e1-o2)>>shift2&mask2
	s2, s5 := (e2+o1)>>shift2&mask2, (e2-o1)>>shift2&mask2
	s3, s4 := (e3+o0)>>shift2&mask2, (e3-o0)>>shift2&mask2
	if (s0|s1|s2|s3|s4|s5|s6|s7)&above2 != 0 {
		*c = [8]uint64{s0, s1, s2, s3, s4, s5, s6, s7}
		clampAll(c)
		s0, s1, s2, s3, s4, s5, s6, s7 = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
	}
	left, right := s0|s1<<8|s2<<16|s3<<24, s4|s5<<8|s6<<16|s7<<24
	binary.LittleEndian.PutUint64(dst, left&lower|right<<32)
	binary.LittleEndian.PutUint64(dst[stride:], left>>32|right&^lower)
}

// clampAll brings samples, which are numbers of 13 bits with a sign, into 0 to 255.
func clampAll(c *[8]uint64) {
	for i, v := range c {
		c[i] = uint64(clampSample(v)) | uint64(clampSample(v>>32))<<32
	}
}

func clampSample(v uint64) byte {
	return clamp(int32(v<<(1+shift2)) >> (1 + shift2)) // #nosec G115 -- the lower half is meant
}

// fill writes the samples of a block that has only a DC coefficient.
func fill(dc int32, dst []byte, stride int) {
	v := uint64(clamp((dc+4)>>3+128)) * 0x0101010101010101
	for y := range 8 {
		binary.LittleEndian.PutUint64(dst[y*stride:], v)
	}
}
