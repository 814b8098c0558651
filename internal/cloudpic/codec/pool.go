package codec

import (
	"image"
	"sync"

	"cloudworks/internal/cloudpic/codec/baseline"
)

// buffers are planes that pictures gave back. A picture of 12 megapixels takes
// 18 MB; to fault those in anew costs about as much as to enhance them.
var buffers sync.Pool

// buffer gives n bytes of any content.
func buffer(n int) []byte {
	if b, ok := buffers.Get().(*[]byte); ok {
		if cap(*b) >= n && cap(*b) <= 2*n+1<<20 {
			return (*b)[:n]
		}
		buffers.Put(b)
	}
	return make([]byte, n)
}

// newPlanes gives planes of whole MCUs, of any content, from one buffer.
func newPlanes(w, h int, r image.YCbCrSubsampleRatio) *image.YCbCr {
	ys, yr, cs, cr := baseline.Layout(w, h, r)
	luma, chroma := ys*yr, cs*cr
	b := buffer(luma + 2*chroma)
	return &image.YCbCr{
		Y: b[:luma], Cb: b[luma:][:chroma], Cr: b[luma+chroma:],
		YStride: ys, CStride: cs, SubsampleRatio: r, Rect: image.Rect(0, 0, w, h),
	}
}

// newGray gives a plane of whole blocks, of any content.
func newGray(w, h int) *image.Gray {
	stride, rows := (w+7)&^7, (h+7)&^7
	return &image.Gray{Pix: buffer(stride * rows), Stride: stride, Rect: image.Rect(0, 0, w, h)}
}

// newNRGBA gives pixels of any content.
func newNRGBA(w, h int) *image.NRGBA {
	return &image.NRGBA{Pix: buffer(4 * w * h), Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
}

// recycle gives a picture's memory to later ones.
func recycle(img image.Image) {
	var b []byte
	switch img := img.(type) {
	case *image.YCbCr:
		b = img.Y[:0] // reaches over the chroma of newPlanes
	case *image.Gray:
		b = img.Pix[:0]
	case *image.NRGBA:
		b = img.Pix[:0]
	}
	if cap(b) > 0 {
		buffers.Put(&b)
	}
}
