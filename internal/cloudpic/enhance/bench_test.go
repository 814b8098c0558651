package enhance

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// scenery paints something like a photograph: a sky, hills, grain.
func scenery(w, h int, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	rng := rand.New(rand.NewPCG(3, 4))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			v := 190 - 60*fy
			if fy > 0.5+0.1*math.Sin(9*fx) {
				v = 60 + 25*math.Sin(70*fx)*math.Cos(50*fy) + 15*math.Sin(400*fx+300*fy)
			}
			img.Y[y*img.YStride+x] = clamp8(int32(v + 5*(rng.Float64()-0.5)))
		}
	}
	ch := len(img.Cb) / img.CStride
	for y := range ch {
		for x := range img.CStride {
			sky := y < ch/2
			b, r := 112, 132
			if sky {
				b, r = 146, 114
			}
			img.Cb[y*img.CStride+x] = uint8(b + rng.IntN(5))
			img.Cr[y*img.CStride+x] = uint8(r + rng.IntN(5))
		}
	}
	return img
}

func benchmarkYCbCr(b *testing.B, o Options) {
	img := scenery(4000, 3000, image.YCbCrSubsampleRatio420)
	y, cb, cr := clone(img.Y), clone(img.Cb), clone(img.Cr)
	b.SetBytes(4000 * 3000)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		copy(img.Y, y)
		copy(img.Cb, cb)
		copy(img.Cr, cr)
		b.StartTimer()
		if r, err := Apply(img, o); err != nil || r.Untouched {
			b.Fatal(r.Untouched, err)
		}
	}
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

func BenchmarkAuto12MP(b *testing.B)    { benchmarkYCbCr(b, Options{Auto, 30}) }
func BenchmarkClassic12MP(b *testing.B) { benchmarkYCbCr(b, Options{Classic, 30}) }

func BenchmarkIndex12MP(b *testing.B) {
	img := scenery(4000, 3000, image.YCbCrSubsampleRatio420)
	for b.Loop() {
		Index(img)
	}
}

func benchmarkNRGBA(b *testing.B, o Options) {
	src := scenery(4000, 3000, image.YCbCrSubsampleRatio444)
	img := image.NewNRGBA(src.Rect)
	for i, y := range src.Y {
		r, g, bl := toRGB(y, src.Cb[i], src.Cr[i])
		img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3] = clamp8(r), clamp8(g), clamp8(bl), 255
	}
	pix := clone(img.Pix)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		copy(img.Pix, pix)
		b.StartTimer()
		if _, err := Apply(img, o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAutoNRGBA12MP(b *testing.B)    { benchmarkNRGBA(b, Options{Auto, 30}) }
func BenchmarkClassicNRGBA12MP(b *testing.B) { benchmarkNRGBA(b, Options{Classic, 30}) }
