package site

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

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

// scale puts values on the drawing. Drawing needs no more than a float's
// precision; every text is exact.
type scale struct{ low, high float64 }

func (s scale) x(v float64) float64 {
	if s.high == s.low {
		return plotWidth / 2
	}
	// Each is halved so that the widest range of int64 stays finite.
	return plotMargin + (plotWidth-2*plotMargin)*(v/2-s.low/2)/(s.high/2-s.low/2)
}

func drawPlot(order cloudcal.List, m cloudcal.Summary) templates.Plot {
	const half = cloudcal.Count / 2
	s := scale{float64(order[0]), float64(order[cloudcal.Count-1])}
	// The quartiles are the medians of the lower and the upper ten (Tukey's
	// hinges).
	lower, upper := between(order[half/2-1], order[half/2]), between(order[half+half/2-1], order[half+half/2])
	drawn, top := dots(order, s)
	p := templates.Plot{
		ViewBox: fmt.Sprintf("0 %s %g %s", num(top), plotWidth, num(plotHeight-top)),
		Dots:    drawn,
		Ticks:   ticks(s),
		AxisY:   num(axisY), AxisEnd: num(plotWidth),
		Box: boxPlot(s, order, lower.value, upper.value, m.Median.Float64()),
	}
	x := s.x(m.Mean.Float64())
	p.Mean = fmt.Sprintf("M%s %sl5 5-5 5-5-5z", num(x), num(boxTop+boxHeight/2-5))
	p.Description = fmt.Sprintf("Each dot is a number. The box goes from the lower quartile, %s, to the upper quartile, %s; "+
		"the line in it is the median, %s, the diamond the mean, %s. The whiskers reach from %d to %d.",
		lower.text, upper.text, m.Median, m.Mean, order[0], order[cloudcal.Count-1])
	return p
}

// dots piles up what would overlap, and tells where the drawing begins.
func dots(order cloudcal.List, s scale) (drawn []templates.Dot, top float64) {
	const columns = int(plotWidth / (2 * dotRadius))
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

func boxPlot(s scale, order cloudcal.List, lower, upper, median float64) templates.Box {
	left, right := s.x(lower), s.x(upper)
	return templates.Box{
		X: num(left), Y: num(boxTop), Width: num(math.Max(right-left, 1)), Height: num(boxHeight),
		MedianX: num(s.x(median)), Top: num(boxTop), Bottom: num(boxTop + boxHeight), MiddleY: num(boxTop + boxHeight/2),
		WhiskerLeft: num(s.x(float64(order[0]))), WhiskerRight: num(s.x(float64(order[cloudcal.Count-1]))),
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
		return []templates.Tick{tickAt(s, s.low)}
	}
	step := roundStep((s.high/2 - s.low/2) / 2.5) // a fifth of the range
	var out []templates.Tick
	first := math.Ceil(s.low / step)
	for i := range 12 {
		v := (first + float64(i)) * step
		if v > s.high {
			break
		}
		out = append(out, tickAt(s, v))
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

func tickAt(s scale, v float64) templates.Tick {
	x := s.x(v)
	t := templates.Tick{X: num(x), Y1: num(axisY), Y2: num(axisY + 5), TextY: num(axisY + 19), Text: axisText(v), Anchor: "middle"}
	switch width := float64(len(t.Text)) * 3.5; {
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
