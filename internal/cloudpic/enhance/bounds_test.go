package enhance

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// A rim along an edge is what shows oversharpening; a wide one, clarity gone
// wrong. On either side of a hill the tones must stay near to what they are
// far from it.
func TestNoHaloes(t *testing.T) {
	const w, h = 900, 600
	img := paintYCbCr(scenes["hill against the sky"], w, h, 1, image.YCbCrSubsampleRatio420)
	if r, err := Apply(img, Options{Auto, 30}); err != nil || r.Untouched {
		t.Fatalf("Apply: %+v, %v", r, err)
	}
	row := func(y int) float64 { return meanOf(img.Y[y*img.YStride : y*img.YStride+w]) }
	sky, hill := row(h/8), row(7*h/8)
	for _, d := range []int{1, 2, 3, 5, 10, 20, 40, 80} {
		most := 3.0
		if d <= 2 {
			most = 8 // sharpening
		}
		if got := row(h/2 - 1 - d); math.Abs(got-sky) > most {
			t.Errorf("sky %d rows above the edge: %.1f, far from it %.1f", d, got, sky)
		}
		if got := row(h/2 + d); math.Abs(got-hill) > most {
			t.Errorf("hill %d rows below the edge: %.1f, far from it %.1f", d, got, hill)
		}
	}
}

// In a clear sky the steps between levels mustn't show: neighbouring pixels
// of a smooth ramp may not move apart by more than the bound on slopes allows.
func TestNoBanding(t *testing.T) {
	const w, h = 1200, 300
	img := paintYCbCr(func(x, y float64) (r, g, b float64) {
		if y > 0.8 { // enough of a photograph not to be left alone
			v := 120 + 60*math.Sin(90*x)*math.Sin(40*y)
			return v, v, v
		}
		return 70 + 90*x, 120 + 80*x, 190 + 50*x
	}, w, h, 0, image.YCbCrSubsampleRatio444)
	rng := rand.New(rand.NewPCG(9, 9))
	for i := h * 8 / 10 * w; i < len(img.Y); i++ {
		img.Y[i] = clamp8(int32(img.Y[i]) + int32(rng.IntN(9)) - 4)
	}
	was := cloneYCbCr(img)
	src, _ := rowsOf(img)
	s := newScene(newSketch(src), src)
	p := newPlan(s)
	p.at(1).render(ycbcrPlanes(img))
	for _, plane := range []struct {
		name     string
		was, now []uint8
		most     float64 // rounding makes steps of one level, and chroma follows luma too
	}{{"luma", was.Y, img.Y, 1.01}, {"Cb", was.Cb, img.Cb, 2.01}, {"Cr", was.Cr, img.Cr, 2.01}} {
		worst := 0.0
		for y := range h / 2 {
			for x := 1; x < w; x++ {
				i := y*w + x
				before := math.Abs(float64(plane.was[i]) - float64(plane.was[i-1]))
				after := math.Abs(float64(plane.now[i]) - float64(plane.now[i-1]))
				worst = max(worst, after-2.2*before)
			}
		}
		if worst > plane.most {
			t.Errorf("%s: a step of %.1f levels more than the slope allows", plane.name, worst)
		}
	}
}

// A computed gradient may be taken for a photograph; it must stay smooth.
func TestGradientStaysSmooth(t *testing.T) {
	for name, at := range map[string]func(x, y int) int{
		"across":   func(x, y int) int { return 40 + x/4 },
		"diagonal": func(x, y int) int { return 20 + (x+y)/5 },
		"round":    func(x, y int) int { return int(200 - math.Hypot(float64(x-300), float64(y-200))/3) },
	} {
		img := image.NewGray(image.Rect(0, 0, 600, 400))
		for i := range img.Pix {
			img.Pix[i] = uint8(at(i%600, i/600))
		}
		if _, err := Apply(img, Options{Auto, 30}); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(img.Pix); i++ {
			if d := int(img.Pix[i]) - int(img.Pix[i-1]); i%600 != 0 && max(d, -d) > 3 {
				t.Fatalf("%s: a step of %d levels at %d, %d; it was 1", name, d, i%600, i/600)
			}
		}
	}
}

// Whatever the picture, a brighter level never comes out darker, and no slope
// is beyond its bounds.
func TestTonesRise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	for range 100 {
		img := randomScene(rng, 20+rng.IntN(200), 20+rng.IntN(200))
		p := newPlan(testScene(img))
		if p.tone[0] != 0 || math.Abs(p.tone[255]-255) > 1e-9 {
			t.Fatalf("ends at %v and %v", p.tone[0], p.tone[255])
		}
		for v := 1; v < 256; v++ {
			if slope := p.tone[v] - p.tone[v-1]; slope < 0.15 || slope > 2.6 {
				t.Fatalf("slope %v at %d", slope, v)
			}
		}
		for _, strength := range []float64{0.1, 0.5, 1} {
			luma := p.at(strength).luma
			for i := range luma {
				if i%256 != 0 && luma[i] < luma[i-1] {
					t.Fatalf("strength %v, node %d: level %d comes out darker than %d", strength, i/256, i%256, i%256-1)
				}
			}
		}
	}
}

func TestPlanAtNoStrengthChangesNothing(t *testing.T) {
	for name, img := range photographs(t) {
		was := cloneYCbCr(img)
		newPlan(testScene(img)).at(0).render(ycbcrPlanes(img))
		if !samePlanes(img, was) {
			t.Errorf("%s: changed", name)
		}
	}
}

func TestMonotone(t *testing.T) {
	for _, tc := range []struct{ x, y []float64 }{
		{[]float64{0, 20, 230, 255}, []float64{0, 5, 248, 255}},
		{[]float64{0, 0.2, 254.9, 255}, []float64{0, 0, 255, 255}},
		{[]float64{0, 100, 110, 255}, []float64{0, 90, 130, 255}},
	} {
		f := monotone(tc.x, tc.y)
		last := math.Inf(-1)
		for v := range 256 {
			got := f(float64(v))
			if got < last-1e-9 || got < -1e-9 || got > 255+1e-9 {
				t.Fatalf("%v to %v: f(%d) = %v after %v", tc.x, tc.y, v, got, last)
			}
			last = got
		}
	}
}
