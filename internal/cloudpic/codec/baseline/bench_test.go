package baseline

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"testing"

	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

// contest times three ways to do the same, by turns enough to be compared.
func contest(b *testing.B, pixels int, ours, library, std func() error) {
	for name, run := range map[string]func() error{"ours": ours, "library": library, "std": std} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pixels), "ns/pixel")
		})
	}
}

// photograph gives a file, its planes, and the library.
func photograph(b *testing.B) ([]byte, *image.YCbCr, *turbo.Library) {
	b.Helper()
	data, err := os.ReadFile(kleiber)
	if err != nil {
		b.Skip(err)
	}
	info, err := jfif.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	img := wholePlanes(info)
	if err := Decode(data, img); err != nil {
		b.Fatal(err)
	}
	library, err := turbo.Load()
	if err != nil {
		b.Skip(err)
	}
	return data, img, library
}

func BenchmarkDecode(b *testing.B) {
	data, img, library := photograph(b)
	contest(b, img.Rect.Dx()*img.Rect.Dy(),
		func() error { return Decode(data, img) },
		func() error { return library.DecodePlanes(data, img) },
		func() error { _, err := jpeg.Decode(bytes.NewReader(data)); return err })
}

func BenchmarkEncode(b *testing.B) {
	_, img, library := photograph(b)
	contest(b, img.Rect.Dx()*img.Rect.Dy(),
		func() error { _, err := Encode(img, 90); return err },
		func() error { return library.EncodePlanes(img, turbo.Quality{IJG: 90}, func([]byte) {}) },
		func() error { return jpeg.Encode(new(bytes.Buffer), img, &jpeg.Options{Quality: 90}) })
}

// BenchmarkRGB converts a photograph's planes to pixels and back.
func BenchmarkRGB(b *testing.B) {
	_, img, _ := photograph(b)
	pixels := image.NewNRGBA(img.Rect)
	ToRGB(pixels, img)
	perPixel := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*img.Rect.Dx()*img.Rect.Dy()), "ns/pixel")
	}
	b.Run("to", func(b *testing.B) {
		for b.Loop() {
			ToRGB(pixels, img)
		}
		perPixel(b)
	})
	b.Run("from", func(b *testing.B) {
		for b.Loop() {
			fromRGB(img, pixels)
		}
		perPixel(b)
	})
}
