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
}

func newScene(s *sketch) *scene {
	sc := &scene{sketch: s, tones: lumaStats(s.mean)}
	if !s.mean.grey() {
		sc.colour = colourfulness(s.mean)
	}
	for _, v := range s.point.y {
		sc.hist[v]++
	}
	sc.lights = lights(s.point)
	sc.noise, sc.flat = s.noise()
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

// noise estimates the noise from the curvature of rows: for white noise of
// deviation σ the second difference has √6·σ, and the lower quartile of its
// magnitude, which edges hardly touch, is 0.319 times that.
func (s *sketch) noise() (sigma, flat float64) {
	var total uint64
	for _, n := range s.curvature {
		total += uint64(n)
	}
	if total == 0 {
		return 0, 1
	}
	flat = float64(s.curvature[0]) / float64(total)
	quarter, below := float64(total)/4, 0.0
	for v, n := range s.curvature {
		if below+float64(n) >= quarter {
			// Bin v holds magnitudes from v−½ to v+½, bin 0 from 0 to ½.
			at := float64(v) - 0.5 + (quarter-below)/float64(n)
			if v == 0 {
				at = 0.5 * quarter / float64(n)
			}
			return at / (0.319 * 2.449), flat
		}
		below += float64(n)
	}
	return 0, flat
}

// graphic tells drawings, documents, screenshots and computed gradients from
// photographs: no lens and sensor gives so many samples on a straight line,
// or nothing but black and white. They are as their maker meant them.
func (s *scene) graphic() bool { return s.flat > 0.85 || s.unclipped < 0.03 }
