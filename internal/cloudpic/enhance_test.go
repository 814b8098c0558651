package cloudpic

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/cloudpic/enhance"
)

// A picture that was spoiled in vain, too large to be copied, comes back as it
// was.
func TestSpoiledPictureComesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	dithered := image.NewYCbCr(image.Rect(0, 0, 1300, 900), image.YCbCrSubsampleRatio420)
	for i := range dithered.Y {
		x, y := i%dithered.YStride, i/dithered.YStride
		light := 0.67 + 0.33*math.Sin(float64(x)/80)*math.Cos(float64(y)/60)
		v := 33.0
		if hash := uint32(x/2*7919+y/2*104729) * 2654435761; float64(hash>>8&0xffff)/65536 < light {
			v = 191
		}
		dithered.Y[i] = uint8(v + 4*rng.NormFloat64())
	}
	for i := range dithered.Cb {
		dithered.Cb[i], dithered.Cr[i] = uint8(124+rng.IntN(8)), uint8(124+rng.IntN(8))
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, dithered, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	o := Options{Preset: enhance.Auto, Strength: 30}
	want, again := decoded(t, file.Bytes()), decoded(t, file.Bytes())
	if r, err := enhance.Apply(again, o); err != nil || !r.Spoiled {
		t.Fatalf("spoiled %v, %v: the picture doesn't try what it should", r.Spoiled, err)
	}
	out, err := Enhance(file.Bytes(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !out.Untouched || out.Gain != 0 {
		t.Errorf("untouched %v, gain %.2f", out.Untouched, out.Gain)
	}
	if !bytes.Equal(out.BeforePreview, out.AfterPreview) {
		t.Error("the previews before and after differ")
	}
	got := decoded(t, out.Data)
	for name, p := range map[string][2][]byte{"luma": {got.Y, want.Y}, "Cb": {got.Cb, want.Cb}, "Cr": {got.Cr, want.Cr}} {
		if !bytes.Equal(p[0], p[1]) {
			t.Errorf("%s of the result isn't that of the file", name)
		}
	}
}

func decoded(t *testing.T, file []byte) *image.YCbCr {
	t.Helper()
	p, err := codec.Decode(file, codec.Planes)
	if err != nil {
		t.Fatal(err)
	}
	return p.Image.(*image.YCbCr)
}
