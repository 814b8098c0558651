package codec

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"github.com/disintegration/imaging"
)

// scenery is a synthetic photo: slopes, edges and noise.
func scenery(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for y := range h {
		for x := range w {
			seed = seed*1664525 + 1013904223
			n := int(seed>>28) - 8
			hill := 0
			if (x/97+y/131)%5 == 0 {
				hill = 60
			}
			v := func(base int) uint8 { return uint8(min(max(base+n+hill, 0), 255)) }
			img.SetNRGBA(x, y, color.NRGBA{v(x * 200 / w), v(y * 200 / h), v((x + y) * 180 / (w + h)), 255})
		}
	}
	return img
}

// photo is a picture of 12 megapixels: a real one where Debian's wallpapers
// are installed.
func photo(b *testing.B) *image.NRGBA {
	const name = "/usr/share/backgrounds/seeding_by_Clements_Engelhardt.jpg"
	data, err := os.ReadFile(name)
	if err != nil {
		return scenery(benchWidth, benchHeight)
	}
	return imaging.Resize(mustDecode(b, name, data, RGB).Image, benchWidth, benchHeight, imaging.Lanczos)
}

const benchWidth, benchHeight = 4000, 3000

// withLibrary runs a benchmark by both libraries.
func withLibrary(b *testing.B, run func(b *testing.B)) {
	for _, name := range []string{"turbo", "go"} {
		b.Run(name, func(b *testing.B) {
			if err := Select(name); err != nil {
				b.Skip(err)
			}
			defer func() { _ = Select("auto") }()
			run(b)
		})
	}
}

func BenchmarkDecode12MP(b *testing.B) {
	file := jpegOf(b, photo(b), image.YCbCrSubsampleRatio420, 90)
	for mode, name := range []string{"planes", "rgb"} {
		b.Run(name, func(b *testing.B) {
			withLibrary(b, func(b *testing.B) {
				for b.Loop() {
					p, err := Decode(file, Mode(mode))
					if err != nil {
						b.Fatal(err)
					}
					p.Release()
				}
			})
		})
	}
}

func BenchmarkEncode12MP(b *testing.B) {
	file := jpegOf(b, photo(b), image.YCbCrSubsampleRatio420, 90)
	for mode, name := range []string{"planes", "rgb"} {
		b.Run(name, func(b *testing.B) {
			p, err := Decode(file, Mode(mode))
			if err != nil {
				b.Fatal(err)
			}
			withLibrary(b, func(b *testing.B) {
				for b.Loop() {
					if _, err := p.Encode(); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkThumbnail12MP(b *testing.B) {
	p, err := Decode(jpegOf(b, photo(b), image.YCbCrSubsampleRatio420, 90), Planes)
	if err != nil {
		b.Fatal(err)
	}
	for _, longest := range []int{480, 1600} {
		b.Run(fmt.Sprint(longest), func(b *testing.B) {
			withLibrary(b, func(b *testing.B) {
				for b.Loop() {
					if _, err := Thumbnail(p, longest); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkPNG12MP(b *testing.B) {
	var file bytes.Buffer
	if err := png.Encode(&file, scenery(benchWidth, benchHeight)); err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(file.Bytes(), Planes); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, err := Decode(file.Bytes(), Planes)
	if err != nil {
		b.Fatal(err)
	}
	for _, level := range []png.CompressionLevel{png.DefaultCompression, png.BestSpeed} {
		b.Run(fmt.Sprint("encode", level), func(b *testing.B) {
			defer func(old png.CompressionLevel) { pngEncoder.CompressionLevel = old }(pngEncoder.CompressionLevel)
			pngEncoder.CompressionLevel = level
			for b.Loop() {
				out, err := p.Encode()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(out)), "bytes")
			}
		})
	}
}
