package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
)

// makeJPEG writes a picture of a size made of a photograph, quality 90 and
// 4:2:0: cut from it where it is large enough, mirrored at its sides where it
// isn't, never scaled, so that the detail is a camera's.
func makeJPEG(args []string, _ io.Writer) error {
	fs := flag.NewFlagSet("make", flag.ContinueOnError)
	w, h := fs.Int("width", 4000, "pixels"), fs.Int("height", 3000, "pixels")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() != 2 {
		return errors.New("want a photograph and a file to write")
	}
	f, err := os.Open(fs.Arg(0))
	if err != nil {
		return err
	}
	defer f.Close()
	decoded, _, err := image.Decode(f)
	if err != nil {
		return fmt.Errorf("decode %q: %w", fs.Arg(0), err)
	}
	img := toNRGBA(decoded)
	made := image.NewNRGBA(image.Rect(0, 0, *w, *h))
	for y := range *h {
		for x := range *w {
			from := img.PixOffset(mirror(x, img.Rect.Dx()), mirror(y, img.Rect.Dy()))
			copy(made.Pix[made.PixOffset(x, y):], img.Pix[from:from+4])
		}
	}
	out, err := os.Create(fs.Arg(1))
	if err != nil {
		return err
	}
	if err := jpeg.Encode(out, made, &jpeg.Options{Quality: 90}); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// mirror folds a coordinate into 0 to n-1.
func mirror(x, n int) int {
	if x %= 2 * n; x >= n {
		return 2*n - 1 - x
	}
	return x
}
