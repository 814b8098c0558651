package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"runtime"
	"strings"

	"cloudworks/internal/cloudpic/codec/baseline"
	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

// goJPEG is our decoder and encoder, with Go's decoder for what ours leaves:
// progressive and CMYK files, rare samplings, and damaged ones.
type goJPEG struct{}

func (goJPEG) name() string { return "pure Go" }

func (goJPEG) planes(data []byte, p *parsed) (image.Image, error) {
	img, err := plainPlanes(data, p)
	if !errors.Is(err, baseline.ErrUnusual) {
		return img, err
	}
	img, err = jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("image/jpeg: %w", err)
	}
	switch img := img.(type) {
	case *image.YCbCr:
		return wholePlanes(img), nil
	case *image.Gray:
		return img, nil
	}
	return nil, fmt.Errorf("image/jpeg gave %T", img)
}

// plainPlanes decodes a sequential JPEG. Its error is baseline.ErrUnusual for
// what Go's decoder may read.
func plainPlanes(data []byte, p *parsed) (image.Image, error) {
	grey := p.jpeg.colour == jfif.Grey
	if p.Progressive || !grey && (p.jpeg.colour != jfif.YCbCr || !p.jpeg.plain) {
		return nil, baseline.ErrUnusual
	}
	if grey {
		img := newGray(p.Width, p.Height)
		if err := baseline.DecodeGray(data, img); err != nil {
			p.makeRoom()
			return nil, err
		}
		return img, nil
	}
	img := newPlanes(p.Width, p.Height, p.Subsampling)
	if err := baseline.Decode(data, img); err != nil {
		p.makeRoom()
		return nil, err
	}
	return img, nil
}

// makeRoom collects planes that a damaged file was decoded to in vain: Go's
// decoder makes planes of its own, and a large picture mustn't take the memory
// of two.
func (p *parsed) makeRoom() {
	const large = 2e6 // pixels
	if p.Width*p.Height >= large {
		runtime.GC()
	}
}

func (g goJPEG) pixels(data []byte, p *parsed) (*image.NRGBA, error) {
	img, err := plainPlanes(data, p)
	if errors.Is(err, baseline.ErrUnusual) {
		img, err = jpeg.Decode(bytes.NewReader(data))
	}
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	switch img := img.(type) {
	case *image.YCbCr:
		out := newNRGBA(img.Rect.Dx(), img.Rect.Dy())
		baseline.ToRGB(out, img)
		recycle(img)
		return out, nil
	case *image.RGBA: // always opaque
		return &image.NRGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}, nil
	case *image.CMYK:
		out := &image.NRGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
		cmykToRGB(out, false)
		return out, nil
	}
	return nil, fmt.Errorf("image/jpeg gave %T", img)
}

func (goJPEG) encode(img image.Image, r image.YCbCrSubsampleRatio, q turbo.Quality, take func([]byte)) error {
	var file []byte
	var err error
	switch img := img.(type) {
	case *image.YCbCr:
		file, err = baseline.Encode(img, q.IJG)
	case *image.Gray:
		whole := wholeGray(img)
		if whole != img {
			defer recycle(whole)
		}
		file, err = baseline.EncodeGray(whole, q.IJG)
	case *image.NRGBA:
		planes := newPlanes(img.Rect.Dx(), img.Rect.Dy(), r)
		defer recycle(planes)
		file, err = baseline.EncodeRGB(planes, img, q.IJG)
	default:
		err = fmt.Errorf("a picture of type %T", img)
	}
	if err != nil {
		return err
	}
	take(file)
	return nil
}

// wholePlanes gives img, or a copy if its planes don't hold whole MCUs.
func wholePlanes(img *image.YCbCr) *image.YCbCr {
	if baseline.Whole(img) {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := newPlanes(w, h, img.SubsampleRatio)
	hs, vs := baseline.Factors(img.SubsampleRatio)
	cw, ch := (w+hs-1)/hs, (h+vs-1)/vs
	y, c := img.YOffset(img.Rect.Min.X, img.Rect.Min.Y), img.COffset(img.Rect.Min.X, img.Rect.Min.Y)
	copyRows(out.Y, out.YStride, img.Y[y:], img.YStride, w, h)
	copyRows(out.Cb, out.CStride, img.Cb[c:], img.CStride, cw, ch)
	copyRows(out.Cr, out.CStride, img.Cr[c:], img.CStride, cw, ch)
	return out
}

// wholeGray does the same for a grey picture.
func wholeGray(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	bw, bh := (w+7)&^7, (h+7)&^7
	if img.Rect.Min == (image.Point{}) && img.Stride >= bw && len(img.Pix) >= img.Stride*(bh-1)+bw {
		return img
	}
	out := newGray(w, h)
	copyRows(out.Pix, out.Stride, img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y):], img.Stride, w, h)
	return out
}

func copyRows(dst []byte, dstStride int, src []byte, srcStride, w, h int) {
	for y := range h {
		copy(dst[y*dstStride:][:w], src[y*srcStride:])
	}
}

// isCutOff reports whether a decoder's complaint is one that data missing at
// the end brings about.
func isCutOff(err error) bool {
	var format jpeg.FormatError
	if !errors.As(err, &format) {
		return false
	}
	return strings.Contains(string(format), "short Huffman data") || strings.Contains(string(format), "missing 0xff00") ||
		strings.Contains(string(format), "missing SOS")
}
