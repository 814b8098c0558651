package codec

import (
	"fmt"
	"image"
	"sync/atomic"

	"cloudworks/internal/cloudpic/codec/turbo"
)

// jpegLibrary is one of the two ways to read and write JPEG. Pictures come
// from and go back to the pool of planes.
type jpegLibrary interface {
	name() string
	// planes decodes a YCbCr or grey JPEG as the file has it.
	planes(data []byte, p *parsed) (image.Image, error)
	// pixels decodes a colour JPEG of any kind to RGB.
	pixels(data []byte, p *parsed) (*image.NRGBA, error)
	// encode writes an *image.YCbCr whose planes are whole, an *image.Gray, or
	// an opaque *image.NRGBA with chroma subsampled by r, and hands the file to
	// take, which may use it until it returns. Go's encoder writes baseline
	// files whatever q says.
	encode(img image.Image, r image.YCbCrSubsampleRatio, q turbo.Quality, take func([]byte)) error
}

var (
	_ jpegLibrary = goJPEG{}
	_ jpegLibrary = turboJPEG{}

	selected atomic.Pointer[jpegLibrary]
)

// Select chooses the JPEG library: "turbo" (an error where it is missing),
// "go", or "auto", which is turbo where the machine has it. Without a call it
// is "auto". Pictures that are being worked on may change over.
func Select(name string) error {
	var l jpegLibrary
	switch name {
	case "go":
		l = goJPEG{}
	case "turbo", "auto":
		t, err := turbo.Load()
		switch {
		case err == nil:
			l = turboJPEG{t}
		case name == "turbo":
			return fmt.Errorf("select JPEG library %q: %w", name, err)
		default:
			l = goJPEG{}
		}
	default:
		return fmt.Errorf("select JPEG library %q: allowed are auto, turbo and go", name)
	}
	selected.Store(&l)
	return nil
}

// library is the one in use.
func library() jpegLibrary {
	if l := selected.Load(); l != nil {
		return *l
	}
	_ = Select("auto") // it has no error
	return *selected.Load()
}

// Library names the JPEG library in use, with its version.
func Library() string { return library().name() }
