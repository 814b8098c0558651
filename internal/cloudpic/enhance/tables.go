package enhance

import "math"

// lumaBits is the fixed point of the tables of luma.
const lumaBits = 6

// tables is a plan at one strength, ready for a pass over the rows.
type tables struct {
	nodesX, nodesY int
	luma           []int16 // node by node, 256 levels each, lumaBits
	chroma         *chromaTables
	sharp          *[sharpSize]int16
	reach          int
}

// at lays the plan out for strength t, 0 to 1.
func (p *plan) at(t float64) *tables {
	out := &tables{nodesX: p.local.w, nodesY: p.local.h, reach: p.reach}
	out.luma = make([]int16, 256*len(p.local.add))
	for i := range p.local.add {
		p.nodeTable(out.luma[256*i:256*i+256], &p.local.add[i], t)
	}
	out.chroma = p.chromaAt(t)
	out.sharp = p.sharpAt(t, 1)
	return out
}

// nodeTable adds a node's clarity to the tone curve, never so that a brighter
// level comes out darker.
func (p *plan) nodeTable(dst []int16, add *[256]float32, t float64) {
	last := 0.0
	for v := range dst {
		level := float64(v) + t*(p.tone[v]-float64(v)+float64(add[v]))
		level = min(max(level, last), 255)
		dst[v] = int16(level*(1<<lumaBits) + 0.5)
		last = level
	}
}

// The sharpening table has a row for each sixteenth of luma, and a column for
// each quarter of the Laplacian, rounded, from −256 to 255.
const (
	sharpColumns = 512
	sharpSize    = 16 * sharpColumns
)

// maxSharp bounds what sharpening adds, in levels, so that edges get no rim.
const maxSharp = 9

// sharpAt makes the table for strength t. detail is the share of the finest
// detail that there is: 1 in the picture, less in a proxy.
func (p *plan) sharpAt(strength, detail float64) *[sharpSize]int16 {
	t := new([sharpSize]int16)
	amount := p.sharpness * strength * detail
	if amount == 0 {
		return t
	}
	for row := range 16 {
		luma := float64(16*row + 8)
		mapped := luma + strength*(p.tone.at(luma)-luma)
		// Less in the dark, where noise sits.
		weight := amount * (0.3 + 0.7*step01(luma, 8, 56))
		for col := range sharpColumns {
			d := float64(col - sharpColumns/2)
			size := math.Abs(d)
			size *= size / (size + p.core) // soft coring: no dead zone, which would look like plastic
			add := weight * size / (1 + size/24)
			room := min(maxSharp, max(mapped-2, 0)/2)
			if d > 0 {
				room = min(maxSharp, max(253-mapped, 0)/2)
			}
			add = math.Copysign(min(add, room), d)
			t[row*sharpColumns+col] = int16(math.Round(add * (1 << lumaBits)))
		}
	}
	return t
}
