package enhance

// curvature tells noise and flat areas.
type curvature struct {
	// of counts |left − 2·middle + right| of luma along rows, where no sample
	// is clipped.
	of        [256]uint32
	unclipped float64 // share of samples that it counts
}

// newCurvature reads a row of the picture for each of the sketch's proxy.
func newCurvature(s *sketch, src rows) *curvature {
	c := new(curvature)
	_, h := src.size()
	var seen, counted uint64
	for j := range s.mean.h {
		n, at := s.rowsOf(j, h)
		luma, _, _ := src.read(at(n / 2))
		seen += c.count(luma)
	}
	for _, n := range c.of {
		counted += uint64(n)
	}
	c.unclipped = float64(counted) / float64(max(seen, 1))
	return c
}

// count adds a row and says how many samples it looked at.
func (c *curvature) count(luma []uint8) (seen uint64) {
	for x := 1; x+1 < len(luma); x += 2 {
		l, m, r := int(luma[x-1]), int(luma[x]), int(luma[x+1])
		seen++
		if uint(m-3) > 249 { // outside 3 to 252
			continue
		}
		d := l - 2*m + r
		c.of[min(max(d, -d), 255)]++
	}
	return seen
}

// noise estimates the noise from the curvature of rows: for white noise of
// deviation σ the second difference has √6·σ, and the lower quartile of its
// magnitude, which edges hardly touch, is 0.319 times that.
func (c *curvature) noise() (sigma, flat float64) {
	var total uint64
	for _, n := range c.of {
		total += uint64(n)
	}
	if total == 0 {
		return 0, 1
	}
	flat = float64(c.of[0]) / float64(total)
	quarter, below := float64(total)/4, 0.0
	for v, n := range c.of {
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
