package codec

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
)

// decodeGIF gives the first frame, on its screen.
func decodeGIF(data []byte, p *parsed) (image.Image, error) {
	img, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(GIF, err)
	}
	frame, ok := img.(*image.Paletted)
	screen := image.Rect(0, 0, p.Width, p.Height)
	if !ok || !frame.Rect.In(screen) {
		return nil, damaged(GIF, fmt.Errorf("image/gif gave %T of %v", img, img.Bounds()))
	}
	return fromPalette(frame, screen), nil
}
