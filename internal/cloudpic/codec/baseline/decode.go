package baseline

import "slices"

// scan reads a scan: its header, T.81 B.2.3, and its bits.
func (d *decoder) scan(header []byte) error {
	components, err := d.scanned(header)
	if err != nil {
		return err
	}
	if c := components[0]; d.interval > 0 && len(components) == 1 && c.HS*c.VS > 1 {
		return unusual("restarts in a scan of luma alone") // decoders count them differently
	}
	across, down := grid(components)
	if err := d.mcus(components, across, down); err != nil {
		return err
	}
	for _, c := range components {
		c.done = true
	}
	return nil
}

// grid is how many MCUs a scan has across and down. Those of a scan of one
// component are blocks (T.81 A.2.2).
func grid(components []*input) (across, down int) {
	c := components[0]
	if len(components) == 1 {
		return (c.W + 7) / 8, (c.H + 7) / 8
	}
	return (c.W + 8*c.HS - 1) / (8 * c.HS), (c.H + 8*c.VS - 1) / (8 * c.VS)
}

// scanned gives the components that a scan brings: one or all.
func (d *decoder) scanned(b []byte) ([]*input, error) {
	if !d.framed || len(b) < 1 || len(b) != 4+2*int(b[0]) || b[0] != 1 && int(b[0]) != len(d.components) {
		return nil, unusual("scan header of %d bytes", len(b))
	}
	var out []*input
	for s := b[1 : len(b)-3]; len(s) > 0; s = s[2:] {
		i := slices.IndexFunc(d.components, func(c input) bool { return c.id == s[0] })
		dc, ac := s[1]>>4, s[1]&15
		if i < 0 || dc > 3 || ac > 3 || d.baseline && (dc > 1 || ac > 1) {
			return nil, unusual("scan of component %d by tables %d and %d", s[0], dc, ac)
		}
		c := &d.components[i]
		c.dc, c.ac = d.huffman[0][dc], d.huffman[1][ac]
		table := d.tables[c.table]
		if c.done || slices.Contains(out, c) || c.dc == nil || c.ac == nil || table == nil {
			return nil, unusual("component %d scanned twice or without tables", s[0])
		}
		c.steps = packSteps(table)
		out = append(out, c)
	}
	return out, nil
}

// mcus reads a scan's MCUs, from restart to restart.
func (d *decoder) mcus(components []*input, across, down int) error {
	if err := d.restart(components); err != nil {
		return err
	}
	left, next := d.interval, byte(0)
	for my := range down {
		for mx := range across {
			if d.interval > 0 {
				if left == 0 {
					if err := d.resume(components, next); err != nil {
						return err
					}
					left, next = d.interval, (next+1)&7
				}
				left--
			}
			if !d.mcu(components, mx, my) {
				return d.broken()
			}
		}
		if d.cutOff() {
			return errCutOff
		}
	}
	return nil
}

// broken tells why a block isn't one: bits that are missing are read as zeros,
// which may be wrong at once.
func (d *decoder) broken() error {
	if d.cutOff() {
		return errCutOff
	}
	return unusual("damaged block")
}

// restart starts on the bits up to the next marker.
func (d *decoder) restart(components []*input) error {
	end := nextMarker(d.rest)
	if end < 0 {
		return errCutOff
	}
	d.start(d.rest[:end])
	d.rest = d.rest[end:]
	for _, c := range components {
		c.last = 0
	}
	return nil
}

// resume goes past a restart marker.
func (d *decoder) resume(components []*input, next byte) error {
	if d.cutOff() {
		return errCutOff
	}
	if d.rest[1] != markerRST0+next {
		return unusual("marker %#02x in place of restart %d", d.rest[1], next)
	}
	d.rest = d.rest[2:]
	return d.restart(components)
}

// mcu reads an MCU: of a single component, that is one block.
func (d *decoder) mcu(components []*input, mx, my int) bool {
	if len(components) == 1 {
		return d.samples(components[0], mx, my)
	}
	for _, c := range components {
		for v := range c.VS {
			for h := range c.HS {
				if !d.samples(c, mx*c.HS+h, my*c.VS+v) {
					return false
				}
			}
		}
	}
	return true
}

// samples reads a block to where it lies in its plane.
func (d *decoder) samples(c *input, bx, by int) bool {
	var b packed
	last := d.block(c, &b)
	dst := c.Pix[8*(by*c.Stride+bx):]
	switch {
	case last < 0:
		return false
	case last == 0:
		fill(int32(b[0]), dst, c.Stride) // #nosec G115 -- the lower half is meant
	default:
		b.inverse(dst, c.Stride, last)
	}
	return true
}
