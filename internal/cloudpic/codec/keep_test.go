package codec

import (
	"bytes"
	"image"
	"strings"
	"testing"
)

// A kept file has the pixels of the original, whatever its metadata was.
func TestKeep(t *testing.T) {
	for _, name := range testdata(t, "video-*.jpeg") {
		if strings.Contains(name, "truncated") || strings.Contains(name, "cmyk") {
			continue
		}
		data := readFile(t, name)
		secret := []byte("a secret place")
		segment := append([]byte{0xFF, 0xE5, 0, byte(2 + len(secret))}, secret...)
		loaded := append(append(append(bytes.Clone(data[:2]), segment...), data[2:]...), secret...)
		before, err := Decode(loaded, Planes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept, ok := before.Keep(loaded)
		if !ok {
			t.Errorf("%s: not kept", name)
			continue
		}
		if bytes.Contains(kept, secret) {
			t.Errorf("%s: the metadata is still there", name)
		}
		after, err := Decode(kept, Planes)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !samePixels(before.Image, after.Image) {
			t.Errorf("%s: the pixels differ", name)
		}
	}
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}
