// Package codectest damages picture files, for tests and bench/hostile.
package codectest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
)

// Mutate gives a copy of a file in which some bytes are changed, cut out,
// repeated or cut off, most of them near the start, where headers are. PNG
// checksums are mended, so that damage gets past them.
func Mutate(rng *rand.Rand, data []byte) []byte {
	out := bytes.Clone(data)
	for range 1 + rng.IntN(6) {
		at := rng.IntN(len(out))
		if rng.IntN(2) == 0 {
			at = rng.IntN(min(len(out), 700))
		}
		switch rng.IntN(8) {
		case 0:
			out = out[:max(at, 16)]
		case 1:
			end := min(at+rng.IntN(20), len(out))
			out = append(out[:at], out[end:]...)
		case 2:
			end := min(at+rng.IntN(20), len(out))
			out = append(out[:end:end], out[at:]...)
		case 3:
			out[at] = []byte{0, 1, 0x7F, 0x80, 0xFF}[rng.IntN(5)]
		default:
			out[at] ^= 1 << rng.IntN(8)
		}
		if len(out) < 16 {
			return out
		}
	}
	if bytes.HasPrefix(out, []byte("\x89PNG")) {
		mendPNG(out)
	}
	return out
}

// mendPNG sets the checksum of every chunk right.
func mendPNG(data []byte) {
	for at := 8; at+12 <= len(data); {
		n := int(binary.BigEndian.Uint32(data[at:]))
		if n > len(data)-at-12 {
			return
		}
		sum := at + 8 + n
		binary.BigEndian.PutUint32(data[sum:], crc32.ChecksumIEEE(data[at+4:sum]))
		at = sum + 4
	}
}

// Enlarge gives a copy of a file whose header claims another, mostly larger,
// size of up to side pixels a side.
func Enlarge(rng *rand.Rand, data []byte, side int) []byte {
	out := bytes.Clone(data)
	w, h := uint16(1+rng.IntN(side)), uint16(1+rng.IntN(side)) // #nosec G115 -- the caller's bound
	switch {
	case bytes.HasPrefix(out, []byte("\x89PNG")) && len(out) > 24:
		binary.BigEndian.PutUint32(out[16:], uint32(w))
		binary.BigEndian.PutUint32(out[20:], uint32(h))
		mendPNG(out)
	case bytes.HasPrefix(out, []byte("GIF8")) && len(out) > 10:
		binary.LittleEndian.PutUint16(out[6:], w)
		binary.LittleEndian.PutUint16(out[8:], h)
	case bytes.HasPrefix(out, []byte("RIFF")) && len(out) > 30 && string(out[12:16]) == "VP8 ":
		binary.LittleEndian.PutUint16(out[26:], w&0x3FFF)
		binary.LittleEndian.PutUint16(out[28:], h&0x3FFF)
	default:
		for _, frame := range []string{"\xFF\xC0\x00", "\xFF\xC2\x00"} {
			if at := bytes.Index(out, []byte(frame)); at >= 0 && at+9 <= len(out) {
				binary.BigEndian.PutUint16(out[at+5:], h)
				binary.BigEndian.PutUint16(out[at+7:], w)
			}
		}
	}
	return out
}
