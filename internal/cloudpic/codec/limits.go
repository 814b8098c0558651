package codec

import (
	"fmt"
	"math"

	"cloudworks/internal/jobs"
)

const (
	// MaxBytes is the largest file taken: 25 MB, counted as binary megabytes
	// so that nobody's 25 MB is refused.
	MaxBytes = 25 << 20
	// MaxPixels is the largest picture taken: 50 megapixels, counted as
	// generously, because cameras sold as such have up to 50.4 million.
	MaxPixels = 50 << 20

	maxMegapixels = 50
	// maxICC is the largest colour profile carried over.
	maxICC = 4 << 20
)

const taken = "CloudPic takes JPEG, PNG, WebP and GIF pictures."

// checkSize refuses a file by its length.
func checkSize(size int64) error {
	switch {
	case size <= 0:
		return jobs.Errorf(jobs.CodeInvalid, "The file is empty. %s", taken)
	case size > MaxBytes:
		return jobs.Errorf(jobs.CodeTooLarge, "The file has %s MB; the limit is %d MB.", above(float64(size)/(1<<20), MaxBytes>>20), MaxBytes>>20)
	}
	return nil
}

// checkPixels refuses a picture by its width and height.
func (h Header) checkPixels() error {
	switch {
	case h.Width <= 0 || h.Height <= 0:
		return damaged(h.Format, fmt.Errorf("%d × %d pixels", h.Width, h.Height))
	case int64(h.Width)*int64(h.Height) > MaxPixels:
		return jobs.Errorf(jobs.CodeTooLarge, "%d × %d pixels is %s megapixels; the limit is %d.", h.Width, h.Height, above(h.megapixels(), maxMegapixels), maxMegapixels)
	}
	return nil
}

// above writes a number that is above limit with as few decimals as still
// show that it is.
func above(v float64, limit int) string {
	if math.Round(v) > float64(limit) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", math.Max(v, float64(limit)+0.1))
}
