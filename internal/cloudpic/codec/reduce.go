package codec

import (
	"image"

	"cloudworks/internal/cloudpic/codec/baseline"
)

// shrinkPlanes fills dst, which is no larger, with the picture in src. No
// pixel is converted: a plane is shrunk by itself.
func shrinkPlanes(dst, src *image.YCbCr) {
	w, h, sw, sh := dst.Rect.Dx(), dst.Rect.Dy(), src.Rect.Dx(), src.Rect.Dy()
	newArea(sw, sh, w, h).shrink(dst.Y, dst.YStride, src.Y, src.YStride)
	hs, vs := baseline.Factors(dst.SubsampleRatio)
	shs, svs := baseline.Factors(src.SubsampleRatio)
	cw, ch := (w+hs-1)/hs, (h+vs-1)/vs
	a := newArea((sw+shs-1)/shs, (sh+svs-1)/svs, cw, ch)
	a.shrink(dst.Cb, dst.CStride, src.Cb, src.CStride)
	a.shrink(dst.Cr, dst.CStride, src.Cr, src.CStride)
}

// area resamples a plane: each result is the mean of the samples that its
// square covers, those on the border by the part that is covered. It reads
// each sample about once, which is why previews of large pictures are cheap.
type area struct {
	columns, rows []span
	sums          []uint32
}

// span is what one result covers along an axis: samples from first on, by
// these parts of 256, which add up to 256.
type span struct {
	first  int
	weight []uint32
}

func newArea(fromW, fromH, toW, toH int) *area {
	return &area{spans(fromW, toW), spans(fromH, toH), make([]uint32, fromW)}
}

// spans divides from samples among to results. Where there are fewer samples
// than results, as with the chroma of small pictures, samples are repeated.
func spans(from, to int) []span {
	out := make([]span, to)
	for i := range out {
		start, end := float64(i*from)/float64(to), float64((i+1)*from)/float64(to)
		first := int(start)
		s := span{first: first}
		left := uint32(256)
		for at := first; float64(at) < end && at < from; at++ {
			part := min(float64(at+1), end) - max(float64(at), start)
			w := min(uint32(part/(end-start)*256+0.5), left)
			s.weight = append(s.weight, w)
			left -= w
		}
		s.weight[len(s.weight)/2] += left // rounding
		out[i] = s
	}
	return out
}

func (a *area) shrink(dst []byte, dstStride int, src []byte, srcStride int) {
	for y := range a.rows {
		a.addRows(&a.rows[y], src, srcStride)
		a.addColumns(dst[y*dstStride:][:len(a.columns)])
	}
}

// addRows weighs the rows of a span, two at a time to halve the traffic.
func (a *area) addRows(s *span, src []byte, stride int) {
	row := func(i int) []byte { return src[(s.first+i)*stride:][:len(a.sums)] }
	sums, first, w := a.sums, row(0), s.weight[0]
	for x := range sums {
		sums[x] = w * uint32(first[x])
	}
	i := 1
	for ; i+1 < len(s.weight); i += 2 {
		r0, r1, w0, w1 := row(i), row(i+1), s.weight[i], s.weight[i+1]
		for x := range sums {
			sums[x] += w0*uint32(r0[x]) + w1*uint32(r1[x])
		}
	}
	if i < len(s.weight) {
		last, w := row(i), s.weight[i]
		for x := range sums {
			sums[x] += w * uint32(last[x])
		}
	}
}

func (a *area) addColumns(out []byte) {
	for x := range out {
		c := &a.columns[x]
		sums := a.sums[c.first:][:len(c.weight)]
		sum := uint32(1 << 15)
		for i, w := range c.weight {
			sum += w * sums[i]
		}
		out[x] = byte(sum >> 16) // #nosec G115 -- a mean
	}
}

// reduceNRGBA makes a picture k times smaller by the mean of k × k pixels on
// white; the last column and row may have fewer.
func reduceNRGBA(img *image.NRGBA, k int) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := newNRGBA((w+k-1)/k, (h+k-1)/k)
	sums := make([]whiteSum, out.Rect.Dx())
	for oy := range out.Rect.Dy() {
		clear(sums)
		for y := oy * k; y < min(oy*k+k, h); y++ {
			row := img.Pix[y*img.Stride:][:4*w]
			for ox := range sums {
				sums[ox].add(row[4*ox*k : min(4*(ox*k+k), 4*w)])
			}
		}
		for ox := range sums {
			sums[ox].put(out.Pix[oy*out.Stride+4*ox:][:4])
		}
	}
	return out
}

// whiteSum adds up pixels that lie on white.
type whiteSum struct{ r, g, b, n uint32 }

func (s *whiteSum) add(pix []byte) {
	for ; len(pix) >= 4; pix = pix[4:] {
		r, g, b, a := uint32(pix[0]), uint32(pix[1]), uint32(pix[2]), uint32(pix[3])
		if a != 0xFF {
			white := 255 * (255 - a)
			r, g, b = (r*a+white+127)/255, (g*a+white+127)/255, (b*a+white+127)/255
		}
		s.r, s.g, s.b = s.r+r, s.g+g, s.b+b
		s.n++
	}
}

func (s *whiteSum) put(p []byte) {
	half := s.n / 2
	p[0] = byte((s.r + half) / s.n) // #nosec G115 -- a mean
	p[1] = byte((s.g + half) / s.n) // #nosec G115 -- a mean
	p[2] = byte((s.b + half) / s.n) // #nosec G115 -- a mean
	p[3] = 0xFF
}
