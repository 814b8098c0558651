package baseline

import "encoding/binary"

// bitWriter collects bits, the first in the highest place, and writes them
// with a zero byte behind each 0xFF (T.81 F.1.2.3).
type bitWriter struct {
	out  []byte
	acc  uint64 // the lowest 64-free bits are waiting
	free uint   // 1 to 64
}

// put adds the lowest size bits of v; the others are 0.
func (w *bitWriter) put(v uint64, size uint) {
	if size < w.free {
		w.acc = w.acc<<size | v
		w.free -= size
		return
	}
	w.spill(v, size)
}

// spill is put for bits that don't fit in.
func (w *bitWriter) spill(v uint64, size uint) {
	over := size - w.free
	w.word(w.acc<<w.free | v>>over)
	w.acc = v
	w.free = 64 - over
}

// word writes 64 bits.
func (w *bitWriter) word(v uint64) {
	if noFF(v) {
		w.out = binary.BigEndian.AppendUint64(w.out, v)
		return
	}
	for shift := 56; shift >= 0; shift -= 8 {
		w.byte(byte(v >> shift)) // #nosec G115 -- the lowest byte is meant
	}
}

// noFF reports whether no byte of v is 0xFF.
func noFF(v uint64) bool {
	const high, low = 0x8080808080808080, 0x0101010101010101
	u := ^v // a byte of 0 is looked for
	return (u-low)&^u&high == 0
}

func (w *bitWriter) byte(b byte) {
	w.out = append(w.out, b)
	if b == 0xFF {
		w.out = append(w.out, 0)
	}
}

// flush fills the last byte with ones and writes what is waiting.
func (w *bitWriter) flush() {
	n := 64 - w.free
	v := w.acc<<w.free | (1<<w.free - 1)
	for i := uint(0); i < n; i += 8 {
		w.byte(byte(v >> (56 - i))) // #nosec G115 -- the lowest byte is meant
	}
	w.acc, w.free = 0, 64
}
