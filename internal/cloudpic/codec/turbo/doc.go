// Package turbo reads and writes JPEG through libjpeg-turbo's TurboJPEG
// interface, which it loads when the program runs: no C compiler, and no fault
// when the library is missing.
//
// The library runs in our address space. Everything it is handed was checked
// before: the sizes of planes against what the library itself reads in the
// file's header. It keeps nothing between calls, so all of this package may be
// used from many goroutines.
//
// Source: turbojpeg.h of libjpeg-turbo 2.1, whose functions 3.x still has.
package turbo

import (
	"errors"
	"fmt"
)

// ErrMissing is wrapped by Load's error on a machine without the library.
var ErrMissing = errors.New("libjpeg-turbo is not here")

// ErrUnsuited is wrapped when a picture is one that the planar interface
// doesn't handle, or that isn't what the caller took it for.
var ErrUnsuited = errors.New("unsuited to the planar interface")

// Error is what the library says.
type Error struct {
	Op, Text string
	// Warning: the library got to the end, but the file is not sound.
	Warning bool
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Op, e.Text) }

// PixelFormat is how a pixel lies in memory.
type PixelFormat int32

// The pixel formats that are used, turbojpeg.h's TJPF.
const (
	GrayPixels PixelFormat = 6
	RGBAPixels PixelFormat = 7
	CMYKPixels PixelFormat = 11
)

// size is a pixel's bytes.
func (f PixelFormat) size() int {
	if f == GrayPixels {
		return 1
	}
	return 4
}

// turbojpeg.h's TJFLAG.
const (
	flagAccurateDCT = 4096
	flagProgressive = 16384
	flagLimitScans  = 32768
)

const sampGray = 3

// Quality says how a file is written.
type Quality struct {
	IJG int // 1 to 100
	// Progressive files are 5 to 40 % smaller and take several times as long.
	Progressive bool
}

func (q Quality) flags() int32 {
	if q.Progressive {
		return flagAccurateDCT | flagProgressive
	}
	return flagAccurateDCT
}
