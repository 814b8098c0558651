package jfif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	maxSegments = 4096    // before the first scan
	maxICC      = 4 << 20 // bytes of a colour profile
)

// Read parses the segments up to the first scan of the JPEG in r. A file that
// ends before is io.ErrUnexpectedEOF.
func Read(r io.ReaderAt, size int64) (Info, error) {
	s := scanner{r: r, size: size}
	if err := s.start(); err != nil {
		return s.info, err
	}
	for range maxSegments {
		marker, body, err := s.next()
		if err != nil {
			return s.info, err
		}
		if marker == markerSOS {
			return s.finish()
		}
		if err := s.segment(marker, body); err != nil {
			return s.info, err
		}
	}
	return s.info, malformed("more than %d segments", maxSegments)
}

// scanner walks over segments.
type scanner struct {
	r        io.ReaderAt
	size, at int64
	info     Info
	profile  profile
}

// read gives n bytes and goes past them.
func (s *scanner) read(n int64) ([]byte, error) {
	if n > s.size-s.at {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	if got, err := s.r.ReadAt(b, s.at); int64(got) < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	s.at += n
	return b, nil
}

func (s *scanner) start() error {
	b, err := s.read(2)
	if err != nil {
		return err
	}
	if b[0] != 0xFF || b[1] != markerSOI {
		return malformed("starts with % x", b)
	}
	return nil
}

// next reads the next marker and, when it is one that we use, its segment.
func (s *scanner) next() (marker byte, body []byte, err error) {
	b, err := s.read(2)
	if err != nil {
		return 0, nil, err
	}
	if b[0] != 0xFF {
		return 0, nil, malformed("%#02x instead of a marker at %d", b[0], s.at-2)
	}
	for b[1] == 0xFF { // fill bytes, T.81 B.1.1.2
		if b, err = s.read(1); err != nil {
			return 0, nil, err
		}
		b = []byte{0xFF, b[0]}
	}
	marker = b[1]
	if marker == markerTEM || marker >= markerRST0 && marker <= markerRST7 {
		return marker, nil, nil
	}
	if marker == markerSOI || marker == markerEOI || marker == 0 {
		return 0, nil, malformed("marker %#02x before the first scan", marker)
	}
	if b, err = s.read(2); err != nil {
		return 0, nil, err
	}
	n := int64(binary.BigEndian.Uint16(b)) - 2
	if n < 0 {
		return 0, nil, malformed("segment %#02x of length %d", marker, n+2)
	}
	if !used(marker) {
		if n > s.size-s.at {
			return 0, nil, io.ErrUnexpectedEOF
		}
		s.at += n
		return marker, nil, nil
	}
	body, err = s.read(n)
	return marker, body, err
}

func used(marker byte) bool {
	switch marker {
	case markerDQT, markerAPP0, markerAPP1, markerAPP2, markerAPP14, markerSOS:
		return true
	}
	return isSOF(marker)
}

func isSOF(marker byte) bool {
	return marker >= markerSOF0 && marker <= markerSOF15 && marker != markerDHT && marker != markerJPG && marker != markerDAC
}

func (s *scanner) segment(marker byte, body []byte) error {
	switch marker {
	case markerDQT:
		return s.tables(body)
	case markerAPP0:
		if len(body) >= 12 && string(body[:5]) == "JFIF\x00" {
			s.info.JFIF = true
			s.info.Density = Density{body[7], binary.BigEndian.Uint16(body[8:]), binary.BigEndian.Uint16(body[10:])}
		}
	case markerAPP1:
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && s.info.Exif == nil {
			s.info.Exif = tiff
		}
	case markerAPP2:
		s.profile.add(body)
	case markerAPP14:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			s.info.Adobe, s.info.AdobeTransform = true, body[11]
		}
	}
	if isSOF(marker) {
		return s.frame(marker, body)
	}
	return nil
}

// tables reads a DQT segment, T.81 B.2.4.1.
func (s *scanner) tables(b []byte) error {
	for len(b) > 0 {
		wide, index := b[0]>>4, b[0]&15
		b = b[1:]
		if wide > 1 || index > 3 {
			return malformed("quantisation table %d of precision %d", index, wide)
		}
		if len(b) < 64<<wide {
			return malformed("short quantisation table")
		}
		t := new([64]uint16)
		for i := range t {
			if wide == 1 {
				t[i] = binary.BigEndian.Uint16(b[2*i:])
			} else {
				t[i] = uint16(b[i])
			}
			if t[i] == 0 {
				return malformed("quantisation by 0")
			}
		}
		s.info.Tables[index] = t
		b = b[64<<wide:]
	}
	return nil
}

// frame reads a SOF segment, T.81 B.2.2.
func (s *scanner) frame(marker byte, b []byte) error {
	switch {
	case s.info.Components != nil:
		return malformed("two frames")
	case marker > markerSOF2:
		return fmt.Errorf("%w: %s", ErrUnsupported, processes[marker])
	case len(b) < 6 || len(b) != 6+3*int(b[5]):
		return malformed("frame of %d bytes", len(b))
	case b[0] != 8:
		return fmt.Errorf("%w: a JPEG of %d bits a colour", ErrUnsupported, b[0])
	}
	s.info.Height = int(binary.BigEndian.Uint16(b[1:]))
	s.info.Width = int(binary.BigEndian.Uint16(b[3:]))
	s.info.Progressive = marker == markerSOF2
	n := int(b[5])
	if n != 1 && n != 3 && n != 4 {
		return fmt.Errorf("%w: a JPEG of %d colour components", ErrUnsupported, n)
	}
	for i := range n {
		c := Component{ID: b[6+3*i], H: b[7+3*i] >> 4, V: b[7+3*i] & 15, Table: b[8+3*i]}
		if c.H < 1 || c.H > 4 || c.V < 1 || c.V > 4 || c.Table > 3 {
			return malformed("component %d samples %d × %d by table %d", c.ID, c.H, c.V, c.Table)
		}
		s.info.Components = append(s.info.Components, c)
	}
	return nil
}

// processes name what Go's decoder and ours don't read, T.81 table B.1.
var processes = map[byte]string{
	0xC3: "a lossless JPEG", 0xC5: "a hierarchical JPEG", 0xC6: "a hierarchical JPEG",
	0xC7: "a hierarchical lossless JPEG", 0xC9: "an arithmetic-coded JPEG", 0xCA: "an arithmetic-coded JPEG",
	0xCB: "a lossless JPEG", 0xCD: "a hierarchical JPEG", 0xCE: "a hierarchical JPEG", 0xCF: "a hierarchical JPEG",
}

func (s *scanner) finish() (Info, error) {
	if s.info.Components == nil {
		return s.info, malformed("a scan before its frame")
	}
	if s.info.Height == 0 { // a DNL marker would tell; nobody writes it
		return s.info, fmt.Errorf("%w: a JPEG that doesn't state its height", ErrUnsupported)
	}
	s.info.ICC = s.profile.join()
	return s.info, nil
}

// profile gathers the parts of a colour profile.
type profile struct {
	parts [256][]byte
	total byte
	bytes int
	bad   bool
}

var iccMark = []byte("ICC_PROFILE\x00")

func (p *profile) add(body []byte) {
	part, ok := bytes.CutPrefix(body, iccMark)
	if !ok {
		return
	}
	if len(part) < 2 || part[0] == 0 || part[0] > part[1] || p.total != 0 && part[1] != p.total || p.parts[part[0]] != nil {
		p.bad = true
		return
	}
	p.total = part[1]
	p.parts[part[0]] = part[2:]
	p.bytes += len(part) - 2
	p.bad = p.bad || p.bytes > maxICC
}

// join gives the whole profile, or nil when a part is missing or wrong.
func (p *profile) join() []byte {
	if p.bad || p.total == 0 {
		return nil
	}
	out := make([]byte, 0, p.bytes)
	for i := 1; i <= int(p.total); i++ {
		if p.parts[i] == nil {
			return nil
		}
		out = append(out, p.parts[i]...)
	}
	return out
}
