package codec

import (
	"testing"

	"cloudworks/internal/jobs"
)

func FuzzReadHeader(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Add([]byte("<svg>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := header(data)
		if err != nil {
			if !jobs.Permanent(err) {
				t.Errorf("%v isn't for people", err)
			}
			return
		}
		if h.Width < 1 || h.Height < 1 || h.Width*h.Height > MaxPixels || h.Cost < 1 || h.Orientation < 1 || h.Orientation > 8 {
			t.Errorf("header %+v", h)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, rgb bool) {
		h, err := header(data)
		if err == nil && h.megapixels() > 1 {
			return // slow, not interesting
		}
		mode := Planes
		if rgb {
			mode = RGB
		}
		if err := roundTrip(data, mode); err != nil && !jobs.Permanent(err) {
			t.Errorf("%v isn't for people", err)
		}
	})
}
