package enhance

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, tc := range []struct {
		o    Options
		want string // part of the error, empty for none
	}{
		{Options{Auto, 0}, ""},
		{Options{Auto, 30}, ""},
		{Options{Classic, 17}, ""},
		{Options{Auto, 31}, "strength 31"},
		{Options{Classic, -1}, "strength -1"},
		{Options{"", 5}, `preset ""`},
		{Options{"AUTO", 5}, `preset "AUTO"`},
	} {
		err := tc.o.Validate()
		if got := fmt.Sprint(err); (err == nil) != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%+v: got error %v, want one with %q", tc.o, err, tc.want)
		}
		img := image.NewGray(image.Rect(0, 0, 2, 2))
		if _, applied := Apply(img, tc.o); (applied == nil) != (err == nil) {
			t.Errorf("%+v: Apply: got error %v, Validate %v", tc.o, applied, err)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, img := range []image.Image{
		nil,
		image.NewGray(image.Rectangle{}),
		image.NewYCbCr(image.Rect(0, 0, 0, 5), image.YCbCrSubsampleRatio420),
		image.NewRGBA(image.Rect(0, 0, 4, 4)),
		image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black}),
	} {
		for _, p := range []Preset{Auto, Classic} {
			if _, err := Apply(img, Options{p, 30}); err == nil {
				t.Errorf("%T: no error", img)
			}
		}
		if got := Index(img); got != 0 {
			t.Errorf("%T: index %v, want 0", img, got)
		}
	}
}

// Every size and subsampling works, also for a piece of a larger picture, of
// which nothing outside the piece may change.
func TestSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	sizes := []image.Point{{1, 1}, {1, 40}, {40, 1}, {2, 2}, {3, 5}, {5, 3}, {17, 16}, {33, 70}, {257, 3}, {3, 257}}
	for _, preset := range []Preset{Auto, Classic} {
		for _, size := range sizes {
			for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
				whole := image.NewYCbCr(image.Rect(0, 0, size.X+9, size.Y+9), ratio)
				fill(rng, whole.Y, 20, 200)
				fill(rng, whole.Cb, 100, 160)
				fill(rng, whole.Cr, 100, 160)
				for _, at := range []image.Point{{0, 0}, {1, 1}, {8, 7}} {
					was := cloneYCbCr(whole)
					r := image.Rectangle{at, at.Add(size)}
					piece := whole.SubImage(r).(*image.YCbCr)
					rep, err := Apply(piece, Options{preset, 30})
					if err != nil {
						t.Fatalf("%v %v %v: %v", preset, ratio, r, err)
					}
					if preset == Auto {
						checkReport(t, fmt.Sprint(ratio, r), rep, 30)
					}
					checkOutside(t, fmt.Sprint(preset, ratio, r), whole, was, r)
				}
			}
		}
	}
}

func fill(rng *rand.Rand, b []uint8, low, top int) {
	for i := range b {
		b[i] = uint8(low + rng.IntN(top-low))
	}
}

func checkOutside(t *testing.T, name string, now, was *image.YCbCr, piece image.Rectangle) {
	t.Helper()
	for y := now.Rect.Min.Y; y < now.Rect.Max.Y; y++ {
		for x := now.Rect.Min.X; x < now.Rect.Max.X; x++ {
			if i := now.YOffset(x, y); !image.Pt(x, y).In(piece) && now.Y[i] != was.Y[i] {
				t.Fatalf("%s: luma at %d, %d outside the piece changed", name, x, y)
			}
		}
	}
}

func TestAlphaIsKept(t *testing.T) {
	src := paintYCbCr(scenes["fog"], 300, 200, 2, image.YCbCrSubsampleRatio444)
	for _, preset := range []Preset{Auto, Classic} {
		img := toTestNRGBA(src)
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] = uint8(i / 4 % 7 * 40) // 0, 40, … 240
		}
		was := clone(img.Pix)
		r, err := Apply(img, Options{preset, 30})
		if err != nil || r.Untouched {
			t.Fatalf("%s: untouched %v, %v", preset, r.Untouched, err)
		}
		changed := false
		for i := 0; i < len(was); i += 4 {
			if img.Pix[i+3] != was[i+3] {
				t.Fatalf("%s: alpha of pixel %d: got %d, want %d", preset, i/4, img.Pix[i+3], was[i+3])
			}
			same := bytes.Equal(img.Pix[i:i+3], was[i:i+3])
			changed = changed || !same
			if preset == Auto && was[i+3] == 0 && !same {
				t.Fatalf("auto: transparent pixel %d changed", i/4)
			}
		}
		if !changed {
			t.Errorf("%s: no pixel changed", preset)
		}
	}
}

// What can't be seen isn't measured.
func TestTransparentPixelsDontCount(t *testing.T) {
	img := toTestNRGBA(paintYCbCr(scenes["portrait"], 300, 200, 2, image.YCbCrSubsampleRatio444))
	for i := 0; i < len(img.Pix); i += 4 {
		if i/4%300 > 150 {
			img.Pix[i+3] = 0
		}
	}
	want := Index(img)
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i+3] == 0 {
			copy(img.Pix[i:], []byte{255, 0, byte(i)})
		}
	}
	if got := Index(img); got != want {
		t.Errorf("index %v, want %v whatever hides", got, want)
	}
}

// The same picture in another type comes out about the same.
func TestTypesAgree(t *testing.T) {
	for name, photo := range photographs(t) {
		planar, packed := cloneYCbCr(photo), toTestNRGBA(photo)
		a, err := Apply(planar, Options{Auto, 20})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Apply(packed, Options{Auto, 20})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.Before-b.Before) > 1 || math.Abs(a.After-b.After) > 1.5 {
			t.Errorf("%s: index %.1f to %.1f on planes, %.1f to %.1f on pixels", name, a.Before, a.After, b.Before, b.After)
		}
		var sum float64
		c := toTestNRGBA(planar)
		for i := range c.Pix {
			sum += math.Abs(float64(c.Pix[i]) - float64(packed.Pix[i]))
		}
		if got := sum / float64(len(c.Pix)); got > 3 {
			t.Errorf("%s: %.1f levels apart on average, want at most 3", name, got)
		}
	}
}

func TestApplyIsDeterministic(t *testing.T) {
	for name, photo := range photographs(t) {
		a, b := cloneYCbCr(photo), cloneYCbCr(photo)
		ra, _ := Apply(a, Options{Auto, 30})
		rb, _ := Apply(b, Options{Auto, 30})
		if ra != rb || !samePlanes(a, b) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

// FuzzApply looks for pictures that break the promises of Apply.
func FuzzApply(f *testing.F) {
	f.Add(uint8(3), uint8(5), uint8(2), uint8(30), uint8(0), []byte{1, 2, 3, 250})
	f.Add(uint8(90), uint8(70), uint8(5), uint8(1), uint8(1), []byte{0, 255})
	f.Add(uint8(200), uint8(1), uint8(0), uint8(9), uint8(2), []byte{77})
	f.Fuzz(func(t *testing.T, w, h, ratio, strength, kind uint8, data []byte) {
		if len(data) == 0 {
			return
		}
		r := image.Rect(0, 0, 1+int(w)%128, 1+int(h)%128)
		at := 0
		pour := func(b []uint8) {
			for i := range b {
				b[i] = data[at%len(data)] + uint8(at/len(data)) // not merely periodic
				at++
			}
		}
		var img image.Image
		switch kind % 3 {
		case 0:
			p := image.NewYCbCr(r, image.YCbCrSubsampleRatio(ratio%6))
			pour(p.Y)
			pour(p.Cb)
			pour(p.Cr)
			img = p
		case 1:
			p := image.NewGray(r)
			pour(p.Pix)
			img = p
		case 2:
			p := image.NewNRGBA(r)
			pour(p.Pix)
			img = p
		}
		o := Options{Auto, 1 + int(strength)%MaxStrength}
		rep, err := Apply(img, o)
		if err != nil {
			t.Fatal(err)
		}
		checkReport(t, fmt.Sprint(r, kind), rep, o.Strength)
		if _, err := Apply(img, Options{Classic, o.Strength}); err != nil {
			t.Fatal(err)
		}
	})
}
