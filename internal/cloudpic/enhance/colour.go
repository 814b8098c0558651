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

// vibrance multiplies chroma: most where there is some but not much, nothing
// on greys, whose chroma is noise, nor on what is vivid already, and little
// on skin.
func vibrance(s *scene, p *plan) {
	p.vivid = plainVivid()
	amount := 0.4 * (1 - step01(s.colour, 25, 95))
	if s.colour < 4 { // black and white, perhaps toned
		return
	}
	for i := range p.vivid {
		b, r := float64(i>>8)-128, float64(i&255)-128
		c := math.Hypot(b, r)
		rise, fall := step01(c, 2, 14), sq(1-step01(c, 14, 90))
		if more := amount * rise * fall; more > 0 {
			p.vivid[i] = float32(1 + more*(1-0.75*skin(b, r)))
		}
	}
}

// plainVivid leaves all colours as they are.
func plainVivid() []float32 {
	v := make([]float32, 256*256)
	for i := range v {
		v[i] = 1
	}
	return v
}

// skin is 1 for the chroma of skin of any shade, which lies close to one hue
// (Chai, Ngan, Face segmentation using skin-color map, IEEE Trans. CSVT 9,
// 1999: Cb 77 to 127, Cr 133 to 173), and falls to 0 around it.
func skin(b, r float64) float64 {
	const hue, width = 123.0, 30.0 // degrees from +Cb towards +Cr
	d := math.Abs(math.Atan2(r, b)*180/math.Pi - hue)
	return 1 - step01(d, width/2, width)
}
