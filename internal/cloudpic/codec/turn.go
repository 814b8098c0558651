package codec

import (
	"image"

	"cloudworks/internal/cloudpic/codec/baseline"
)

// turn gives the picture upright: as it is for orientation 1, else a copy.
// Of planes only those of 4:2:0 or 4:4:4, which look the same from all sides,
// are turned.
func turn(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	switch img := img.(type) {
	case *image.YCbCr:
		w, h := turned(img.Rect, orientation)
		out := newPlanes(w, h, img.SubsampleRatio)
		turnPixels(out.Y, out.YStride, img.Y, img.YStride, img.Rect.Dx(), img.Rect.Dy(), 1, orientation)
		hs, vs := baseline.Factors(img.SubsampleRatio)
		cw, ch := (img.Rect.Dx()+hs-1)/hs, (img.Rect.Dy()+vs-1)/vs
		turnPixels(out.Cb, out.CStride, img.Cb, img.CStride, cw, ch, 1, orientation)
		turnPixels(out.Cr, out.CStride, img.Cr, img.CStride, cw, ch, 1, orientation)
		return out
	case *image.Gray:
		w, h := turned(img.Rect, orientation)
		out := newGray(w, h)
		turnPixels(out.Pix, out.Stride, img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy(), 1, orientation)
		return out
	case *image.NRGBA:
		w, h := turned(img.Rect, orientation)
		out := newNRGBA(w, h)
		turnPixels(out.Pix, out.Stride, img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy(), 4, orientation)
		return out
	}
	return img
}

func turned(r image.Rectangle, orientation int) (w, h int) {
	if orientation >= 5 {
		return r.Dy(), r.Dx()
	}
	return r.Dx(), r.Dy()
}

// turnPixels moves w × h pixels of size bytes to where the EXIF orientation
// (TIFF 6.0, tag 274) wants them.
func turnPixels(dst []byte, dstStride int, src []byte, srcStride, w, h, size, orientation int) {
	// start and the two steps are bytes in dst: of the first pixel, of one to
	// the right in src, of one down in src.
	right, down, start := size, dstStride, 0
	lastX, lastY := size*(w-1), dstStride*(h-1)
	switch orientation {
	case 2: // mirrored
		right, start = -size, lastX
	case 3: // upside down
		right, down, start = -size, -dstStride, lastX+lastY
	case 4: // mirrored and upside down
		down, start = -dstStride, lastY
	}
	lastX, lastY = size*(h-1), dstStride*(w-1)
	switch orientation {
	case 5: // across the main diagonal
		right, down = dstStride, size
	case 6: // a quarter clockwise
		right, down, start = dstStride, -size, lastX
	case 7: // across the other diagonal
		right, down, start = -dstStride, -size, lastX+lastY
	case 8: // a quarter counter-clockwise
		right, down, start = -dstStride, size, lastY
	}
	for y := range h {
		in, at := src[y*srcStride:][:w*size], start+y*down
		for x := 0; x < len(in); x += size {
			copy(dst[at:at+size], in[x:x+size])
			at += right
		}
	}
}
