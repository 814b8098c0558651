package enhance

import (
	"fmt"
	"image"
)

// Apply enhances a picture where it lies in memory, which must be an
// *image.YCbCr of any subsampling, an *image.Gray or an *image.NRGBA, whose
// alpha is kept. It fails, having changed nothing, for another type, an empty
// picture or options that aren't valid. It uses one goroutine, the caller's,
// and little memory beside the picture: tables, a proxy and a few rows; so it
// can't give a large picture back, see Report.Spoiled.
func Apply(img image.Image, o Options) (Report, error) {
	if err := o.Validate(); err != nil {
		return Report{}, fmt.Errorf("enhance: %w", err)
	}
	src, err := rowsOf(img)
	if err != nil {
		return Report{}, err
	}
	before := newSketch(src)
	r := Report{
		Before: before.index(), ClippedBefore: clipped(before.point), HistogramBefore: before.histogram(),
	}
	after := before
	if o.Preset == Classic {
		if r.Strength = classic(img, o.Strength); r.Strength > 0 {
			after = newSketch(src)
		}
	} else {
		r.Strength, after = auto(img, src, before, o.Strength)
	}
	if w, h := src.size(); o.Preset == Auto && r.Strength > 0 && w*h > maxCopied && !keepsPromise(before, after, o.Strength) {
		r.Strength, after, r.Spoiled = 0, before, true
	}
	r.Untouched = r.Strength == 0
	r.After, r.ClippedAfter, r.HistogramAfter = after.index(), clipped(after.point), after.histogram()
	r.Gain = gain(r.Before, r.After)
	return r, nil
}

// keepsPromise reports whether a result is better, by no more than strength per
// cent, and newly clips no more than it may.
func keepsPromise(before, after *sketch, strength int) bool {
	g := gain(before.index(), after.index())
	return g > 0 && g <= float64(strength) && clipped(after.point)-clipped(before.point) <= mostAddedClipping
}

// classic gives the part of its full strength that was used.
func classic(img image.Image, strength int) float64 {
	if strength == 0 {
		return 0
	}
	switch img := img.(type) {
	case *image.YCbCr:
		classicYCbCr(img, strength)
	case *image.Gray:
		classicGray(img, strength)
	case *image.NRGBA:
		classicNRGBA(img, strength)
	}
	return float64(strength) / MaxStrength
}
