package codec

import (
	"errors"
	"fmt"
	"image"

	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

// maxScans bounds the scans of a JPEG; encoders write about 10.
const maxScans = 100

// maxScanPixels bounds scans times pixels: each scan of a progressive JPEG
// goes over the whole picture, however short its bytes are.
const maxScanPixels = 1000e6

func decodeJPEG(data []byte, mode Mode, p *parsed) (image.Image, error) {
	scans := jfif.Scans(data, maxScans+1)
	if scans > maxScans || float64(scans)*float64(p.Width)*float64(p.Height) > maxScanPixels {
		return nil, unsupported("The JPEG is stored in more passes than any camera or editor uses. Saving it anew in a picture editor makes it readable.")
	}
	if !p.Progressive && len(data) < p.leastBytes() {
		return nil, damaged(JPEG, errCutOff)
	}
	if !jfif.Ended(data) {
		if p.Progressive && !p.jpeg.info.Complete(data) {
			return nil, damaged(JPEG, errCutOff)
		}
		data = ended(data)
	}
	l := library()
	img, err := decodeJPEGBy(l, data, mode, p)
	if wantsSecondOpinion(l, err) {
		img, err = decodeJPEGBy(goJPEG{}, data, mode, p)
	}
	if err != nil {
		return nil, damagedJPEG(err)
	}
	return img, nil
}

// leastBytes is what a sequential JPEG of these dimensions takes at the least:
// two bits a block, one for the mean and one for the end. It finds out a
// header that promises far more than the file holds, before its planes are
// allocated.
func (p *parsed) leastBytes() int {
	samples := 0
	mh, mv := 1, 1
	for _, c := range p.jpeg.info.Components {
		mh, mv = max(mh, int(c.H)), max(mv, int(c.V))
	}
	for _, c := range p.jpeg.info.Components {
		samples += p.Width * p.Height * int(c.H) * int(c.V) / (mh * mv)
	}
	return samples / 64 * 2 / 8
}

func decodeJPEGBy(l jpegLibrary, data []byte, mode Mode, p *parsed) (image.Image, error) {
	colour := p.jpeg.colour
	if colour == jfif.Grey || colour == jfif.YCbCr && p.onPlanes(mode) {
		return l.planes(data, p)
	}
	img, err := l.pixels(data, p)
	if err != nil {
		return nil, err // not a nil *image.NRGBA in an interface
	}
	return img, nil
}

// wantsSecondOpinion: libjpeg-turbo warns of harmless oddities and of missing
// data alike, and goes on; Go's decoder bears the first and refuses the second.
// What the planar interface doesn't know, Go's decoder reads as well.
func wantsSecondOpinion(l jpegLibrary, err error) bool {
	if _, isTurbo := l.(turboJPEG); !isTurbo || err == nil {
		return false
	}
	var warned *turbo.Error
	return errors.Is(err, turbo.ErrUnsuited) || errors.As(err, &warned) && warned.Warning
}

// ended appends the end marker. If only that was missing the picture is whole;
// if more was, the decoder finds out.
func ended(data []byte) []byte {
	return append(data[:len(data):len(data)], 0xFF, 0xD9)
}

// damagedJPEG tells a cut-off file from one that is damaged otherwise.
func damagedJPEG(err error) error {
	if isCutOff(err) {
		err = fmt.Errorf("%w: %w", errCutOff, err)
	}
	return damaged(JPEG, err)
}
