package jfif

import (
	"encoding/binary"
	"slices"
)

// maxBody is what a segment holds beside its length.
const maxBody = 0xFFFF - 2

// Extra is metadata for a new file.
type Extra struct {
	Density Density // used when X and Y aren't 0
	Exif    []byte  // TIFF structure
	ICC     []byte
}

// Splice gives the JPEG, which starts with SOI and maybe a JFIF segment, with
// the extra segments behind that. Exif that doesn't fit in a segment and a
// profile of more than 255 of them are left out.
func Splice(jpeg []byte, x Extra) []byte {
	head := 2
	if len(jpeg) >= 20 && jpeg[2] == 0xFF && jpeg[3] == markerAPP0 {
		head = min(4+int(binary.BigEndian.Uint16(jpeg[4:])), len(jpeg))
	}
	segments := x.segments()
	out := make([]byte, 0, len(jpeg)+len(segments))
	out = append(out, jpeg[:head]...)
	if head >= 18 && x.Density.X != 0 && x.Density.Y != 0 && x.Density.Unit <= 2 {
		out[13] = x.Density.Unit
		binary.BigEndian.PutUint16(out[14:], x.Density.X)
		binary.BigEndian.PutUint16(out[16:], x.Density.Y)
	}
	out = append(out, segments...)
	return append(out, jpeg[head:]...)
}

func (x Extra) segments() []byte {
	var out []byte
	if n := len(x.Exif); n > 0 && n <= maxBody-6 {
		out = appendSegment(out, markerAPP1, []byte("Exif\x00\x00"), x.Exif)
	}
	const part = maxBody - 14
	if total := (len(x.ICC) + part - 1) / part; total <= 255 {
		i := 0
		for p := range slices.Chunk(x.ICC, part) {
			i++
			mark := append(slices.Clone(iccMark), byte(i), byte(total)) // #nosec G115 -- at most 255
			out = appendSegment(out, markerAPP2, mark, p)
		}
	}
	return out
}

func appendSegment(out []byte, marker byte, mark, body []byte) []byte {
	out = append(out, 0xFF, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(2+len(mark)+len(body))) // #nosec G115 -- at most 65,535
	out = append(out, mark...)
	return append(out, body...)
}
