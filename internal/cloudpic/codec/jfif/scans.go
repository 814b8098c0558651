package jfif

import "bytes"

// Scans counts the scans of a JPEG by their SOS markers, up to limit.
func Scans(data []byte, limit int) int {
	n := 0
	for n < limit {
		i := bytes.Index(data, []byte{0xFF, markerSOS})
		if i < 0 {
			break
		}
		n++
		data = data[i+2:]
	}
	return n
}

// Ended reports whether the file has an end marker near its end. Some
// programs leave it out, and decoders then tell a whole file from a truncated
// one by what their last scan lacks.
func Ended(data []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(data, "\x00\r\n "), []byte{0xFF, markerEOI})
}

// Complete reports whether the scans of a progressive JPEG bring all bits of
// all coefficients. One that was cut off between two scans decodes without
// complaint, and looks blurred.
func (i Info) Complete(data []byte) bool {
	var low [4][64]int8 // the lowest bit that came, plus 1; 0 is none
	for {
		at := bytes.Index(data, []byte{0xFF, markerSOS})
		if at < 0 {
			break
		}
		data = data[at+2:]
		i.scan(data, &low)
	}
	for c := range i.Components {
		for _, l := range low[c] {
			if l != 1 {
				return false
			}
		}
	}
	return true
}

// scan notes what a scan header (T.81 B.2.3) announces.
func (i Info) scan(b []byte, low *[4][64]int8) {
	if len(b) < 3 || len(b) < 6+2*int(b[2]) || int(b[1]) != 6+2*int(b[2]) {
		return
	}
	n := int(b[2])
	first, last, bit := b[3+2*n], b[4+2*n], b[5+2*n]&15
	if first > last || last > 63 {
		return
	}
	for c, component := range i.Components {
		for s := range n {
			if b[3+2*s] == component.ID {
				for k := first; k <= last; k++ {
					low[c][k] = int8(bit) + 1 // #nosec G115 -- at most 16
				}
			}
		}
	}
}
