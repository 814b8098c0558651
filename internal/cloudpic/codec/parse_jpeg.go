package codec

import (
	"errors"
	"io"
	"strings"

	"cloudworks/internal/cloudpic/codec/exif"
	"cloudworks/internal/cloudpic/codec/jfif"
)

// jpegDetails are what only a JPEG has.
type jpegDetails struct {
	colour  jfif.Colour
	plain   bool // sampling factors in the usual form
	quality int
	density jfif.Density
	info    jfif.Info
}

func (p *parsed) parseJPEG(r io.ReaderAt, size int64) error {
	info, err := jfif.Read(r, size)
	if errors.Is(err, jfif.ErrUnsupported) {
		kind := strings.TrimPrefix(err.Error(), jfif.ErrUnsupported.Error()+": ")
		return unsupported("This is %s. CloudPic takes ordinary JPEGs, baseline or progressive.", kind)
	}
	if err != nil {
		return damaged(JPEG, err)
	}
	p.jpeg.info = info
	p.Width, p.Height = info.Width, info.Height
	p.Progressive, p.Components = info.Progressive, len(info.Components)
	p.Subsampling, p.jpeg.plain = info.Subsampling()
	p.jpeg.colour, p.jpeg.quality = info.Colour(), info.Quality()
	if info.JFIF {
		p.jpeg.density = info.Density
	}
	p.exif, p.icc = info.Exif, info.ICC
	p.Orientation = exif.Orientation(info.Exif)
	return nil
}
