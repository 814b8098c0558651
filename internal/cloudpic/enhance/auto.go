package enhance

import (
	"image"
	"math"
)

// auto betters a picture by its index and gives the strength of the recipe
// that was used and the sketch of the result. The strength is 0 and the
// sketch the same for a picture left as it was.
func auto(img image.Image, src rows, before *sketch, strength int) (float64, *sketch) {
	scene := newScene(before, src)
	if strength == 0 || scene.graphic() {
		return 0, before
	}
	limit := float64(strength)
	const room = 0.97 // for what the sketch doesn't show
	p, t := choose(scene, room*limit, math.Sqrt(limit/MaxStrength))
	if t == 0 {
		return 0, before
	}
	if w, h := src.size(); w*h <= maxCopied {
		return small(img, src, before, p, t, limit)
	}
	p.at(t).renderOn(img)
	return t, temper(img, src, before.index(), newSketch(src), limit)
}

// maxCopied is the number of pixels up to which a picture is copied, so that
// it can be had back. On a larger one the sketch foretells the index well
// enough: what it doesn't show is averaged over many pixels.
const maxCopied = 1 << 20

// small betters a small picture, with less strength until the index and the
// clipping of the result are within their limits, and gives it back as it was
// if there is none.
func small(img image.Image, src rows, before *sketch, p *plan, t, limit float64) (float64, *sketch) {
	saved, clippedBefore := save(img), clipped(src)
	const tries = 6
	for range tries {
		p.at(t).renderOn(img)
		after := newSketch(src)
		per := gain(before.index(), after.index())
		clips := clipped(src)-clippedBefore > mostAddedClipping
		if per > 0 && per <= limit && !clips {
			return t, after
		}
		saved.restore(img)
		switch {
		case per > limit:
			t *= 0.9 * limit / per
		case clips:
			t *= 0.7
		default:
			t /= 2
		}
	}
	return 0, before
}

// saved holds the samples of a picture.
type saved [3][]uint8

// samples are the slices that span a picture.
func samples(img image.Image) saved {
	last := img.Bounds().Max.Sub(image.Pt(1, 1))
	switch img := img.(type) {
	case *image.YCbCr:
		y, c := img.YOffset(last.X, last.Y)+1, img.COffset(last.X, last.Y)+1
		r := img.Rect.Min
		from, chroma := img.YOffset(r.X, r.Y), img.COffset(r.X, r.Y)
		return saved{img.Y[from:y], img.Cb[chroma:c], img.Cr[chroma:c]}
	case *image.Gray:
		return saved{img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y) : img.PixOffset(last.X, last.Y)+1]}
	case *image.NRGBA:
		return saved{img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y) : img.PixOffset(last.X, last.Y)+4]}
	}
	return saved{}
}

func save(img image.Image) saved {
	s := samples(img)
	for i, b := range s {
		s[i] = append([]uint8(nil), b...)
	}
	return s
}

func (s saved) restore(img image.Image) {
	for i, b := range samples(img) {
		copy(b, s[i])
	}
}

// renderOn changes a picture of any type that rowsOf takes.
func (t *tables) renderOn(img image.Image) {
	switch img := img.(type) {
	case *image.YCbCr:
		t.render(ycbcrPlanes(img))
	case *image.Gray:
		t.render(grayPlanes(img))
	case *image.NRGBA:
		t.renderNRGBA(newNRGBARows(img))
	}
}
