//go:build linux && (amd64 || arm64)

package turbo

import (
	"fmt"
	"image"
	"unsafe"
)

// EncodePlanes writes planes as a JPEG and hands it to take, which may use it until it returns.
func (l *Library) EncodePlanes(img *image.YCbCr, quality Quality, take func(jpeg []byte)) error {
	samp, ok := subsamplings[img.SubsampleRatio]
	if !ok {
		return fmt.Errorf("%w: subsampling %v", ErrUnsuited, img.SubsampleRatio)
	}
	v, err := viewPlanes(img)
	if err != nil {
		return err
	}
	defer v.release()
	return l.encode("tjCompressFromYUVPlanes", take, func(s session, jpeg *uintptr, size *uint64) int32 {
		return s.fromPlanes(s.handle, v.planes, int32(img.Rect.Dx()), v.strides, int32(img.Rect.Dy()), samp, // #nosec G115 -- viewPlanes
			jpeg, size, int32(quality.IJG), quality.flags()) // #nosec G115 -- 1 to 100
	})
}

// EncodePixels writes w × h pixels, a row every stride bytes, in the same way.
// Grey pixels give a grey JPEG.
func (l *Library) EncodePixels(pix []byte, stride, w, h int, f PixelFormat, r image.YCbCrSubsampleRatio, quality Quality, take func(jpeg []byte)) error {
	samp, ok := subsamplings[r]
	if f == GrayPixels {
		samp, ok = sampGray, true
	}
	if !ok || f == CMYKPixels || w < 1 || h < 1 || stride < w*f.size() || len(pix) < stride*(h-1)+w*f.size() {
		return fmt.Errorf("%w: %d bytes for %d × %d pixels, subsampling %v", ErrUnsuited, len(pix), w, h, r)
	}
	return l.encode("tjCompress2", take, func(s session, jpeg *uintptr, size *uint64) int32 {
		return s.compress(s.handle, unsafe.SliceData(pix), int32(w), int32(stride), int32(h), int32(f), // #nosec G115 -- the library refuses more than 65,535
			jpeg, size, samp, int32(quality.IJG), quality.flags()) // #nosec G115 -- 1 to 100
	})
}

// encode runs a compressor, whose result lies in C's memory.
func (l *Library) encode(op string, take func([]byte), run func(s session, jpeg *uintptr, size *uint64) int32) error {
	s, err := l.begin(l.initCompress)
	if err != nil {
		return err
	}
	defer s.end()
	out := new(struct {
		jpeg uintptr
		size uint64
	})
	defer func() { l.free(out.jpeg) }()
	if err := s.check(op, run(s, &out.jpeg, &out.size)); err != nil {
		return err
	}
	// The detour by a pointer to out.jpeg is what go vet accepts for memory
	// that isn't Go's.
	take(unsafe.Slice(*(**byte)(unsafe.Pointer(&out.jpeg)), out.size))
	return nil
}
