package baseline

// block is 8 × 8 samples or coefficients, row by row.
type block [64]int32

// Constants of jfdctint.c, scaled by 2^13.
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

// forward is the accurate integer DCT (jpeg_fdct_islow) of 8 rows of samples:
// results are 8 times the coefficients.
func (b *block) forward(pix []byte, stride int) {
	for y := range 8 {
		rowDCT((*[8]int32)(b[8*y:]), (*[8]byte)(pix[y*stride:]))
	}
	for x := range 8 {
		columnDCT((*[57]int32)(b[x:]))
	}
}

// rowDCT centres samples on 0 by taking 8 × 128 off their sum; elsewhere they
// occur as differences only.
func rowDCT(d *[8]int32, p *[8]byte) {
	p0, p1, p2, p3 := int32(p[0]), int32(p[1]), int32(p[2]), int32(p[3])
	p4, p5, p6, p7 := int32(p[4]), int32(p[5]), int32(p[6]), int32(p[7])
	t0, t7 := p0+p7, p0-p7
	t1, t6 := p1+p6, p1-p6
	t2, t5 := p2+p5, p2-p5
	t3, t4 := p3+p4, p3-p4
	t10, t13 := t0+t3, t0-t3
	t11, t12 := t1+t2, t1-t2
	d[0] = (t10 + t11 - 8*128) << pass1Bits
	d[4] = (t10 - t11) << pass1Bits
	const shift, half = constBits - pass1Bits, 1 << (constBits - pass1Bits - 1)
	z1 := (t12+t13)*fix0541 + half
	d[2] = (z1 + t13*fix0765) >> shift
	d[6] = (z1 - t12*fix1847) >> shift

	z1, z2, z3, z4 := t4+t7, t5+t6, t4+t6, t5+t7
	z5 := (z3+z4)*fix1175 + half
	z1, z2 = -z1*fix0899, -z2*fix2562
	z3, z4 = z5-z3*fix1961, z5-z4*fix0390
	d[7] = (t4*fix0298 + z1 + z3) >> shift
	d[5] = (t5*fix2053 + z2 + z4) >> shift
	d[3] = (t6*fix3072 + z2 + z3) >> shift
	d[1] = (t7*fix1501 + z1 + z4) >> shift
}

func columnDCT(d *[57]int32) {
	t0, t7 := d[0]+d[56], d[0]-d[56]
	t1, t6 := d[8]+d[48], d[8]-d[48]
	t2, t5 := d[16]+d[40], d[16]-d[40]
	t3, t4 := d[24]+d[32], d[24]-d[32]
	t10, t13 := t0+t3, t0-t3
	t11, t12 := t1+t2, t1-t2
	const round = 1 << (pass1Bits - 1)
	d[0] = (t10 + t11 + round) >> pass1Bits
	d[32] = (t10 - t11 + round) >> pass1Bits
	const shift, half = constBits + pass1Bits, 1 << (constBits + pass1Bits - 1)
	z1 := (t12+t13)*fix0541 + half
	d[16] = (z1 + t13*fix0765) >> shift
	d[48] = (z1 - t12*fix1847) >> shift

	z1, z2, z3, z4 := t4+t7, t5+t6, t4+t6, t5+t7
	z5 := (z3+z4)*fix1175 + half
	z1, z2 = -z1*fix0899, -z2*fix2562
	z3, z4 = z5-z3*fix1961, z5-z4*fix0390
	d[56] = (t4*fix0298 + z1 + z3) >> shift
	d[40] = (t5*fix2053 + z2 + z4) >> shift
	d[24] = (t6*fix3072 + z2 + z3) >> shift
	d[8] = (t7*fix1501 + z1 + z4) >> shift
}
