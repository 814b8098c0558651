package enhance

import (
	"math"
	"slices"
)

// lumaBits is the fixed point of the tables of luma.
const lumaBits = 6

// tables is a plan at one strength, ready for a pass over the rows.
type tables struct {
	nodesX, nodesY int
	luma           []int16 // node by node, 256 levels each, lumaBits
	chroma         *chromaTables
	sharp          *[sharpSize]int16
	reach          int
	minStep        int // the least number of rows that share a mix of nodes
}

// at lays the plan out for strength t, 0 to 1.
func (p *plan) at(t float64) *tables {
	out := new(tables)
	p.layOut(t, out)
	return out
}

// layOut does it in tables that may have been used before.
func (p *plan) layOut(t float64, out *tables) {
	out.nodesX, out.nodesY, out.reach, out.minStep = p.local.w, p.local.h, p.reach, 4
	out.luma = slices.Grow(out.luma[:0], 256*len(p.local.add))[:256*len(p.local.add)]
	if out.chroma == nil {
		out.chroma = new(chromaTables)
	}
	share := int32(t*(1<<shareBits) + 0.5)
	var tone [256]int32
	for v := range tone {
		tone[v] = int32(math.Round((p.tone[v] - float64(v)) * (1 << lumaBits)))
	}
	for i := range p.local.add {
		nodeTable(out.luma[256*i:256*i+256], &tone, &p.local.add[i], share)
	}
	p.chromaAt(t, out.chroma)
	out.sharp = p.sharpAt(t, 1)
}

// shareBits is the fixed point of a strength.
const shareBits = 12

// nodeTable adds a share of the tone curve and of a node's clarity to the
// levels, never so that a brighter one comes out darker.
func nodeTable(dst []int16, tone *[256]int32, add *[256]int16, share int32) {
	last := int32(0)
	for v := range dst {
		level := int32(v)<<lumaBits + ((tone[v]+int32(add[v]))*share+1<<(shareBits-1))>>shareBits
		last = min(max(level, last), 255<<lumaBits)
		dst[v] = int16(last)
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
