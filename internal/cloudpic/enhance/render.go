package enhance

// renderer carries tables out on rows from top to bottom. It keeps the few
// rows above as they were, so that a picture can be changed where it lies.
type renderer struct {
	t     *tables
	w, h  int
	reach int // of the sharpening, in pixels
	step  int // rows that share tables
	spans []span
	level []int16       // nodesX tables for the row at hand
	pairs [][256]uint32 // what lumaSpan reads, one for each span
	// kept are rows as they were, the newest last, each with its first and
	// last sample repeated at the ends as far as the sharpening reaches.
	kept [][]uint8
}

// span is a run of columns between two nodes.
type span struct{ x0, x1 int }

// stepRows is how often the tables are moved down, in rows: at least 32 times
// between two nodes of a large picture, so that no step can be seen.
func (r *renderer) stepRows() int {
	return max(r.h/(32*(r.t.nodesY-1)), r.t.minStep)
}

func newRenderer(t *tables, w, h int) *renderer {
	n := t.nodesX - 1
	r := &renderer{
		t: t, w: w, h: h, reach: t.reach,
		spans: make([]span, n),
		level: make([]int16, 256*t.nodesX),
		pairs: make([][256]uint32, n),
		kept:  make([][]uint8, t.reach+1),
	}
	r.step = r.stepRows()
	for i := range r.spans {
		r.spans[i] = span{i * w / n, (i + 1) * w / n}
	}
	for i := range r.kept {
		r.kept[i] = make([]uint8, w+2*t.reach)
	}
	return r
}

// keep takes in the next row before it is changed, and gives what it keeps of
// it.
func (r *renderer) keep(y int, row []uint8) []uint8 {
	oldest := r.kept[0]
	copy(r.kept, r.kept[1:])
	r.kept[r.reach] = oldest
	copy(oldest[r.reach:], row)
	for i := range r.reach {
		oldest[i], oldest[r.w+r.reach+i] = row[0], row[r.w-1]
	}
	if y == 0 {
		for _, k := range r.kept[:r.reach] {
			copy(k, oldest)
		}
	}
	return oldest[r.reach : r.reach+r.w]
}

// render changes a picture of planes.
func (t *tables) render(p *planes) {
	r := newRenderer(t, p.w, p.h)
	done := -1 // the last chroma row done
	for y := range p.h {
		row := p.lumaRow(y)
		was := r.keep(y, row)
		if !p.grey() {
			if cy := p.chromaIndex(y); cy != done {
				cb, cr := p.chromaRow(cy)
				t.chroma.chromaRow(cb, cr, was, p.sh, p.px)
				done = cy
			}
		}
		below := was
		if y < p.h-1 {
			below = p.lumaRow(min(y+r.reach, p.h-1))
		}
		r.lumaRow(y, row, below)
	}
}

// lumaRow writes row y to dst from the rows kept and the one that lies as far
// below as the sharpening reaches.
func (r *renderer) lumaRow(y int, dst, below []uint8) {
	if y%r.step == 0 {
		r.moveTo(y)
	}
	above, at := r.kept[0][r.reach:], r.kept[r.reach]
	for i, s := range r.spans {
		if n := s.x1 - s.x0; n > 0 {
			step := uint32(1<<16) / uint32(n)
			lumaSpan(dst[s.x0:s.x1], above[s.x0:s.x1], at[s.x0:s.x1+2*r.reach], below[s.x0:s.x1],
				&r.pairs[i], step, r.t.sharp)
		}
	}
}

// moveTo mixes the tables of the nodes above and below row y.
func (r *renderer) moveTo(y int) {
	n := r.t.nodesY - 1
	pos := min(y+r.step/2, r.h-1) * n << 8 / r.h
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
// high half. at has the reach of the sharpening more than dst at either end.
func lumaSpan(dst, above, at, below []uint8, pair *[256]uint32, step uint32, sharp *[sharpSize]int16) {
	n := len(dst)
	reach := (len(at) - n) / 2
	above, below = above[:n], below[:n]
	left, middle, right := at[:n], at[reach:][:n], at[2*reach:][:n]
	var w uint32
	for x := range dst {
		mid := int32(middle[x])
		laplacian := 4*mid - int32(left[x]) - int32(right[x]) - int32(above[x]) - int32(below[x])
		e := pair[uint8(mid)]
		v := int32(e&0xffff) + int32(e)>>16*int32(w>>8)>>8
		v += int32(sharp[uint32(mid>>4<<9|((laplacian+2)>>2+256))%sharpSize])
		v = (v + 1<<(lumaBits-1)) >> lumaBits
		if uint32(v) > 255 {
			v = ^(v >> 31) & 255
		}
		dst[x] = uint8(v)
		w += step
	}
}
