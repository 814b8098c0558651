package codec

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"cloudworks/internal/cloudpic/codec/exif"
)

// pngDetails are the chunks of a PNG that go into the result as they are.
type pngDetails struct {
	iccp  []byte // iCCP, when its profile is sound
	plain []pngChunk
}

// pngChunk is an ancillary chunk.
type pngChunk struct {
	name string
	data []byte
}

const (
	maxPNGChunks = 1 << 17 // 25 MB in IDATs of 200 bytes
	maxPNGExtra  = 4 << 20 // bytes of an iCCP or eXIf chunk
)

// keptChunks are the small ones that say how to show the pixels, with the
// length each has (PNG 3rd edition, 11.3).
var keptChunks = map[string]int{"sRGB": 1, "gAMA": 4, "cHRM": 32, "pHYs": 9, "cICP": 4}

func (p *parsed) parsePNG(r io.ReaderAt, size int64) error {
	head, err := readAt(r, size, 8, 8+13)
	if err != nil {
		return damaged(PNG, err)
	}
	if binary.BigEndian.Uint32(head) != 13 || string(head[4:8]) != "IHDR" {
		return damaged(PNG, fmt.Errorf("first chunk is %q", head[4:8]))
	}
	if err := p.pngIHDR(head[8:]); err != nil {
		return err
	}
	if err := p.checkPixels(); err != nil {
		return err
	}
	return p.pngChunks(r, size)
}

// pngIHDR reads the header chunk (11.2.1).
func (p *parsed) pngIHDR(b []byte) error {
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if w == 0 || h == 0 || w > 1<<31-1 || h > 1<<31-1 {
		return damaged(PNG, fmt.Errorf("%d × %d pixels", w, h))
	}
	p.Width, p.Height, p.Depth, p.Progressive = int(w), int(h), int(b[8]), b[12] == 1
	switch b[9] {
	case 0, 3:
		p.Components = 1
	case 2:
		p.Components = 3
	case 4:
		p.Components, p.Alpha = 2, true
	case 6:
		p.Components, p.Alpha = 4, true
	default:
		return damaged(PNG, fmt.Errorf("colour type %d", b[9]))
	}
	if d := p.Depth; d != 1 && d != 2 && d != 4 && d != 8 && d != 16 || b[10] != 0 || b[11] != 0 || b[12] > 1 {
		return damaged(PNG, fmt.Errorf("header % x", b))
	}
	return nil
}

// pngChunks walks over all chunks: one that runs past the end of the file is
// found before any pixel is decoded.
func (p *parsed) pngChunks(r io.ReaderAt, size int64) error {
	at, pixels := int64(8+8+13+4), false
	for range maxPNGChunks {
		head, err := readAt(r, size, at, 8)
		if err != nil {
			return damaged(PNG, err)
		}
		n, name := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		if n+4 > size-at-8 {
			return damaged(PNG, io.ErrUnexpectedEOF)
		}
		switch name {
		case "IEND":
			if !pixels {
				return damaged(PNG, errors.New("no pixels"))
			}
			return nil
		case "IDAT":
			pixels = true
		case "tRNS":
			p.Alpha = true
		default:
			if err := p.pngExtra(r, size, at+8, n, name); err != nil {
				return damaged(PNG, err)
			}
		}
		at += 8 + n + 4
	}
	return damaged(PNG, fmt.Errorf("more than %d chunks", maxPNGChunks))
}

// pngExtra reads a chunk that may be worth keeping.
func (p *parsed) pngExtra(r io.ReaderAt, size, at, n int64, name string) error {
	want, kept := keptChunks[name]
	if kept && n != int64(want) || !kept && name != "iCCP" && name != "eXIf" || n > maxPNGExtra {
		return nil
	}
	data, err := readAt(r, size, at, n)
	if err != nil {
		return err
	}
	switch {
	case kept:
		same := func(c pngChunk) bool { return c.name == name }
		if !slices.ContainsFunc(p.png.plain, same) {
			p.png.plain = append(p.png.plain, pngChunk{name, data})
		}
	case name == "iCCP":
		if p.icc = inflateProfile(data); p.icc != nil {
			p.png.iccp = data
		}
	case p.exif == nil:
		p.exif, p.Orientation = data, exif.Orientation(data)
	}
	return nil
}

// inflateProfile reads an iCCP chunk (11.3.2.3): a name, a zero, the method 0,
// and the profile, deflated. What it inflates to is bounded.
func inflateProfile(chunk []byte) []byte {
	name := bytes.IndexByte(chunk, 0)
	if name < 1 || name > 79 || len(chunk) < name+2 || chunk[name+1] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(chunk[name+2:]))
	if err != nil {
		return nil
	}
	defer z.Close()
	icc, err := io.ReadAll(io.LimitReader(z, maxICC+1))
	if err != nil || len(icc) > maxICC {
		return nil
	}
	return icc
}
