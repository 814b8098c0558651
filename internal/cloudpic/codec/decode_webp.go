package codec

import (
	"bytes"
	"fmt"
	"image"

	"golang.org/x/image/webp"
)

// decodeWebP gives planes or pixels of a lossy picture, pixels of a lossless
// one or one with alpha.
func decodeWebP(data []byte, mode Mode, _ *parsed) (image.Image, error) {
	img, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(WebP, err)
	}
	switch img := img.(type) {
	case *image.NRGBA:
		return img, nil
	case *image.NYCbCrA:
		out := videoToRGB(&img.YCbCr)
		for y := range img.Rect.Dy() {
			alpha := img.A[y*img.AStride:][:img.Rect.Dx()]
			for x, a := range alpha {
				out.Pix[y*out.Stride+4*x+3] = a
			}
		}
		return out, nil
	case *image.YCbCr:
		if mode != Planes {
			return videoToRGB(img), nil
		}
		fullRange(img)
		return wholePlanes(img), nil
	}
	return nil, damaged(WebP, fmt.Errorf("webp gave %T", img))
}

// fullRange stretches planes in place from the range of video, which WebP has
// (luma 16 to 235, chroma 16 to 240), to that of JPEG. Go's decoder leaves
// this to its caller.
func fullRange(img *image.YCbCr) {
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = byte(min(max((2*(i-16)*255+219)/(2*219), 0), 255))        // #nosec G115 -- clamped
		chroma[i] = byte(min(max((2*(i-128)*255+448*128+224)/448, 0), 255)) // #nosec G115 -- clamped
	}
	for i, v := range img.Y {
		img.Y[i] = luma[v]
	}
	for i, v := range img.Cb {
		img.Cb[i], img.Cr[i] = chroma[v], chroma[img.Cr[i]]
	}
}

// videoToRGB converts 4:2:0 planes in video's range to pixels with the
// interpolation and arithmetic of libwebp (upsampling.c, yuv.h).
func videoToRGB(img *image.YCbCr) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cw, ch := (w+1)/2, (h+1)/2
	out := newNRGBA(w, h)
	cb, cr := make([]byte, 2*cw), make([]byte, 2*cw)
	for y := range h {
		near := y / 2
		far := min(max(near-1+2*(y&1), 0), ch-1)
		row := func(plane []byte, y int) []byte { return plane[y*img.CStride:][:cw] }
		interpolate(cb, row(img.Cb, near), row(img.Cb, far))
		interpolate(cr, row(img.Cr, near), row(img.Cr, far))
		videoRow(out.Pix[y*out.Stride:][:4*w], img.Y[y*img.YStride:][:w], cb, cr)
	}
	return out
}

// interpolate weighs four chroma samples 9:3:3:1 in the steps libwebp takes.
func interpolate(dst, near, far []byte) {
	last := len(near) - 1
	for x := range near {
		a, c := int(near[x]), int(far[x])
		for i, n := range [2]int{max(x-1, 0), min(x+1, last)} {
			b, d := int(near[n]), int(far[n])
			dst[2*x+i] = byte(((a+3*b+3*c+d+8)>>3 + a) >> 1) // #nosec G115 -- a weighted mean
		}
	}
}

// videoRow is libwebp's VP8YUVToR, G and B.
func videoRow(dst, luma, cb, cr []byte) {
	for x, v := range luma {
		y, u, w := int(v)*19077>>8, int(cb[x]), int(cr[x])
		p := dst[4*x:][:4]
		p[0] = clip6(y + w*26149>>8 - 14234)
		p[1] = clip6(y - u*6419>>8 - w*13320>>8 + 8708)
		p[2] = clip6(y + u*33050>>8 - 17685)
		p[3] = 0xFF
	}
}

func clip6(v int) byte { return byte(min(max(v>>6, 0), 255)) } // #nosec G115 -- clamped
