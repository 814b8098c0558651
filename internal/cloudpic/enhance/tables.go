package enhance

import "math"

// Fixed point of the tables, in bits after the point.
const (
	lumaBits   = 6
	factorBits = 10
	chromaBits = 2 * factorBits
)

// tables is a plan at one strength, ready for a pass over the rows.
type tables struct {
	nodesX, nodesY int
	luma           []int16 // node by node, 256 levels each, lumaBits
	chroma         [256]chromaEntry
	vivid          [4096]int32 // factor of chroma, factorBits
	sharp          *[sharpSize]int16
}

// chromaEntry is what a luma level does to chroma.
type chromaEntry struct {
	factor int32 // factorBits
	b, r   int32 // added, chromaBits, with the half that rounds
}

// at lays the plan out for strength t, 0 to 1. detail scales the sharpening:
// 1 for the picture, less for a proxy, where fine detail is averaged away.
func (p *plan) at(t, detail float64) *tables {
	out := &tables{nodesX: p.local.w, nodesY: p.local.h}
	out.luma = make([]int16, 256*len(p.local.add))
	for i := range p.local.add {
		p.nodeTable(out.luma[256*i:256*i+256], &p.local.add[i], t)
	}
	for v := range out.chroma {
		out.chroma[v] = p.chromaAt(float64(v), t)
	}
	for i := range out.vivid {
		f := 1.0
		if p.vividness != nil {
			f += t * (p.vividness[i] - 1)
		}
		out.vivid[i] = int32(math.Round(f * (1 << factorBits)))
	}
	out.sharp = sharpTable(p.sharpness*t*detail, p.core)
	return out
}

// nodeTable adds a node's clarity to the tone curve, never so that a brighter
// level comes out darker.
func (p *plan) nodeTable(dst []int16, add *[256]float32, t float64) {
	last := 0.0
	for v := range dst {
		level := float64(v) + t*(p.tone[v]-float64(v)+float64(add[v]))
		level = min(max(level, last), 255)
		dst[v] = int16(math.Round(level * (1 << lumaBits)))
		last = level
	}
}

// chromaAt lets chroma follow luma part of the way, as it would if red, green
// and blue went through the tone curve, and fades the balance out towards
// black and white, which are neutral.
func (p *plan) chromaAt(v, t float64) chromaEntry {
	follow := math.Pow((p.tone.at(v)+24)/(v+24), 0.6)
	follow = 1 + t*(min(max(follow, 0.88), 1.2)-1)
	fade := t * step01(v, 8, 48) * step01(255-v, 4, 40)
	const half = 1 << (chromaBits - 1)
	return chromaEntry{
		factor: int32(math.Round(follow * (1 << factorBits))),
		b:      int32(math.Round(fade*p.castB*(1<<chromaBits))) + half,
		r:      int32(math.Round(fade*p.castR*(1<<chromaBits))) + half,
	}
}

// The sharpening table has a row for each sixteenth of luma, and a column for
// each Laplacian from −1024 to 1023 in steps of 4.
const (
	sharpColumns = 512
	sharpSize    = 16 * sharpColumns
)

// maxSharp bounds what sharpening adds, in levels, so that edges get no rim.
const maxSharp = 9

func sharpTable(amount, core float64) *[sharpSize]int16 {
	t := new([sharpSize]int16)
	if amount == 0 {
		return t
	}
	for row := range 16 {
		luma := float64(16*row + 8)
		// Less in the dark, where noise sits.
		weight := amount * (0.3 + 0.7*step01(luma, 8, 56))
		for col := range sharpColumns {
			detail := float64(col-sharpColumns/2) + 0.375 // a quarter of the middle of the step
			size := max(math.Abs(detail)-core, 0)
			add := weight * size / (1 + size/24)
			room := maxSharp * step01(luma, 0, 40)
			if detail > 0 {
				room = maxSharp * step01(256-luma, 8, 48)
			}
			add = math.Copysign(min(add, room), detail)
			t[row*sharpColumns+col] = int16(math.Round(add * (1 << lumaBits)))
		}
	}
	return t
}
