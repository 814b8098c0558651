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
