package baseline

import (
	"encoding/binary"
	"fmt"
	"image"
)

// EncodeRGB writes opaque pixels as a baseline JPEG by way of planes, which
// hold whole MCUs of a picture of the same size and are overwritten.
func EncodeRGB(planes *image.YCbCr, src *image.NRGBA, quality int) ([]byte, error) {
	if err := checkSides(src.Rect); err != nil {
		return nil, err
	}
	if !Whole(planes) || planes.Rect != src.Rect {
		return nil, fmt.Errorf("planes of %v for pixels of %v", planes.Rect, src.Rect)
	}
	fromRGB(planes, src)
	return encode(planesOf(planes), quality), nil
}

// fromRGB fills the planes up to whole MCUs. Beyond the picture its last
// column is repeated before chroma is downsampled, and the last row of chroma
// after, as jcsample.c and jcprepct.c do.
func fromRGB(dst *image.YCbCr, src *image.NRGBA) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	hs, vs := Factors(dst.SubsampleRatio)
	wide, high, cw, chigh := Layout(w, h, dst.SubsampleRatio)
	cb, cr := make([][]byte, vs), make([][]byte, vs)
	for i := range vs {
		cb[i], cr[i] = make([]byte, wide), make([]byte, wide)
	}
	ch := (h + vs - 1) / vs
	for cy := range ch {
		for i := range vs {
			y := min(cy*vs+i, h-1)
			luma := dst.Y[y*dst.YStride:][:wide]
			yccRow(luma, cb[i], cr[i], src.Pix[y*src.Stride:][:4*w])
			repeatLast(luma, w)
			repeatLast(cb[i], w)
			repeatLast(cr[i], w)
		}
		downsample(dst.Cb[cy*dst.CStride:][:cw], cb, hs)
		downsample(dst.Cr[cy*dst.CStride:][:cw], cr, hs)
	}
	Plane{Pix: dst.Y, Stride: dst.YStride, W: wide, H: h}.extend(wide, high)
	Plane{Pix: dst.Cb, Stride: dst.CStride, W: cw, H: ch}.extend(cw, chigh)
	Plane{Pix: dst.Cr, Stride: dst.CStride, W: cw, H: ch}.extend(cw, chigh)
}

func repeatLast(row []byte, w int) {
	for x := w; x < len(row); x++ {
		row[x] = row[w-1]
	}
}

// yccRow converts a row, 8 pixels at a time, two to a word.
func yccRow(luma, cb, cr, pix []byte) {
	n := len(pix) / 4
	luma, cb, cr = luma[:n], cb[:n], cr[:n]
	x := 0
	for ; x+8 <= n; x += 8 {
		p := (*[32]byte)(pix[4*x:])
		y, b, r := ycc8(binary.LittleEndian.Uint64(p[:]), binary.LittleEndian.Uint64(p[8:]), binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:]))
		binary.LittleEndian.PutUint64(luma[x:], y)
		binary.LittleEndian.PutUint64(cb[x:], b)
		binary.LittleEndian.PutUint64(cr[x:], r)
	}
	for ; x < n; x++ {
		y, b, r := ycc2(uint64(binary.LittleEndian.Uint32(pix[4*x:])))
		luma[x], cb[x], cr[x] = byte(y>>16), byte(b>>16), byte(r>>16) // #nosec G115 -- the byte is meant
	}
}

// ycc8 converts 8 pixels that lie in 4 words.
func ycc8(p01, p23, p45, p67 uint64) (y, cb, cr uint64) {
	y0, b0, r0 := ycc2(p01&lower | p45<<32)
	y1, b1, r1 := ycc2(p01>>32 | p45&^lower)
	y2, b2, r2 := ycc2(p23&lower | p67<<32)
	y3, b3, r3 := ycc2(p23>>32 | p67&^lower)
	return bytes8(y0, y1, y2, y3), bytes8(b0, b1, b2, b3), bytes8(r0, r1, r2, r3)
}

// bytes8 gathers what ycc2 gives for samples 0 and 4, 1 and 5, and so on.
func bytes8(s04, s15, s26, s37 uint64) uint64 {
	const sample = 0xFF * both
	return s04>>16&sample | s15>>8&(sample<<8) | s26&(sample<<16) | s37<<8&(sample<<24)
}

// ycc2 converts the two pixels in a word: its results are in the third byte of
// each half. All sums are positive.
func ycc2(p uint64) (y, cb, cr uint64) {
	const sample = 0xFF * both
	r, g, b := p&sample, p>>8&sample, p>>16&sample
	return r*yR + g*yG + b*yB + half*both,
		b*cbB - r*cbR - g*cbG + chromaOffset*both,
		r*crR - g*crG - b*crB + chromaOffset*both
}

// downsample means hs × len(rows) samples; the roundings are jcsample.c's,
// which alternate for the two common cases.
func downsample(dst []byte, rows [][]byte, hs int) {
	switch {
	case hs == 1 && len(rows) == 1:
		copy(dst, rows[0])
	case hs == 2 && len(rows) == 1:
		a := rows[0][:2*len(dst)]
		for x := range dst {
			dst[x] = byte((uint(a[2*x]) + uint(a[2*x+1]) + uint(x&1)) >> 1) // #nosec G115 -- a mean
		}
	case hs == 2 && len(rows) == 2:
		downsample4(dst, rows[0], rows[1])
	default:
		downsampleAny(dst, rows, hs)
	}
}

// downsample4 means 2 × 2 samples, four times at once; dst holds whole blocks.
func downsample4(dst, above, below []byte) {
	const low, round = 0xFF * each, each + 1<<48 + 1<<16
	for x := 0; x+4 <= len(dst); x += 4 {
		a, b := binary.LittleEndian.Uint64(above[2*x:]), binary.LittleEndian.Uint64(below[2*x:])
		v := (a&low + a>>8&low + b&low + b>>8&low + round) >> 2 & low
		v |= v >> 8
		binary.LittleEndian.PutUint32(dst[x:], uint32(v&0xFFFF|v>>16&0xFFFF0000)) // #nosec G115 -- 32 bits
	}
}

func downsampleAny(dst []byte, rows [][]byte, hs int) {
	n := hs * len(rows)
	for x := range dst {
		sum := n / 2
		for _, row := range rows {
			for _, v := range row[x*hs:][:hs] {
				sum += int(v)
			}
		}
		dst[x] = byte(sum / n) // #nosec G115 -- a mean
	}
}
