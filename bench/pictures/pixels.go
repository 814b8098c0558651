package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
)

// pixels writes before, classic and auto of each photograph as PPM files,
// NAME.before.ppm and so on, for judges to read.
func pixels(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("pixels", flag.ContinueOnError)
	dir := fs.String("out", "", "folder to write to")
	strength := fs.Int("strength", 30, "strength of auto, in per cent")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *dir == "" || fs.NArg() == 0 {
		return errors.New("want -out and photographs")
	}
	for _, path := range fs.Args() {
		p, err := open(path, *strength)
		if err != nil {
			return err
		}
		if err := p.writeVersions(*dir); err != nil {
			return err
		}
		fmt.Fprintf(out, "%-40s %6.1f %6.1f %+6.1f %%  at %.2f  clips %5.1f %5.1f %5.1f %%\n", p.name, p.autoR.Before, p.autoR.After,
			p.autoR.Gain, p.autoR.Strength, 100*clips(p.before), 100*clips(p.classic), 100*clips(p.auto))
	}
	return nil
}

// writeVersions writes the three versions as PPM files into a folder.
func (p *photo) writeVersions(dir string) error {
	for version, img := range map[string]image.Image{"before": p.before, "classic": p.classic, "auto": p.auto} {
		if err := writePPM(filepath.Join(dir, p.name+"."+version+".ppm"), toNRGBA(img)); err != nil {
			return err
		}
	}
	return nil
}

func writePPM(path string, img *image.NRGBA) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "P6\n%d %d\n255\n", img.Rect.Dx(), img.Rect.Dy())
	for i := 0; i+4 <= len(img.Pix); i += 4 {
		w.Write(img.Pix[i : i+3]) // the writer keeps its first error for Flush
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// clips is the share of all pixels with a channel at 0 or 255.
func clips(img image.Image) float64 {
	n, pix := 0, toNRGBA(img).Pix
	for i := 0; i+4 <= len(pix); i += 4 {
		for _, v := range pix[i : i+3] {
			if v == 0 || v == 255 {
				n++
				break
			}
		}
	}
	return float64(n) / float64(len(pix)/4)
}
