package enhance

// rows is a picture that can be read a row at a time.
type rows interface {
	size() (w, h int)
	grey() bool
	// read gives row y: luma, and the chroma samples that cover it (nil for
	// a grey picture). The slices are valid until the next read.
	read(y int) (luma, cb, cr []uint8)
}

const (
	// proxySide is the longest side of a proxy, in pixels.
	proxySide = 256
	// proxyRows is how many rows are averaged into one of the proxy. They
	// are spread evenly; reading all of a large picture would cost more than
	// it tells.
	proxyRows = 2
)

// sketch is what is known of a picture without looking at all of it.
type sketch struct {
	mean  *planes // area-averaged proxy
	point *planes // pixels as they are, evenly spread, for clipping and tones
	near  *planes // patches of luma as they are, for the finest detail
	scale float64 // picture pixels a proxy pixel, ≥ 1
	// curvature counts |left − 2·middle + right| of luma along the rows read,
	// where no sample is clipped; it tells noise and flat areas.
	curvature [256]uint32
	unclipped float64 // share of samples that curvature counts
}

// newSketch reads the picture.
func newSketch(src rows) *sketch {
	w, h := src.size()
	long := max(w, h)
	pw, ph := w, h
	if long > proxySide {
		pw, ph = max(1, w*proxySide/long), max(1, h*proxySide/long)
	}
	s := &sketch{
		mean:  newPlanes(pw, ph, src.grey()),
		point: newPlanes((pw+1)/2, (ph+1)/2, src.grey()),
		scale: float64(long) / float64(max(pw, ph)),
	}
	box := newBoxes(w, pw)
	var seen uint64
	for j := range ph {
		y0, y1 := j*h/ph, (j+1)*h/ph
		n := min(y1-y0, proxyRows)
		box.reset()
		for k := range n {
			y := y0 + (2*k+1)*(y1-y0)/(2*n)
			luma, cb, cr := src.read(y)
			box.add(luma, cb, cr)
			if k == n/2 {
				s.pick(j, luma, cb, cr)
				seen += s.countCurvature(luma)
			}
		}
		box.store(s.mean, j)
	}
	s.near = newPatches(src)
	var counted uint64
	for _, n := range s.curvature {
		counted += uint64(n)
	}
	s.unclipped = float64(counted) / float64(max(seen, 1))
	return s
}

// pick takes the points of proxy row j, every second one.
func (s *sketch) pick(j int, luma, cb, cr []uint8) {
	if j%2 != 0 {
		return
	}
	p := s.point
	at := j / 2 * p.w
	for i := range p.w {
		x := (2*i + 1) * len(luma) / (2 * p.w)
		p.y[at+i] = luma[x]
		if cb != nil {
			cx := x * len(cb) / len(luma)
			p.cb[at+i], p.cr[at+i] = cb[cx], cr[cx]
		}
	}
}

// countCurvature adds a row to the histogram and says how many it looked at.
func (s *sketch) countCurvature(luma []uint8) (seen uint64) {
	for x := 1; x+1 < len(luma); x += 2 {
		l, m, r := int(luma[x-1]), int(luma[x]), int(luma[x+1])
		seen++
		if uint(m-3) > 249 { // outside 3 to 252
			continue
		}
		d := l - 2*m + r
		s.curvature[min(max(d, -d), 255)]++
	}
	return seen
}

// boxes averages runs of samples along rows into a row of the proxy.
type boxes struct {
	edges     []int // luma column at which box i starts; one more at the end
	y, cb, cr []uint32
	ny, nc    []uint32
}

func newBoxes(w, pw int) *boxes {
	b := &boxes{edges: make([]int, pw+1)}
	for i := range b.edges {
		b.edges[i] = i * w / pw
	}
	b.y, b.cb, b.cr = make([]uint32, pw), make([]uint32, pw), make([]uint32, pw)
	b.ny, b.nc = make([]uint32, pw), make([]uint32, pw)
	return b
}

func (b *boxes) reset() {
	clear(b.y)
	clear(b.cb)
	clear(b.cr)
	clear(b.ny)
	clear(b.nc)
}

func (b *boxes) add(luma, cb, cr []uint8) {
	w, cw := len(luma), len(cb)
	for i := range b.y {
		x0, x1 := b.edges[i], b.edges[i+1]
		b.y[i] += sumBytes(luma[x0:x1])
		b.ny[i] += uint32(x1 - x0)
		if cw == 0 {
			continue
		}
		c0 := x0 * cw / w
		c1 := max(x1*cw/w, c0+1)
		b.cb[i] += sumBytes(cb[c0:c1])
		b.cr[i] += sumBytes(cr[c0:c1])
		b.nc[i] += uint32(c1 - c0)
	}
}

func (b *boxes) store(p *planes, j int) {
	at := j * p.w
	for i, n := range b.ny {
		p.y[at+i] = uint8((b.y[i] + n/2) / n)
		if c := b.nc[i]; c > 0 {
			p.cb[at+i] = uint8((b.cb[i] + c/2) / c)
			p.cr[at+i] = uint8((b.cr[i] + c/2) / c)
		}
	}
}

// histogram counts the points.
func (s *sketch) histogram() Histogram {
	var h Histogram
	p := s.point
	for i, y := range p.y {
		r, g, b := int32(y), int32(y), int32(y)
		if !p.grey() {
			r, g, b = toRGB(y, p.cb[i], p.cr[i])
		}
		h.Luma[y/4]++
		h.R[clamp8(r)/4]++
		h.G[clamp8(g)/4]++
		h.B[clamp8(b)/4]++
	}
	return h
}

// clipped is the share of pixels with a channel at the end of its range.
func clipped(src rows) float64 {
	w, h := src.size()
	n := 0
	for y := range h {
		n += clippedIn(src.read(y))
	}
	return float64(n) / float64(w*h)
}

// clippedIn counts the pixels of a row with a channel at the end of its range.
func clippedIn(luma, cb, cr []uint8) int {
	n := 0
	switch len(cb) {
	case 0:
		for _, y := range luma {
			if y == 0 || y == 255 {
				n++
			}
		}
	case len(luma):
		for x, y := range luma {
			if outside(toRGB(y, cb[x], cr[x])) {
				n++
			}
		}
	default:
		for x, y := range luma {
			at := x * len(cb) / len(luma)
			if outside(toRGB(y, cb[at], cr[at])) {
				n++
			}
		}
	}
	return n
}

func outside(r, g, b int32) bool { return min(r, g, b) <= 0 || max(r, g, b) >= 255 }
