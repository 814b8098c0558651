package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

const (
	gap      = 8
	captionH = 16
)

// sheet writes one page: before, classic and auto of each photograph.
func sheet(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("sheet", flag.ContinueOnError)
	file := fs.String("out", "sheet.png", "file to write")
	side := fs.Int("side", 300, "width of a picture on the page, in pixels")
	across := fs.Int("across", 2, "photographs side by side")
	strength := fs.Int("strength", 30, "strength of auto, in per cent")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() == 0 {
		return errors.New("no photographs given")
	}
	cellW, cellH := 3*(*side+gap)+gap, *side*3/4+captionH+gap
	rows := (fs.NArg() + *across - 1) / *across
	page := image.NewRGBA(image.Rect(0, 0, *across*cellW, rows*cellH+gap))
	draw.Draw(page, page.Rect, image.NewUniform(color.Gray{Y: 0x60}), image.Point{}, draw.Src)
	for i, path := range fs.Args() {
		p, err := open(path, *strength)
		if err != nil {
			return err
		}
		at := image.Pt(i%*across*cellW+gap, i / *across * cellH + gap)
		for k, img := range []image.Image{p.before, p.classic, p.auto} {
			place(page, img, image.Rect(0, 0, *side, cellH-captionH-gap).Add(at.Add(image.Pt(k*(*side+gap), captionH))))
		}
		line := caption(p)
		write(page, at.Add(image.Pt(0, captionH-4)), line)
		fmt.Fprintln(out, line)
	}
	f, err := os.Create(*file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, page); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func caption(p *photo) string {
	state := fmt.Sprintf("index %.1f > %.1f (%+.1f %%) at %.2f", p.autoR.Before, p.autoR.After, p.autoR.Gain, p.autoR.Strength)
	if p.autoR.Untouched {
		state = "untouched"
	}
	return fmt.Sprintf("%.28s: before | classic, clips %.1f > %.1f %% | auto, clips %.1f %%, %s", p.name,
		100*p.classicR.ClippedBefore, 100*p.classicR.ClippedAfter, 100*p.autoR.ClippedAfter, state)
}

// place draws a picture as large as it fits.
func place(page draw.Image, img image.Image, r image.Rectangle) {
	b := img.Bounds()
	w, h := r.Dx(), r.Dx()*b.Dy()/b.Dx()
	if h > r.Dy() {
		w, h = r.Dy()*b.Dx()/b.Dy(), r.Dy()
	}
	draw.CatmullRom.Scale(page, image.Rect(0, 0, w, h).Add(r.Min), img, b, draw.Over, nil)
}

func write(page draw.Image, at image.Point, text string) {
	d := font.Drawer{Dst: page, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y)}
	d.DrawString(text)
}
