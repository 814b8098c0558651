//go:build !linux || !(amd64 || arm64)

package turbo

import (
	"fmt"
	"image"
	"runtime"
)

// Library is never loaded on this system.
type Library struct{}

// Load says that there is no library.
func Load() (*Library, error) {
	return nil, fmt.Errorf("%w: not used on %s/%s", ErrMissing, runtime.GOOS, runtime.GOARCH)
}

// Name is empty.
func (*Library) Name() string { return "" }

// DecodePlanes is ErrMissing.
func (*Library) DecodePlanes([]byte, *image.YCbCr) error { return ErrMissing }

// DecodePixels is ErrMissing.
func (*Library) DecodePixels(_, _ []byte, _, _, _ int, _ PixelFormat) error { return ErrMissing }

// EncodePlanes is ErrMissing.
func (*Library) EncodePlanes(*image.YCbCr, Quality, func([]byte)) error { return ErrMissing }

// EncodePixels is ErrMissing.
func (*Library) EncodePixels([]byte, int, int, int, PixelFormat, image.YCbCrSubsampleRatio, Quality, func([]byte)) error {
	return ErrMissing
}
