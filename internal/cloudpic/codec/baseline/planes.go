package baseline

import "image"

// Plane is one component as whole 8 × 8 blocks.
type Plane struct {
	Pix    []byte
	Stride int
	W, H   int // samples that show
	// HS and VS are the sampling factors: blocks of an MCU across and down.
	HS, VS int
}

// Factors gives the luma sampling factors of a chroma subsampling.
func Factors(r image.YCbCrSubsampleRatio) (h, v int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// Layout gives the plane sizes of a w × h picture: strides and rows that hold
// whole MCUs.
func Layout(w, h int, r image.YCbCrSubsampleRatio) (yStride, yRows, cStride, cRows int) {
	hs, vs := Factors(r)
	across, down := (w+8*hs-1)/(8*hs), (h+8*vs-1)/(8*vs)
	return across * 8 * hs, down * 8 * vs, across * 8, down * 8
}

// Whole reports whether the planes of img hold whole MCUs and start at the
// picture's corner.
func Whole(img *image.YCbCr) bool {
	ys, yr, cs, cr := Layout(img.Rect.Dx(), img.Rect.Dy(), img.SubsampleRatio)
	return img.Rect.Min == image.Point{} && img.YStride >= ys && img.CStride >= cs &&
		len(img.Y) >= img.YStride*(yr-1)+ys &&
		len(img.Cb) >= img.CStride*(cr-1)+cs && len(img.Cr) >= img.CStride*(cr-1)+cs
}

// planesOf views a picture whose planes are whole.
func planesOf(img *image.YCbCr) []Plane {
	hs, vs := Factors(img.SubsampleRatio)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cw, ch := (w+hs-1)/hs, (h+vs-1)/vs
	return []Plane{
		{img.Y, img.YStride, w, h, hs, vs},
		{img.Cb, img.CStride, cw, ch, 1, 1},
		{img.Cr, img.CStride, cw, ch, 1, 1},
	}
}

// Extend repeats the last column and row of each plane up to whole MCUs, so
// that what lies outside the picture costs few bits and bleeds nothing in.
func Extend(img *image.YCbCr) {
	ys, yr, cs, cr := Layout(img.Rect.Dx(), img.Rect.Dy(), img.SubsampleRatio)
	p := planesOf(img)
	p[0].extend(ys, yr)
	p[1].extend(cs, cr)
	p[2].extend(cs, cr)
}

func (p Plane) extend(w, h int) {
	if w > p.W {
		for y := range p.H {
			row := p.Pix[y*p.Stride:][:w]
			last := row[p.W-1]
			for x := p.W; x < w; x++ {
				row[x] = last
			}
		}
	}
	last := p.Pix[(p.H-1)*p.Stride:][:w]
	for y := p.H; y < h; y++ {
		copy(p.Pix[y*p.Stride:][:w], last)
	}
}
