package site

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"cloudworks/internal/cloudcal"
	"cloudworks/templates"
)

// The drawing of a list: dots piled up where values lie close, a box plot
// below, and an axis. Units are those of the view box.
const (
	plotWidth  = 400.0
	plotMargin = 14.0
	dotRadius  = 5.0
	dotFloor   = 78.0 // y of the lowest dots
	boxTop     = 92.0
	boxHeight  = 22.0
	axisY      = 132.0
	plotHeight = 158.0
)

func drawPlot(order cloudcal.List, m cloudcal.Summary) templates.Plot {
	const half = cloudcal.Count / 2
	s := newScale(order)
	// The quartiles are the medians of the lower and the upper ten (Tukey's
	// hinges).
	lower, upper := between(order[half/2-1], order[half/2]), between(order[half+half/2-1], order[half+half/2])
	drawn, top := dots(order, s)
	p := templates.Plot{
		ViewBox: fmt.Sprintf("0 %s %g %s", num(top), plotWidth, num(plotHeight-top)),
		Dots:    drawn,
		Ticks:   append(ticks(s), beyondTicks(s)...),
		AxisY:   num(axisY), AxisEnd: num(plotWidth), Breaks: breakPaths(s),
		Box: boxPlot(s, lower.value, upper.value, m.Median.Float64()),
	}
	x := s.x(m.Mean.Float64())
	p.Mean = fmt.Sprintf("M%s %sl5 5-5 5-5-5z", num(x), num(boxTop+boxHeight/2-5))
	p.Description = fmt.Sprintf("Each dot is a number. The box goes from the lower quartile, %s, to the upper quartile, %s; "+
		"the line in it is the median, %s, the diamond the mean, %s. The whiskers reach from %d to %d.",
		lower.text, upper.text, m.Median, m.Mean, order[len(s.below)], order[cloudcal.Count-1-len(s.above)])
	if far := len(s.below) + len(s.above); far > 0 {
		p.Description += " " + farWords(far)
	}
	return p
}

// farWords says what the breaks mean.
func farWords(far int) string {
	if far == 1 {
		return "One number lies so far out that the axis is broken: beyond the break it stands for itself, not in proportion."
	}
	return fmt.Sprintf("%d numbers lie so far out that the axis is broken: beyond the breaks they stand in their order, not in proportion.", far)
}

// breakPaths are the marks of the breaks: two strokes across the axis, with
// nothing between them. The stylesheet leaves out the short sides.
func breakPaths(s scale) (paths []string) {
	for _, x := range s.breaks() {
		paths = append(paths, fmt.Sprintf("M%s %sl4-10h4l-4 10z", num(x-4), num(axisY+5)))
	}
	return paths
}

// beyondTicks name the outermost values beyond the breaks.
func beyondTicks(s scale) (out []templates.Tick) {
	for _, side := range [][]spot{s.below[:min(len(s.below), 1)], s.above[max(len(s.above)-1, 0):]} {
		for _, outermost := range side {
			out = append(out, tickAt(outermost.x, axisText(outermost.value)))
		}
	}
	return out
}

// dots piles up what would overlap, and tells where the drawing begins.
func dots(order cloudcal.List, s scale) (drawn []templates.Dot, top float64) {
	const columns = int(plotWidth / (2 * dotRadius)) // each as wide as a dot
	var piled [columns + 1]int
	out := make([]templates.Dot, 0, cloudcal.Count)
	highest := 0
	for _, n := range order {
		c := column(s.x(float64(n)))
		piled[c]++
		highest = max(highest, piled[c])
	}
	// A high pile is drawn closer together so that it stays on the picture.
	step := math.Min(2*dotRadius+1, (dotFloor-dotRadius-4)/math.Max(1, float64(highest-1)))
	piled = [columns + 1]int{}
	for i, n := range order {
		x := s.x(float64(n))
		c := column(x)
		y := dotFloor - dotRadius - float64(piled[c])*step
		piled[c]++
		out = append(out, templates.Dot{
			X: num(x), Y: num(y), R: num(dotRadius), Title: strconv.FormatInt(n, 10),
			Middle: i == cloudcal.Count/2-1 || i == cloudcal.Count/2,
		})
	}
	return out, dotFloor - 2*dotRadius - float64(highest-1)*step - 3
}

func column(x float64) int { return int(x / (2 * dotRadius)) }

func boxPlot(s scale, lower, upper, median float64) templates.Box {
	left, right := s.x(lower), s.x(upper)
	return templates.Box{
		X: num(left), Y: num(boxTop), Width: num(math.Max(right-left, 1)), Height: num(boxHeight),
		MedianX: num(s.x(median)), Top: num(boxTop), Bottom: num(boxTop + boxHeight), MiddleY: num(boxTop + boxHeight/2),
		WhiskerLeft: num(s.x(s.low)), WhiskerRight: num(s.x(s.high)),
		CapTop: num(boxTop + 6), CapBottom: num(boxTop + boxHeight - 6),
	}
}

// quartile is a value halfway between two, for drawing and in exact digits.
type quartile struct {
	value float64
	text  string
}

func between(a, b int64) quartile {
	sum := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
	text := new(big.Rat).SetFrac(sum, big.NewInt(2)).FloatString(1)
	return quartile{float64(a)/2 + float64(b)/2, strings.TrimSuffix(text, ".0")}
}

// ticks marks the axis at 3 to 7 round values: steps of 1, 2 or 5 times a
// power of ten.
func ticks(s scale) []templates.Tick {
	if s.low == s.high {
		return []templates.Tick{tickAt(s.x(s.low), axisText(s.low))}
	}
	step := roundStep((s.high/2 - s.low/2) / 2.5) // a fifth of the range
	var out []templates.Tick
	first := math.Ceil(s.low / step)
	for i := range 12 {
		v := (first + float64(i)) * step
		if v > s.high {
			break
		}
		out = append(out, tickAt(s.x(v), axisText(v)))
	}
	return out
}

// roundStep gives the next of 1, 2, 5, 10 … from v on; values are whole, so
// is every step.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*power >= v*0.999 {
			return math.Max(1, m*power)
		}
	}
	return 10 * power
}

func tickAt(x float64, text string) templates.Tick {
	t := templates.Tick{X: num(x), Y1: num(axisY), Y2: num(axisY + 5), TextY: num(axisY + 19), Text: text, Anchor: "middle"}
	switch width := float64(utf8.RuneCountInString(t.Text)) * 4.2; { // half, at the size that a phone has
	case x-width < 0:
		t.Anchor = "start"
	case x+width > plotWidth:
		t.Anchor = "end"
	}
	return t
}

// axisText writes large values as powers of ten, to fit.
func axisText(v float64) string {
	if v == 0 {
		return "0"
	}
	if math.Abs(v) < 1e6 {
		return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "-", "−", 1)
	}
	power := math.Floor(math.Log10(math.Abs(v)))
	digits := strconv.FormatFloat(v/math.Pow(10, power), 'f', 1, 64)
	text := strings.TrimSuffix(digits, ".0") + "e" + strconv.Itoa(int(power))
	return strings.Replace(text, "-", "−", 1)
}

// num writes a coordinate with at most one decimal.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}
