package enhance

import "image"

// classicFactor is the contrast factor of a strength: 1.8 at 30.
func classicFactor(strength int) float32 { return float32(1 + 0.8*float64(strength)/30) }

// classicTable is Pillow's Image.blend of a flat grey with the picture, as
// ImageEnhance.Contrast calls it: single precision, clamped, then truncated
// (Pillow 9.4, Blend.c).
func classicTable(mean int, factor float32) *[256]uint8 {
	var t [256]uint8
	for v := range t {
		// The conversion keeps the compiler from fusing the product into
		// the sum, which rounds differently.
		scaled := float32(factor * float32(v-mean))
		f := float32(mean) + scaled
		switch {
		case f <= 0:
			t[v] = 0
		case f >= 255:
			t[v] = 255
		default:
			t[v] = uint8(f)
		}
	}
	return &t
}

// roundedMean is Pillow's int(mean + 0.5).
func roundedMean(sum uint64, n int) int {
	return int(float64(sum)/float64(n) + 0.5)
}

func classicGray(img *image.Gray, strength int) {
	p := grayPlanes(img)
	t := classicTable(p.lumaMean(), classicFactor(strength))
	for y := range p.h {
		mapBytes(p.lumaRow(y), t)
	}
}

// classicNRGBA leaves alpha as it is, and like Pillow counts transparent
// pixels in the mean.
func classicNRGBA(img *image.NRGBA, strength int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	row := func(y int) []uint8 {
		at := img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y+y)
		return img.Pix[at : at+4*w]
	}
	var sum uint64
	for y := range h {
		sum += lumaSum(row(y))
	}
	t := classicTable(roundedMean(sum, w*h), classicFactor(strength))
	for y := range h {
		mapColours(row(y), t)
	}
}

// lumaSum adds Pillow's luma of the pixels of a row, two at a time.
func lumaSum(pix []uint8) uint64 {
	var s uint64
	for ; len(pix) >= 8; pix = pix[8:] {
		q := pix[:8:8]
		a := 19595*uint32(q[0]) + 38470*uint32(q[1]) + 7471*uint32(q[2]) + 1<<15
		b := 19595*uint32(q[4]) + 38470*uint32(q[5]) + 7471*uint32(q[6]) + 1<<15
		s += uint64(a>>16 + b>>16)
	}
	if len(pix) >= 4 {
		s += uint64(toLuma(int32(pix[0]), int32(pix[1]), int32(pix[2])))
	}
	return s
}

// mapColours maps red, green and blue of a row, two pixels at a time, and
// leaves alpha.
func mapColours(pix []uint8, t *[256]uint8) {
	for ; len(pix) >= 8; pix = pix[8:] {
		q := pix[:8:8]
		q[0], q[1], q[2] = t[q[0]], t[q[1]], t[q[2]]
		q[4], q[5], q[6] = t[q[4]], t[q[5]], t[q[6]]
	}
	if len(pix) >= 4 {
		pix[0], pix[1], pix[2] = t[pix[0]], t[pix[1]], t[pix[2]]
	}
}

// classicYCbCr does the same on planes. Those whose chroma isn't halved come
// from no file that is handled on planes: for them, contrast about grey m is
// contrast of luma about m and of chroma about 128, which is that of RGB but
// for pixels that leave the gamut, where RGB clips each channel alone.
func classicYCbCr(img *image.YCbCr, strength int) {
	p := ycbcrPlanes(img)
	f := classicFactor(strength)
	if isHalved(img) {
		newContrastGains(p.rgbMean(), f).contrastPlanes(p)
		return
	}
	luma, chroma := classicTable(p.lumaMean(), f), chromaTable(f)
	for y := range p.h {
		mapBytes(p.lumaRow(y), luma)
	}
	for cy := range p.ch {
		cb, cr := p.chromaRow(cy)
		mapBytes(cb, chroma)
		mapBytes(cr, chroma)
	}
}

// chromaTable scales about 128, rounded to nearest so that no tint creeps in.
func chromaTable(f float32) *[256]uint8 {
	var t [256]uint8
	for v := range t {
		s := f * float32(v-128)
		if s < 0 {
			s -= 0.5
		} else {
			s += 0.5
		}
		t[v] = clamp8(128 + int32(s))
	}
	return &t
}

func (p *planes) lumaSum() uint64 {
	var sum uint64
	for y := range p.h {
		sum += uint64(sumBytes(p.lumaRow(y)))
	}
	return sum
}

func (p *planes) lumaMean() int { return roundedMean(p.lumaSum(), p.w*p.h) }

func mapBytes(b []uint8, t *[256]uint8) {
	for ; len(b) >= 4; b = b[4:] {
		b[0], b[1], b[2], b[3] = t[b[0]], t[b[1]], t[b[2]], t[b[3]]
	}
	for i, v := range b {
		b[i] = t[v]
	}
}
