package enhance

// scene is what the steps of the recipe need to know of a picture.
type scene struct {
	*sketch
	tones
	colour float64     // colourfulness
	hist   [256]uint32 // luma of the points
	lights float64     // 99th percentile of the largest channel of the points
	noise  float64     // standard deviation of the sensor's noise, in levels
	flat   float64     // share of unclipped samples on a straight line of levels
	// unclipped is the share of luma samples that aren't near black or white.
	unclipped float64
}

// newScene looks at a picture that s is the sketch of.
func newScene(s *sketch, src rows) *scene {
	sc := &scene{sketch: s, tones: lumaStats(s.mean)}
	if !s.mean.grey() {
		sc.colour = colourfulness(s.mean)
	}
	for _, v := range s.point.y {
		sc.hist[v]++
	}
	sc.lights = lights(s.point)
	curves := newCurvature(s, src)
	sc.noise, sc.flat = curves.noise()
	sc.unclipped = curves.unclipped
	return sc
}

// lights is the level that one pixel in a hundred exceeds in a channel. In a
// picture of vivid colours that is far above its lightest luma.
func lights(p *planes) float64 {
	var hist [256]int
	for i, y := range p.y {
		r, g, b := int32(y), int32(y), int32(y)
		if !p.grey() {
			r, g, b = toRGB(y, p.cb[i], p.cr[i])
		}
		hist[clamp8(max(r, g, b))]++
	}
	above := 0
	for v := 255; v > 0; v-- {
		if above += hist[v]; above*100 > len(p.y) {
			return float64(v)
		}
	}
	return 0
}

// percentile is the luma level below which the share q of the points lies.
func (s *scene) percentile(q float64) float64 {
	want := q * float64(len(s.point.y))
	var below float64
	for v, n := range s.hist {
		if below+float64(n) > want {
			return float64(v) + (want-below)/float64(n)
		}
		below += float64(n)
	}
	return 255
}

// graphic tells drawings, documents, screenshots and computed gradients from
// photographs: no lens and sensor gives so many samples on a straight line,
// or nothing but black and white. They are as their maker meant them.
func (s *scene) graphic() bool { return s.flat > 0.85 || s.unclipped < 0.03 }
