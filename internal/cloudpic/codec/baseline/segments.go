package baseline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
)

// ErrUnusual is wrapped by Decode's error about a file that is not a sequential
// JPEG as the standard has it, or one that is damaged. Another decoder may
// make something of it.
var ErrUnusual = errors.New("not a plain sequential JPEG")

func unusual(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnusual, fmt.Sprintf(format, args...))
}

// errCutOff is about a file, or a part of it, that ends too early.
var errCutOff = fmt.Errorf("short entropy-coded data: %w", io.ErrUnexpectedEOF)

// Markers, T.81 table B.1.
const (
	markerSOF0  = 0xC0
	markerSOF1  = 0xC1
	markerDHT   = 0xC4
	markerRST0  = 0xD0
	markerRST7  = 0xD7
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerDQT   = 0xDB
	markerDRI   = 0xDD
	markerAPP0  = 0xE0
	markerAPP15 = 0xEF
	markerCOM   = 0xFE
)

// input is a component with what its decoding needs.
type input struct {
	Plane
	id, table byte
	steps     [64]uint64
	dc, ac    *lookup
	last      int32 // the DC value before
	done      bool  // its scan has been read
}

type decoder struct {
	bitReader
	rest       []byte  // of the file
	components []input // those of Decode's planes, in a frame's order
	framed     bool
	baseline   bool // SOF0, which has fewer tables
	tables     [4]*[64]uint16
	huffman    [2][4]*lookup // DC, AC
	interval   int           // MCUs from restart to restart, or 0
}

// Decode reads a sequential JPEG of 8 bits into planes, which hold whole MCUs
// and have the file's size and subsampling. What they hold outside the picture
// is arbitrary. The error wraps ErrUnusual, or io.ErrUnexpectedEOF for a file
// that no decoder would call complete.
func Decode(data []byte, img *image.YCbCr) error {
	if err := checkSides(img.Rect); err != nil {
		return err
	}
	if !Whole(img) {
		return fmt.Errorf("planes of %v don't hold whole MCUs", img.Rect)
	}
	return decode(data, planesOf(img))
}

// DecodeGray reads a grey JPEG in the same way; img holds whole blocks.
func DecodeGray(data []byte, img *image.Gray) error {
	p, err := grayPlane(img)
	if err != nil {
		return err
	}
	return decode(data, []Plane{p})
}

func decode(data []byte, planes []Plane) error {
	if len(data) < 2 || data[0] != 0xFF || data[1] != markerSOI {
		return unusual("no start marker")
	}
	d := newDecoder(data, planes)
	for {
		marker, body, err := d.next()
		if err != nil {
			return err
		}
		if marker == markerEOI {
			break
		}
		if err := d.segment(marker, body); err != nil {
			return err
		}
	}
	for i := range d.components {
		if !d.components[i].done {
			return unusual("component %d is missing", i)
		}
	}
	return nil
}

// newDecoder starts behind the start marker.
func newDecoder(data []byte, planes []Plane) *decoder {
	d := &decoder{rest: data[2:]}
	for _, p := range planes {
		d.components = append(d.components, input{Plane: p})
	}
	return d
}

// next gives the next segment. What isn't a marker is passed over, as are
// restart markers behind a scan.
func (d *decoder) next() (marker byte, body []byte, err error) {
	for {
		at := nextMarker(d.rest)
		if at < 0 {
			return 0, nil, errCutOff
		}
		for at+2 < len(d.rest) && d.rest[at+1] == 0xFF { // fill bytes, T.81 B.1.1.2
			at++
		}
		marker, d.rest = d.rest[at+1], d.rest[at+2:]
		if marker == markerEOI {
			return marker, nil, nil
		}
		if marker < markerRST0 || marker > markerRST7 {
			break
		}
	}
	if len(d.rest) < 2 {
		return 0, nil, errCutOff
	}
	n := int(binary.BigEndian.Uint16(d.rest))
	if n < 2 || n > len(d.rest) {
		return 0, nil, unusual("segment %#02x of %d bytes", marker, n)
	}
	body, d.rest = d.rest[2:n], d.rest[n:]
	return marker, body, nil
}

// nextMarker finds the 0xFF before a marker's code or fill bytes; -1 if there is
// none.
func nextMarker(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], 0xFF)
		if i < 0 || at+i+1 >= len(b) {
			return -1
		}
		at += i
		if b[at+1] != 0 {
			return at
		}
		at += 2
	}
}

func (d *decoder) segment(marker byte, body []byte) error {
	switch {
	case marker == markerSOF0 || marker == markerSOF1:
		d.baseline = marker == markerSOF0
		return d.frame(body)
	case marker == markerDHT:
		return d.defineHuffman(body)
	case marker == markerDQT:
		return d.defineSteps(body)
	case marker == markerDRI:
		if len(body) != 2 {
			return unusual("restart interval of %d bytes", len(body))
		}
		d.interval = int(binary.BigEndian.Uint16(body))
		return nil
	case marker == markerSOS:
		return d.scan(body)
	case marker >= markerAPP0 && marker <= markerAPP15 || marker == markerCOM:
		return nil
	}
	return unusual("marker %#02x", marker)
}

// frame checks that a SOF segment (T.81 B.2.2) announces what there are planes for.
func (d *decoder) frame(b []byte) error {
	n := len(d.components)
	if d.framed || len(b) != 6+3*n || b[0] != 8 || int(b[5]) != n {
		return unusual("frame of %d bytes", len(b))
	}
	d.framed = true
	first := &d.components[0]
	if h, w := int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:])); w != first.W || h != first.H {
		return unusual("%d × %d pixels, not %d × %d", w, h, first.W, first.H)
	}
	for i := range d.components {
		c, s := &d.components[i], b[6+3*i:][:3]
		c.id, c.table = s[0], s[2]
		// The only component of a file has no sampling (T.81 A.2.2).
		h, v := int(s[1]>>4), int(s[1]&15)
		if n == 1 && h != 3 && v != 3 && h >= 1 && h <= 4 && v >= 1 && v <= 4 {
			h, v = 1, 1
		}
		if c.table > 3 || h != c.HS || v != c.VS {
			return unusual("component %d samples %d × %d by table %d", c.id, h, v, c.table)
		}
		for j := range i {
			if d.components[j].id == c.id {
				return unusual("two components %d", c.id)
			}
		}
	}
	return nil
}

// defineSteps reads a DQT segment, T.81 B.2.4.1.
func (d *decoder) defineSteps(b []byte) error {
	for len(b) > 0 {
		wide, index := b[0]>>4, b[0]&15
		if wide > 1 || index > 3 || len(b) < 1+64<<wide {
			return unusual("quantisation table %d of precision %d", index, wide)
		}
		t := new([64]uint16)
		for i := range t {
			if wide == 1 {
				t[i] = binary.BigEndian.Uint16(b[1+2*i:])
			} else {
				t[i] = uint16(b[1+i])
			}
		}
		d.tables[index] = t
		b = b[1+64<<wide:]
	}
	return nil
}

// defineHuffman reads a DHT segment, T.81 B.2.4.2.
func (d *decoder) defineHuffman(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return unusual("short Huffman table")
		}
		class, index := b[0]>>4, b[0]&15
		if class > 1 || index > 3 || d.baseline && index > 1 {
			return unusual("Huffman table %#02x", b[0])
		}
		s := spec{counts: [16]byte(b[1:17])}
		n := 0
		for _, c := range s.counts {
			n += int(c)
		}
		if n > 256 || len(b) < 17+n {
			return unusual("Huffman table of %d values", n)
		}
		s.values = b[17 : 17+n]
		t, ok := newLookup(&s, class == 1)
		if !ok {
			return unusual("Huffman table with no or too many codes")
		}
		d.huffman[class][index] = t
		b = b[17+n:]
	}
	return nil
}
