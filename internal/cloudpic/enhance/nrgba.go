package enhance

import "image"

// nrgbaRows reads a picture of RGB and alpha as luma and chroma.
type nrgbaRows struct {
	img       *image.NRGBA
	w, h      int
	y, cb, cr []uint8
	// The last pixel seen that isn't wholly transparent stands for those
	// that are: what can't be seen mustn't be measured.
	ly, lcb, lcr uint8
}

func newNRGBARows(img *image.NRGBA) *nrgbaRows {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	return &nrgbaRows{
		img: img, w: w, h: h,
		y: make([]uint8, w), cb: make([]uint8, w), cr: make([]uint8, w),
		ly: 128, lcb: 128, lcr: 128,
	}
}

func (n *nrgbaRows) size() (w, h int) { return n.w, n.h }
func (n *nrgbaRows) grey() bool       { return false }

func (n *nrgbaRows) pix(y int) []uint8 {
	at := n.img.PixOffset(n.img.Rect.Min.X, n.img.Rect.Min.Y+y)
	return n.img.Pix[at : at+4*n.w]
}

// read implements rows.
func (n *nrgbaRows) read(y int) (luma, cb, cr []uint8) {
	pix := n.pix(y)
	for x := range n.y {
		q := pix[4*x : 4*x+4]
		if q[3] != 0 {
			r, g, b := int32(q[0]), int32(q[1]), int32(q[2])
			u, v := toChroma(r, g, b)
			n.ly, n.lcb, n.lcr = uint8(toLuma(r, g, b)), uint8(u), uint8(v)
		}
		n.y[x], n.cb[x], n.cr[x] = n.ly, n.lcb, n.lcr
	}
	return n.y, n.cb, n.cr
}

// renderNRGBA changes the colours of a picture by what the tables do to its
// luma and chroma, so that a pixel they leave alone stays exactly as it is.
func (t *tables) renderNRGBA(n *nrgbaRows) {
	r := newRenderer(t, n.w, n.h)
	luma := make([]uint8, n.w)
	below := make([]uint8, n.w)
	cb, cr := make([]uint8, n.w), make([]uint8, n.w)
	cbBelow, crBelow := make([]uint8, n.w), make([]uint8, n.w)
	next := func(y int) {
		l, b, c := n.read(y)
		copy(below, l)
		copy(cbBelow, b)
		copy(crBelow, c)
	}
	next(0)
	pad(r.at, below)
	for y := range n.h {
		r.above, r.at = r.at, r.above
		pad(r.at, below)
		if y == 0 {
			copy(r.above, r.at)
		}
		cb, cbBelow, cr, crBelow = cbBelow, cb, crBelow, cr
		if y+1 < n.h {
			next(y + 1)
		}
		r.lumaRow(y, luma, below)
		t.colourRow(n.pix(y), luma, r.at[1:1+n.w], cb, cr)
	}
}

// colourRow moves a row of pixels from one luma to another, and its chroma
// with it.
func (t *tables) colourRow(pix, luma, was, cb, cr []uint8) {
	for x, y := range luma {
		q := pix[4*x : 4*x+4]
		if q[3] == 0 {
			continue
		}
		e := &t.chroma[was[x]]
		b, r := int32(cb[x])-128, int32(cr[x])-128
		f := t.vivid[uint32(cb[x])>>2<<6|uint32(cr[x])>>2]*e.factor - 1<<chromaBits
		dr, dg, db := chromaOffsets((b*f+e.b)>>chromaBits, (r*f+e.r)>>chromaBits)
		dy := int32(y) - int32(was[x])
		q[0] = clamp8(int32(q[0]) + dy + dr)
		q[1] = clamp8(int32(q[1]) + dy + dg)
		q[2] = clamp8(int32(q[2]) + dy + db)
	}
}
