package codec

import (
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"cloudworks/internal/cloudpic/codec/exif"
)

const maxWebPChunks = 1024

// parseWebP walks over the RIFF chunks of a WebP file (RFC 9649).
func (p *parsed) parseWebP(r io.ReaderAt, size int64) error {
	head, err := readAt(r, size, 4, 4)
	if err != nil {
		return damaged(WebP, err)
	}
	end := int64(binary.LittleEndian.Uint32(head)) + 8
	if end > size+1 { // some writers leave the last padding byte out
		return damaged(WebP, io.ErrUnexpectedEOF)
	}
	at := int64(12)
	for range maxWebPChunks {
		if at+8 > min(end, size) {
			break
		}
		head, err := readAt(r, size, at, 8)
		if err != nil {
			return damaged(WebP, err)
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		if n > size-at-8 {
			return damaged(WebP, io.ErrUnexpectedEOF)
		}
		if err := p.webpChunk(r, size, at+8, n, string(head[:4])); err != nil {
			return err
		}
		at += 8 + n + n&1
	}
	if p.Components == 0 {
		return damaged(WebP, fmt.Errorf("no picture in it"))
	}
	return nil
}

func (p *parsed) webpChunk(r io.ReaderAt, size, at, n int64, name string) error {
	read := func(least, most int64) ([]byte, error) {
		if n < least {
			return nil, damaged(WebP, fmt.Errorf("%q chunk of %d bytes", name, n))
		}
		b, err := readAt(r, size, at, min(n, most))
		if err != nil {
			return nil, damaged(WebP, err)
		}
		return b, nil
	}
	switch name {
	case "VP8X":
		b, err := read(10, 10)
		if err != nil {
			return err
		}
		return p.webpExtended(b)
	case "VP8 ":
		b, err := read(10, 10)
		if err != nil {
			return err
		}
		return p.webpLossy(b)
	case "VP8L":
		b, err := read(5, 5)
		if err != nil {
			return err
		}
		return p.webpLossless(b)
	case "ICCP":
		if n > maxICC {
			return nil
		}
		b, err := read(0, maxICC)
		p.icc = b
		return err
	case "EXIF":
		if n > maxICC {
			return nil
		}
		b, err := read(0, maxICC)
		// Some writers put a JPEG's prefix before the structure.
		if len(b) > 6 && string(b[:6]) == "Exif\x00\x00" {
			b = b[6:]
		}
		p.exif, p.Orientation = b, exif.Orientation(b)
		return err
	}
	return nil
}

// webpExtended reads VP8X: flags, and a canvas that the picture must fill.
func (p *parsed) webpExtended(b []byte) error {
	if b[0]&0x02 != 0 {
		return unsupported("This is an animated WebP. CloudPic takes still WebP pictures.")
	}
	p.Width = 1 + int(b[4]) + int(b[5])<<8 + int(b[6])<<16
	p.Height = 1 + int(b[7]) + int(b[8])<<8 + int(b[9])<<16
	p.Alpha = b[0]&0x10 != 0
	return p.checkPixels()
}

// webpLossy reads the header of a VP8 key frame (RFC 6386, 9.1).
func (p *parsed) webpLossy(b []byte) error {
	if b[0]&1 != 0 || string(b[3:6]) != "\x9d\x01\x2a" {
		return damaged(WebP, fmt.Errorf("VP8 frame header % x", b))
	}
	p.Components, p.Subsampling = 3, image.YCbCrSubsampleRatio420
	return p.webpSize(int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff))
}

// webpLossless reads the header of a VP8L picture (RFC 9649, 3.4).
func (p *parsed) webpLossless(b []byte) error {
	bits := binary.LittleEndian.Uint32(b[1:])
	if b[0] != 0x2f || bits>>29 != 0 {
		return damaged(WebP, fmt.Errorf("VP8L header % x", b))
	}
	if bits>>28&1 != 0 {
		p.Alpha = true
	}
	p.Components, p.Subsampling = 4, image.YCbCrSubsampleRatio444
	return p.webpSize(1+int(bits&0x3fff), 1+int(bits>>14&0x3fff))
}

func (p *parsed) webpSize(w, h int) error {
	if p.Width != 0 && (p.Width != w || p.Height != h) {
		return damaged(WebP, fmt.Errorf("picture of %d × %d on a canvas of %d × %d", w, h, p.Width, p.Height))
	}
	p.Width, p.Height = w, h
	return nil
}
