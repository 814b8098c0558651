// Package exif reads and rewrites the TIFF structure in which EXIF metadata
// travels. It keeps what describes the picture and drops what describes the
// person: place, serial numbers, owner, maker notes and thumbnails. It knows
// nothing of the files around that structure.
//
// Source: Exif 2.32 (CIPA DC-008-2019) and TIFF 6.0.
package exif

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrMalformed is wrapped by every error of this package.
var ErrMalformed = errors.New("malformed EXIF")

// Tags that this package treats by name.
const (
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825
)

const (
	maxEntries = 1024     // of one directory
	maxValue   = 8 << 10  // bytes of one kept value
	maxClean   = 60 << 10 // bytes written: an APP1 segment holds 65,527
	entrySize  = 12
)

// kinds gives the bytes of a value of each TIFF type, from 1.
var kinds = [...]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}

// Report says what a structure holds.
type Report struct {
	Orientation int  // 1 to 8; 1 when there is none
	GPS         bool // a place was in it
}

// entry is one tag with its value.
type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte // in the structure's byte order
}

// reader reads directories of one structure.
type reader struct {
	data  []byte
	order byteOrder
}

// byteOrder is little or big endian.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func open(tiff []byte) (reader, uint32, error) {
	if len(tiff) < 8 {
		return reader{}, 0, fmt.Errorf("%w: %d bytes", ErrMalformed, len(tiff))
	}
	r := reader{data: tiff}
	switch string(tiff[:4]) {
	case "II*\x00":
		r.order = binary.LittleEndian
	case "MM\x00*":
		r.order = binary.BigEndian
	default:
		return r, 0, fmt.Errorf("%w: byte order %q", ErrMalformed, tiff[:4])
	}
	return r, r.order.Uint32(tiff[4:]), nil
}

// directory lists the entries of the directory at offset. Entries whose value
// lies outside the structure or has an unknown type come without a value.
func (r reader) directory(offset uint32) ([]entry, error) {
	if offset < 8 || uint64(offset)+2 > uint64(len(r.data)) {
		return nil, fmt.Errorf("%w: directory at %d of %d bytes", ErrMalformed, offset, len(r.data))
	}
	n := int(r.order.Uint16(r.data[offset:]))
	at := int(offset) + 2
	if n > maxEntries || at+n*entrySize > len(r.data) {
		return nil, fmt.Errorf("%w: directory of %d entries at %d of %d bytes", ErrMalformed, n, offset, len(r.data))
	}
	entries := make([]entry, n)
	for i := range entries {
		entries[i] = r.entry(r.data[at+i*entrySize:][:entrySize])
	}
	return entries, nil
}

func (r reader) entry(b []byte) entry {
	e := entry{tag: r.order.Uint16(b), kind: r.order.Uint16(b[2:]), count: r.order.Uint32(b[4:])}
	if int(e.kind) >= len(kinds) {
		return e
	}
	n := uint64(kinds[e.kind]) * uint64(e.count)
	if n <= 4 {
		e.value = b[8 : 8+n]
		return e
	}
	at := uint64(r.order.Uint32(b[8:]))
	if n <= uint64(len(r.data)) && at <= uint64(len(r.data))-n {
		e.value = r.data[at : at+n]
	}
	return e
}

// number reads a value that is one SHORT or LONG.
func (r reader) number(e entry) (uint32, bool) {
	switch {
	case e.count != 1 || e.value == nil:
		return 0, false
	case e.kind == 3:
		return uint32(r.order.Uint16(e.value)), true
	case e.kind == 4:
		return r.order.Uint32(e.value), true
	}
	return 0, false
}

func (r reader) orientation(entries []entry) int {
	for _, e := range entries {
		if v, ok := r.number(e); ok && e.tag == tagOrientation && v >= 1 && v <= 8 {
			return int(v)
		}
	}
	return 1
}

// Orientation reads only that tag; a broken structure is upright.
func Orientation(tiff []byte) int {
	r, offset, err := open(tiff)
	if err != nil {
		return 1
	}
	entries, err := r.directory(offset)
	if err != nil {
		return 1
	}
	return r.orientation(entries)
}

// Clean writes the structure anew, in the same byte order, from the tags known
// to be harmless. A structure that can't be read is an error; a single broken
// tag is left out.
func Clean(tiff []byte) ([]byte, Report, error) {
	report := Report{Orientation: 1}
	r, offset, err := open(tiff)
	if err != nil {
		return nil, report, err
	}
	main, err := r.directory(offset)
	if err != nil {
		return nil, report, err
	}
	report.Orientation = r.orientation(main)
	var details []entry
	for _, e := range main {
		switch at, ok := r.number(e); {
		case e.tag == tagGPSIFD:
			report.GPS = true
		case ok && e.tag == tagExifIFD:
			if details, err = r.directory(at); err != nil {
				return nil, report, err
			}
		}
	}
	clean, err := write(r.order, keep(main, imageTags), keep(details, exifTags))
	return clean, report, err
}

// Upright gives a copy of a structure that Clean wrote whose orientation, if
// it has one, is 1.
func Upright(clean []byte) []byte {
	out := slices.Clone(clean)
	r, offset, err := open(out)
	if err != nil {
		return out
	}
	entries, err := r.directory(offset)
	if err != nil {
		return out
	}
	for _, e := range entries {
		if _, ok := r.number(e); ok && e.tag == tagOrientation && e.kind == 3 {
			r.order.PutUint16(e.value, 1)
		}
	}
	return out
}

// New is a structure that holds an orientation and nothing else.
func New(orientation int) []byte {
	value := []byte{0, byte(orientation)} // #nosec G115 -- 1 to 8
	b, _ := write(binary.BigEndian, []entry{{tag: tagOrientation, kind: 3, count: 1, value: value}}, nil)
	return b
}
