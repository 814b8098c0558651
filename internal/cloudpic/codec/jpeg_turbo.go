package codec

import (
	"errors"
	"fmt"
	"image"

	"cloudworks/internal/cloudpic/codec/baseline"
	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

// turboJPEG is libjpeg-turbo.
type turboJPEG struct{ lib *turbo.Library }

func (t turboJPEG) name() string { return t.lib.Name() }

func (t turboJPEG) planes(data []byte, p *parsed) (image.Image, error) {
	if p.jpeg.colour == jfif.Grey {
		img := newGray(p.Width, p.Height)
		if err := t.lib.DecodePixels(data, img.Pix, img.Stride, p.Width, p.Height, turbo.GrayPixels); err != nil {
			recycle(img)
			return nil, err
		}
		return img, nil
	}
	if !p.jpeg.plain {
		return nil, fmt.Errorf("%w: sampling factors", turbo.ErrUnsuited)
	}
	img := newPlanes(p.Width, p.Height, p.Subsampling)
	if err := t.lib.DecodePlanes(data, img); err != nil {
		recycle(img)
		return nil, err
	}
	return img, nil
}

func (t turboJPEG) pixels(data []byte, p *parsed) (*image.NRGBA, error) {
	img := newNRGBA(p.Width, p.Height)
	format, cmyk := turbo.RGBAPixels, p.Components == 4
	if cmyk {
		format = turbo.CMYKPixels
	}
	if err := t.lib.DecodePixels(data, img.Pix, img.Stride, p.Width, p.Height, format); err != nil {
		recycle(img)
		return nil, err
	}
	if cmyk {
		cmykToRGB(img, true)
	}
	return img, nil
}

func (t turboJPEG) encode(img image.Image, r image.YCbCrSubsampleRatio, q turbo.Quality, take func([]byte)) error {
	var err error
	switch img := img.(type) {
	case *image.YCbCr:
		baseline.Extend(img)
		err = t.lib.EncodePlanes(img, q, take)
	case *image.Gray:
		err = t.lib.EncodePixels(img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy(), turbo.GrayPixels, r, q, take)
	case *image.NRGBA:
		err = t.lib.EncodePixels(img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy(), turbo.RGBAPixels, r, q, take)
	default:
		err = fmt.Errorf("a picture of type %T", img)
	}
	if errors.Is(err, turbo.ErrUnsuited) { // 4:1:0
		return goJPEG{}.encode(img, r, q, take)
	}
	return err
}

// cmykToRGB turns ink into light in place, as Pillow's convert("RGB") does
// (Convert.c, cmyk2rgb). Files hold ink inverted, as Adobe does.
func cmykToRGB(img *image.NRGBA, inverted bool) {
	flip := byte(0)
	if inverted {
		flip = 0xFF
	}
	for i := 0; i+3 < len(img.Pix); i += 4 {
		p := img.Pix[i : i+4 : i+4]
		light := int32(^p[3] ^ flip)
		for c := range 3 {
			t := int32(p[c]^flip)*light + 128
			v := light - (t>>8+t)>>8
			p[c] = byte(min(max(v, 0), 255)) // #nosec G115 -- clamped
		}
		p[3] = 0xFF
	}
}
