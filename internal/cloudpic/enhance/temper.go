package enhance

import "image"

// temper takes back what a result gained above limit, per cent of the index
// before, by drawing its tones together a little, and gives the sketch of the
// result. The search settles strengths on the sketch, so this is rare, and
// little but in pictures of a few pixels.
func temper(img image.Image, src rows, before float64, after *sketch, limit float64) *sketch {
	const tries = 4
	for range tries {
		if gain(before, after.index()) <= limit {
			break
		}
		p := calming(after)
		t := newTrial(after, p, 0.99*limit)
		t.before = before
		p.at(t.calm()).renderOn(img)
		after = newSketch(src)
	}
	return after
}

// calming draws luma together to its mean, by half at full strength.
func calming(s *sketch) *plan {
	p := &plan{local: newLocal(s.mean, 0), reach: 1}
	middle := lumaStats(s.mean).average
	for v := range p.tone {
		p.tone[v] = middle + (float64(v)-middle)/2
	}
	p.vivid = plainVivid()
	return p
}

// calm gives about the least strength that brings the gain down to the limit.
func (t *trial) calm() float64 {
	low, high := 0.0, 1.0
	for range 7 {
		middle := (low + high) / 2
		if per, _ := t.gainAt(middle); per > t.limit {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}
