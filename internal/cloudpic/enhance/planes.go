package enhance

import "image"

// planes is a picture as luma and chroma samples that lie in memory row by
// row. Chroma may be subsampled; a grey picture has none.
type planes struct {
	w, h    int
	y       []uint8
	yStride int

	cb, cr  []uint8
	cStride int
	cw, ch  int // chroma samples across and down
	sh, sv  int // luma samples a chroma sample covers, across and down
	px, py  int // luma samples of the first chroma sample that lie outside
}

func (p *planes) grey() bool { return p.cb == nil }

func (p *planes) size() (w, h int) { return p.w, p.h }

func (p *planes) lumaRow(y int) []uint8 {
	at := y * p.yStride
	return p.y[at : at+p.w]
}

// chromaIndex is the chroma row that covers luma row y.
func (p *planes) chromaIndex(y int) int { return min((y+p.py)/p.sv, p.ch-1) }

func (p *planes) chromaRow(cy int) (cb, cr []uint8) {
	at := cy * p.cStride
	return p.cb[at : at+p.cw], p.cr[at : at+p.cw]
}

// read implements rows.
func (p *planes) read(y int) (luma, cb, cr []uint8) {
	if p.grey() {
		return p.lumaRow(y), nil, nil
	}
	cb, cr = p.chromaRow(p.chromaIndex(y))
	return p.lumaRow(y), cb, cr
}

// ycbcrPlanes views a picture without copying it.
func ycbcrPlanes(img *image.YCbCr) *planes {
	r := img.Rect
	p := &planes{w: r.Dx(), h: r.Dy(), yStride: img.YStride, cStride: img.CStride, sh: 1, sv: 1}
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		p.sh = 2
	case image.YCbCrSubsampleRatio420:
		p.sh, p.sv = 2, 2
	case image.YCbCrSubsampleRatio440:
		p.sv = 2
	case image.YCbCrSubsampleRatio411:
		p.sh = 4
	case image.YCbCrSubsampleRatio410:
		p.sh, p.sv = 4, 2
	}
	p.y = img.Y[img.YOffset(r.Min.X, r.Min.Y):]
	first := img.COffset(r.Min.X, r.Min.Y)
	p.cb, p.cr = img.Cb[first:], img.Cr[first:]
	p.cw = img.COffset(r.Max.X-1, r.Min.Y) - first + 1
	p.ch = p.h
	if p.cStride > 0 {
		p.ch = (img.COffset(r.Min.X, r.Max.Y-1)-first)/p.cStride + 1
	}
	p.px = ((r.Min.X % p.sh) + p.sh) % p.sh
	p.py = ((r.Min.Y % p.sv) + p.sv) % p.sv
	return p
}

func grayPlanes(img *image.Gray) *planes {
	r := img.Rect
	return &planes{w: r.Dx(), h: r.Dy(), y: img.Pix[img.PixOffset(r.Min.X, r.Min.Y):], yStride: img.Stride}
}

// newPlanes makes an unsubsampled picture, with chroma unless grey.
func newPlanes(w, h int, grey bool) *planes {
	p := &planes{w: w, h: h, y: make([]uint8, w*h), yStride: w}
	if grey {
		return p
	}
	p.cb, p.cr = make([]uint8, w*h), make([]uint8, w*h)
	p.cStride, p.cw, p.ch, p.sh, p.sv = w, w, h, 1, 1
	return p
}

// like makes a picture of the same size.
func (p *planes) like() *planes { return newPlanes(p.w, p.h, p.grey()) }

// copyFrom copies the samples of a picture of the same layout.
func (p *planes) copyFrom(o *planes) {
	copy(p.y, o.y)
	copy(p.cb, o.cb)
	copy(p.cr, o.cr)
}
