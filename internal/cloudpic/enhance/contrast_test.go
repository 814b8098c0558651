package enhance

import (
	"image"
	"math/rand/v2"
	"testing"
)

// halvedPicture has areas of all kinds, from nearly grey to colours that no RGB shows.
func halvedPicture(w, h int, ratio image.YCbCrSubsampleRatio, seed uint64) *image.YCbCr {
	rng := rand.New(rand.NewPCG(seed, 6))
	img := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	for i := range img.Y {
		img.Y[i] = uint8(rng.IntN(256))
	}
	for i := range img.Cb {
		spread := 1 + i*127/len(img.Cb)
		img.Cb[i] = uint8(128 - spread + rng.IntN(2*spread))
		img.Cr[i] = uint8(128 - spread + rng.IntN(2*spread))
	}
	return img
}

var halved = []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422}

// The assembly gives what the Go beside it gives, to the bit.
func TestContrastAssembly(t *testing.T) {
	if !haveAVX2 {
		t.Skip("no AVX2 on this machine")
	}
	defer func() { haveAVX2 = true }()
	for _, ratio := range halved {
		for i, size := range []image.Point{{64, 32}, {131, 77}, {32, 1}, {97, 3}, {31, 8}} {
			for strength := range MaxStrength + 1 {
				was := halvedPicture(size.X, size.Y, ratio, uint64(100*strength+i))
				got, want := cloneYCbCr(was), cloneYCbCr(was)
				haveAVX2 = true
				classicYCbCr(got, strength)
				haveAVX2 = false
				classicYCbCr(want, strength)
				for name, p := range map[string][2][]uint8{"luma": {got.Y, want.Y}, "Cb": {got.Cb, want.Cb}, "Cr": {got.Cr, want.Cr}} {
					if at := firstDifference(p[0], p[1]); at >= 0 {
						t.Fatalf("%v %v at %d: %s %d: assembly %d, Go %d", ratio, size, strength, name, at, p[0][at], p[1][at])
					}
				}
			}
		}
	}
}
