package enhance

import "encoding/binary"

// sumBytes adds samples eight at a time: pairs in 16-bit lanes, which hold
// 128 words before they could overflow. A row has at most 2³² / 255 samples.
func sumBytes(b []uint8) uint32 {
	const lanes = 0x00ff00ff00ff00ff
	var total uint32
	for len(b) >= 8 {
		n := min(len(b)/8, 128)
		var s uint64
		for chunk := b[:8*n]; len(chunk) >= 8; chunk = chunk[8:] {
			v := binary.LittleEndian.Uint64(chunk)
			s += v&lanes + v>>8&lanes
		}
		total += uint32(s&0xffff + s>>16&0xffff + s>>32&0xffff + s>>48)
		b = b[8*n:]
	}
	for _, v := range b {
		total += uint32(v)
	}
	return total
}
