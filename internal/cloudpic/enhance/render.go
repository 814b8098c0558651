package enhance

// renderer carries tables out on rows from top to bottom. It keeps three
// rows, so that a picture can be changed where it lies.
type renderer struct {
	t         *tables
	w, h      int
	spans     []span
	level     []int16       // nodesX tables for the row at hand
	pairs     [][256]uint32 // what lumaSpan reads, one for each span
	above, at []uint8       // rows as they were, with a sample more at either end
}

// span is a run of columns between two nodes.
type span struct{ x0, x1 int }

// stepRows is how often the tables are moved down, in rows. Between nodes of
// a large picture a few rows make no visible difference.
const stepRows = 4

func newRenderer(t *tables, w, h int) *renderer {
	n := t.nodesX - 1
	r := &renderer{
		t: t, w: w, h: h,
		spans: make([]span, n),
		level: make([]int16, 256*t.nodesX),
		pairs: make([][256]uint32, n),
		above: make([]uint8, w+2),
		at:    make([]uint8, w+2),
	}
	for i := range r.spans {
		r.spans[i] = span{i * w / n, (i + 1) * w / n}
	}
	return r
}

// render changes a picture of planes.
func (t *tables) render(p *planes) {
	r := newRenderer(t, p.w, p.h)
	done := -1 // the last chroma row done
	pad(r.at, p.lumaRow(0))
	copy(r.above, r.at)
	for y := range p.h {
		row := p.lumaRow(y)
		if y > 0 {
			r.above, r.at = r.at, r.above
			pad(r.at, row)
		}
		below := r.at[1 : 1+p.w]
		if y+1 < p.h {
			below = p.lumaRow(y + 1)
		}
		if !p.grey() {
			if cy := p.chromaIndex(y); cy != done {
				cb, cr := p.chromaRow(cy)
				t.chromaRow(cb, cr, r.at[1:1+p.w], p.sh, p.px)
				done = cy
			}
		}
		r.lumaRow(y, row, below)
	}
}

func pad(dst, row []uint8) {
	copy(dst[1:], row)
	dst[0], dst[len(row)+1] = row[0], row[len(row)-1]
}

// lumaRow writes row y to dst from the rows kept and the one below.
func (r *renderer) lumaRow(y int, dst, below []uint8) {
	if y%stepRows == 0 || r.h < 64 {
		r.moveTo(y)
	}
	for i, s := range r.spans {
		if n := s.x1 - s.x0; n > 0 {
			step := uint32(1<<16) / uint32(n)
			lumaSpan(dst[s.x0:s.x1], r.above[s.x0+1:s.x1+1], r.at[s.x0:s.x1+2], below[s.x0:s.x1],
				&r.pairs[i], step, r.t.sharp)
		}
	}
}

// moveTo mixes the tables of the nodes above and below row y.
func (r *renderer) moveTo(y int) {
	n := r.t.nodesY - 1
	pos := min(y+stepRows/2, r.h-1) * n << 8 / r.h
	node, w := pos>>8, int32(pos&255)
	size := len(r.level)
	top := r.t.luma[node*size:][:size]
	bottom := r.t.luma[(node+1)*size:][:size]
	for i := range r.level {
		a, b := int32(top[i]), int32(bottom[i])
		r.level[i] = int16(a + (b-a)*w>>8)
	}
	for i := range r.pairs {
		left, right := r.level[256*i:][:256], r.level[256*i+256:][:256]
		pair := &r.pairs[i]
		for v := range pair {
			pair[v] = uint32(uint16(left[v])) | uint32(right[v]-left[v])<<16
		}
	}
}

// lumaSpan is the innermost loop: tone and clarity from the table of the
// place, mixed from left to right, and sharpening. A pair holds the level at
// the left node in its low half and the difference to the right one in its
// high half. at has one sample more than dst at either end.
func lumaSpan(dst, above, at, below []uint8, pair *[256]uint32, step uint32, sharp *[sharpSize]int16) {
	n := len(dst)
	above, below = above[:n], below[:n]
	after := at[2:][:n]
	left, mid := int32(at[0]), int32(at[1])
	var w uint32
	for x := range dst {
		right := int32(after[x])
		laplacian := 4*mid - left - right - int32(above[x]) - int32(below[x])
		e := pair[uint8(mid)]
		v := int32(e&0xffff) + int32(e)>>16*int32(w>>8)>>8
		v += int32(sharp[uint32(mid>>4<<9|(laplacian>>2+256))%sharpSize])
		v = (v + 1<<(lumaBits-1)) >> lumaBits
		if uint32(v) > 255 {
			v = ^(v >> 31) & 255
		}
		dst[x] = uint8(v)
		w += step
		left, mid = mid, right
	}
}

// chromaRow changes a row of chroma under a row of luma as it was, of which
// each sample covers sh; the first px of those lie outside the picture.
func (t *tables) chromaRow(cb, cr, luma []uint8, sh, px int) {
	cr = cr[:len(cb)]
	x := -px
	for i, u := range cb {
		v := cr[i]
		e := &t.chroma[luma[min(max(x, 0), len(luma)-1)]]
		f := t.vivid[uint32(u)>>2<<6|uint32(v)>>2] * e.factor
		b := 128 + ((int32(u)-128)*f+e.b)>>chromaBits
		r := 128 + ((int32(v)-128)*f+e.r)>>chromaBits
		cb[i], cr[i] = clamp8(b), clamp8(r)
		x += sh
	}
}
