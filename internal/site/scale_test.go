package site

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cloudworks/internal/cloudcal"
)

// spread is how much of the drawing the middle ten get, 0 to 1.
func spread(s scale, order cloudcal.List) float64 {
	return (s.x(float64(order[14])) - s.x(float64(order[5]))) / plotWidth
}

func TestBrokenAxis(t *testing.T) {
	ordinary := cloudcal.List{12, 7, 3, 25, 18, 9, -4, 31, 16, 22, 7, 14, 11, 28, 5, 19, 40, 8, 13, 21}
	with := func(changed ...int64) cloudcal.List {
		l := ordinary
		copy(l[:], changed)
		return l
	}
	for name, c := range map[string]struct {
		list         cloudcal.List
		below, above int
	}{
		"ordinary":         {ordinary, 0, 0},
		"an outlier":       {with(150), 0, 0},
		"one far out":      {with(1 << 40), 0, 1},
		"one on each side": {with(math.MaxInt64, math.MinInt64), 1, 1},
		"five far out":     {with(1e6, 2e6, 3e6, 4e6, 5e9), 0, 5},
		"two heaps":        {with(1e6, 1e6, 1e6, 1e6, 1e6, 1e6, 1e6, 1e6), 0, 0},
		"all the same":     {cloudcal.List{}, 0, 0},
		"one not the same": {cloudcal.List{1}, 0, 0},
		"far but one":      {cloudcal.List{1e9}, 0, 1},
		"the whole range":  {cloudcal.List{math.MaxInt64, math.MaxInt64 / 2, math.MinInt64, math.MinInt64 / 2, 1 << 61, 1 << 60, 1 << 59, -1 << 61, -1 << 60, -1 << 59}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			order := c.list.Sorted()
			s := newScale(order)
			if len(s.below) != c.below || len(s.above) != c.above || len(s.breaks()) != min(c.below, 1)+min(c.above, 1) {
				t.Errorf("beyond breaks: %d and %d at %v, want %d and %d", len(s.below), len(s.above), s.breaks(), c.below, c.above)
			}
			if c.below+c.above > 0 && order[5] < order[14] && spread(s, order) < 0.15 {
				t.Errorf("the middle ten have %.0f %% of the drawing", 100*spread(s, order))
			}
			p := drawPlot(order, cloudcal.Compute(c.list))
			if got := strings.Contains(p.Description, "so far out"); got != (c.below+c.above > 0) || len(p.Breaks) != len(s.breaks()) {
				t.Errorf("%d breaks are drawn; the text says %q", len(p.Breaks), p.Description)
			}
		})
	}
}

// Whatever the numbers are, they stand in their order and on the drawing, and
// so do their mean and quartiles.
func TestScaleKeepsTheOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var l cloudcal.List
		for i := range l {
			l[i] = random.Int64() >> random.IntN(63)
			if random.IntN(2) == 0 {
				l[i] = -l[i]
			}
		}
		order := l.Sorted()
		s := newScale(order)
		before := 0.0
		for _, v := range order {
			x := s.x(float64(v))
			if math.IsNaN(x) || x < before || x > plotWidth {
				t.Fatalf("%v: %d is drawn at %g, after %g", order, v, x, before)
			}
			before = x
		}
		if mean := cloudcal.Compute(l).Mean.Float64(); s.x(mean) < s.x(float64(order[0])) || s.x(mean) > before {
			t.Fatalf("%v: the mean, %g, is drawn at %g", order, mean, s.x(mean))
		}
	}
}
