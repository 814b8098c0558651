package turbo

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"strings"
	"sync"
	"testing"
)

func library(tb testing.TB) *Library {
	tb.Helper()
	l, err := Load()
	if err != nil {
		if !errors.Is(err, ErrMissing) {
			tb.Errorf("got %v, want ErrMissing", err)
		}
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			tb.Fatalf("libjpeg-turbo isn't there, and CLOUDWORKS_REQUIRE is set: %v", err)
		}
		tb.Skip(err)
	}
	return l
}

func file(tb testing.TB, w, h int) []byte {
	tb.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i >> 5)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func planes(w, h int, r image.YCbCrSubsampleRatio) *image.YCbCr {
	whole := image.NewYCbCr(image.Rect(0, 0, w+15, h+15), r)
	whole.Rect = image.Rect(0, 0, w, h)
	return whole
}

func TestName(t *testing.T) {
	if name := library(t).Name(); !strings.HasPrefix(name, "libjpeg-turbo ") || strings.Contains(name, "unknown") {
		t.Errorf("name %q", name)
	}
}

// TestUnsuited: a file that isn't what the planes are for never gets to write
// into them.
func TestUnsuited(t *testing.T) {
	l := library(t)
	data := file(t, 40, 30)
	tests := map[string]*image.YCbCr{
		"another width":       planes(41, 30, image.YCbCrSubsampleRatio420),
		"another height":      planes(40, 29, image.YCbCrSubsampleRatio420),
		"another subsampling": planes(40, 30, image.YCbCrSubsampleRatio444),
		"4:1:0":               planes(40, 30, image.YCbCrSubsampleRatio410),
		"too small":           {Y: make([]byte, 100), Cb: make([]byte, 25), Cr: make([]byte, 25), YStride: 40, CStride: 20, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, 40, 30)},
		"stride too small":    {Y: make([]byte, 4000), Cb: make([]byte, 4000), Cr: make([]byte, 4000), YStride: 39, CStride: 20, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, 40, 30)},
		"nothing":             {},
	}
	for name, dst := range tests {
		if err := l.DecodePlanes(data, dst); !errors.Is(err, ErrUnsuited) {
			t.Errorf("decode %s: got %v", name, err)
		}
	}
	for _, name := range []string{"4:1:0", "too small", "stride too small", "nothing"} {
		if err := l.EncodePlanes(tests[name], Quality{IJG: 90}, func([]byte) {}); !errors.Is(err, ErrUnsuited) {
			t.Errorf("encode %s: got %v", name, err)
		}
	}
	pix := make([]byte, 4*40*30)
	if err := l.DecodePixels(data, pix, 160, 41, 30, RGBAPixels); !errors.Is(err, ErrUnsuited) {
		t.Errorf("pixels of another width: got %v", err)
	}
	if err := l.DecodePixels(data, pix[:4000], 160, 40, 30, RGBAPixels); !errors.Is(err, ErrUnsuited) {
		t.Errorf("pixels too few: got %v", err)
	}
	if err := l.EncodePixels(pix[:4000], 160, 40, 30, RGBAPixels, image.YCbCrSubsampleRatio420, Quality{IJG: 90}, func([]byte) {}); !errors.Is(err, ErrUnsuited) {
		t.Errorf("encode too few pixels: got %v", err)
	}
}

// TestWarning: missing data is a warning, no picture a failure.
func TestWarning(t *testing.T) {
	l := library(t)
	data := file(t, 200, 200)
	err := l.DecodePlanes(data[:len(data)-200], planes(200, 200, image.YCbCrSubsampleRatio420))
	var said *Error
	if !errors.As(err, &said) || !said.Warning || said.Text == "" {
		t.Errorf("cut off: got %v", err)
	}
	if err := l.DecodePlanes([]byte("no picture"), planes(20, 20, image.YCbCrSubsampleRatio420)); err == nil {
		t.Error("no picture was decoded")
	}
	if err := l.DecodePlanes(nil, planes(20, 20, image.YCbCrSubsampleRatio420)); err == nil {
		t.Error("nothing was decoded")
	}
}

// TestTogether uses the library from many goroutines.
func TestTogether(t *testing.T) {
	l := library(t)
	data := file(t, 64, 48)
	want := planes(64, 48, image.YCbCrSubsampleRatio420)
	if err := l.DecodePlanes(data, want); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				got := planes(64, 48, image.YCbCrSubsampleRatio420)
				if err := l.DecodePlanes(data, got); err != nil || !bytes.Equal(got.Y[:64*48], want.Y[:64*48]) {
					t.Errorf("decode: %v", err)
				}
				for _, progressive := range []bool{false, true} {
					size := 0
					if err := l.EncodePlanes(got, Quality{IJG: 90, Progressive: progressive}, func(b []byte) { size = len(b) }); err != nil || size < 500 {
						t.Errorf("encode: %d bytes, %v", size, err)
					}
				}
			}
		})
	}
	all.Wait()
}
