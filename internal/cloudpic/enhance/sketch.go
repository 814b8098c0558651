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
	for j := range ph {
		n, at := s.rowsOf(j, h)
		box.reset()
		for k := range n {
			luma, cb, cr := src.read(at(k))
			box.add(luma, cb, cr)
			if k == n/2 {
				s.pick(j, luma, cb, cr)
			}
		}
		box.store(s.mean, j)
	}
	s.near = newPatches(src)
	return s
}

// rowsOf gives how many rows of a picture of height h proxy row j averages, and
// which is the kth.
func (s *sketch) rowsOf(j, h int) (n int, at func(k int) int) {
	y0, y1 := j*h/s.mean.h, (j+1)*h/s.mean.h
	n = min(y1-y0, proxyRows)
	return n, func(k int) int { return y0 + (2*k+1)*(y1-y0)/(2*n) }
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

// boxes averages runs of samples along rows into a row of the proxy.
type boxes struct {
	luma, chroma []span // the samples of each box
	y, cb, cr    []uint32
	rows         uint32 // that were added
}

func newBoxes(w, pw int) *boxes {
	b := &boxes{luma: make([]span, pw), y: make([]uint32, pw), cb: make([]uint32, pw), cr: make([]uint32, pw)}
	for i := range b.luma {
		b.luma[i] = span{i * w / pw, (i + 1) * w / pw}
	}
	return b
}

// chromaSpans are those of luma in a row of n samples, each at least one long.
func (b *boxes) chromaSpans(n int) []span {
	w, spans := b.luma[len(b.luma)-1].x1, make([]span, len(b.luma))
	for i, s := range b.luma {
		x0 := s.x0 * n / w
		spans[i] = span{x0, max(s.x1*n/w, x0+1)}
	}
	return spans
}

func (b *boxes) reset() {
	clear(b.y)
	clear(b.cb)
	clear(b.cr)
	b.rows = 0
}

func (b *boxes) add(luma, cb, cr []uint8) {
	b.rows++
	addSpans(b.y, b.luma, luma)
	if len(cb) == 0 {
		return
	}
	if b.chroma == nil {
		b.chroma = b.chromaSpans(len(cb))
	}
	addSpans(b.cb, b.chroma, cb)
	addSpans(b.cr, b.chroma, cr)
}

func (b *boxes) store(p *planes, j int) {
	at := j * p.w
	storeMeans(p.y[at:], b.y, b.luma, b.rows)
	if b.chroma != nil {
		storeMeans(p.cb[at:], b.cb, b.chroma, b.rows)
		storeMeans(p.cr[at:], b.cr, b.chroma, b.rows)
	}
}

func storeMeans(dst []uint8, sums []uint32, spans []span, rows uint32) {
	for i, s := range spans {
		n := uint32(s.x1-s.x0) * rows
		dst[i] = uint8((sums[i] + n/2) / n)
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
