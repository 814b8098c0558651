package codec

import (
	"image"

	"cloudworks/internal/cloudpic/codec/baseline"
)

// Bytes of memory at the peak, measured as resident memory on pictures of 48
// megapixels with both JPEG libraries and rounded up: decoding, two previews
// and encoding together.
const (
	// costSample is for each sample of a JPEG's planes, which are held once.
	costSample = 1.0
	// costCoefficient is for each sample of a progressive JPEG: libjpeg-turbo
	// holds 2 bytes for its coefficient, Go's decoder 4.
	costCoefficient = 4.0
	// costWork is for each pixel: previews, strips, and the file written.
	costWork = 0.7
	// costRGB is for each pixel on top, when a JPEG becomes pixels and Go's
	// encoder makes planes of them again.
	costRGB = 5.6
	// costPixel is for each pixel of what isn't a JPEG: pixels, the decoder's
	// copy of them, and the encoder's palette or turned copy.
	costPixel = 14.0
	// costDeep is costPixel for 16 bits.
	costDeep = 22.0
	// costLeast is for any picture.
	costLeast = 1 << 20
)

// CostIn estimates the memory, in bytes, that decoding in a mode, enhancing
// and encoding takes at its peak, without the file's own bytes.
func (h Header) CostIn(mode Mode) int64 {
	pixels := float64(h.Width) * float64(h.Height)
	switch {
	case h.Format == JPEG && h.Components != 4:
		return int64(pixels*h.jpegCost(mode)) + costLeast
	case h.Depth > 8:
		return int64(pixels*costDeep) + costLeast
	}
	return int64(pixels*costPixel) + costLeast
}

// jpegCost is bytes a pixel.
func (h Header) jpegCost(mode Mode) float64 {
	samples := 1.0
	if h.Components > 1 {
		hs, vs := baseline.Factors(h.Subsampling)
		samples += 2 / float64(hs*vs)
	}
	cost := samples*costSample + costWork
	if h.Progressive {
		cost += samples * costCoefficient
	}
	if !h.onPlanes(mode) && h.Components > 1 {
		cost += costRGB
	}
	return cost
}

// onPlanes reports whether the planes of a JPEG of luma and chroma are what a
// mode gives.
func (h Header) onPlanes(mode Mode) bool {
	halved := h.Subsampling == image.YCbCrSubsampleRatio420 || h.Subsampling == image.YCbCrSubsampleRatio422
	return mode == Planes || mode == HalvedPlanes && halved
}
