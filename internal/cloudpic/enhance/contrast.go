package enhance

import (
	"encoding/binary"
	"image"
	"math"
)

// Contrast of a picture whose chroma is halved across (4:2:0, 4:2:2), on its
// planes, as if it had been done on RGB.
//
// Contrast is linear until a channel leaves its range, and so is the
// conversion to RGB with interpolated chroma: up to there, contrast of luma
// about m and of chroma about 128 is contrast of RGB about m. Beyond, RGB
// clips. So each pixel's red, green and blue are worked out, from chroma
// interpolated as libjpeg does it (jdsample.c, "fancy upsampling"), and what
// clipping takes from each channel, its excess, is converted to luma and
// chroma and added; the excess of chroma is averaged over the pixels that a
// sample covers (jcsample.c). Chroma that doesn't clip isn't interpolated and
// averaged on its way, which in RGB blurs it.
//
// The arithmetic is that of 16-bit lanes, with 5 bits after the point, and
// the same to the bit in Go and in assembly: mulRound is VPMULHRSW.

// lanes is a constant, once for each lane of a 256-bit register.
type lanes [16]int16

func broadcast(v float64) (l lanes) {
	for i := range l {
		l[i] = int16(math.Round(v)) // #nosec G115 -- the products below are within 16 bits
	}
	return l
}

// contrastGains are the factors of one contrast. Its assembly knows their
// order.
type contrastGains struct {
	luma, offset            lanes // of luma, shifted left by 7, and what is added
	redCr, greenCb, greenCr lanes // of interpolated chroma, shifted left by 4
	blueCb                  lanes
	top                     lanes // the largest value that isn't clipped
	red, green, blue        lanes // the parts of luma
	white                   lanes // 255
	chroma, middle          lanes // of chroma, shifted left by 7, and what is added
	// excessCb and excessCr turn a sum of four quarters of excess into
	// chroma; moreCb and moreCr do so anew where only two were summed.
	excessCb, excessCr lanes
	moreCb, moreCr     lanes
}

// newContrastGains is contrast by a factor of 1 to 1.8 about a level.
func newContrastGains(mean int, factor float32) *contrastGains {
	const one = 1 << 15
	f, m := float64(factor), float64(mean)
	return &contrastGains{
		luma: broadcast(f * 32 / 128 * one), offset: broadcast((m - f*m) * 32),
		redCr: broadcast(1.402 * f * 2 / 16 * one), blueCb: broadcast(1.772 * f * 2 / 16 * one),
		greenCb: broadcast(-0.344136 * f * 2 / 16 * one), greenCr: broadcast(-0.714136 * f * 2 / 16 * one),
		// Results are truncated as Pillow's are, so 255 is clipped from 256 on.
		top: broadcast(256*32 - 1), white: broadcast(255),
		red: broadcast(9798), green: broadcast(19234), blue: broadcast(3736), // their sum is one
		chroma: broadcast(f * 32 / 128 * one), middle: broadcast(128*32 + 16),
		excessCb: broadcast(one / 1.772), excessCr: broadcast(one / 1.402),
	}
}

// forTwo is for chroma samples that cover two pixels, not four.
func (g *contrastGains) forTwo() *contrastGains {
	two := *g
	two.moreCb, two.moreCr = g.excessCb, g.excessCr
	return &two
}

// mulRound multiplies numbers of 15 bits after the point.
func mulRound(a, b int16) int16 { return int16((int32(a)*int32(b) + 1<<14) >> 15) } // #nosec G115 -- as the instruction does

// blockChroma is how many chroma samples the assembly does at once.
const blockChroma = 16

// contrastRow does one row of luma in place. near and far are the chroma rows
// next to it, centred about 0, of which the first and last samples stand once
// more before and after them. The excess of chroma is added to that of the
// pixels above.
func (g *contrastGains) contrastRow(luma []uint8, near, far *chromaRows, excess *excessRows) {
	done := 0
	if haveAVX2 {
		done = len(luma) / (2 * blockChroma) * blockChroma
		if done > 0 {
			contrastBlocks(g, &luma[0], &near.cb[1], &near.cr[1], &far.cb[1], &far.cr[1], &excess.cb[0], &excess.cr[0], done/blockChroma)
		}
	}
	for i := done; 2*i < len(luma); i++ {
		evenB, oddB := interpolate(near.cb[i:i+3], far.cb[i:i+3])
		evenR, oddR := interpolate(near.cr[i:i+3], far.cr[i:i+3])
		v, b, r := g.contrastPixel(luma[2*i], evenB, evenR)
		luma[2*i] = v
		b2, r2 := b, r // beyond the last column libjpeg repeats it
		if 2*i+1 < len(luma) {
			luma[2*i+1], b2, r2 = g.contrastPixel(luma[2*i+1], oddB, oddR)
		}
		excess.cb[i] += b + b2
		excess.cr[i] += r + r2
	}
}

// interpolate weighs three chroma samples of the near row and three of the
// far one for the two pixels at the middle one, times 256.
func interpolate(near, far []uint8) (even, odd int16) {
	sum := func(i int) int16 { return 3*int16(int8(near[i])) + int16(int8(far[i])) } // #nosec G115 -- centred samples
	middle := 3 * sum(1)
	return (middle + sum(0)) << 4, (middle + sum(2)) << 4
}

// contrastPixel gives luma, and a quarter of the excess of blue and red over
// that of luma.
func (g *contrastGains) contrastPixel(luma uint8, cb, cr int16) (v uint8, excessB, excessR int16) {
	y := mulRound(int16(luma)<<7, g.luma[0]) + g.offset[0]
	r := y + mulRound(cr, g.redCr[0])
	gr := y + (mulRound(cb, g.greenCb[0]) + mulRound(cr, g.greenCr[0]))
	b := y + mulRound(cb, g.blueCb[0])
	top := g.top[0]
	r, gr, b = min(max(r, 0), top)-r, min(max(gr, 0), top)-gr, min(max(b, 0), top)-b
	e := mulRound(r, g.red[0]) + mulRound(gr, g.green[0]) + mulRound(b, g.blue[0])
	return clamp8(int32(y+e) >> 5), (b - e) >> 2, (r - e) >> 2
}

// contrastChroma gives a row of chroma, and clears its excess.
func (g *contrastGains) contrastChroma(cb, cr []uint8, from *chromaRows, excess *excessRows) {
	g.contrastPlane(cb, from.cb[1:], excess.cb, &g.excessCb, &g.moreCb)
	g.contrastPlane(cr, from.cr[1:], excess.cr, &g.excessCr, &g.moreCr)
}

func (g *contrastGains) contrastPlane(dst, from []uint8, excess []int16, weight, more *lanes) {
	done := 0
	if haveAVX2 {
		done = len(dst) / blockChroma * blockChroma
		if done > 0 {
			chromaBlocks(g, &dst[0], &from[0], &excess[0], weight, more, done/blockChroma)
		}
	}
	for i := done; i < len(dst); i++ {
		v := mulRound(int16(int8(from[i]))<<7, g.chroma[0]) + g.middle[0] // #nosec G115 -- a centred sample
		v += mulRound(excess[i], weight[0]) + mulRound(excess[i], more[0])
		dst[i], excess[i] = clamp8(int32(v)>>5), 0
	}
}

// chromaRows are the samples of a row of chroma as they were, centred about
// 0, with one more at both ends.
type chromaRows struct{ cb, cr []uint8 }

func newChromaRows(n int) *chromaRows {
	// Words are copied, and the last may reach beyond the row.
	return &chromaRows{make([]uint8, n+2+8), make([]uint8, n+2+8)}
}

func (c *chromaRows) load(cb, cr []uint8) {
	centre(c.cb, cb)
	centre(c.cr, cr)
}

// centre copies a row, and its ends once more, and takes 128 from each sample.
func centre(dst, row []uint8) {
	n := len(row)
	copy(dst[1:], row)
	dst[0], dst[n+1] = row[0], row[n-1]
	for i := 0; i < n+2; i += 8 {
		word := dst[i : i+8]
		binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)^0x8080808080808080)
	}
}

// excessRows sum the excess of blue and red over luma for a row of chroma.
type excessRows struct{ cb, cr []int16 }

// contrastPlanes changes a picture in place.
func (g *contrastGains) contrastPlanes(p *planes) {
	w := newChromaWindow(p)
	for cy := range p.ch {
		w.moveTo(cy)
		luma, gains := w.luma(), g
		if len(luma) == 1 {
			gains = g.forTwo()
		}
		w.contrastLuma(g, luma)
		cb, cr := p.chromaRow(cy)
		gains.contrastChroma(cb, cr, w.at, w.excess)
	}
}

// chromaWindow holds a row of chroma, as it was, with those above and below.
type chromaWindow struct {
	p                *planes
	cy               int
	above, at, below *chromaRows
	excess           *excessRows
	rows, copied     [2][]uint8
}

func newChromaWindow(p *planes) *chromaWindow {
	n := p.cw
	return &chromaWindow{
		p: p, cy: -2, above: newChromaRows(n), at: newChromaRows(n), below: newChromaRows(n),
		excess: &excessRows{make([]int16, n), make([]int16, n)},
	}
}

// moveTo goes down to a row. What was read already isn't read again, since it
// may have been changed.
func (w *chromaWindow) moveTo(cy int) {
	load := func(c *chromaRows, cy int) { c.load(w.p.chromaRow(min(max(cy, 0), w.p.ch-1))) }
	if cy == w.cy+1 {
		w.above, w.at, w.below = w.at, w.below, w.above
	} else {
		load(w.above, cy-1)
		load(w.at, cy)
	}
	load(w.below, cy+1)
	w.cy = cy
}

// luma gives the rows of luma, one or two, that belong to the row of chroma.
func (w *chromaWindow) luma() [][]uint8 {
	first := w.cy * w.p.sv
	w.rows[0] = w.p.lumaRow(first)
	if w.p.sv == 1 || first+1 == w.p.h {
		return w.rows[:1]
	}
	w.rows[1] = w.p.lumaRow(first + 1)
	return w.rows[:]
}

// contrastLuma changes these rows.
func (w *chromaWindow) contrastLuma(g *contrastGains, rows [][]uint8) {
	far := [2]*chromaRows{w.above, w.below}
	if w.p.sv == 1 {
		far[0] = w.at
	}
	for i, row := range rows {
		g.contrastRow(row, w.at, far[i], w.excess)
	}
}

// rgbMean is the mean of the luma of the picture's RGB, rounded. It differs
// from the mean of luma by what RGB can't show, which is measured on rows
// evenly spread.
func (p *planes) rgbMean() int {
	const spread = 128
	g := newContrastGains(0, 1) // none
	g.offset = broadcast(16)    // both RGB and its luma are rounded
	w := newChromaWindow(p)
	var lost, read int
	for cy := 0; cy < p.ch; cy += (p.ch + spread - 1) / spread {
		w.moveTo(cy)
		rows := w.luma()
		for i, row := range rows {
			lost += int(sumBytes(row))
			read += len(row)
			rows[i] = append(w.copied[i][:0], row...)
			w.copied[i] = rows[i]
		}
		w.contrastLuma(g, rows)
		for _, row := range rows {
			lost -= int(sumBytes(row))
		}
	}
	n := p.w * p.h
	return int((float64(p.lumaSum())-float64(lost)*float64(n)/float64(read))/float64(n) + 0.5)
}

// isHalved reports whether contrastPlanes can do the picture.
func isHalved(img *image.YCbCr) bool {
	r := img.SubsampleRatio
	return (r == image.YCbCrSubsampleRatio420 || r == image.YCbCrSubsampleRatio422) && img.Rect.Min == image.Point{}
}
