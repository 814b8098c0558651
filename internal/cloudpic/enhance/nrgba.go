package enhance

import "image"

// nrgbaRows reads a picture of RGB and alpha as luma and chroma.
type nrgbaRows struct {
	img       *image.NRGBA
	w, h      int
	y, cb, cr []uint8
}

func newNRGBARows(img *image.NRGBA) *nrgbaRows {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	return &nrgbaRows{
		img: img, w: w, h: h,
		y: make([]uint8, w), cb: make([]uint8, w), cr: make([]uint8, w),
	}
}

func (n *nrgbaRows) size() (w, h int) { return n.w, n.h }
func (n *nrgbaRows) grey() bool       { return false }

func (n *nrgbaRows) pix(y int) []uint8 {
	at := n.img.PixOffset(n.img.Rect.Min.X, n.img.Rect.Min.Y+y)
	return n.img.Pix[at : at+4*n.w]
}

// read implements rows. What can't be seen mustn't be measured: the last pixel
// to the left that isn't wholly transparent stands for those that are, and
// the first of the row for those left of it.
func (n *nrgbaRows) read(y int) (luma, cb, cr []uint8) {
	pix := n.pix(y)
	l, u, v := uint8(128), uint8(128), uint8(128)
	for x := range n.w {
		if pix[4*x+3] != 0 {
			l, u, v = toYCbCr(pix[4*x:])
			break
		}
	}
	for x := range n.y {
		if q := pix[4*x : 4*x+4]; q[3] != 0 {
			l, u, v = toYCbCr(q)
		}
		n.y[x], n.cb[x], n.cr[x] = l, u, v
	}
	return n.y, n.cb, n.cr
}

// renderNRGBA changes the colours of a picture by what the tables do to its
// luma and chroma, so that a pixel they leave alone stays exactly as it is.
func (t *tables) renderNRGBA(n *nrgbaRows) {
	r := newRenderer(t, n.w, n.h)
	// ahead are the rows from the one at hand to as far as sharpening
	// reaches below it, which must be read before that is written.
	ahead := make([][3][]uint8, r.reach+1)
	for i := range ahead {
		for k := range ahead[i] {
			ahead[i][k] = make([]uint8, n.w)
		}
		n.readInto(min(i, n.h-1), &ahead[i])
	}
	luma := make([]uint8, n.w)
	for y := range n.h {
		at := ahead[0]
		was := r.keep(y, at[0])
		r.lumaRow(y, luma, ahead[r.reach][0])
		t.colourRow(n.pix(y), luma, was, at[1], at[2])
		copy(ahead, ahead[1:])
		ahead[r.reach] = at
		if next := y + 1 + r.reach; next < n.h {
			n.readInto(next, &ahead[r.reach])
		} else {
			// Below the last row lies the last row again.
			for k := range at {
				copy(at[k], ahead[r.reach-1][k])
			}
		}
	}
}

func (n *nrgbaRows) readInto(y int, dst *[3][]uint8) {
	luma, cb, cr := n.read(y)
	copy(dst[0], luma)
	copy(dst[1], cb)
	copy(dst[2], cr)
}

// colourRow moves a row of pixels from one luma to another, and its chroma
// with it.
func (t *tables) colourRow(pix, luma, was, cb, cr []uint8) {
	for x, y := range luma {
		q := pix[4*x : 4*x+4]
		if q[3] == 0 {
			continue
		}
		b, r := t.chroma.at(was[x], cb[x], cr[x])
		dr, dg, db := chromaOffsets(b+128-int32(cb[x]), r+128-int32(cr[x]))
		dy := int32(y) - int32(was[x])
		q[0] = clamp8(int32(q[0]) + dy + dr)
		q[1] = clamp8(int32(q[1]) + dy + dg)
		q[2] = clamp8(int32(q[2]) + dy + db)
	}
}
