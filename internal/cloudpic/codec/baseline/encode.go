package baseline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math/bits"

	"cloudworks/internal/cloudpic/codec/jfif"
)

// maxSide is the largest width or height of a JPEG.
const maxSide = 0xFFFF

var errEmpty = errors.New("no pixels")

// Encode writes planes as a baseline JPEG of an IJG quality from 1 to 100.
// Planes that don't hold whole MCUs are an error (see Layout). Samples outside
// the picture are overwritten.
func Encode(img *image.YCbCr, quality int) ([]byte, error) {
	if err := checkSides(img.Rect); err != nil {
		return nil, err
	}
	if !Whole(img) {
		return nil, fmt.Errorf("planes of %v don't hold whole MCUs", img.Rect)
	}
	Extend(img)
	return encode(planesOf(img), quality), nil
}

// EncodeGray writes a grey picture as a baseline JPEG. Its stride and rows
// must hold whole blocks; samples outside the picture are overwritten.
func EncodeGray(img *image.Gray, quality int) ([]byte, error) {
	p, err := grayPlane(img)
	if err != nil {
		return nil, err
	}
	p.extend((p.W+7)&^7, (p.H+7)&^7)
	return encode([]Plane{p}, quality), nil
}

// grayPlane views a grey picture whose stride and rows hold whole blocks.
func grayPlane(img *image.Gray) (Plane, error) {
	if err := checkSides(img.Rect); err != nil {
		return Plane{}, err
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	bw, bh := (w+7)&^7, (h+7)&^7
	if img.Rect.Min != (image.Point{}) || img.Stride < bw || len(img.Pix) < img.Stride*(bh-1)+bw {
		return Plane{}, fmt.Errorf("plane of %v doesn't hold whole blocks", img.Rect)
	}
	return Plane{img.Pix, img.Stride, w, h, 1, 1}, nil
}

func checkSides(r image.Rectangle) error {
	if r.Empty() {
		return errEmpty
	}
	if r.Dx() > maxSide || r.Dy() > maxSide {
		return fmt.Errorf("%d × %d pixels don't fit in a JPEG", r.Dx(), r.Dy())
	}
	return nil
}

// component is a plane with what its coding needs.
type component struct {
	Plane
	quantiser *quantiser
	dc, ac    *[256]code
	last      int32 // the DC value before
}

type encoder struct {
	bitWriter
	quantised  [64]int16 // of a block, in a file's order, where its mask says so
	components []component
}

func encode(planes []Plane, quality int) []byte {
	luma, chroma := jfif.StandardTables(quality)
	lumaQuantiser, chromaQuantiser := newQuantiser(&luma), newQuantiser(&chroma)
	dcY, acY, dcC, acC := dcLuma.codes(), acLuma.codes(), dcChroma.codes(), acChroma.codes()
	e := encoder{bitWriter: bitWriter{free: 64}}
	// About what a photo takes at 90; append grows it where that is too little.
	e.out = make([]byte, 0, 1024+planes[0].W*planes[0].H/4)
	for i, p := range planes {
		c := component{Plane: p, quantiser: lumaQuantiser, dc: dcY, ac: acY}
		if i > 0 {
			c.quantiser, c.dc, c.ac = chromaQuantiser, dcC, acC
		}
		e.components = append(e.components, c)
	}
	e.header(&luma, &chroma)
	e.scan()
	return append(e.out, 0xFF, 0xD9)
}

func (e *encoder) segment(marker byte, body ...byte) {
	e.out = append(e.out, 0xFF, marker)
	e.out = binary.BigEndian.AppendUint16(e.out, uint16(len(body)+2)) // #nosec G115 -- short
	e.out = append(e.out, body...)
}

// header writes everything before the scan's bits.
func (e *encoder) header(luma, chroma *[64]uint16) {
	e.out = append(e.out, 0xFF, 0xD8)
	e.segment(0xE0, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0)
	e.table(0, luma)
	if len(e.components) > 1 {
		e.table(1, chroma)
	}
	e.frame()
	e.huffman(0x00, &dcLuma)
	e.huffman(0x10, &acLuma)
	if len(e.components) > 1 {
		e.huffman(0x01, &dcChroma)
		e.huffman(0x11, &acChroma)
	}
	body := []byte{byte(len(e.components))} // #nosec G115 -- 1 or 3
	for i := range e.components {
		body = append(body, byte(i+1), byte(0x11*min(i, 1))) // #nosec G115 -- small
	}
	e.segment(0xDA, append(body, 0, 63, 0)...)
}

func (e *encoder) table(index byte, t *[64]uint16) {
	body := []byte{index}
	for _, q := range t {
		body = append(body, byte(q)) // #nosec G115 -- at most 255
	}
	e.segment(0xDB, body...)
}

func (e *encoder) huffman(index byte, s *spec) {
	body := append([]byte{index}, s.counts[:]...)
	e.segment(0xC4, append(body, s.values...)...)
}

func (e *encoder) frame() {
	body := []byte{8}
	body = binary.BigEndian.AppendUint16(body, uint16(e.components[0].H)) // #nosec G115 -- checkSides
	body = binary.BigEndian.AppendUint16(body, uint16(e.components[0].W)) // #nosec G115 -- checkSides
	body = append(body, byte(len(e.components)))                          // #nosec G115 -- 1 or 3
	for i, c := range e.components {
		body = append(body, byte(i+1), byte(c.HS<<4|c.VS), byte(min(i, 1))) // #nosec G115 -- small
	}
	e.segment(0xC0, body...)
}

// scan writes all MCUs.
func (e *encoder) scan() {
	first := e.components[0]
	across, down := (first.W+8*first.HS-1)/(8*first.HS), (first.H+8*first.VS-1)/(8*first.VS)
	for my := range down {
		for mx := range across {
			for i := range e.components {
				e.mcu(&e.components[i], mx, my)
			}
		}
	}
	e.flush()
}

// mcu writes one component's blocks of an MCU. Blocks outside the picture
// repeat the mean of the one before, which takes the fewest bits.
func (e *encoder) mcu(c *component, mx, my int) {
	for v := range c.VS {
		for h := range c.HS {
			x, y := 8*(mx*c.HS+h), 8*(my*c.VS+v)
			if x < c.W && y < c.H {
				e.block(c, x, y)
				continue
			}
			e.put(c.dc[0].bits(), c.dc[0].size())
			e.put(c.ac[0].bits(), c.ac[0].size())
		}
	}
}

// block codes one block (T.81 F.1.2).
func (e *encoder) block(c *component, x, y int) {
	var b packed
	b.forward(c.Pix[y*c.Stride+x:], c.Stride)
	q := &e.quantised
	q[0] = 0
	mask := b.quantise(c.quantiser, q)

	dc := int32(q[0])
	v, size := coefficient(c.dc, 0, dc-c.last)
	e.put(v, size)
	c.last = dc

	mask &^= 1
	before, acc, free := 0, e.acc, e.free
	for mask != 0 {
		i := bits.TrailingZeros64(mask)
		mask &= mask - 1
		run := i - before - 1
		before = i
		if run > 15 {
			e.acc, e.free = acc, free
			for ; run > 15; run -= 16 {
				e.put(c.ac[0xF0].bits(), c.ac[0xF0].size())
			}
			acc, free = e.acc, e.free
		}
		v, size := coefficient(c.ac, run<<4, int32(q[i&63]))
		if size < free {
			acc = acc<<(size&63) | v
			free -= size
			continue
		}
		e.acc, e.free = acc, free
		e.spill(v, size)
		acc, free = e.acc, e.free
	}
	e.acc, e.free = acc, free
	if before < 63 {
		e.put(c.ac[0].bits(), c.ac[0].size())
	}
}

// coefficient gives the code of a value's number of bits, and the bits.
func coefficient(table *[256]code, run int, v int32) (coded uint64, size uint) {
	sign := v >> 31
	n := uint(bits.Len32(uint32((v^sign)-sign))) & 31 // #nosec G115 -- not negative
	c := table[(run|int(n))&0xFF]                     // #nosec G115 -- at most 12
	// A negative value is written one less, T.81 F.1.2.1.1.
	low := uint32(v+sign) & (1<<n - 1) // #nosec G115 -- its lowest bits are meant
	return c.bits()<<n | uint64(low), c.size() + n
}
