package enhance

import (
	"fmt"
	"image"
	"math"
)

// The terms of the quality index and their weights. docs/enhancement.md gives
// the reasons and the sources.
const (
	weightContrast  = 0.22 // RMS contrast: Peli 1990
	weightTones     = 0.18 // entropy of luma: Shannon 1948
	weightExposure  = 0.15 // mid-tones: after Mertens, Kautz, Van Reeth 2007
	weightColour    = 0.18 // colourfulness: Hasler, Süsstrunk 2003
	weightDetail    = 0.15 // mean gradient of the proxy: after Krotkov 1988
	weightSharpness = 0.12 // mean gradient of the pixels
)

// Index is the quality index of a picture, in (0, 100]: a weighted mean of
// contrast, use of tones, exposure, colourfulness, detail and sharpness,
// lowered by clipping. It is measured on a proxy of at most 256 by 256 pixels
// and on some patches and points of the picture itself. It compares two versions of one picture; between different pictures
// it says little. It is 0 for a picture that is empty or of a type that Apply
// doesn't take.
func Index(img image.Image) float64 {
	src, err := rowsOf(img)
	if err != nil {
		return 0
	}
	return newSketch(src).index()
}

// rowsOf views any picture that Apply takes.
func rowsOf(img image.Image) (rows, error) {
	if img == nil || img.Bounds().Empty() {
		return nil, fmt.Errorf("enhance: empty picture")
	}
	switch img := img.(type) {
	case *image.YCbCr:
		return ycbcrPlanes(img), nil
	case *image.Gray:
		return grayPlanes(img), nil
	case *image.NRGBA:
		return newNRGBARows(img), nil
	}
	return nil, fmt.Errorf("enhance: picture of type %T is not taken", img)
}

func (s *sketch) index() float64 { return index(s.mean, s.near, clipped(s.point)) }

// index measures an unsubsampled proxy and patches; clip is the share of
// clipped pixels.
func index(p, near *planes, clip float64) float64 {
	t := lumaStats(p)
	fine := acutance(near)
	sum := weightContrast*saturate(t.deviation/80) +
		weightTones*t.entropy +
		weightExposure*math.Exp(-sq((t.average-118)/75)) +
		weightDetail*saturate(gradient(p)/40) +
		weightSharpness*fine/(fine+5)
	weight := 1 - weightColour
	if !p.grey() {
		sum += weightColour * saturate(colourfulness(p)/120)
		weight = 1
	}
	v := 100 * sum / weight * (1 - 0.5*clip)
	return min(max(v, 0.01), 100)
}

// saturate rises from 0 to 1 at v = 1 and stays there, with a slope that
// falls to 0: more of a good thing counts less and less.
func saturate(v float64) float64 { return math.Sin(math.Pi / 2 * min(v, 1)) }

func sq(v float64) float64 { return v * v }

type tones struct {
	average, deviation float64 // levels
	entropy            float64 // of 64 bins, as a share of the 6 bits possible
}

func lumaStats(p *planes) tones {
	var hist [256]uint32
	for _, v := range p.y {
		hist[v]++
	}
	n := float64(len(p.y))
	var t tones
	var squares float64
	var bins [64]float64
	for v, c := range hist {
		t.average += float64(v) * float64(c)
		squares += float64(v) * float64(v) * float64(c)
		bins[v/4] += float64(c)
	}
	t.average /= n
	t.deviation = math.Sqrt(max(squares/n-t.average*t.average, 0))
	for _, c := range bins {
		if c > 0 {
			t.entropy -= c / n * math.Log2(c/n) / 6
		}
	}
	return t
}

// colourfulness is M3 of Hasler and Süsstrunk, Measuring colourfulness in
// natural images, SPIE 5007, 2003: 0 is grey, 59 quite colourful, 109
// extremely so. Luma cancels in R−G and in (R+G)/2−B, so chroma is enough.
func colourfulness(p *planes) float64 {
	var rg, yb, rg2, yb2 int64
	for i := range p.cb {
		cb, cr := int64(p.cb[i])-128, int64(p.cr[i])-128
		a := 2168*cr + 352*cb // 1024·(R−G)
		b := 352*cr - 1991*cb // 1024·((R+G)/2 − B)
		rg, yb = rg+a, yb+b
		rg2, yb2 = rg2+a*a, yb2+b*b
	}
	n := float64(len(p.cb))
	ma, mb := float64(rg)/n/1024, float64(yb)/n/1024
	va := float64(rg2)/n/(1024*1024) - ma*ma
	vb := float64(yb2)/n/(1024*1024) - mb*mb
	return math.Sqrt(max(va+vb, 0)) + 0.3*math.Hypot(ma, mb)
}

// gradient is the mean of |dx| + |dy| of luma, in levels a proxy pixel.
func gradient(p *planes) float64 {
	var sum int64
	for y := range p.h - 1 {
		row, next := p.lumaRow(y), p.lumaRow(y+1)
		for x := range p.w - 1 {
			v := int32(row[x])
			dx, dy := int32(row[x+1])-v, int32(next[x])-v
			sum += int64(max(dx, -dx) + max(dy, -dy))
		}
	}
	return float64(sum) / float64(max((p.w-1)*(p.h-1), 1))
}
