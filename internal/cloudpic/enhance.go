package cloudpic

import (
	"fmt"

	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/cloudpic/enhance"
)

// Output is an enhanced picture with its previews.
type Output struct {
	Result
	Data                        []byte // the file
	BeforePreview, AfterPreview []byte // JPEG
}

// Enhance reads a picture file, enhances it, and writes a file of the same
// format (a WebP or GIF becomes a JPEG or PNG). Its errors are permanent ones
// of type *jobs.Error when the fault is the file's.
func Enhance(data []byte, o Options) (Output, error) {
	p, err := codec.Decode(data, mode(o))
	if err != nil {
		return Output{}, err
	}
	defer func() { p.Release() }()
	var out Output
	if out.BeforePreview, err = codec.Thumbnail(p, PreviewSize); err != nil {
		return out, fmt.Errorf("preview of the original: %w", err)
	}
	report, err := enhance.Apply(p.Image, o)
	if err != nil {
		return out, fmt.Errorf("enhance: %w", err)
	}
	if report.Spoiled {
		p.Release()
		if p, err = codec.Decode(data, mode(o)); err != nil {
			return out, err
		}
	}
	if out.AfterPreview, err = codec.Thumbnail(p, PreviewSize); err != nil {
		return out, fmt.Errorf("preview of the result: %w", err)
	}
	if out.Data, err = write(p, data, report.Untouched); err != nil {
		return out, fmt.Errorf("encode: %w", err)
	}
	out.Result = describe(p, report, o, int64(len(out.Data)))
	return out, nil
}

// mode says which pixels a preset works on: classic on those that Pillow has,
// or on planes from which it works them out.
func mode(o Options) codec.Mode {
	if o.Preset == enhance.Classic {
		return codec.HalvedPlanes
	}
	return codec.Planes
}

// write gives the result's file. A picture that was left as it is keeps its
// own data, where its format allows, so that nothing is lost by writing it.
func write(p *codec.Picture, data []byte, untouched bool) ([]byte, error) {
	if untouched {
		if file, ok := p.Keep(data); ok {
			return file, nil
		}
	}
	return p.Encode()
}

// describe gathers what is told of a result.
func describe(p *codec.Picture, report enhance.Report, o Options, size int64) Result {
	r := Result{
		Options: o,
		Before:  report.Before, After: report.After, Gain: report.Gain,
		Untouched: report.Untouched, GPSRemoved: p.Meta.GPSRemoved,
	}
	r.ContentType, r.Size = p.OutputType(), size
	r.Width, r.Height = p.Upright()
	r.HistogramBefore, r.HistogramAfter = scale(report.HistogramBefore.Luma[:], report.HistogramAfter.Luma[:])
	return r
}

// scale brings two histograms to 0..255 by their common largest bin.
func scale(before, after []uint32) (b, a []uint8) {
	most := uint32(1)
	for i := range before {
		most = max(most, before[i], after[i])
	}
	b, a = make([]uint8, len(before)), make([]uint8, len(after))
	for i := range before {
		b[i] = uint8(uint64(before[i]) * 255 / uint64(most)) // #nosec G115 -- at most 255
		a[i] = uint8(uint64(after[i]) * 255 / uint64(most))  // #nosec G115 -- at most 255
	}
	return b, a
}
