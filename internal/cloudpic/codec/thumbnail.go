package codec

import (
	"fmt"
	"image"
	"math"

	"github.com/disintegration/imaging"

	"cloudworks/internal/cloudpic/codec/jfif"
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
	w, h := fit(p.Width, p.Height, longest)
	small := reduce(p.Image, max(p.Width, p.Height)/max(w, h))
	defer recycle(small)
	whiten(small)
	out := small
	if small.Rect.Dx() != w || small.Rect.Dy() != h {
		out = imaging.Resize(small, w, h, imaging.CatmullRom)
	}
	upright, _ := turn(out, p.Orientation).(*image.NRGBA)
	quality := previewQuality
	if longest <= smallThumbnail {
		quality = thumbnailQuality
	}
	var extra jfif.Extra
	if len(p.Meta.ICC) <= maxThumbnailICC && profileFits(p.Meta.ICC, upright) {
		extra.ICC = p.Meta.ICC
	}
	var file []byte
	err := library().encode(upright, image.YCbCrSubsampleRatio420, quality, func(jpeg []byte) {
		file = jfif.Splice(jpeg, extra)
	})
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	return file, nil
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

// whiten puts the picture on white.
func whiten(img *image.NRGBA) {
	for i := 0; i+3 < len(img.Pix); i += 4 {
		p := img.Pix[i : i+4 : i+4]
		if a := uint32(p[3]); a != 0xFF {
			for c := range 3 {
				p[c] = byte((uint32(p[c])*a + 255*(255-a) + 127) / 255) // #nosec G115 -- at most 255
			}
			p[3] = 0xFF
		}
	}
}
