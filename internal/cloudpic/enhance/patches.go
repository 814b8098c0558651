package enhance

// Patches are small pieces of a picture, as they are, laid side by side in
// the order in which they lie in it. They show what a proxy doesn't: the
// finest detail, and what sharpening makes of it.
const (
	patchSide  = 26
	patchCount = 6 // across and down
)

// newPatches takes patches, evenly spread. A picture smaller than a
// patch is one itself.
func newPatches(src rows) *planes {
	w, h := src.size()
	pw, ph := min(w, patchSide), min(h, patchSide)
	nx, ny := min(max(w/patchSide, 1), patchCount), min(max(h/patchSide, 1), patchCount)
	p := newPlanes(nx*pw, ny*ph, src.grey())
	for j := range ny {
		y0 := j*h/ny + (h/ny-ph)/2
		for k := range ph {
			luma, cb, cr := src.read(y0 + k)
			at := (j*ph + k) * p.w
			for i := range nx {
				x0 := i*w/nx + (w/nx-pw)/2
				copy(p.y[at+i*pw:][:pw], luma[x0:])
				for x := x0; cb != nil && x < x0+pw; x++ {
					to, from := at+i*pw+x-x0, x*len(cb)/w
					p.cb[to], p.cr[to] = cb[from], cr[from]
				}
			}
		}
	}
	return p
}

// withinPatch calls f for each row of each patch, less a margin that the
// neighbouring patch may have touched.
func withinPatch(p *planes, f func(row, below []uint8)) {
	pw, ph := min(p.w, patchSide), min(p.h, patchSide)
	const margin = 3
	if pw <= 2*margin+1 || ph <= 2*margin+1 {
		return
	}
	for y := 0; y < p.h; y += ph {
		for x := 0; x < p.w; x += pw {
			for k := margin; k < ph-margin-1; k++ {
				f(p.lumaRow(y + k)[x+margin:x+pw-margin], p.lumaRow(y + k + 1)[x+margin:x+pw-margin])
			}
		}
	}
}

// acutance is the mean of |dx| + |dy| of luma, in levels a pixel.
func acutance(p *planes) float64 {
	var sum, n int64
	withinPatch(p, func(row, below []uint8) {
		for x := range len(row) - 1 {
			v := int32(row[x])
			dx, dy := int32(row[x+1])-v, int32(below[x])-v
			sum += int64(max(dx, -dx) + max(dy, -dy))
		}
		n += int64(len(row) - 1)
	})
	return float64(sum) / float64(max(n, 1))
}

// crispness tells how wide edges are: of their rise over four pixels, the
// share that the steepest step has. A ramp has 0.25, a step 1. It is 0.5
// where there are no edges.
func crispness(p *planes) float64 {
	const edge = 20 // levels
	var steepest, rise int64
	withinPatch(p, func(row, _ []uint8) {
		for x := 2; x+2 < len(row); x++ {
			total := int32(row[x+2]) - int32(row[x-2])
			total = max(total, -total)
			if total < edge {
				continue
			}
			var most int32
			for k := x - 2; k < x+2; k++ {
				d := int32(row[k+1]) - int32(row[k])
				most = max(most, d, -d)
			}
			steepest, rise = steepest+int64(min(most, total)), rise+int64(total)
		}
	})
	if rise < 50*edge {
		return 0.5
	}
	return float64(steepest) / float64(rise)
}
