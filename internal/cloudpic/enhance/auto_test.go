package enhance

import (
	"bytes"
	"image"
	_ "image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// photographs are the pieces in testdata.
func photographs(t testing.TB) map[string]*image.YCbCr {
	t.Helper()
	files, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata: %d photographs, %v", len(files), err)
	}
	out := map[string]*image.YCbCr{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			t.Fatalf("decode %s: %v", name, err)
		}
		out[filepath.Base(name)] = img.(*image.YCbCr)
	}
	return out
}

func checkReport(t *testing.T, name string, r Report, strength int) {
	t.Helper()
	if r.Before <= 0 || r.Before > 100 || r.After <= 0 || r.After > 100 {
		t.Errorf("%s: index %v to %v, want within (0, 100]", name, r.Before, r.After)
	}
	if r.Untouched {
		if r.Gain != 0 || r.Strength != 0 || r.HistogramAfter != r.HistogramBefore {
			t.Errorf("%s: untouched, but gain %v, strength %v", name, r.Gain, r.Strength)
		}
		return
	}
	if r.Gain <= 0 || r.Gain > float64(strength) {
		t.Errorf("%s: gain %v, want within (0, %d]", name, r.Gain, strength)
	}
	if r.Strength <= 0 || r.Strength > 1 {
		t.Errorf("%s: strength %v, want within (0, 1]", name, r.Strength)
	}
	if got := (r.After/r.Before - 1) * 100; math.Abs(got-r.Gain) > 1e-9 {
		t.Errorf("%s: gain %v, but indexes give %v", name, r.Gain, got)
	}
}

func TestAutoOnPhotographs(t *testing.T) {
	for name, photo := range photographs(t) {
		for _, strength := range []int{1, 5, 15, 30} {
			img := cloneYCbCr(photo)
			r, err := Apply(img, Options{Auto, strength})
			if err != nil {
				t.Fatalf("%s at %d: %v", name, strength, err)
			}
			checkReport(t, name, r, strength)
			if r.Untouched {
				t.Errorf("%s at %d: untouched", name, strength)
			}
			if got := Index(img); got != r.After {
				t.Errorf("%s at %d: Report.After %v, Index of the result %v", name, strength, r.After, got)
			}
			added := clippedPixels(toTestNRGBA(img)) - clippedPixels(toTestNRGBA(photo))
			if added > 0.03 {
				t.Errorf("%s at %d: clips %.1f points more, want at most 3", name, strength, 100*added)
			}
		}
	}
}

// The gain is within what was asked whatever the picture, or nothing changed.
func TestGainIsHeld(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 120 {
		w, h := 1+rng.IntN(300), 1+rng.IntN(300)
		if i%3 == 0 {
			w, h = 1+rng.IntN(40), 1+rng.IntN(40)
		}
		if i%40 == 0 {
			w, h = 1300, 900 // too large to be copied
		}
		img := randomScene(rng, w, h)
		was := cloneYCbCr(img)
		strength := 1 + rng.IntN(MaxStrength)
		r, err := Apply(img, Options{Auto, strength})
		if err != nil {
			t.Fatal(err)
		}
		checkReport(t, was.Rect.String()+" "+was.SubsampleRatio.String(), r, strength)
		if r.Untouched && !samePlanes(img, was) {
			t.Errorf("%v: untouched, but pixels differ", was.Rect)
		}
	}
}

// randomScene is ramps and noise.
func randomScene(rng *rand.Rand, w, h int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio(rng.IntN(6)))
	low, span, sx, sy := rng.IntN(200), 1+rng.IntN(55), rng.IntN(3), rng.IntN(3)
	for k := range img.Y {
		x, y := k%img.YStride, k/img.YStride
		img.Y[k] = clamp8(int32(low + rng.IntN(span) + (x*sx+y*sy)/4))
	}
	low, span = 100+rng.IntN(50), 1+rng.IntN(20)
	for k := range img.Cb {
		img.Cb[k], img.Cr[k] = uint8(low+rng.IntN(span)), uint8(256-low-rng.IntN(span))
	}
	return img
}

func samePlanes(a, b *image.YCbCr) bool {
	return bytes.Equal(a.Y, b.Y) && bytes.Equal(a.Cb, b.Cb) && bytes.Equal(a.Cr, b.Cr)
}

// Where the sketch deceives, as with a dithered picture, and the picture is too
// large to be copied, the caller is told that it was spoiled for nothing.
func TestSpoiled(t *testing.T) {
	was := dithered(1300, 900)
	img := cloneYCbCr(was)
	r, err := Apply(img, Options{Auto, 30})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, "dithered", r, 30)
	if !r.Spoiled || !r.Untouched || samePlanes(img, was) {
		t.Errorf("spoiled %v, untouched %v, gain %.2f, want a picture spoiled", r.Spoiled, r.Untouched, r.Gain)
	}
}

// A result must be better, by no more than was asked, without clipping much.
func TestKeepsPromise(t *testing.T) {
	flat := func(low, high uint8, clip int) *sketch { // a ramp, of which clip in a hundred columns are white
		img := image.NewGray(image.Rect(0, 0, 400, 300))
		for i := range img.Pix {
			x := i % 400
			img.Pix[i] = low + uint8(int(high-low)*x/400)
			if x%100 < clip {
				img.Pix[i] = 255
			}
		}
		src, err := rowsOf(img)
		if err != nil {
			t.Fatal(err)
		}
		return newSketch(src)
	}
	dull, better := flat(100, 140, 0), flat(95, 150, 0)
	rise := gain(dull.index(), better.index())
	for _, tc := range []struct {
		name          string
		before, after *sketch
		strength      int
		want          bool
	}{
		{"better", dull, better, int(rise) + 1, true},
		{"better by more than asked", dull, better, int(rise), false},
		{"no better", dull, dull, 30, false},
		{"worse", better, dull, 30, false},
		{"clips", dull, flat(95, 150, 4), 1000, false},
		{"clips a little", dull, flat(95, 150, 1), 1000, true},
	} {
		if got := keepsPromise(tc.before, tc.after, tc.strength); got != tc.want {
			t.Errorf("%s: got %v, want %v (gain %.2f, clipped %.3f)", tc.name, got, tc.want,
				gain(tc.before.index(), tc.after.index()), clipped(tc.after.point))
		}
	}
}

// dithered is two levels and grain, which are one grey from afar.
func dithered(w, h int) *image.YCbCr {
	rng := rand.New(rand.NewPCG(1, 2))
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for y := range h {
		for x := range w {
			light := 0.67 + 0.33*math.Sin(float64(x)/80)*math.Cos(float64(y)/60)
			v := 33.0
			if hash := uint32(x/2*7919+y/2*104729) * 2654435761; float64(hash>>8&0xffff)/65536 < light {
				v = 191
			}
			img.Y[y*img.YStride+x] = clamp8(int32(v + 4*rng.NormFloat64()))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(124+rng.IntN(8)), uint8(124+rng.IntN(8))
	}
	return img
}

// Drawings, documents, screenshots and computed gradients are as their maker
// meant them, and strength 0 asks for nothing.
func TestUntouched(t *testing.T) {
	draw := func(at func(x, y int) uint8) *image.YCbCr {
		img := image.NewYCbCr(image.Rect(0, 0, 400, 300), image.YCbCrSubsampleRatio444)
		for y := range 300 {
			for x := range 400 {
				img.Y[y*img.YStride+x] = at(x, y)
			}
		}
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = 120, 131
		}
		return img
	}
	for _, tc := range []struct {
		name     string
		img      *image.YCbCr
		strength int
	}{
		{"strength 0", paintYCbCr(scenes["fog"], 300, 200, 2, image.YCbCrSubsampleRatio420), 0},
		{"flat", draw(func(x, y int) uint8 { return 90 }), 30},
		{"gradient", draw(func(x, y int) uint8 { return uint8(40 + y/3) }), 30},
		{"line art", draw(func(x, y int) uint8 {
			if (x+y)%37 < 2 {
				return 0
			}
			return 255
		}), 30},
		{"document", draw(func(x, y int) uint8 {
			if y%20 < 9 && (x*7+y*13)%11 < 4 {
				return 1
			}
			return 254
		}), 30},
		{"screenshot", draw(func(x, y int) uint8 {
			if y%24 < 10 && x%90 > 20 && (x*5+y*3)%19 == 0 {
				return 60
			}
			return uint8(200 + 20*(y/100))
		}), 30},
	} {
		was := cloneYCbCr(tc.img)
		r, err := Apply(tc.img, Options{Auto, tc.strength})
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if !r.Untouched || r.Gain != 0 || r.After != r.Before {
			t.Errorf("%s: got %+.2f %% at %.2f, want untouched", tc.name, r.Gain, r.Strength)
		}
		if !samePlanes(tc.img, was) {
			t.Errorf("%s: pixels differ", tc.name)
		}
	}
}

// The light of a scene stays: no channel's share of it changes much, nothing
// clips, nothing dims that was bright.
func TestScenesKeepTheirLight(t *testing.T) {
	for name, paint := range scenes {
		t.Run(name, func(t *testing.T) {
			img := paintYCbCr(paint, 480, 320, 1.2, image.YCbCrSubsampleRatio420)
			was := cloneYCbCr(img)
			r, err := Apply(img, Options{Auto, 30})
			if err != nil {
				t.Fatal(err)
			}
			checkReport(t, name, r, 30)
			t.Logf("gain %.1f %% at %.2f", r.Gain, r.Strength)
			if added := clippedPixels(toTestNRGBA(img)) - clippedPixels(toTestNRGBA(was)); added > 0.03 {
				t.Errorf("clips %.1f points more", 100*added)
			}
			b0, r0 := meanOf(was.Cb)-128, meanOf(was.Cr)-128
			b1, r1 := meanOf(img.Cb)-128, meanOf(img.Cr)-128
			// The hue may turn by no more than 8 degrees, the colour may not
			// fade by more than a tenth, and a grey may not take on a tint.
			if c0, c1 := math.Hypot(b0, r0), math.Hypot(b1, r1); c0 < 4 {
				if math.Hypot(b1-b0, r1-r0) > 1.5 {
					t.Errorf("chroma went from %.1f, %.1f to %.1f, %.1f", b0, r0, b1, r1)
				}
			} else {
				turn := math.Abs(math.Atan2(r1, b1)-math.Atan2(r0, b0)) * 180 / math.Pi
				if min(turn, 360-turn) > 8 || c1 < 0.9*c0 {
					t.Errorf("chroma went from %.1f, %.1f to %.1f, %.1f", b0, r0, b1, r1)
				}
			}
		})
	}
}

// Skin keeps its colour: its hue turns by no more than 4 degrees, and it gets
// no more vivid than by a fifth.
func TestSkinStays(t *testing.T) {
	const w, h = 480, 320
	img := paintYCbCr(scenes["portrait"], w, h, 1.2, image.YCbCrSubsampleRatio444)
	skin := func() (cb, cr float64) {
		for y := h/2 - 40; y < h/2+40; y++ {
			at := img.COffset(w/2-40, y)
			cb += (meanOf(img.Cb[at:at+80]) - 128) / 80
			cr += (meanOf(img.Cr[at:at+80]) - 128) / 80
		}
		return cb, cr
	}
	b0, r0 := skin()
	if r, err := Apply(img, Options{Auto, 30}); err != nil || r.Untouched {
		t.Fatalf("untouched %v, %v", r.Untouched, err)
	}
	b1, r1 := skin()
	turn := math.Abs(math.Atan2(r1, b1)-math.Atan2(r0, b0)) * 180 / math.Pi
	if grown := math.Hypot(b1, r1) / math.Hypot(b0, r0); turn > 4 || grown < 0.95 || grown > 1.2 {
		t.Errorf("chroma of skin went from %.1f, %.1f to %.1f, %.1f: turned by %.1f degrees, times %.2f", b0, r0, b1, r1, turn, grown)
	}
}

// A night stays dark and a high key light.
func TestKeyStays(t *testing.T) {
	for _, tc := range []struct {
		name     string
		low, top float64
	}{{"night", 4, 45}, {"high key", 205, 250}, {"candle-light", 30, 120}} {
		img := paintYCbCr(scenes[tc.name], 480, 320, 1.2, image.YCbCrSubsampleRatio420)
		was := meanOf(img.Y)
		if _, err := Apply(img, Options{Auto, 30}); err != nil {
			t.Fatal(err)
		}
		if got := meanOf(img.Y); got < tc.low || got > tc.top {
			t.Errorf("%s: mean luma went from %.0f to %.0f, want within %v to %v", tc.name, was, got, tc.low, tc.top)
		}
	}
}

// A green cast on what should be grey is reduced, never turned round.
func TestBalanceTakesACast(t *testing.T) {
	green := func(x, y float64) (r, g, b float64) {
		v := 60 + 130*x + 15*math.Sin(40*y)
		return v, v + 9, v
	}
	img := paintYCbCr(green, 480, 320, 1.5, image.YCbCrSubsampleRatio444)
	before := (meanOf(img.Cb) - 128 + meanOf(img.Cr) - 128) / math.Sqrt2
	if _, err := Apply(img, Options{Auto, 30}); err != nil {
		t.Fatal(err)
	}
	after := (meanOf(img.Cb) - 128 + meanOf(img.Cr) - 128) / math.Sqrt2
	if !(before < -4 && after > before+1 && after <= 0) {
		t.Errorf("green to magenta went from %.1f to %.1f, want nearer to 0 and no further", before, after)
	}
}
