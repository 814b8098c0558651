package enhance

import "math"

// local is a coarse grid over the picture that holds, at each node and for
// each luma level, what clarity adds there: a bilateral grid (Chen, Paris,
// Durand, Real-time edge-aware image processing with the bilateral grid,
// SIGGRAPH 2007). A level is compared only with levels like it nearby, so
// that a bright sky casts no halo on a dark hill.
type local struct {
	w, h int          // nodes across and down, at least 2
	add  [][256]int16 // lumaBits
}

const (
	nodeSpacing = 16 // proxy pixels between nodes
	levelBins   = 16 // bins of luma, 17 levels apart
	maxAdd      = 14 // levels that clarity may add or take
)

type cell struct{ n, sum float64 }

// newLocal compares the proxy with its own surroundings.
func newLocal(m *planes, amount float64) *local {
	l := &local{w: m.w/nodeSpacing + 2, h: m.h/nodeSpacing + 2}
	cells := l.splat(m)
	for range 2 {
		l.blur(cells)
	}
	l.add = make([][256]int16, l.w*l.h)
	for i := range l.add {
		column := cells[i*levelBins : (i+1)*levelBins]
		for v := range 256 {
			d := float64(v) - around(column, float64(v))
			// Compressed, so that strong detail gains less than faint.
			d = amount * d / (1 + max(d, -d)/40)
			l.add[i][v] = int16(math.Round(clampTo(d*endGuard(v), maxAdd) * (1 << lumaBits)))
		}
	}
	return l
}

// endGuard is 1 but near black and white, where there is no room to add.
func endGuard(v int) float64 {
	return step01(float64(min(v, 255-v)), 0, 48)
}

func (l *local) splat(m *planes) []cell {
	cells := make([]cell, l.w*l.h*levelBins)
	for y := range m.h {
		gy := (y*(l.h-1) + m.h/2) / m.h
		for x, v := range m.lumaRow(y) {
			gx := (x*(l.w-1) + m.w/2) / m.w
			c := &cells[(gy*l.w+gx)*levelBins+(int(v)+8)/17]
			c.n++
			c.sum += float64(v)
		}
	}
	return cells
}

// blur smooths along both axes of the picture and along luma, each by
// ¼ ½ ¼.
func (l *local) blur(cells []cell) {
	line := make([]cell, max(l.w, l.h, levelBins)+2)
	smooth := func(start, stride, n int) {
		for i := range n {
			line[i+1] = cells[start+i*stride]
		}
		line[0], line[n+1] = line[1], line[n]
		for i := range n {
			a, b, c := line[i], line[i+1], line[i+2]
			cells[start+i*stride] = cell{n: (a.n + 2*b.n + c.n) / 4, sum: (a.sum + 2*b.sum + c.sum) / 4}
		}
	}
	for i := range l.w * l.h {
		smooth(i*levelBins, 1, levelBins)
	}
	for v := range levelBins {
		for y := range l.h {
			smooth(y*l.w*levelBins+v, levelBins, l.w)
		}
		for x := range l.w {
			smooth(x*levelBins+v, l.w*levelBins, l.h)
		}
	}
}

// around is the mean of the levels like v around a node.
func around(column []cell, v float64) float64 {
	at := v / 17
	i := min(int(at), levelBins-2)
	t := at - float64(i)
	n := column[i].n*(1-t) + column[i+1].n*t
	sum := column[i].sum*(1-t) + column[i+1].sum*t
	// A prior of a few pixels at v itself: where there is nothing to
	// compare with, nothing is added.
	const prior = 2
	return (sum + prior*v) / (n + prior)
}
