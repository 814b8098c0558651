package enhance

import (
	"image"
	"math"
	"testing"
)

func TestIndexOrders(t *testing.T) {
	for name, photo := range photographs(t) {
		want := Index(photo)
		if want <= 0 || want > 100 {
			t.Fatalf("%s: index %v, want within (0, 100]", name, want)
		}
		for worse, change := range map[string]func(y uint8) uint8{
			"flat":     func(y uint8) uint8 { return 90 + y/4 },
			"dark":     func(y uint8) uint8 { return y / 5 },
			"washed":   func(y uint8) uint8 { return 190 + y/4 },
			"clipped":  func(y uint8) uint8 { return clamp8((int32(y) - 60) * 8) },
			"two-tone": func(y uint8) uint8 { return y / 128 * 255 },
		} {
			img := cloneYCbCr(photo)
			for i, y := range img.Y {
				img.Y[i] = change(y)
			}
			if got := Index(img); got >= want {
				t.Errorf("%s: %s has index %.1f, the photograph %.1f", name, worse, got, want)
			}
		}
		grey := cloneYCbCr(photo)
		for i := range grey.Cb {
			grey.Cb[i], grey.Cr[i] = 128, 128
		}
		if got := Index(grey); got >= want {
			t.Errorf("%s: without colour the index is %.1f, with it %.1f", name, got, want)
		}
		blurred := cloneYCbCr(photo)
		blur(blurred)
		if got := Index(blurred); got >= want {
			t.Errorf("%s: blurred has index %.1f, the photograph %.1f", name, got, want)
		}
	}
}

func blur(img *image.YCbCr) {
	for i := 4; i < len(img.Y)-4; i++ {
		s := 0
		for k := -4; k <= 4; k++ {
			s += int(img.Y[i+k])
		}
		img.Y[i] = uint8(s / 9)
	}
}

// The figures of the terms, on pictures for which they can be had by hand.
func TestTerms(t *testing.T) {
	half := newPlanes(10, 10, false)
	for i := range half.y {
		if i%10 >= 5 {
			half.y[i] = 200
		}
		half.cb[i], half.cr[i] = 128, 128
		if i%2 == 0 {
			half.cr[i] = 148
		}
	}
	s := lumaStats(half)
	for _, tc := range []struct {
		name      string
		got, want float64
	}{
		{"mean", s.average, 100},
		{"deviation", s.deviation, 100},
		{"entropy of two equal bins", s.entropy, 1.0 / 6},
		{"gradient of one step in ten", gradient(half), 200.0 / 9},
		// R−G is 2.116·20 on half the pixels, (R+G)/2−B 0.344·20.
		{"colourfulness", colourfulness(half), math.Hypot(21.16, 3.44) * 1.3},
		{"clipped", clipped(half), 0.5},
	} {
		if math.Abs(tc.got-tc.want) > 0.02 {
			t.Errorf("%s: got %.3f, want %.3f", tc.name, tc.got, tc.want)
		}
	}
}

func TestSumBytes(t *testing.T) {
	b := make([]byte, 5000)
	var want uint32
	for i := range b {
		if got := sumBytes(b[:i]); got != want {
			t.Fatalf("%d bytes: got %d, want %d", i, got, want)
		}
		b[i] = uint8(255 - i%3)
		want += uint32(b[i])
	}
}

// A grain of known deviation is found again, within a third.
func TestNoise(t *testing.T) {
	for _, want := range []float64{1, 2, 4} {
		img := paintYCbCr(func(x, y float64) (r, g, b float64) { return 128, 128, 128 }, 600, 400, want, image.YCbCrSubsampleRatio420)
		got, _ := newCurvature(newSketch(ycbcrPlanes(img)), ycbcrPlanes(img)).noise()
		if got < want*2/3 || got > want*4/3 {
			t.Errorf("grain of %v: got %.2f", want, got)
		}
	}
}
