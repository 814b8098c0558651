package baseline

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"testing"

	"cloudworks/internal/cloudpic/codec/jfif"
)

// FuzzDecode holds Decode to Go's decoder: what it reads Go's reads as well, to
// the same samples within one level, and what it calls cut off Go's refuses.
func FuzzDecode(f *testing.F) {
	for _, r := range []image.YCbCrSubsampleRatio{0, 1, 2, 3, 4, 5} {
		img := noisy(33, 21, r)
		file, err := Encode(img, 80)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
		f.Add(separate(img, 60))
	}
	grey := &image.Gray{Pix: bytes.Repeat([]byte{9, 40, 200, 77, 3, 250, 60, 90}, 16*3), Stride: 16, Rect: image.Rect(0, 0, 15, 23)}
	file, err := EncodeGray(grey, 95)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	plain(f, goPictures(f), func(_ string, data []byte, _ jfif.Info) { f.Add(data) })
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := jfif.Read(bytes.NewReader(data), int64(len(data)))
		_, usual := info.Subsampling()
		if err != nil || !usual || info.Width*info.Height > 1<<18 || info.Colour() != jfif.YCbCr && info.Colour() != jfif.Grey {
			return
		}
		got, err := decodeAny(data, info)
		if errors.Is(err, ErrUnusual) {
			return
		}
		want, goErr := jpeg.Decode(bytes.NewReader(data))
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			if goErr == nil {
				t.Errorf("%v, but Go reads it", err)
			}
		case err != nil:
			t.Errorf("neither read nor called unusual: %v", err)
		case goErr != nil:
			t.Errorf("read, but Go says: %v", goErr)
		default:
			if _, pixels := want.(*image.RGBA); pixels { // Go takes other files for RGB
				return
			}
			if d := apart(got, want); d > 1 && loudest(t, data, info) < 1<<13 {
				t.Errorf("off by %d", d)
			}
		}
	})
}

// loudest is the largest sum of a block's coefficients in a file that Decode
// reads. Where it is below 2^13, no DCT runs over.
func loudest(t *testing.T, data []byte, info jfif.Info) (most int64) {
	var planes []Plane
	if info.Colour() == jfif.Grey {
		p, err := grayPlane(wholeGray(info))
		if err != nil {
			t.Fatal(err)
		}
		planes = []Plane{p}
	} else {
		planes = planesOf(wholePlanes(info))
	}
	d := newDecoder(data, planes)
	for {
		marker, body, err := d.next()
		if err != nil {
			t.Fatal(err)
		}
		switch marker {
		case markerEOI:
			return most
		case markerSOS:
			components, err := d.scanned(body)
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, d.loudest(t, components))
		default:
			if err := d.segment(marker, body); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (d *decoder) loudest(t *testing.T, components []*input) (most int64) {
	across, down := grid(components)
	if err := d.restart(components); err != nil {
		t.Fatal(err)
	}
	left, next := d.interval, byte(0)
	for range across * down {
		if d.interval > 0 && left == 0 {
			if err := d.resume(components, next); err != nil {
				t.Fatal(err)
			}
			left, next = d.interval, (next+1)&7
		}
		left--
		for _, c := range components {
			blocks := c.HS * c.VS
			if len(components) == 1 {
				blocks = 1
			}
			for range blocks {
				var b packed
				d.block(c, &b)
				sum := int64(0)
				for _, v := range b {
					low := int64(int32(v))
					high := (int64(v) - low) >> 32
					sum += max(low, -low) + max(high, -high)
				}
				most = max(most, sum)
			}
		}
	}
	return most
}
