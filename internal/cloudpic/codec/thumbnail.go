package codec

import (
	"fmt"
	"image"
	"math"

	"github.com/disintegration/imaging"

	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

const (
	// smallThumbnail is the longest side of what counts as a thumbnail; larger
	// ones are previews, which people look at closely.
	smallThumbnail   = 480
	thumbnailQuality = 80
	previewQuality   = 85
	// maxThumbnailICC bounds a profile that goes along: without it the colours
	// of a wide-gamut camera look dull, but a printer's profile has 2 MB.
	maxThumbnailICC = 8 << 10
)

// Thumbnail gives the picture as an upright JPEG, at most longest pixels wide
// and high and never enlarged. What is transparent lies on white.
func Thumbnail(p *Picture, longest int) ([]byte, error) {
	if p.Image == nil || longest < 1 {
		return nil, fmt.Errorf("thumbnail of %d pixels: no picture", longest)
	}
	small := turn(shrink(p.Image, longest), p.Orientation)
	if small != p.Image {
		defer recycle(small)
	}
	q := turbo.Quality{IJG: previewQuality}
	if longest <= smallThumbnail {
		q.IJG = thumbnailQuality
	}
	var extra jfif.Extra
	if len(p.Meta.ICC) <= maxThumbnailICC {
		extra.ICC = p.Meta.ICC
	}
	var file []byte
	err := library().encode(small, image.YCbCrSubsampleRatio420, q, func(jpeg []byte) {
		file = jfif.Splice(jpeg, extra)
	})
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	return file, nil
}

// shrink gives the picture at most longest wide and high, opaque, and of a
// kind that a JPEG library takes.
func shrink(img image.Image, longest int) image.Image {
	b := img.Bounds()
	w, h := fit(b.Dx(), b.Dy(), longest)
	switch img := img.(type) {
	case *image.YCbCr:
		out := newPlanes(w, h, image.YCbCrSubsampleRatio420)
		shrinkPlanes(out, img)
		return out
	case *image.Gray:
		out := newGray(w, h)
		newArea(b.Dx(), b.Dy(), w, h).shrink(out.Pix, out.Stride, img.Pix, img.Stride)
		return out
	case *image.NRGBA:
		// Transparent pixels are laid on white in the means already, so that
		// what can't be seen doesn't shine through.
		small := reduceNRGBA(img, max(b.Dx(), b.Dy())/max(w, h))
		if small.Rect.Dx() == w && small.Rect.Dy() == h {
			return small
		}
		defer recycle(small)
		return imaging.Resize(small, w, h, imaging.Linear)
	}
	return img
}

// fit gives the largest size of w × h's shape within longest, at least 1 × 1.
func fit(w, h, longest int) (int, int) {
	side := max(w, h)
	if side <= longest {
		return w, h
	}
	scale := float64(longest) / float64(side)
	return max(int(math.Round(float64(w)*scale)), 1), max(int(math.Round(float64(h)*scale)), 1)
}
