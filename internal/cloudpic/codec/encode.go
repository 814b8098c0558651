package codec

import (
	"fmt"
	"image"
	"slices"

	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

const (
	// maxQuality bounds a JPEG's quality: above it files grow and nobody sees
	// the difference.
	maxQuality = 95
	// newQuality is for JPEGs made of something else.
	newQuality = 90
)

// Output is the format that Encode writes.
func (p *Picture) Output() Format {
	switch {
	case p.Format == JPEG, p.Format == WebP && !p.transparent():
		return JPEG
	}
	return PNG
}

// OutputType is the media type of what Encode writes.
func (p *Picture) OutputType() string { return p.Output().ContentType() }

// transparent reports whether any pixel is, if the header says so.
func (p *Picture) transparent() bool {
	img, ok := p.Image.(*image.NRGBA)
	return ok && p.Alpha && !opaque(img)
}

func opaque(img *image.NRGBA) bool {
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:4*img.Rect.Dx()]
		for x := 3; x < len(row); x += 4 {
			if row[x] != 0xFF {
				return false
			}
		}
	}
	return true
}

// OutputQuality is the quality of the JPEG that Encode writes.
func (p *Picture) OutputQuality() int {
	if p.Quality == 0 {
		return newQuality
	}
	return min(p.Quality, maxQuality)
}

// Encode writes the picture, with Meta, as a file of the format Output.
func (p *Picture) Encode() ([]byte, error) {
	if p.Image == nil {
		return nil, fmt.Errorf("encode picture: it was released")
	}
	if p.Output() == JPEG {
		return p.encodeJPEG()
	}
	return p.encodePNG()
}

func (p *Picture) encodeJPEG() ([]byte, error) {
	img := p.Image
	if planes, ok := img.(*image.YCbCr); ok {
		whole := wholePlanes(planes)
		if whole != planes {
			defer recycle(whole)
		}
		img = whole
	}
	extra := jfif.Extra{Density: p.source.jpeg.density, Exif: p.Meta.EXIF, ICC: p.Meta.ICC}
	// Who saved a JPEG progressively wanted it small.
	q := turbo.Quality{IJG: p.OutputQuality(), Progressive: p.Progressive}
	var file []byte
	err := library().encode(img, p.Subsampling, q, func(jpeg []byte) {
		file = jfif.Splice(jpeg, extra)
	})
	if err != nil {
		return nil, fmt.Errorf("encode JPEG: %w", err)
	}
	return slices.Clip(file), nil
}
