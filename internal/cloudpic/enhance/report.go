package enhance

// Report says what Apply did and what was measured.
type Report struct {
	// Before and After are the quality index of the picture as it came and
	// of the result, each in (0, 100].
	Before, After float64
	// Gain is (After/Before − 1)·100, in per cent.
	Gain float64
	// Untouched says that no pixel was changed: nothing made the picture
	// better, or strength 0 was asked.
	Untouched bool
	// Spoiled says that a picture too large to be copied turned out no better
	// than it was, or better by more than was asked, or clipped too much. The
	// report is that of an untouched one, but the caller must get its pixels
	// anew. It is rare: of photographs none is known, of dithered pictures about
	// one in forty.
	Spoiled bool
	// Strength is how much of the recipe was used, 0 to 1.
	Strength float64
	// ClippedBefore and ClippedAfter are the share of pixels, 0 to 1, with a
	// colour channel at 0 or 255, estimated from evenly spread pixels.
	ClippedBefore, ClippedAfter float64
	// HistogramBefore and HistogramAfter count evenly spread pixels.
	HistogramBefore, HistogramAfter Histogram
}

// HistogramBins is the number of bins of a Histogram; each is 4 levels wide.
const HistogramBins = 64

// Histogram counts pixels by level. The same number of pixels is counted
// before and after, so that the two can be compared bin by bin.
type Histogram struct {
	Luma, R, G, B [HistogramBins]uint32
}

// gain is the rise from before to after in per cent.
func gain(before, after float64) float64 { return (after/before - 1) * 100 }
