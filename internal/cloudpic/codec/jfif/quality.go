package jfif

import "math"

// The example tables of T.81 annex K.1, in zigzag order, that the IJG's
// quality setting scales.
var (
	lumaTable = [64]uint16{
		16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
		26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
		56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
		95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
	}
	chromaTable = [64]uint16{
		17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// StandardTables are the luma and chroma tables, in zigzag order, of an IJG
// quality from 1 to 100 (jcparam.c, jpeg_quality_scaling).
func StandardTables(quality int) (luma, chroma [64]uint16) {
	quality = min(max(quality, 1), 100)
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	for i := range luma {
		luma[i] = scaled(lumaTable[i], scale)
		chroma[i] = scaled(chromaTable[i], scale)
	}
	return luma, chroma
}

func scaled(v uint16, scale int) uint16 {
	return uint16(min(max((int(v)*scale+50)/100, 1), 255)) // #nosec G115 -- 1 to 255
}

// Quality is the IJG quality whose standard tables are nearest to the file's
// own: exact for files written by libjpeg and its kin, an estimate for those
// of cameras. It is 0 when the file has no tables.
func (i Info) Quality() int {
	if len(i.Components) == 0 {
		return 0
	}
	luma := i.Tables[i.Components[0].Table]
	if luma == nil {
		return 0
	}
	var chroma *[64]uint16
	if len(i.Components) >= 3 {
		chroma = i.Tables[i.Components[1].Table]
	}
	best, least := 0, math.Inf(1)
	for q := 1; q <= 100; q++ {
		l, c := StandardTables(q)
		d := distance(luma, &l)
		if chroma != nil {
			// The eye, and the file's size, depend more on luma.
			d += distance(chroma, &c) / 3
		}
		if d < least {
			best, least = q, d
		}
	}
	return best
}

// distance compares tables by the ratios of their steps; low frequencies,
// where the picture is, count for more.
func distance(a, b *[64]uint16) float64 {
	sum := 0.0
	for i := range a {
		d := math.Log(float64(a[i]) / float64(b[i]))
		sum += d * d / float64(4+i)
	}
	return sum
}
