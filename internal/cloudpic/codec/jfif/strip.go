package jfif

import "encoding/binary"

// Strip gives the JPEG without its metadata: of the application segments only
// JFIF's and Adobe's stay, which say how the pixels are to be read; comments
// go, and so does whatever stands behind the end of the picture. The pixels'
// data is copied as it is. It is false for a file that can't be followed from
// segment to segment to its end.
func Strip(data []byte) (stripped []byte, ok bool) {
	if len(data) < 2 || data[0] != 0xFF || data[1] != markerSOI {
		return nil, false
	}
	out := append(make([]byte, 0, len(data)), data[:2]...)
	for at := 2; ; {
		// Any number of fill bytes may stand before a marker (T.81, B.1.1.2).
		for at+1 < len(data) && data[at] == 0xFF && data[at+1] == 0xFF {
			at++
		}
		if at+2 > len(data) || data[at] != 0xFF {
			return nil, false
		}
		marker := data[at+1]
		if marker == markerEOI {
			return append(out, 0xFF, markerEOI), true
		}
		if at+4 > len(data) {
			return nil, false
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			return nil, false
		}
		if marker == markerSOS {
			end = scanEnd(data, end)
		}
		if !isMetadata(marker, data[at+4:]) {
			out = append(out, data[at:end]...)
		}
		at = end
	}
}

// scanEnd gives where the entropy-coded data that begins at from ends: at the
// next marker that isn't a restart.
func scanEnd(data []byte, from int) int {
	for at := from; at+1 < len(data); at++ {
		if next := data[at+1]; data[at] == 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7) {
			return at
		}
	}
	return len(data)
}

// isMetadata tells a segment that says nothing of how pixels are read.
func isMetadata(marker byte, body []byte) bool {
	const markerCOM, markerAPP14, markerAPP15 = 0xFE, 0xEE, 0xEF
	switch {
	case marker == markerCOM:
		return true
	case marker == markerAPP0:
		return len(body) < 5 || string(body[:5]) != "JFIF\x00"
	case marker == markerAPP14:
		return len(body) < 5 || string(body[:5]) != "Adobe"
	}
	return marker > markerAPP0 && marker <= markerAPP15
}
