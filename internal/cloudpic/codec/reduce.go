package codec

import (
	"image"

	"cloudworks/internal/cloudpic/codec/baseline"
)

// reduce makes a picture k times smaller by the mean of k × k pixels; the
// last column and row may have fewer. It reads every sample once, which is
// why a thumbnail of a large picture is cheap.
func reduce(img image.Image, k int) *image.NRGBA {
	b := img.Bounds()
	out := newNRGBA((b.Dx()+k-1)/k, (b.Dy()+k-1)/k)
	switch img := img.(type) {
	case *image.YCbCr:
		if k == 1 {
			baseline.ToRGB(out, img)
		} else {
			reduceYCbCr(out, img, k)
		}
	case *image.Gray:
		reduceGray(out, img, k)
	case *image.NRGBA:
		reduceNRGBA(out, img, k)
	}
	return out
}

// cells says which samples of one axis each small pixel means: from edge i up
// to edge i+1, and at least one.
type cells []int

// newCells divides size samples into n cells of k/shared samples.
func newCells(n, size, k, shared int) cells {
	c := make(cells, n+1)
	for i := range c {
		c[i] = min(i*k/shared, size)
	}
	return c
}

func (c cells) span(i int) (from, to int) { return c[i], max(c[i+1], c[i]+1) }

// box is the reduction of one plane.
type box struct {
	pix     []byte
	stride  int
	columns cells
	rows    cells
	sums    []uint32
}

func newBox(pix []byte, stride int, columns, rows cells) *box {
	return &box{pix, stride, columns, rows, make([]uint32, len(columns)-1)}
}

// row fills dst with row y of the reduced plane.
func (b *box) row(dst []byte, y int) {
	clear(b.sums)
	y0, y1 := b.rows.span(y)
	for sy := y0; sy < y1; sy++ {
		line := b.pix[sy*b.stride:]
		for x := range b.sums {
			x0, x1 := b.columns.span(x)
			sum := uint32(0)
			for _, v := range line[x0:x1] {
				sum += uint32(v)
			}
			b.sums[x] += sum
		}
	}
	for x, sum := range b.sums {
		x0, x1 := b.columns.span(x)
		n := uint32((x1 - x0) * (y1 - y0)) // #nosec G115 -- positive
		dst[x] = byte((sum + n/2) / n)     // #nosec G115 -- a mean
	}
}

func reduceYCbCr(out *image.NRGBA, img *image.YCbCr, k int) {
	w, h := out.Rect.Dx(), out.Rect.Dy()
	hs, vs := baseline.Factors(img.SubsampleRatio)
	cw, ch := (img.Rect.Dx()+hs-1)/hs, (img.Rect.Dy()+vs-1)/vs
	chroma, chromaRows := newCells(w, cw, k, hs), newCells(h, ch, k, vs)
	y := newBox(img.Y, img.YStride, newCells(w, img.Rect.Dx(), k, 1), newCells(h, img.Rect.Dy(), k, 1))
	cb, cr := newBox(img.Cb, img.CStride, chroma, chromaRows), newBox(img.Cr, img.CStride, chroma, chromaRows)
	line := image.YCbCr{Y: make([]byte, w), Cb: make([]byte, w), Cr: make([]byte, w), YStride: w, CStride: w, Rect: image.Rect(0, 0, w, 1)}
	for row := range h {
		y.row(line.Y, row)
		cb.row(line.Cb, row)
		cr.row(line.Cr, row)
		baseline.ToRGB(&image.NRGBA{Pix: out.Pix[row*out.Stride:], Stride: out.Stride, Rect: line.Rect}, &line)
	}
}

func reduceGray(out *image.NRGBA, img *image.Gray, k int) {
	w, h := out.Rect.Dx(), out.Rect.Dy()
	b := newBox(img.Pix, img.Stride, newCells(w, img.Rect.Dx(), k, 1), newCells(h, img.Rect.Dy(), k, 1))
	line := make([]byte, w)
	for row := range h {
		b.row(line, row)
		for x, v := range line {
			copy(out.Pix[row*out.Stride+4*x:], []byte{v, v, v, 0xFF})
		}
	}
}

// reduceNRGBA weighs colours by their alpha, so that what can't be seen
// doesn't shine through at edges.
func reduceNRGBA(out *image.NRGBA, img *image.NRGBA, k int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for oy := range out.Rect.Dy() {
		for ox := range out.Rect.Dx() {
			var sum [4]uint64
			n := uint64(0)
			for y := oy * k; y < min(oy*k+k, h); y++ {
				row := img.Pix[y*img.Stride:][:4*w]
				row = row[4*ox*k : min(4*(ox*k+k), 4*w)]
				for x := 0; x+3 < len(row); x += 4 {
					p, a := row[x:x+4:x+4], uint64(row[x+3])
					sum[0] += a * uint64(p[0])
					sum[1] += a * uint64(p[1])
					sum[2] += a * uint64(p[2])
					sum[3] += a
					n++
				}
			}
			copy(out.Pix[oy*out.Stride+4*ox:], meanNRGBA(sum, n))
		}
	}
}

func meanNRGBA(sum [4]uint64, n uint64) []byte {
	a := sum[3]
	if a == 0 {
		return []byte{0, 0, 0, 0}
	}
	mean := func(v uint64) byte { return byte((v + a/2) / a) }                   // #nosec G115 -- a mean
	return []byte{mean(sum[0]), mean(sum[1]), mean(sum[2]), byte((a + n/2) / n)} // #nosec G115 -- a mean
}
