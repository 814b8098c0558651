package enhance

import "math"

// balance takes away part of a colour cast when pixels that look nearly
// neutral, in the shadows, the middle and the lights alike, agree that there
// is one (grey world, Buchsbaum 1980, on near-neutral pixels). Daylight goes
// from gold to blue and that is the light of the scene: along that line next
// to nothing is taken. What lamps and sensors add goes from green to magenta,
// across it.
func balance(s *scene, p *plan) {
	if s.grey() {
		return
	}
	const near, bound = 14.0, 3.5
	var n, sumB, sumR, sq2 float64
	m := s.sketch.mean
	for i, y := range m.y {
		b, r := float64(m.cb[i])-128, float64(m.cr[i])-128
		if y < 30 || y > 235 || math.Hypot(b, r) > near {
			continue
		}
		n++
		sumB, sumR, sq2 = sumB+b, sumR+r, sq2+b*b+r*r
	}
	share := n / float64(len(m.y))
	if share < 0.1 {
		return
	}
	b, r := sumB/n, sumR/n
	shift := math.Hypot(b, r)
	spread := math.Sqrt(max(sq2/n-shift*shift, 0))
	// A cast is one shift of all; many colours are a wide spread.
	trust := step01(shift/(spread+1), 0.5, 1.5) * step01(share, 0.1, 0.35)
	along := (b - r) / math.Sqrt2 // blue is positive, gold negative
	across := (b + r) / math.Sqrt2
	along = clampTo(along*0.2, 1.0) * trust
	across = clampTo(across*0.6, bound) * trust
	p.castB = -(along + across) / math.Sqrt2
	p.castR = -(across - along) / math.Sqrt2
}

func (s *scene) grey() bool { return s.sketch.mean.grey() }

func clampTo(v, bound float64) float64 { return min(max(v, -bound), bound) }

// The table of vibrance has a cell for each 8 levels of luma, Cb and Cr.
const (
	vividShift = 3
	vividCells = 256 >> vividShift
	vividSize  = vividCells * vividCells * vividCells
)

func vividIndex(y, cb, cr uint8) int {
	return int(y)>>vividShift<<10 | int(cb)>>vividShift<<5 | int(cr)>>vividShift
}

// vibrance multiplies chroma: most where there is some but not much, nothing
// on greys, whose chroma is noise, nor on what is vivid already, and little
// on skin. It also lets chroma follow luma part of the way, as it would if
// red, green and blue went through the tone curve, and holds it back where a
// channel would leave its range.
func vibrance(s *scene, p *plan) {
	p.vivid = make([]float32, vividSize)
	amount := 0.4 * (1 - step01(s.colour, 25, 95))
	if s.colour < 4 { // black and white, perhaps toned
		amount = 0
	}
	var follow [256]float64
	for v := range follow {
		follow[v] = p.tone.follow(v)
	}
	for i := range p.vivid {
		y := i>>10<<vividShift + 4
		b := float64((i>>5&31)<<vividShift + 4 - 128)
		r := float64((i&31)<<vividShift + 4 - 128)
		c := math.Hypot(b, r)
		f := follow[y]
		if amount > 0 {
			rise, fall := step01(c, 2, 14), sq(1-step01(c, 14, 90))
			f *= 1 + amount*rise*fall*(1-0.75*skin(b, r))
		}
		p.vivid[i] = float32(inGamut(f, float64(y), p.tone[y], b, r))
	}
}

// follow is the factor of chroma that a curve of luma asks for at a level:
// half of what its slope there would give.
func (c *curve) follow(v int) float64 {
	lo, hi := max(v-12, 0), min(v+12, 255)
	slope := (c[hi] - c[lo]) / float64(hi-lo)
	return min(max(1+0.5*(slope-1), 0.92), 1.3)
}

// inGamut lowers a factor of chroma, as luma goes from was to now, until no
// channel comes nearer to the ends of its range than a margin, or than it was
// before; but not below what would dull the colour. The margin allows for the
// width of a cell of the table and for what clarity adds to luma.
func inGamut(f, was, now, b, r float64) float64 {
	const margin, dull = 12, 0.8
	for _, offset := range [3]float64{1.402 * r, -0.3441*b - 0.7141*r, 1.772 * b} {
		switch {
		case offset > 1:
			most := max(was+offset, 255-margin)
			f = min(f, (most-now)/offset)
		case offset < -1:
			least := min(was+offset, margin)
			f = min(f, (now-least)/-offset)
		}
	}
	return max(f, dull)
}

// skin is 1 for the chroma of skin of any shade, which lies close to one hue
// (Chai, Ngan, Face segmentation using skin-color map, IEEE Trans. CSVT 9,
// 1999: Cb 77 to 127, Cr 133 to 173), and falls to 0 around it.
func skin(b, r float64) float64 {
	const hue, width = 123.0, 30.0 // degrees from +Cb towards +Cr
	d := math.Abs(math.Atan2(r, b)*180/math.Pi - hue)
	return 1 - step01(d, width/2, width)
}
