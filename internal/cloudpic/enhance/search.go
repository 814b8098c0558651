package enhance

// trial tries a plan on the proxy of a picture.
type trial struct {
	plan          *plan
	of            *sketch
	before        float64
	clippedBefore float64
	mean, point   *planes // scratch
	limit         float64 // per cent
}

// minGain is the least gain, in per cent, for which a picture is changed:
// less can't be seen, and could be lost in rounding.
const minGain = 0.3

// maxAddedClipping is how large a share of pixels may newly clip. It is
// below the 3 points promised because it is estimated on a part of them.
const maxAddedClipping = 0.018

func newTrial(s *sketch, p *plan, limit float64) *trial {
	t := &trial{plan: p, of: s, limit: limit, clippedBefore: clipped(s.point)}
	t.mean = newPlanes(s.mean.w, s.mean.h, s.mean.grey())
	t.point = newPlanes(s.point.w, s.point.h, s.point.grey())
	t.before = index(s.mean, t.clippedBefore)
	return t
}

// gainAt is the gain of a strength, and whether it keeps to the limits.
func (t *trial) gainAt(strength float64) (per float64, ok bool) {
	// Averaging s by s pixels leaves about 1/s² of the finest detail.
	tables := t.plan.at(strength, 1/(t.of.scale*t.of.scale))
	t.mean.copyFrom(t.of.mean)
	tables.render(t.mean)
	t.point.copyFrom(t.of.point)
	tables.sharp = new([sharpSize]int16) // points aren't neighbours
	tables.render(t.point)
	clip := clipped(t.point)
	per = gain(t.before, index(t.mean, clip))
	return per, per <= t.limit && clip-t.clippedBefore <= maxAddedClipping
}

// search gives the largest strength up to most whose gain and clipping keep
// to the limits, by bisection; 0 if none betters the picture.
func (t *trial) search(most float64) (strength float64) {
	const rounds = 6
	least := min(minGain, t.limit/2)
	got, ok := t.gainAt(most)
	if !ok {
		low, high := 0.0, most
		got = 0
		for range rounds {
			middle := (low + high) / 2
			if g, ok := t.gainAt(middle); ok {
				low, got = middle, g
			} else {
				high = middle
			}
		}
		most = low
	}
	if got < least {
		return 0
	}
	return most
}
