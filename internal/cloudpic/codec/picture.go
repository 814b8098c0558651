package codec

import (
	"bytes"
	"fmt"
	"image"

	"cloudworks/internal/cloudpic/codec/exif"
)

// Mode says which pixels Decode gives.
type Mode int

const (
	// Planes gives a JPEG's or lossy WebP's YCbCr as the file has it.
	Planes Mode = iota
	// RGB gives what Pillow gives: colour JPEGs and WebPs with chroma
	// interpolated, as pixels. Grey stays grey.
	RGB
	// HalvedPlanes is Planes for a JPEG whose chroma is halved across (4:2:0,
	// 4:2:2) and RGB for all else: for what can work on those planes as if
	// chroma were interpolated.
	HalvedPlanes
)

// Metadata is what of a file's metadata goes into the result.
type Metadata struct {
	EXIF       []byte // a cleaned TIFF structure, or nil
	ICC        []byte // a profile that fits the pixels, or nil
	GPSRemoved bool   // the file said where it was taken
}

// Picture is a decoded file.
type Picture struct {
	Header
	// Image is an *image.YCbCr, *image.Gray or *image.NRGBA whose bounds start
	// at 0, 0. It may be changed in place.
	Image image.Image
	Meta  Metadata
	// Quality is the IJG quality of a JPEG's quantisation tables, 1 to 100,
	// estimated for tables that aren't the IJG's; 0 for other formats.
	Quality int

	source parsed
}

// Decode reads a picture. Its errors are *jobs.Error when the fault is the
// file's.
func Decode(data []byte, mode Mode) (picture *Picture, err error) {
	source, err := parse(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	defer rescue(source.Format, &err)
	p := &Picture{Header: source.Header, Quality: source.jpeg.quality, source: source}
	switch source.Format {
	case JPEG:
		p.Image, err = decodeJPEG(data, mode, &p.source)
	case PNG:
		p.Image, err = decodePNG(data, &p.source)
	case WebP:
		p.Image, err = decodeWebP(data, mode, &p.source)
	case GIF:
		p.Image, err = decodeGIF(data, &p.source)
	}
	if err != nil {
		return nil, err
	}
	if got, want := p.Image.Bounds(), image.Rect(0, 0, p.Width, p.Height); got != want {
		return nil, damaged(p.Format, fmt.Errorf("decoded %v, header %v", got, want))
	}
	p.Meta = p.metadata()
	return p, nil
}

// metadata picks what the result keeps.
func (p *Picture) metadata() Metadata {
	var m Metadata
	if p.source.exif != nil {
		clean, report, err := exif.Clean(p.source.exif)
		m.GPSRemoved = report.GPS
		switch {
		case err == nil:
			m.EXIF = clean
		case p.Orientation != 1:
			m.EXIF = exif.New(p.Orientation)
		}
	}
	if profileFits(p.source.icc, p.Image) {
		m.ICC = p.source.icc
	}
	return m
}

// profileFits reports whether a colour profile is sound and one for pixels
// such as img's.
func profileFits(icc []byte, img image.Image) bool {
	if !soundProfile(icc) {
		return false
	}
	_, grey := img.(*image.Gray)
	return string(icc[16:20]) == map[bool]string{true: "GRAY", false: "RGB "}[grey]
}

// soundProfile checks the size and the signature in a profile's header
// (ICC.1:2022, 7.2).
func soundProfile(icc []byte) bool {
	const header = 128
	if len(icc) < header || string(icc[36:40]) != "acsp" {
		return false
	}
	size := int64(icc[0])<<24 | int64(icc[1])<<16 | int64(icc[2])<<8 | int64(icc[3])
	return size <= int64(len(icc)) && size >= header
}

// Release gives the picture's memory to later ones. Image and everything made
// of it without a copy must not be used any more.
func (p *Picture) Release() {
	recycle(p.Image)
	p.Image = nil
}
