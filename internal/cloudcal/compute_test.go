package cloudcal

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// reference works the figures out again with math/big.
func reference(l List) (lo, hi int64, mean, median string) {
	total := new(big.Int)
	sorted := slices.Clone(l[:])
	slices.SortFunc(sorted, func(a, b int64) int { return big.NewInt(a).Cmp(big.NewInt(b)) })
	for _, n := range l {
		total.Add(total, big.NewInt(n))
	}
	middle := new(big.Int).Add(big.NewInt(sorted[9]), big.NewInt(sorted[10]))
	return sorted[0], sorted[19], decimal(total, 20), decimal(middle, 2)
}

func decimal(sum *big.Int, d int64) string {
	text := new(big.Rat).SetFrac(sum, big.NewInt(d)).FloatString(2)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		text = "0"
	}
	return text
}

func check4(t *testing.T, l List) {
	t.Helper()
	s := Compute(l)
	lo, hi, mean, median := reference(l)
	if s.Min != lo || s.Max != hi || s.Mean.String() != mean || s.Median.String() != median {
		t.Errorf("Compute(%s) = %d %d %s %s, want %d %d %s %s", l, s.Min, s.Max, s.Mean, s.Median, lo, hi, mean, median)
	}
	for _, d := range []Decimal{s.Mean, s.Median} {
		again, err := ParseDecimal(d.String())
		if err != nil || again != d {
			t.Errorf("ParseDecimal(%q) = %v, %v", d, again, err)
		}
	}
}

func TestComputeEdges(t *testing.T) {
	repeat := func(values ...int64) (l List) {
		for i := range l {
			l[i] = values[i%len(values)]
		}
		return l
	}
	one := func(n int64) (l List) { l[0] = n; return l }
	for _, l := range []List{
		{}, one(1), one(-1), one(19), one(-7), one(math.MaxInt64), one(math.MinInt64),
		repeat(math.MaxInt64), repeat(math.MinInt64), repeat(math.MinInt64, math.MaxInt64),
		repeat(math.MaxInt64, math.MaxInt64-1), repeat(math.MinInt64, math.MinInt64+1), repeat(-1, 0), repeat(1, 2, 3),
	} {
		check4(t, l)
	}
}

func TestComputeAgainstBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var l List
		shift := r.IntN(64)
		for i := range l {
			l[i] = int64(r.Uint64()) >> shift
		}
		check4(t, l)
	}
}

func TestComputeKeepsTheList(t *testing.T) {
	l := List{3, 1, 2}
	Compute(l)
	if l != (List{3, 1, 2}) {
		t.Errorf("Compute changed the list to %s", l)
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0.5", "12.35", "12.", "1.234", "-", ".5", "00", "18446744073709551615.99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ParseDecimal(text); err == nil && d.String() != text {
			t.Errorf("ParseDecimal(%q).String() = %q", text, d)
		}
	})
}

func BenchmarkCompute(b *testing.B) {
	l := List{5, 3, 8, -2, 9, 1, 0, 4, 7, 6, 15, 13, 18, -12, 19, 11, 10, 14, 17, 16}
	for b.Loop() {
		Compute(l)
	}
}
