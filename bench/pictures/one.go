package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/disintegration/imaging"

	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/cloudpic/enhance"
)

// one takes one JPEG to another, as a process of its own, so that speed can
// measure its memory.
func one(args []string, _ io.Writer) error {
	fs := flag.NewFlagSet("one", flag.ContinueOnError)
	way := fs.String("way", "auto", "auto, classic, floor (decode and encode, nothing between) or imaging")
	library := fs.String("library", "auto", "JPEG library: turbo, go or auto")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() != 2 {
		return errors.New("want a file to read and a file to write")
	}
	if *way == "imaging" {
		return naive(fs.Arg(0), fs.Arg(1))
	}
	if err := codec.Select(*library); err != nil {
		return err
	}
	data, err := os.ReadFile(fs.Arg(0))
	if err != nil {
		return err
	}
	mode := codec.Planes
	if *way == "classic" {
		mode = codec.HalvedPlanes
	}
	p, err := codec.Decode(data, mode)
	if err != nil {
		return fmt.Errorf("decode %q: %w", fs.Arg(0), err)
	}
	if *way != "floor" {
		if _, err := enhance.Apply(p.Image, enhance.Options{Preset: enhance.Preset(*way), Strength: enhance.MaxStrength}); err != nil {
			return err
		}
	}
	out, err := p.Encode()
	if err != nil {
		return fmt.Errorf("encode %q: %w", fs.Arg(1), err)
	}
	return os.WriteFile(fs.Arg(1), out, 0o644)
}

// naive is what a first draft does: imaging from file to file.
func naive(in, out string) error {
	img, err := imaging.Open(in)
	if err != nil {
		return err
	}
	return imaging.Save(imaging.AdjustContrast(img, 80), out, imaging.JPEGQuality(90))
}
