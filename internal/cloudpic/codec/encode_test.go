package codec

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var allRatios = []image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio410, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio420,
	image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio444,
}

// TestEncodersAgree: both libraries write files that decode to the same
// samples, to the level, at any size and subsampling.
func TestEncodersAgree(t *testing.T) {
	for _, r := range allRatios {
		for _, size := range []image.Point{{1, 1}, {7, 9}, {16, 16}, {33, 18}, {100, 61}} {
			source := painted(image.NewNRGBA(image.Rectangle{Max: size}))
			for _, mode := range []Mode{Planes, RGB} {
				name := fmt.Sprint(r, size, mode)
				var got, files [2][]byte
				use(t, "go") // one decoder for both
				p := mustDecode(t, name, jpegOf(t, source, r, 93), mode)
				for i, lib := range libraries {
					use(t, lib)
					files[i] = mustEncode(t, name, p)
					use(t, "go")
					again := mustDecode(t, name, files[i], Planes)
					if again.Subsampling != r || again.Quality != 93 {
						t.Errorf("%s by %s: quality %d, %v", name, lib, again.Quality, again.Subsampling)
					}
					got[i] = samples(again.Image)
				}
				if most, count := difference(got[0], got[1]); most != 0 {
					t.Errorf("%s: %d of %d samples differ, by up to %d", name, count, len(got[0]), most)
				}
				if !bytes.Equal(files[0][20:], files[1][20:]) {
					t.Errorf("%s: files differ", name)
				}
			}
		}
	}
}

// TestEncodeKeeps: format, quality and subsampling of the source stay, and the
// pixels come back near what they were.
func TestEncodeKeeps(t *testing.T) {
	type kept struct {
		Format      Format
		Quality     int
		Subsampling image.YCbCrSubsampleRatio
		Progressive bool
	}
	for _, lib := range libraries {
		use(t, lib)
		for _, file := range testdata(t, "*.jpeg") {
			name := lib + " " + filepath.Base(file)
			p := mustDecode(t, name, readFile(t, file), Planes)
			out := mustEncode(t, name, p)
			again := mustDecode(t, name, out, Planes)
			want := kept{JPEG, min(p.Quality, 95), p.Subsampling, p.Progressive && lib == "turbo"}
			if _, grey := p.Image.(*image.Gray); grey {
				want.Subsampling = image.YCbCrSubsampleRatio444
			}
			if want.Progressive && want.Subsampling == image.YCbCrSubsampleRatio410 {
				want.Progressive = false // our own encoder writes it
			}
			if diff := cmp.Diff(want, kept{again.Format, again.Quality, again.Subsampling, again.Progressive}); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if _, planes := p.Image.(*image.YCbCr); planes {
				if d := meanDifference(samples(p.Image), samples(again.Image)); d > 2 {
					t.Errorf("%s: samples move by %.2f in the mean", name, d)
				}
			}
		}
	}
}

func meanDifference(a, b []byte) float64 {
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(a))
}

// TestEncodePNG: what isn't JPEG comes back to the bit, in as few bytes as its
// colours allow.
func TestEncodePNG(t *testing.T) {
	size := image.Rect(0, 0, 37, 23)
	pictures := map[string]image.Image{
		"grey": painted(image.NewGray(size)), "rgb": painted(image.NewRGBA(size)), "rgba": painted(image.NewNRGBA(size)),
		"palette": painted(image.NewPaletted(size, color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{250, 20, 90, 255}, color.NRGBA{30, 240, 9, 128}})),
		"flat":    image.NewNRGBA(size),
	}
	for name, img := range pictures {
		p := mustDecode(t, name, pngOf(t, img), Planes)
		out := mustEncode(t, name, p)
		again := mustDecode(t, name, out, Planes)
		if p.OutputType() != "image/png" || again.Format != PNG || !bytes.Equal(samples(p.Image), samples(again.Image)) {
			t.Errorf("%s: pixels changed", name)
		}
		if name == "flat" && len(out) > 200 {
			t.Errorf("%s: %d bytes", name, len(out))
		}
	}
}

// TestOutput: what becomes of formats that aren't written.
func TestOutput(t *testing.T) {
	interpreter := python(t)
	tests := []struct {
		mode string
		want Format
	}{{"RGB", JPEG}, {"RGBA", PNG}}
	for _, tt := range tests {
		for _, options := range []string{"quality=80", "lossless=True"} {
			data := readFile(t, pillowWebP(t, interpreter, tt.mode, options))
			p := mustDecode(t, options, data, Planes)
			h, err := header(mustEncode(t, options, p))
			if err != nil || p.Output() != tt.want || h.Format != tt.want || h.Width != p.Width {
				t.Errorf("WebP %s, %s: got %v, %v, want %v", tt.mode, options, h, err, tt.want)
			}
		}
	}
}

func TestThumbnail(t *testing.T) {
	white := color.NRGBA{255, 255, 255, 255}
	for _, lib := range libraries {
		use(t, lib)
		for orientation := 1; orientation <= 8; orientation++ {
			p := quadrants(t, orientation)
			small, err := Thumbnail(p, 100)
			if err != nil {
				t.Fatal(err)
			}
			img := mustDecode(t, "thumbnail", small, RGB).Image.(*image.NRGBA)
			w, h := p.Upright()
			if got, want := img.Rect.Max, (image.Point{w / 4, h / 4}); got != want {
				t.Errorf("orientation %d: %v, want %v", orientation, got, want)
			}
			// Quadrants are laid so that upright white is at the upper left.
			if got := img.NRGBAAt(5, 5); meanDifference([]byte{got.R, got.G, got.B}, []byte{white.R, white.G, white.B}) > 3 {
				t.Errorf("%s, orientation %d: upper left is %v", lib, orientation, got)
			}
		}
	}
}

// quadrants is a 400 × 240 JPEG, white in the quadrant that its orientation
// turns to the upper left.
func quadrants(tb testing.TB, orientation int) *Picture {
	tb.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 400, 240))
	right := orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
	low := orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7
	switch orientation { // where a quarter turn takes the corner from
	case 5:
		right, low = false, false
	case 6:
		right, low = false, true
	case 7:
		right, low = true, true
	case 8:
		right, low = true, false
	}
	for y := range 240 {
		for x := range 400 {
			c := color.NRGBA{40, 60, 90, 255}
			if (x >= 200) == right && (y >= 120) == low {
				c = color.NRGBA{255, 255, 255, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	p := mustDecode(tb, "quadrants", jpegOf(tb, img, image.YCbCrSubsampleRatio420, 90), Planes)
	p.Orientation = orientation
	return p
}

// TestThumbnailOf: every kind of picture has one, on white, never enlarged.
func TestThumbnailOf(t *testing.T) {
	for _, pattern := range []string{"*.jpeg", "*.png", "*.gif"} {
		for _, file := range testdata(t, pattern) {
			for _, longest := range []int{1, 7, 48, 480} {
				p := mustDecode(t, file, readFile(t, file), Planes)
				small, err := Thumbnail(p, longest)
				if err != nil {
					t.Errorf("%s: %v", filepath.Base(file), err)
					continue
				}
				h, err := header(small)
				if w, _ := fit(p.Width, p.Height, longest); err != nil || h.Format != JPEG || h.Width != w || h.Width > p.Width {
					t.Errorf("%s at %d: %+v, %v", filepath.Base(file), longest, h, err)
				}
			}
		}
	}
	clear := mustDecode(t, "clear", pngOf(t, image.NewNRGBA(image.Rect(0, 0, 90, 90))), Planes)
	small, err := Thumbnail(clear, 30)
	if err != nil {
		t.Fatal(err)
	}
	if got := mustDecode(t, "clear", small, RGB).Image.(*image.NRGBA).NRGBAAt(9, 9); got.R < 253 {
		t.Errorf("transparent shows as %v, want white", got)
	}
}

func TestSelect(t *testing.T) {
	defer func() { _ = Select("auto") }()
	if err := Select("vips"); err == nil {
		t.Error("an unknown library was selected")
	}
	if err := Select("go"); err != nil || Library() != "pure Go" {
		t.Errorf("go: %v, %q", err, Library())
	}
}
