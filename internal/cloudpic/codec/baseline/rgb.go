package baseline

import (
	"encoding/binary"
	"image"
)

// ToRGB fills dst with the pixels of src, which have the same size: chroma
// interpolated ("fancy upsampling") where libjpeg does so, repeated elsewhere.
func ToRGB(dst *image.NRGBA, src *image.YCbCr) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	cb, cr := make([]byte, w+8), make([]byte, w+8)
	up := newUpsampler(src)
	for y := range h {
		up.row(cb, src.Cb, y)
		up.row(cr, src.Cr, y)
		rgbRow(dst.Pix[y*dst.Stride:][:4*w], src.Y[y*src.YStride:][:w], cb, cr)
	}
}

// Constants of jdcolor.c and jccolor.c, scaled by 2^16.
const (
	half = 1 << 15

	crToR = 91881 // 1.40200
	cbToB = 116130
	crToG = 46802
	cbToG = 22554

	yR, yG, yB    = 19595, 38470, 7471
	cbR, cbG, cbB = 11058, 21710, 32768
	crR, crG, crB = 32768, 27439, 5329
	chromaOffset  = 128<<16 + half - 1
)

// rgbRow converts a row, 8 pixels at a time, two to a word.
func rgbRow(dst, luma, cb, cr []byte) {
	n := len(luma)
	x := 0
	for ; x+8 <= n; x += 8 {
		rgb8((*[32]byte)(dst[4*x:]), binary.LittleEndian.Uint64(luma[x:]), binary.LittleEndian.Uint64(cb[x:]), binary.LittleEndian.Uint64(cr[x:]))
	}
	for ; x < n; x++ {
		r, g, b := rgb2(uint64(luma[x]), uint64(cb[x]), uint64(cr[x]))
		binary.LittleEndian.PutUint32(dst[4*x:], uint32(pixels2(clamp2(r), clamp2(g), clamp2(b)))) // #nosec G115 -- the lower half is meant
	}
}

// rgb8 converts 8 pixels.
func rgb8(dst *[32]byte, y, cb, cr uint64) {
	const sample, above = 0xFF * both, 0x300 * both
	r0, g0, b0 := rgb2(y&sample, cb&sample, cr&sample)
	r1, g1, b1 := rgb2(y>>8&sample, cb>>8&sample, cr>>8&sample)
	r2, g2, b2 := rgb2(y>>16&sample, cb>>16&sample, cr>>16&sample)
	r3, g3, b3 := rgb2(y>>24&sample, cb>>24&sample, cr>>24&sample)
	if (r0|g0|b0|r1|g1|b1|r2|g2|b2|r3|g3|b3)&above != 0 {
		r0, g0, b0 = clamp2(r0), clamp2(g0), clamp2(b0)
		r1, g1, b1 = clamp2(r1), clamp2(g1), clamp2(b1)
		r2, g2, b2 = clamp2(r2), clamp2(g2), clamp2(b2)
		r3, g3, b3 = clamp2(r3), clamp2(g3), clamp2(b3)
	}
	p04, p15 := pixels2(r0, g0, b0), pixels2(r1, g1, b1)
	binary.LittleEndian.PutUint64(dst[:], p04&lower|p15<<32)
	binary.LittleEndian.PutUint64(dst[16:], p04>>32|p15&^lower)
	p26, p37 := pixels2(r2, g2, b2), pixels2(r3, g3, b3)
	binary.LittleEndian.PutUint64(dst[8:], p26&lower|p37<<32)
	binary.LittleEndian.PutUint64(dst[24:], p26>>32|p37&^lower)
}

// rgb2 converts the two pixels of a word. What is out of range has bits above
// the eighth: 1024 is added while a colour may be negative, and masked away.
func rgb2(y, cb, cr uint64) (r, g, b uint64) {
	const colour = 0x3FF * both
	y = y<<16 + (1024<<16+half)*both
	return (y + cr*crToR - 128*crToR*both) >> 16 & colour,
		(y - cb*cbToG - cr*crToG + 128*(cbToG+crToG)*both) >> 16 & colour,
		(y + cb*cbToB - 128*cbToB*both) >> 16 & colour
}

// pixels2 makes two opaque pixels.
func pixels2(r, g, b uint64) uint64 { return r | g<<8 | b<<16 | 0xFF000000*both }

// clamp2 brings two numbers of 10 bits with a sign into 0 to 255.
func clamp2(v uint64) uint64 {
	return uint64(clamp(int32(v<<22)>>22)) | uint64(clamp(int32(v>>32<<22)>>22))<<32 // #nosec G115 -- the halves are meant
}

func clamp(v int32) byte {
	if uint32(v) > 255 { // #nosec G115 -- negative is meant to be large
		return byte(^(v >> 31)) // #nosec G115 -- 0 or 255
	}
	return byte(v)
}

// upsampler brings rows of chroma to the width of luma.
type upsampler struct {
	stride, w, h int // of chroma
	hs, vs       int
	sums         []int32
}

func newUpsampler(src *image.YCbCr) *upsampler {
	hs, vs := Factors(src.SubsampleRatio)
	u := &upsampler{stride: src.CStride, hs: hs, vs: vs}
	u.w, u.h = (src.Rect.Dx()+hs-1)/hs, (src.Rect.Dy()+vs-1)/vs
	u.sums = make([]int32, u.w)
	return u
}

// row gives luma row y's chroma; dst holds a few samples more than a row.
// The choice is that of jdsample.c, jinit_upsampler.
func (u *upsampler) row(dst, plane []byte, y int) {
	in := plane[y/u.vs*u.stride:][:u.w]
	switch {
	case u.hs == 1 && u.vs == 1:
		copy(dst, in)
	case u.hs == 2 && u.vs == 1 && u.w > 2:
		h2v1(dst, in)
	case u.hs == 1 && u.vs == 2:
		u.blend(plane, y)
		for x, s := range u.sums {
			dst[x] = byte((s + 1 + int32(y&1)) >> 2) // #nosec G115 -- a weighted mean
		}
	case u.hs == 2 && u.vs == 2 && u.w > 2:
		near, far := u.nearest(plane, y)
		h2v2(dst, near, far)
	default:
		for x, v := range in {
			for i := range u.hs {
				if at := x*u.hs + i; at < len(dst) {
					dst[at] = v
				}
			}
		}
	}
}

// nearest gives the chroma row that luma row y lies in, and the next nearest.
func (u *upsampler) nearest(plane []byte, y int) (near, far []byte) {
	i := y / 2
	j := min(max(i-1+2*(y&1), 0), u.h-1)
	return plane[i*u.stride:][:u.w], plane[j*u.stride:][:u.w]
}

// blend sums three parts of the nearer chroma row and one of the farther.
func (u *upsampler) blend(plane []byte, y int) {
	near, far := u.nearest(plane, y)
	for x := range u.sums {
		u.sums[x] = 3*int32(near[x]) + int32(far[x])
	}
}

// h2v1 is h2v1_fancy_upsample: 3/4 of the nearer sample, 1/4 of the farther.
func h2v1(dst, in []byte) {
	last := len(in) - 1
	for x, v := range in {
		left, right := in[max(x-1, 0)], in[min(x+1, last)]
		dst[2*x] = byte((3*int(v) + int(left) + 1) >> 2)    // #nosec G115 -- a weighted mean
		dst[2*x+1] = byte((3*int(v) + int(right) + 2) >> 2) // #nosec G115 -- a weighted mean
	}
	dst[0], dst[2*last+1] = in[0], in[last]
}

// h2v2 is h2v2_fancy_upsample: of a sample's four results each has 9/16 of it,
// 3/16 of the neighbours beside and above or below, 1/16 of that across.
func h2v2(dst, near, far []byte) {
	last := len(near) - 1
	one := func(x int) {
		sum := func(x int) uint { return 3*uint(near[x]) + uint(far[x]) }
		v := 3 * sum(x)
		dst[2*x] = byte((v + sum(max(x-1, 0)) + 8) >> 4)      // #nosec G115 -- a weighted mean
		dst[2*x+1] = byte((v + sum(min(x+1, last)) + 7) >> 4) // #nosec G115 -- a weighted mean
	}
	one(0)
	x := 1
	for ; x+8 <= last; x += 8 {
		left, right := h2v2Words((*[10]byte)(near[x-1:]), (*[10]byte)(far[x-1:]))
		out := (*[16]byte)(dst[2*x:])
		binary.LittleEndian.PutUint64(out[:8], left)
		binary.LittleEndian.PutUint64(out[8:], right)
	}
	for ; x <= last; x++ {
		one(x)
	}
}

// each times a number below 2^16 gives it in all quarters of a word.
const each = 1<<48 | 1<<32 | 1<<16 | 1

// h2v2Words makes 16 results of 8 samples and one on either side, in quarters of
// a word.
func h2v2Words(near, far *[10]byte) (left, right uint64) {
	const low = 0xFF * each
	load := func(at int) (even, odd uint64) {
		n, f := binary.LittleEndian.Uint64(near[at:]), binary.LittleEndian.Uint64(far[at:])
		return 3*(n&low) + f&low, 3*(n>>8&low) + f>>8&low
	}
	before, _ := load(0) // one left of even
	even, odd := load(1)
	_, behind := load(2) // one right of odd
	e := (3*even+before+8*each)>>4&low | (3*even+odd+7*each)>>4&low<<8
	o := (3*odd+even+8*each)>>4&low | (3*odd+behind+7*each)>>4&low<<8
	return spread(e) | spread(o)<<16, spread(e>>32) | spread(o>>32)<<16
}

// spread moves the lower two quarters of a word apart by one.
func spread(w uint64) uint64 { return w&0xFFFF | w&0xFFFF0000<<16 }
