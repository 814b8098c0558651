package site

import (
	"math"

	"cloudworks/internal/cloudcal"
)

// scale puts values on the drawing of a list. Where a few lie so far out that
// the others would fall on one spot, the axis is broken: the others have the
// middle to themselves, in proportion, and those far out stand side by side
// beyond the breaks, in order alone. Drawing needs no more than a float's
// precision; every text is exact.
type scale struct {
	low, high   float64 // the values drawn in proportion
	left, right float64 // where these are drawn
	// below and above are the values beyond the breaks, ascending, and their
	// places.
	below, above []spot
}

type spot struct{ value, x float64 }

const (
	// farOut is how many times the range of the middle ten a value lies from
	// them when it counts as far out: some six standard deviations where the
	// numbers are spread as errors are.
	farOut = 4
	// mostFar is how many may be far out; more are no exception.
	mostFar = cloudcal.Count / 4
	// squeezed is the part of the drawing below which the others would be
	// squeezed for the sake of those far out.
	squeezed = 1.0 / 12
	// beyond is the room that those on one side get, and breakGap what lies
	// between them and the rest.
	beyond   = 78.0
	breakGap = 22.0
)

// newScale looks at the numbers in their order.
func newScale(order cloudcal.List) scale {
	const last = cloudcal.Count - 1
	s := scale{low: float64(order[0]), high: float64(order[last]), left: plotMargin, right: plotWidth - plotMargin}
	from, to := inner(order)
	low, high := float64(order[from]), float64(order[to])
	// Each is halved so that the widest range of int64 stays finite.
	if from+last-to > mostFar || high/2-low/2 >= squeezed*(s.high/2-s.low/2) {
		return s
	}
	s.low, s.high = low, high
	if from > 0 {
		s.below = spots(order[:from], 0)
		s.left = beyond + breakGap
	}
	if to < last {
		s.above = spots(order[to+1:], plotWidth-beyond)
		s.right = plotWidth - beyond - breakGap
	}
	return s
}

// inner gives the first and the last of the numbers that aren't far out.
func inner(order cloudcal.List) (from, to int) {
	const quarter = cloudcal.Count / 4
	low, high := float64(order[quarter]), float64(order[cloudcal.Count-1-quarter])
	reach := farOut * max(1, high-low)
	from, to = quarter, cloudcal.Count-1-quarter
	for from > 0 && low-float64(order[from-1]) <= reach {
		from--
	}
	for to < cloudcal.Count-1 && float64(order[to+1])-high <= reach {
		to++
	}
	return from, to
}

// spots spreads values over the room that begins at x.
func spots(values []int64, x float64) []spot {
	out := make([]spot, len(values))
	for i, v := range values {
		out[i] = spot{float64(v), x + beyond*(float64(i)+0.5)/float64(len(values))}
	}
	return out
}

// breaks are the places where the axis is broken.
func (s scale) breaks() (at []float64) {
	if len(s.below) > 0 {
		at = append(at, s.left-breakGap/2-4)
	}
	if len(s.above) > 0 {
		at = append(at, s.right+breakGap/2+4)
	}
	return at
}

// x gives the place of a value. It rises with the value, across the breaks
// too: there it goes from one known value to the next.
func (s scale) x(v float64) float64 {
	known := append([]spot(nil), s.below...)
	if s.low == s.high {
		known = append(known, spot{s.low, (s.left + s.right) / 2})
	} else {
		known = append(known, spot{s.low, s.left}, spot{s.high, s.right})
	}
	known = append(known, s.above...)
	if v <= known[0].value {
		return known[0].x
	}
	for i, to := range known[1:] {
		from := known[i]
		if v <= to.value {
			part := (v/2 - from.value/2) / (to.value/2 - from.value/2)
			return from.x + (to.x-from.x)*math.Min(1, part)
		}
	}
	return known[len(known)-1].x
}
