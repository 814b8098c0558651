package codec

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// pngHead is a PNG that ends behind its header.
func pngHead(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32(nil, w)
	body = binary.BigEndian.AppendUint32(body, h)
	body = append(body, 8, 2, 0, 0, 0)
	return appendChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", body)
}

// painted fills any picture with a pattern that has every kind of edge.
func painted[T interface {
	image.Image
	Set(x, y int, c color.Color)
}](img T) T {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBA64{uint16(x * 2111), uint16(y * 3571), uint16((x ^ y) * 997), uint16(x*y*31) | 0x0F00}
			img.Set(x, y, c)
		}
	}
	return img
}

// pngOf writes a picture as PNG.
func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
