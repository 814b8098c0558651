package enhance

import "math"

// curve maps luma levels 0 to 255 to levels. It rises everywhere and keeps
// the ends.
type curve [256]float64

// Bounds of a curve's slope. More than maxSlope would show the steps between
// levels in a clear sky; less than minSlope would flatten what is there.
const (
	minSlope = 0.35
	maxSlope = 1.9
)

func identity() curve {
	var c curve
	for v := range c {
		c[v] = float64(v)
	}
	return c
}

// then gives f after c, for an f on the unit interval.
func (c curve) then(f func(float64) float64) curve {
	for v := range c {
		c[v] = 255 * f(c[v]/255)
	}
	return c.bounded()
}

// bounded holds the slope to its bounds and the curve to its ends.
func (c curve) bounded() curve {
	out := curve{}
	for v := 1; v < 256; v++ {
		out[v] = out[v-1] + min(max(c[v]-c[v-1], minSlope), maxSlope)
	}
	// What the bounds added or took is spread over the whole range.
	scale := 255 / out[255]
	for v := range out {
		out[v] *= scale
	}
	return out
}

// levels moves the 0.4th and 99.6th percentiles towards the ends. The tones
// beyond them are pressed together softly, not clipped. A picture of few
// tones, such as fog, keeps most of its softness.
func levels(s *scene, p *plan) {
	lo, hi := s.percentile(0.004), s.percentile(0.996)
	if hi-lo < 8 {
		return
	}
	const maxStretch = 1.4
	newLo := lo - 0.75*min(lo-2, 40)*step01(lo, 3, 12)
	top := (hi + max(hi, s.lights)) / 2 // lifting luma lifts every channel
	newHi := hi + 0.8*min(253-top, 55)*step01(255-top, 3, 12)
	if stretch := (newHi - newLo) / (hi - lo); stretch > maxStretch {
		back := (maxStretch - 1) / (stretch - 1)
		newLo, newHi = lo+(newLo-lo)*back, hi+(newHi-hi)*back
	}
	f := monotone([]float64{0, lo, hi, 255}, []float64{0, newLo, newHi, 255})
	p.tone = p.tone.then(func(v float64) float64 { return f(v*255) / 255 })
}

// midtone brings the middle of the picture nearer to mid-grey by a gamma. A
// night stays dark and a high key light.
func midtone(s *scene, p *plan) {
	middle := p.tone.at((s.percentile(0.5)+s.average)/2) / 255
	if middle < 0.02 || middle > 0.98 {
		return
	}
	const target, pull = 0.46, 0.4
	aim := middle + pull*(target-middle)
	gamma := math.Log(aim) / math.Log(middle)
	least, most := 0.78, 1.2
	if middle < 0.2 {
		least = 0.88
	}
	if middle > 0.7 {
		most = 1.08
	}
	gamma = min(max(gamma, least), most)
	p.tone = p.tone.then(func(v float64) float64 { return math.Pow(v, gamma) })
}

// sigmoid adds contrast around the middle, the more the less there is.
func sigmoid(s *scene, p *plan) {
	steep := 4 * (1 - s.deviation/85)
	if steep < 0.2 {
		return
	}
	middle := min(max(p.tone.at(s.average)/255, 0.3), 0.7)
	logistic := func(v float64) float64 { return 1 / (1 + math.Exp(-steep*(v-middle))) }
	low, high := logistic(0), logistic(1)
	p.tone = p.tone.then(func(v float64) float64 { return (logistic(v) - low) / (high - low) })
}

// at reads the curve between levels.
func (c *curve) at(v float64) float64 {
	i := int(min(max(v, 0), 254))
	return c[i] + (c[i+1]-c[i])*(v-float64(i))
}

// step01 rises from 0 at a to 1 at b.
func step01(v, a, b float64) float64 { return min(max((v-a)/(b-a), 0), 1) }
