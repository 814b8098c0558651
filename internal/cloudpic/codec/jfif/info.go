// Package jfif reads and writes the marker segments of JPEG files: what a file
// says of itself before its first scan, and the metadata that goes into a new
// one. It decodes no pixels.
//
// Source: ITU-T T.81 (JPEG), T.871 (JFIF), Adobe TN 5116 (APP14), ICC.1:2022
// annex B.4 (profiles in APP2).
package jfif

import (
	"errors"
	"fmt"
	"image"
)

// ErrMalformed is wrapped by errors about files that break the rules.
var ErrMalformed = errors.New("malformed JPEG")

// ErrUnsupported is wrapped by errors about rare kinds of JPEG; the text of
// such an error names the kind.
var ErrUnsupported = errors.New("unsupported JPEG")

// Markers, T.81 table B.1.
const (
	markerSOF0  = 0xC0 // baseline
	markerSOF1  = 0xC1 // extended sequential
	markerSOF2  = 0xC2 // progressive
	markerDHT   = 0xC4
	markerJPG   = 0xC8
	markerSOF15 = 0xCF
	markerDAC   = 0xCC
	markerRST0  = 0xD0
	markerRST7  = 0xD7
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerDQT   = 0xDB
	markerAPP0  = 0xE0
	markerAPP1  = 0xE1
	markerAPP2  = 0xE2
	markerAPP14 = 0xEE
	markerTEM   = 0x01
)

// Colour says how a file's components make a colour.
type Colour int

// The colour spaces of JPEG files.
const (
	Grey Colour = iota
	YCbCr
	RGB
	CMYK
	YCCK
)

// Component is one plane of the file.
type Component struct {
	ID, H, V byte // sampling factors 1 to 4
	Table    byte // index into Tables
}

// Density is how many dots lie on a unit: 0 none (an aspect ratio), 1 inch,
// 2 centimetre.
type Density struct {
	Unit byte
	X, Y uint16
}

// Info is what a file says before its first scan.
type Info struct {
	Width, Height int
	Progressive   bool
	Components    []Component

	// Tables are the quantisation tables in zigzag order; nil where undefined.
	Tables [4]*[64]uint16

	JFIF           bool
	Density        Density // meaningful when JFIF
	Adobe          bool
	AdobeTransform byte // meaningful when Adobe

	Exif []byte // TIFF structure, or nil
	ICC  []byte // colour profile, or nil
}

// Colour follows the rules of libjpeg (jdapimin.c, default_decompress_parms).
func (i Info) Colour() Colour {
	switch len(i.Components) {
	case 1:
		return Grey
	case 4:
		if i.Adobe && i.AdobeTransform == 2 {
			return YCCK
		}
		return CMYK
	}
	ids := [3]byte{i.Components[0].ID, i.Components[1].ID, i.Components[2].ID}
	switch {
	case i.JFIF:
		return YCbCr
	case i.Adobe && i.AdobeTransform == 0, !i.Adobe && ids == [3]byte{'R', 'G', 'B'}:
		return RGB
	}
	return YCbCr
}

// ratios are the subsamplings that image.YCbCr has, by how many luma samples
// lie beside and above each other for one of chroma.
var ratios = map[[2]byte]image.YCbCrSubsampleRatio{
	{1, 1}: image.YCbCrSubsampleRatio444,
	{2, 1}: image.YCbCrSubsampleRatio422,
	{2, 2}: image.YCbCrSubsampleRatio420,
	{1, 2}: image.YCbCrSubsampleRatio440,
	{4, 1}: image.YCbCrSubsampleRatio411,
	{4, 2}: image.YCbCrSubsampleRatio410,
}

// Subsampling is the chroma subsampling. Plain reports whether the file states
// it in the usual way, with chroma factors of 1 × 1.
func (i Info) Subsampling() (ratio image.YCbCrSubsampleRatio, plain bool) {
	if len(i.Components) < 3 {
		return image.YCbCrSubsampleRatio444, true
	}
	y, cb, cr := i.Components[0], i.Components[1], i.Components[2]
	if cb.H != cr.H || cb.V != cr.V || y.H%cb.H != 0 || y.V%cb.V != 0 {
		return image.YCbCrSubsampleRatio444, false
	}
	ratio, ok := ratios[[2]byte{y.H / cb.H, y.V / cb.V}]
	if !ok {
		return image.YCbCrSubsampleRatio444, false
	}
	return ratio, cb.H == 1 && cb.V == 1
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}
