package cloudpic

import (
	"time"

	"cloudworks/internal/cloudpic/enhance"
	"cloudworks/internal/jobs"
)

// MaxPictures is how many pictures a batch may have.
const MaxPictures = 20

// Options say how a picture is to be enhanced.
type Options = enhance.Options

// Batch is what was dropped on the page together.
type Batch struct {
	ID      string
	Created time.Time
	Expires time.Time // when originals and results are deleted
	// Pictures are in the order of their numbers, which start at 1 and may
	// have gaps.
	Pictures []Picture
}

// Final reports whether every picture of the batch is in its last state.
func (b Batch) Final() bool {
	for _, p := range b.Pictures {
		if !p.State.Final() {
			return false
		}
	}
	return true
}

// Picture is one picture of a batch.
type Picture struct {
	Number              int    // 1 to MaxPictures
	Name                string // the file name as uploaded, for show alone
	State               jobs.State
	Options             Options // of the latest request
	Attempt             int     // 1 for the first request, then one more each time
	Original            File    // zero for a picture that was refused at the door
	Result              *Result // set when done
	Error               string  // says why, when failed or dead
	Code                jobs.Code
	Submitted, Answered time.Time
}

// File describes one stored picture file.
type File struct {
	ContentType   string
	Size          int64 // bytes
	Width, Height int   // pixels, upright
}

// Result is the enhanced picture and what was measured on it.
type Result struct {
	File
	Options       Options
	Before, After float64 // the quality index, 0 to 100
	Gain          float64 // per cent
	// Untouched: nothing made the picture better, so it is the original.
	Untouched bool
	// GPSRemoved: the original's place was in its metadata; the result's isn't.
	GPSRemoved bool
	// HistogramBefore and HistogramAfter count luma in 64 bins, scaled so
	// that the largest bin of the two is 255. Empty when unknown.
	HistogramBefore, HistogramAfter []uint8
}

// Variant names one of the files kept for a picture.
type Variant string

const (
	VariantOriginal Variant = "original" // as uploaded
	VariantEnhanced Variant = "enhanced" // the full result
	VariantBefore   Variant = "before"   // preview of the original, JPEG, longest side PreviewSize
	VariantAfter    Variant = "after"    // preview of the result, likewise
)

// PreviewSize is the longest side of a preview, in pixels.
const PreviewSize = 960
