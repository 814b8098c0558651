package baseline

import "image"

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

func rgbRow(dst, luma, cb, cr []byte) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	for x, l := range luma {
		y, b, r := int32(l), int32(cb[x])-128, int32(cr[x])-128
		p := dst[4*x:][:4]
		p[0] = clamp(y + (crToR*r+half)>>16)
		p[1] = clamp(y + (-cbToG*b-crToG*r+half)>>16)
		p[2] = clamp(y + (cbToB*b+half)>>16)
		p[3] = 0xFF
	}
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
		u.blend(plane, y)
		h2v2(dst, u.sums)
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

// blend sums three parts of the nearer chroma row and one of the farther.
func (u *upsampler) blend(plane []byte, y int) {
	near := y / 2
	far := min(max(near-1+2*(y&1), 0), u.h-1)
	a, b := plane[near*u.stride:][:u.w], plane[far*u.stride:][:u.w]
	for x := range u.sums {
		u.sums[x] = 3*int32(a[x]) + int32(b[x])
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

// h2v2 is h2v2_fancy_upsample on sums that blend made.
func h2v2(dst []byte, sums []int32) {
	last := len(sums) - 1
	for x, v := range sums {
		left, right := sums[max(x-1, 0)], sums[min(x+1, last)]
		dst[2*x] = byte((3*v + left + 8) >> 4)    // #nosec G115 -- a weighted mean
		dst[2*x+1] = byte((3*v + right + 7) >> 4) // #nosec G115 -- a weighted mean
	}
}
