package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"cloudworks/internal/jobs"
)

// decodePNG gives grey, or pixels with alpha. Of 16 bits the higher 8 are
// kept, as Pillow does for colour.
func decodePNG(data []byte, _ *parsed) (image.Image, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damagedPNG(err)
	}
	switch img := img.(type) {
	case *image.Gray:
		return img, nil
	case *image.NRGBA:
		return img, nil
	case *image.RGBA: // image/png gives it for opaque pictures only
		return &image.NRGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}, nil
	case *image.Gray16:
		out := newGray(img.Rect.Dx(), img.Rect.Dy())
		highBytes(out.Pix, out.Stride, img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy())
		return out, nil
	case *image.RGBA64:
		return highNRGBA(img.Pix, img.Stride, img.Rect), nil
	case *image.NRGBA64:
		return highNRGBA(img.Pix, img.Stride, img.Rect), nil
	case *image.Paletted:
		return fromPalette(img, img.Rect), nil
	}
	return nil, damaged(PNG, fmt.Errorf("image/png gave %T", img))
}

// damagedPNG: image/png tells a cut-off stream from a damaged one.
func damagedPNG(err error) error {
	var limit png.UnsupportedError
	if errors.As(err, &limit) {
		return &jobs.Error{Code: jobs.CodeUnsupported, Message: "This is a rare kind of PNG that CloudPic doesn't read. Saving it anew in a picture editor helps.", Err: err}
	}
	if strings.Contains(err.Error(), "not enough pixel data") {
		err = fmt.Errorf("%w: %w", errCutOff, err)
	}
	return damaged(PNG, err)
}

func highNRGBA(pix []byte, stride int, r image.Rectangle) *image.NRGBA {
	out := newNRGBA(r.Dx(), r.Dy())
	highBytes(out.Pix, out.Stride, pix, stride, 4*r.Dx(), r.Dy())
	return out
}

// highBytes keeps the first of every two bytes of w samples a row.
func highBytes(dst []byte, dstStride int, src []byte, srcStride, w, h int) {
	for y := range h {
		in, out := src[y*srcStride:][:2*w], dst[y*dstStride:][:w]
		for x := range out {
			out[x] = in[2*x]
		}
	}
}

// fromPalette draws a picture of indices on a canvas that is transparent
// elsewhere.
func fromPalette(img *image.Paletted, canvas image.Rectangle) *image.NRGBA {
	var colours [256][4]byte // an index outside the palette is transparent
	for i, c := range img.Palette {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		colours[i&0xFF] = [4]byte{n.R, n.G, n.B, n.A}
	}
	out := newNRGBA(canvas.Dx(), canvas.Dy())
	if img.Rect != canvas {
		clear(out.Pix)
	}
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		in := img.Pix[img.PixOffset(img.Rect.Min.X, y):][:img.Rect.Dx()]
		row := out.Pix[out.PixOffset(img.Rect.Min.X, y):][:4*len(in)]
		for x, i := range in {
			copy(row[4*x:], colours[i][:])
		}
	}
	return out
}
