package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// photograph makes a JPEG that looks enough like a flat photo for the
// enhancement to find something to do: soft shapes of low contrast.
func photograph(width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := float64(x)/float64(width), float64(y)/float64(height)
			wave := 18*math.Sin(9*u+3*v) + 14*math.Cos(13*v-4*u) + 6*math.Sin(80*u)*math.Cos(70*v)
			m.SetRGBA(x, y, color.RGBA{level(118 + wave + 20*u), level(112 + wave), level(104 + wave - 16*v), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

func level(f float64) uint8 { return uint8(min(max(f, 0), 255)) }
