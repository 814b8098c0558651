//go:build linux && (amd64 || arm64)

package turbo

import (
	"errors"
	"fmt"
	"image"
	"runtime"
	"unsafe"
)

// session is a decompressor or a compressor, for one picture.
type session struct {
	*Library
	handle uintptr
}

func (l *Library) begin(open func() uintptr) (session, error) {
	h := open()
	if h == 0 {
		return session{}, errors.New("libjpeg-turbo has no memory left")
	}
	return session{l, h}, nil
}

func (s session) end() { s.destroy(s.handle) }

// check turns a function's result into an error.
func (s session) check(op string, result int32) error {
	if result == 0 {
		return nil
	}
	return &Error{Op: op, Text: s.errorText(s.handle), Warning: s.errorCode(s.handle) == 0}
}

// head is what the library reads of a file.
type head struct {
	width, height, subsampling, colour int32
}

// turbojpeg.h's TJCS.
const csYCbCr = 1

func (s session) head(jpeg []byte) (h head, err error) {
	if err := s.check("tjDecompressHeader3", s.header(s.handle, unsafe.SliceData(jpeg), uint64(len(jpeg)), &h.width, &h.height, &h.subsampling, &h.colour)); err != nil {
		return h, fmt.Errorf("%w: %w", ErrUnsuited, err) // 4:1:0 among others
	}
	return h, nil
}

// DecodePlanes decodes into planes that hold whole MCUs. A file of another
// size, subsampling or colour space than dst's is ErrUnsuited. An *Error that
// is a Warning leaves planes filled as far as the file went.
func (l *Library) DecodePlanes(jpeg []byte, dst *image.YCbCr) error {
	samp, ok := subsamplings[dst.SubsampleRatio]
	if !ok || len(jpeg) == 0 {
		return fmt.Errorf("%w: subsampling %v", ErrUnsuited, dst.SubsampleRatio)
	}
	s, err := l.begin(l.initDecompress)
	if err != nil {
		return err
	}
	defer s.end()
	h, err := s.head(jpeg)
	if err != nil {
		return err
	}
	w, ht := dst.Rect.Dx(), dst.Rect.Dy()
	if want := (head{int32(w), int32(ht), samp, csYCbCr}); h != want { // #nosec G115 -- at most 65,535
		return fmt.Errorf("%w: %+v, not %+v", ErrUnsuited, h, want)
	}
	v, err := viewPlanes(dst)
	if err != nil {
		return err
	}
	defer v.release()
	return s.check("tjDecompressToYUVPlanes", s.toPlanes(s.handle, unsafe.SliceData(jpeg), uint64(len(jpeg)), v.planes, h.width, v.strides, h.height, flagLimitScans))
}

// DecodePixels decodes into w × h pixels, a row every stride bytes, with the
// library's own chroma upsampling and colour conversion. A file of another
// size is ErrUnsuited.
func (l *Library) DecodePixels(jpeg, dst []byte, stride, w, h int, f PixelFormat) error {
	if w < 1 || h < 1 || len(jpeg) == 0 || stride < w*f.size() || len(dst) < stride*(h-1)+w*f.size() {
		return fmt.Errorf("%w: %d bytes for %d × %d pixels", ErrUnsuited, len(dst), w, h)
	}
	s, err := l.begin(l.initDecompress)
	if err != nil {
		return err
	}
	defer s.end()
	got, err := s.head(jpeg)
	if err != nil {
		return err
	}
	if int(got.width) != w || int(got.height) != h {
		return fmt.Errorf("%w: %d × %d pixels, not %d × %d", ErrUnsuited, got.width, got.height, w, h)
	}
	return s.check("tjDecompress2", s.decompress(s.handle, unsafe.SliceData(jpeg), uint64(len(jpeg)), unsafe.SliceData(dst),
		got.width, int32(stride), got.height, int32(f), flagLimitScans)) // #nosec G115 -- at most 4 × 65,535
}

// view is three planes as C wants them.
type view struct {
	planes  *[3]unsafe.Pointer
	strides *[3]int32
	pinner  runtime.Pinner
}

func (v *view) release() { v.pinner.Unpin() }

// viewPlanes checks that img's slices hold what the library will touch: the
// picture rounded up to whole chroma samples (turbojpeg.h, tjPlaneWidth).
func viewPlanes(img *image.YCbCr) (*view, error) {
	hs, vs := factors(img.SubsampleRatio)
	cw, ch := (img.Rect.Dx()+hs-1)/hs, (img.Rect.Dy()+vs-1)/vs
	enough := func(pix []byte, stride, w, h int) bool { return stride >= w && len(pix) >= stride*(h-1)+w }
	if img.Rect.Min != (image.Point{}) || cw < 1 || ch < 1 || !enough(img.Y, img.YStride, cw*hs, ch*vs) ||
		!enough(img.Cb, img.CStride, cw, ch) || !enough(img.Cr, img.CStride, cw, ch) {
		return nil, fmt.Errorf("%w: planes of %v are too small", ErrUnsuited, img.Rect)
	}
	v := &view{
		planes:  &[3]unsafe.Pointer{unsafe.Pointer(&img.Y[0]), unsafe.Pointer(&img.Cb[0]), unsafe.Pointer(&img.Cr[0])},
		strides: &[3]int32{int32(img.YStride), int32(img.CStride), int32(img.CStride)}, // #nosec G115 -- at most 65,536 and a little
	}
	v.pinner.Pin(&img.Y[0])
	v.pinner.Pin(&img.Cb[0])
	v.pinner.Pin(&img.Cr[0])
	v.pinner.Pin(v.planes)
	return v, nil
}

func factors(r image.YCbCrSubsampleRatio) (h, v int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	}
	return 1, 1
}

// subsamplings are turbojpeg.h's TJSAMP.
var subsamplings = map[image.YCbCrSubsampleRatio]int32{
	image.YCbCrSubsampleRatio444: 0,
	image.YCbCrSubsampleRatio422: 1,
	image.YCbCrSubsampleRatio420: 2,
	image.YCbCrSubsampleRatio440: 4,
	image.YCbCrSubsampleRatio411: 5,
}
