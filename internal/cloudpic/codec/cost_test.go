package codec

import (
	"image"
	"testing"
)

// TestCost: what was measured for 48 megapixels (in MB a megapixel) is covered,
// and not by more than about twice.
func TestCost(t *testing.T) {
	photo := Header{Format: JPEG, Width: 8000, Height: 6000, Components: 3, Depth: 8, Subsampling: image.YCbCrSubsampleRatio420}
	progressive := photo
	progressive.Progressive = true
	tests := []struct {
		name     string
		h        Header
		mode     Mode
		measured float64 // of the hungrier library
	}{
		{"baseline, planes", photo, Planes, 1.68},
		{"progressive, planes", progressive, Planes, 7.41},
		{"baseline, pixels", photo, RGB, 7.12},
		{"progressive, pixels", progressive, RGB, 10.99},
		{"PNG", Header{Format: PNG, Width: 8000, Height: 6000, Components: 3, Depth: 8}, Planes, 9.89},
	}
	for _, tt := range tests {
		got, want := float64(tt.h.CostIn(tt.mode))/1e6, tt.measured*1.048576*48
		if got < want || got > 2.2*want {
			t.Errorf("%s: %.0f MB, measured %.0f", tt.name, got, want)
		}
	}
}
