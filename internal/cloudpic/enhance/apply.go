package enhance

import (
	"fmt"
	"image"
)

// Apply enhances a picture where it lies in memory, which must be an
// *image.YCbCr of any subsampling, an *image.Gray or an *image.NRGBA, whose
// alpha is kept. It fails, having changed nothing, for another type, an empty
// picture or options that aren't valid. It uses one goroutine, the caller's,
// and little memory beside the picture: tables, a proxy and a few rows.
func Apply(img image.Image, o Options) (Report, error) {
	if err := o.Validate(); err != nil {
		return Report{}, fmt.Errorf("enhance: %w", err)
	}
	src, err := rowsOf(img)
	if err != nil {
		return Report{}, err
	}
	before := newSketch(src)
	r := Report{HistogramBefore: before.histogram(), ClippedBefore: clipped(before.point)}
	r.Before = before.index()
	if o.Preset == Classic {
		r.Strength = classic(img, o.Strength)
	} else {
		r.Strength = auto(img, before, o.Strength)
	}
	r.Untouched = r.Strength == 0
	after := before
	if !r.Untouched {
		after = newSketch(src)
	}
	r.HistogramAfter, r.ClippedAfter = after.histogram(), clipped(after.point)
	r.After = after.index()
	r.Gain = gain(r.Before, r.After)
	return r, nil
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

// auto gives the strength of the recipe that was used, 0 for a picture left
// as it was.
func auto(img image.Image, s *sketch, strength int) float64 {
	scene := newScene(s)
	if strength == 0 || scene.graphic() {
		return 0
	}
	const room = 0.97 // for what the sketch doesn't show
	p, t := choose(scene, room*float64(strength), float64(strength)/MaxStrength)
	if t == 0 {
		return 0
	}
	switch img := img.(type) {
	case *image.YCbCr:
		p.at(t).render(ycbcrPlanes(img))
	case *image.Gray:
		p.at(t).render(grayPlanes(img))
	case *image.NRGBA:
		p.at(t).renderNRGBA(newNRGBARows(img))
	}
	return t
}
