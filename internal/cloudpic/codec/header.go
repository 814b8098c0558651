package codec

import (
	"errors"
	"fmt"
	"io"
)

// ReadHeader tells what the file in r, of size bytes, is. It reads no pixels.
// A file that CloudPic doesn't take is refused with a *jobs.Error whose
// message names what it is and what would be right.
func ReadHeader(r io.ReaderAt, size int64) (Header, error) {
	p, err := parse(r, size)
	return p.Header, err
}

// parsed is a header with the metadata found on the way to it.
type parsed struct {
	Header
	exif []byte // raw TIFF structure, or nil
	icc  []byte // colour profile, or nil

	jpeg jpegDetails
	png  pngDetails
	gif  gifDetails
}

// parse reads everything but pixels.
func parse(r io.ReaderAt, size int64) (p parsed, err error) {
	if err := checkSize(size); err != nil {
		return p, err
	}
	head := make([]byte, min(size, sniffLength))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return p, fmt.Errorf("read picture: %w", orEOF(err))
	}
	format, err := sniff(head)
	if err != nil {
		return p, err
	}
	defer rescue(format, &err)
	p.Format, p.Orientation, p.Depth = format, 1, 8
	switch format {
	case JPEG:
		err = p.parseJPEG(r, size)
	case PNG:
		err = p.parsePNG(r, size)
	case WebP:
		err = p.parseWebP(r, size)
	case GIF:
		err = p.parseGIF(r, size)
	}
	if err != nil {
		return p, err
	}
	if err := p.checkPixels(); err != nil {
		return p, err
	}
	p.Cost = p.CostIn(Planes)
	return p, nil
}

func orEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readAt reads n bytes at offset; to run past size is io.ErrUnexpectedEOF.
func readAt(r io.ReaderAt, size, offset, n int64) ([]byte, error) {
	if n < 0 || offset < 0 || offset > size || n > size-offset {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	if got, err := r.ReadAt(b, offset); int64(got) < n {
		return nil, orEOF(err)
	}
	return b, nil
}
