package codec

import (
	"image"
)

// Format is a kind of picture file that CloudPic takes.
type Format string

// The formats that are taken.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	GIF  Format = "gif"
)

// ContentType is the format's media type.
func (f Format) ContentType() string { return "image/" + string(f) }

// String is the format's name as people write it.
func (f Format) String() string {
	switch f {
	case JPEG:
		return "JPEG"
	case PNG:
		return "PNG"
	case WebP:
		return "WebP"
	case GIF:
		return "GIF"
	}
	return string(f)
}

// Header is what a file says of itself before any pixel is decoded.
type Header struct {
	Format        Format
	Width, Height int // pixels as they lie in the file, before Orientation

	// Progressive: a progressive JPEG or an interlaced PNG or GIF.
	Progressive bool
	// Components of a pixel in the file: 1 grey or palette, 2 grey and alpha,
	// 3 colour, 4 colour and alpha, or CMYK in a JPEG.
	Components int
	Depth      int  // bits a component
	Alpha      bool // pixels may be transparent

	// Subsampling of a JPEG's or lossy WebP's chroma.
	Subsampling image.YCbCrSubsampleRatio
	// Orientation is the EXIF tag, 1 to 8; 1 means upright.
	Orientation int
	// Cost is CostIn(Planes).
	Cost int64
}

// ContentType is the media type of the file.
func (h Header) ContentType() string { return h.Format.ContentType() }

// Upright gives width and height as a viewer shows them, that is after
// Orientation.
func (h Header) Upright() (width, height int) {
	if h.Orientation >= 5 {
		return h.Height, h.Width
	}
	return h.Width, h.Height
}

// megapixels is the picture's size in millions of pixels.
func (h Header) megapixels() float64 { return float64(h.Width) * float64(h.Height) / 1e6 }
