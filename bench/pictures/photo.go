package main

import (
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // photographs are JPEG or PNG
	_ "image/png"
	"os"
	"path/filepath"
	"strings"

	"cloudworks/internal/cloudpic/enhance"
)

// versions of one photograph.
type photo struct {
	name            string
	before          image.Image
	classic, auto   image.Image
	classicR, autoR enhance.Report
}

// open decodes a photograph and enhances copies of it both ways.
func open(path string, strength int) (*photo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("decode %q: %w", path, err)
	}
	base := filepath.Base(path)
	p := &photo{name: strings.TrimSuffix(base, filepath.Ext(base)), before: editable(img)}
	p.classic, p.auto = copyOf(toNRGBA(img)), copyOf(p.before)
	if p.classicR, err = enhance.Apply(p.classic, enhance.Options{Preset: enhance.Classic, Strength: enhance.MaxStrength}); err != nil {
		return nil, fmt.Errorf("classic %q: %w", path, err)
	}
	if p.autoR, err = enhance.Apply(p.auto, enhance.Options{Preset: enhance.Auto, Strength: strength}); err != nil {
		return nil, fmt.Errorf("auto %q: %w", path, err)
	}
	if p.autoR.Spoiled {
		p.auto = p.before
	}
	return p, nil
}

// editable is the picture in a type that enhance takes.
func editable(img image.Image) image.Image {
	switch img.(type) {
	case *image.YCbCr, *image.Gray, *image.NRGBA:
		return img
	}
	return toNRGBA(img)
}

func toNRGBA(img image.Image) *image.NRGBA {
	out := image.NewNRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

func copyOf(img image.Image) image.Image {
	switch img := img.(type) {
	case *image.YCbCr:
		c := *img
		c.Y, c.Cb, c.Cr = clone(img.Y), clone(img.Cb), clone(img.Cr)
		return &c
	case *image.Gray:
		c := *img
		c.Pix = clone(img.Pix)
		return &c
	}
	return toNRGBA(img)
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
