package enhance

import "math"

// factorBits is the fixed point of factors of chroma.
const factorBits = 12

// chromaTables say what becomes of chroma at one strength.
type chromaTables struct {
	vivid [256 * 256]int16 // factor by Cb and Cr, factorBits
	luma  [256]chromaEntry // by the luma of the pixel
}

// chromaEntry is what the luma of a pixel means for its chroma.
type chromaEntry struct {
	follow int32 // factor, factorBits
	b, r   int32 // the balance, factorBits, with the half that rounds
	now    int32 // the luma that it becomes, clarity and sharpening left aside
	safe   int32 // chroma up to this, less 128, can't leave the gamut
}

// chromaAt fills the tables for strength t.
func (p *plan) chromaAt(t float64, c *chromaTables) {
	for i, f := range p.vivid {
		c.vivid[i] = int16((1+t*float64(f-1))*(1<<factorBits) + 0.5)
	}
	for v := range c.luma {
		level := float64(v)
		// The balance fades out towards black and white, which are neutral.
		cast := t * step01(level, 8, 48) * step01(255-level, 4, 40) * (1 << factorBits)
		const half = 1 << (factorBits - 1)
		now := math.Round(level + t*(p.tone[v]-level))
		c.luma[v] = chromaEntry{
			follow: int32(math.Round((1 + t*(p.tone.follow(v)-1)) * (1 << factorBits))),
			b:      int32(math.Round(cast*p.castB)) + half,
			r:      int32(math.Round(cast*p.castR)) + half,
			now:    int32(now),
			// Blue has the largest factor of the three channels.
			safe: int32(min(now, 255-now)-gamutMargin-1) * 1000 / 1772,
		}
	}
}

// follow is the factor of chroma that goes with a curve of luma at a level:
// half of what chroma would gain if red, green and blue went through it.
func (c *curve) follow(v int) float64 {
	lo, hi := max(v-12, 0), min(v+12, 255)
	slope := (c[hi] - c[lo]) / float64(hi-lo)
	return min(max(1+0.5*(slope-1), 0.92), 1.3)
}

// at gives the new chroma, less 128, of a pixel.
func (c *chromaTables) at(y, cb, cr uint8) (b, r int32) {
	e := &c.luma[y]
	f := int32(c.vivid[int(cb)<<8|int(cr)]) * e.follow >> factorBits
	b, r = int32(cb)-128, int32(cr)-128
	b2, r2 := (b*f+e.b)>>factorBits, (r*f+e.r)>>factorBits
	if max(b2, -b2, r2, -r2) <= e.safe {
		return b2, r2
	}
	return inGamut(e.now, b2, r2, int32(y), b, r)
}

// chromaRow changes a row of chroma under a row of luma as it was, of which
// each sample covers sh; the first px of those lie outside the picture.
func (c *chromaTables) chromaRow(cb, cr, luma []uint8, sh, px int) {
	cr = cr[:len(cb)]
	x := -px
	for i, u := range cb {
		v := cr[i]
		y := luma[min(max(x, 0), len(luma)-1)]
		x += sh
		// As in at, which the compiler doesn't inline.
		e := &c.luma[y]
		f := int32(c.vivid[int(u)<<8|int(v)]) * e.follow >> factorBits
		b, r := int32(u)-128, int32(v)-128
		b2, r2 := (b*f+e.b)>>factorBits, (r*f+e.r)>>factorBits
		if max(b2, -b2, r2, -r2) > e.safe {
			b2, r2 = inGamut(e.now, b2, r2, int32(y), b, r)
		}
		cb[i], cr[i] = clamp8(b2+128), clamp8(r2+128)
	}
}

const (
	// gamutMargin is how near to the ends of its range chroma may push a
	// channel; it leaves room for what clarity adds to luma.
	gamutMargin = 10
	// The least factors, factorBits, that the margin may cost: 0.8 where luma
	// is too dark for the colour, which keeps it as pure as it was, but 0.94
	// where it is too light, for there a colour fades.
	dullest, palest = 3277, 3850
)

// inGamut lowers chroma b, r at luma now until no channel comes nearer to the
// ends of its range than the margin, or than it was at luma was with chroma
// wasB, wasR; but not so far that the colour dulls. It has no steps, which
// would show in a smooth sky.
func inGamut(now, b, r, was, wasB, wasR int32) (int32, int32) {
	x0, x1, x2 := chromaOffsets(b, r)
	o0, o1, o2 := chromaOffsets(wasB, wasR)
	f := int32(1 << factorBits)
	if low, least := min(x0, x1, x2), min(was+min(o0, o1, o2), gamutMargin); now+low < least && low < 0 {
		f = max((now-least)<<factorBits/-low, dullest)
	}
	if high, most := max(x0, x1, x2), max(was+max(o0, o1, o2), 255-gamutMargin); now+high > most && high > 0 {
		f = min(f, max((most-now)<<factorBits/high, palest))
	}
	const half = 1 << (factorBits - 1)
	return (b*f + half) >> factorBits, (r*f + half) >> factorBits
}
