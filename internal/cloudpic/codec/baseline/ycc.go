package baseline

import (
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

func yccRow(luma, cb, cr, pix []byte) {
	n := len(pix) / 4
	luma, cb, cr = luma[:n], cb[:n], cr[:n]
	for x := range luma {
		p := pix[4*x:][:4]
		r, g, b := int32(p[0]), int32(p[1]), int32(p[2])
		luma[x] = byte((yR*r + yG*g + yB*b + half) >> 16)           // #nosec G115 -- 0 to 255
		cb[x] = byte((-cbR*r - cbG*g + cbB*b + chromaOffset) >> 16) // #nosec G115 -- 0 to 255
		cr[x] = byte((crR*r - crG*g - crB*b + chromaOffset) >> 16)  // #nosec G115 -- 0 to 255
	}
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
		a, b := rows[0][:2*len(dst)], rows[1][:2*len(dst)]
		for x := range dst {
			sum := uint(a[2*x]) + uint(a[2*x+1]) + uint(b[2*x]) + uint(b[2*x+1])
			dst[x] = byte((sum + 1 + uint(x&1)) >> 2) // #nosec G115 -- a mean
		}
	default:
		downsampleAny(dst, rows, hs)
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
