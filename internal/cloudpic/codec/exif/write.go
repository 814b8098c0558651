package exif

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// keep picks the entries with a listed tag and a sound value, in the order of
// their tags, each tag once.
func keep(entries []entry, tags map[uint16]bool) []entry {
	var kept []entry
	for _, e := range entries {
		if tags[e.tag] && len(e.value) > 0 && len(e.value) <= maxValue {
			kept = append(kept, e)
		}
	}
	slices.SortStableFunc(kept, func(a, b entry) int { return int(a.tag) - int(b.tag) })
	return slices.CompactFunc(kept, func(a, b entry) bool { return a.tag == b.tag })
}

// write lays out the main directory at 8, its values behind it, and then the
// details in the same way.
func write(order byteOrder, main, details []entry) ([]byte, error) {
	mark := "II*\x00"
	if order == byteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	out := append([]byte(mark), 0, 0, 0, 0)
	order.PutUint32(out[4:], 8)
	if len(details) > 0 {
		at := 8 + directorySize(main) + directorySize([]entry{{value: make([]byte, 4)}}) - directorySize(nil)
		value := make([]byte, 4)
		order.PutUint32(value, uint32(at)) // #nosec G115 -- a few KB
		main = append(main, entry{tag: tagExifIFD, kind: 4, count: 1, value: value})
		slices.SortFunc(main, func(a, b entry) int { return int(a.tag) - int(b.tag) })
	}
	out = appendDirectory(out, order, main)
	if len(details) > 0 {
		out = appendDirectory(out, order, details)
	}
	if len(out) > maxClean {
		return nil, fmt.Errorf("%w: %d bytes of known tags", ErrMalformed, len(out))
	}
	return out, nil
}

// directorySize is the length that appendDirectory adds.
func directorySize(entries []entry) int {
	n := 2 + entrySize*len(entries) + 4
	for _, e := range entries {
		n += outside(e)
	}
	return n
}

// outside is how much room a value needs behind its directory: none when it
// fits in the entry, else an even number of bytes.
func outside(e entry) int {
	if len(e.value) <= 4 {
		return 0
	}
	return (len(e.value) + 1) &^ 1
}

func appendDirectory(out []byte, order byteOrder, entries []entry) []byte {
	out = order.AppendUint16(out, uint16(len(entries))) // #nosec G115 -- at most maxEntries+1
	at := len(out) + entrySize*len(entries) + 4
	for _, e := range entries {
		out = order.AppendUint16(out, e.tag)
		out = order.AppendUint16(out, e.kind)
		out = order.AppendUint32(out, e.count)
		if n := outside(e); n > 0 {
			out = order.AppendUint32(out, uint32(at)) // #nosec G115 -- below 1 GB
			at += n
			continue
		}
		var inline [4]byte
		copy(inline[:], e.value)
		out = append(out, inline[:]...)
	}
	out = append(out, 0, 0, 0, 0) // no further directory: thumbnails live there
	for _, e := range entries {
		if n := outside(e); n > 0 {
			out = append(out, e.value...)
			out = append(out, make([]byte, n-len(e.value))...)
		}
	}
	return out
}
