package enhance

// trial tries a plan on the sketch of a picture.
type trial struct {
	plan              *plan
	of                *sketch
	before            float64
	clippedBefore     float64 // points
	clippedNear       float64 // patches, which sharpening may clip
	mean, point, near *planes // scratch
	tables            tables  // scratch
	limit             float64 // per cent
}

// minGain is the least gain, in per cent, for which a picture is changed:
// less can't be seen, and could be lost in rounding.
const minGain = 0.3

// mostAddedClipping is how large a share of pixels may newly clip, and
// foreseenClipping how large a share of those in the sketch: less, for it is
// an estimate.
const (
	mostAddedClipping = 0.029
	foreseenClipping  = 0.014
)

func newTrial(s *sketch, p *plan, limit float64) *trial {
	return &trial{
		plan: p, of: s, limit: limit,
		before: s.index(), clippedBefore: clipped(s.point), clippedNear: clipped(s.near),
		mean: s.mean.like(), point: s.point.like(), near: s.near.like(),
	}
}

// gainAt is the gain of a strength, and whether it keeps to the limits.
func (t *trial) gainAt(strength float64) (per float64, ok bool) {
	tables := &t.tables
	t.plan.layOut(strength, tables)
	tables.minStep = nodeSpacing / 2 // it is but a trial
	run := func(dst, src *planes) {
		dst.copyFrom(src)
		tables.render(dst)
	}
	run(t.near, t.of.near)
	// Averaging s by s pixels leaves about 1/s² of the finest detail.
	tables.sharp = t.plan.sharpAt(strength, 1/sq(t.of.scale))
	run(t.mean, t.of.mean)
	tables.sharp = t.plan.sharpAt(0, 0) // points aren't neighbours
	run(t.point, t.of.point)
	clip := clipped(t.point)
	per = gain(t.before, index(t.mean, t.near, clip))
	added := max(clip-t.clippedBefore, clipped(t.near)-t.clippedNear)
	return per, per <= t.limit && added <= foreseenClipping
}

// search gives the largest strength up to most whose gain and clipping keep
// to the limits, by bisection, and its gain; 0 and 0 if none betters the
// picture.
func (t *trial) search(most float64, rounds int) (strength, per float64) {
	per, ok := t.gainAt(most)
	if !ok {
		low, high := 0.0, most
		per = 0
		for range rounds {
			middle := (low + high) / 2
			if g, ok := t.gainAt(middle); ok {
				low, per = middle, g
			} else {
				high = middle
			}
		}
		most = low
	}
	if per < min(minGain, t.limit/2) {
		return 0, 0
	}
	return most, per
}

// choose settles the plan and its strength, 0 if nothing betters the picture.
// Where clipping holds the whole recipe to a fraction, it is tried again with
// a gentler tone curve, which leaves more of the other steps.
func choose(s *scene, limit, most float64) (best *plan, strength float64) {
	best = newPlan(s)
	strength, per := newTrial(s.sketch, best, limit).search(most, 5)
	if strength > most/2 || per > limit*0.8 {
		return best, strength
	}
	for _, share := range []float64{0.5, 0.2} {
		gentle := best.gentler(share)
		if got, p := newTrial(s.sketch, gentle, limit).search(most, 3); p > per {
			best, strength, per = gentle, got, p
		}
	}
	return best, strength
}
