package site

import (
	"fmt"
	"strconv"
	"strings"

	"cloudworks/internal/cloudpic"
	"cloudworks/templates"
)

// drawHistogram draws brightness before and after in a view box of 64 by 32,
// one unit a bin; nil when it is unknown.
func drawHistogram(res cloudpic.Result) *templates.Histogram {
	if len(res.HistogramBefore) == 0 || len(res.HistogramBefore) != len(res.HistogramAfter) {
		return nil
	}
	return &templates.Histogram{
		Before: histogramPath(res.HistogramBefore), After: histogramPath(res.HistogramAfter),
		Description: "Brightness. Before: " + shares(res.HistogramBefore) + ". After: " + shares(res.HistogramAfter) + ".",
	}
}

// histogramPath is the outline of the bins, closed along the bottom.
func histogramPath(bins []uint8) string {
	var b strings.Builder
	b.WriteString("M0 32")
	for i, v := range bins {
		b.WriteString("L" + num((float64(i)+0.5)*64/float64(len(bins))) + " " + num(32-30*float64(v)/255))
	}
	b.WriteString("L64 32z")
	return b.String()
}

// shares tells how much is dark, in between and bright: thirds of the range.
func shares(bins []uint8) string {
	var sums [3]int
	total := 0
	for i, v := range bins {
		sums[i*3/len(bins)] += int(v)
		total += int(v)
	}
	if total == 0 {
		return "unknown"
	}
	per := func(n int) string { return strconv.Itoa((200*n+total)/(2*total)) + " %" }
	return fmt.Sprintf("%s dark, %s middling, %s bright", per(sums[0]), per(sums[1]), per(sums[2]))
}
