package codec

import (
	"encoding/binary"
	"fmt"
	"io"
)

// gifDetails tell how the first frame lies on the screen.
type gifDetails struct {
	covers bool // the whole screen
}

const maxGIFBlocks = 4096 // before the first frame

// parseGIF reads up to the first frame's descriptor (GIF89a, 17 to 23).
func (p *parsed) parseGIF(r io.ReaderAt, size int64) error {
	head, err := readAt(r, size, 0, 13)
	if err != nil {
		return damaged(GIF, err)
	}
	p.Components = 1
	p.Width, p.Height = int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	if err := p.checkPixels(); err != nil {
		return err
	}
	at := int64(13)
	if head[10]&0x80 != 0 {
		at += 3 << (1 + head[10]&7)
	}
	for range maxGIFBlocks {
		b, err := readAt(r, size, at, 1)
		if err != nil {
			return damaged(GIF, err)
		}
		switch b[0] {
		case 0x2C:
			return p.gifFrame(r, size, at+1)
		case 0x21:
			if at, err = p.gifExtension(r, size, at+1); err != nil {
				return damaged(GIF, err)
			}
		default:
			return damaged(GIF, fmt.Errorf("block %#02x before the first frame", b[0]))
		}
	}
	return damaged(GIF, fmt.Errorf("more than %d blocks before the first frame", maxGIFBlocks))
}

// gifExtension goes past an extension; a graphic control extension tells
// whether a colour is transparent.
func (p *parsed) gifExtension(r io.ReaderAt, size, at int64) (int64, error) {
	label, err := readAt(r, size, at, 1)
	if err != nil {
		return 0, err
	}
	at++
	for range maxGIFBlocks {
		n, err := readAt(r, size, at, 1)
		if err != nil {
			return 0, err
		}
		if n[0] == 0 {
			return at + 1, nil
		}
		block, err := readAt(r, size, at+1, int64(n[0]))
		if err != nil {
			return 0, err
		}
		if label[0] == 0xF9 && n[0] >= 4 {
			p.Alpha = block[0]&1 != 0
		}
		at += 1 + int64(n[0])
	}
	return 0, fmt.Errorf("extension of more than %d blocks", maxGIFBlocks)
}

func (p *parsed) gifFrame(r io.ReaderAt, size, at int64) error {
	b, err := readAt(r, size, at, 9)
	if err != nil {
		return damaged(GIF, err)
	}
	x, y := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	w, h := int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:]))
	if w == 0 || h == 0 || x+w > p.Width || y+h > p.Height {
		return damaged(GIF, fmt.Errorf("frame of %d × %d at %d, %d on %d × %d", w, h, x, y, p.Width, p.Height))
	}
	p.Progressive = b[8]&0x40 != 0
	p.gif.covers = w == p.Width && h == p.Height
	if !p.gif.covers {
		p.Alpha = true // around the frame
	}
	return nil
}
