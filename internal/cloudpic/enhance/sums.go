package enhance

import "encoding/binary"

// sumBytes adds samples eight at a time: pairs in 16-bit lanes, which hold
// 128 words before they could overflow. A row has at most 2³² / 255 samples.
func sumBytes(b []uint8) uint32 {
	const lanes = 0x00ff00ff00ff00ff
	var total uint32
	if n := len(b) / 32; haveAVX2 && n >= 8 {
		total = sumBlocks(&b[0], n)
		b = b[32*n:]
	}
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

// addSpans adds to each sum the samples of its span. Spans are short and many,
// so that a call for each would take longer than the sums.
func addSpans(sums []uint32, spans []span, row []uint8) {
	const (
		lanes = 0x00ff00ff00ff00ff
		ones  = 0x0001000100010001
		words = 31 // whose sum fits 16 bits
	)
	for i, span := range spans {
		var s uint64
		x, end := span.x0, min(span.x1, span.x0+8*words)
		for ; x+8 <= end; x += 8 {
			v := binary.LittleEndian.Uint64(row[x:])
			s += v&lanes + v>>8&lanes
		}
		if x < end && x+8 <= len(row) { // the samples behind are masked out
			v := binary.LittleEndian.Uint64(row[x:]) & (1<<(8*(end-x)) - 1)
			s += v&lanes + v>>8&lanes
			x = end
		}
		sums[i] += uint32(s * ones >> 48)
		if x < span.x1 { // a very long span, or the end of the row
			sums[i] += sumBytes(row[x:span.x1])
		}
	}
}
