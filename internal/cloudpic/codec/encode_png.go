package codec

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"sync"

	"cloudworks/internal/cloudpic/codec/exif"
)

// pngBuffers lets the encoder use its window again.
type pngBuffers struct{ pool sync.Pool }

func (p *pngBuffers) Get() *png.EncoderBuffer {
	b, _ := p.pool.Get().(*png.EncoderBuffer)
	return b
}

func (p *pngBuffers) Put(b *png.EncoderBuffer) { p.pool.Put(b) }

// largePNG is how many pixels are compressed with the usual care. Larger
// pictures get the fast way, a third of the time and a fifth more bytes: 50
// megapixels of photo would take 9 s otherwise.
const largePNG = 16e6

var (
	pngEncoder     = png.Encoder{CompressionLevel: png.DefaultCompression, BufferPool: new(pngBuffers)}
	fastPNGEncoder = png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: new(pngBuffers)}
)

func (p *Picture) encodePNG() ([]byte, error) {
	img := turn(p.Image, p.Orientation)
	if pixels, ok := img.(*image.NRGBA); ok {
		if few := withPalette(pixels); few != nil {
			img = few
		}
	}
	var out bytes.Buffer
	encoder := &pngEncoder
	if p.Width*p.Height > largePNG {
		encoder = &fastPNGEncoder
	}
	if err := encoder.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("encode PNG: %w", err)
	}
	const head = 8 + 8 + 13 + 4 // signature and IHDR
	file := out.Bytes()
	upright := p.Meta.EXIF
	if upright != nil {
		upright = exif.Upright(upright)
	}
	extra := p.pngExtras(upright)
	whole := make([]byte, 0, len(file)+len(extra))
	whole = append(whole, file[:head]...)
	whole = append(whole, extra...)
	return append(whole, file[head:]...), nil
}

// pngExtras are the chunks that go between the header and the pixels.
func (p *Picture) pngExtras(tiff []byte) []byte {
	var out []byte
	switch {
	case p.Meta.ICC == nil:
	case p.source.png.iccp != nil:
		out = appendChunk(out, "iCCP", p.source.png.iccp)
	default:
		out = appendChunk(out, "iCCP", deflateProfile(p.Meta.ICC))
	}
	for _, c := range p.source.png.plain {
		out = appendChunk(out, c.name, c.data)
	}
	if tiff != nil {
		out = appendChunk(out, "eXIf", tiff)
	}
	return out
}

func appendChunk(out []byte, name string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data))) // #nosec G115 -- at most maxICC
	at := len(out)
	out = append(out, name...)
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[at:]))
}

func deflateProfile(icc []byte) []byte {
	b := bytes.NewBufferString("profile\x00\x00")
	z := zlib.NewWriter(b)
	_, _ = z.Write(icc) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// withPalette gives the picture as indices when it has at most 256 colours,
// which makes a third or less of the file; else nil. A photo is told by its
// first rows.
func withPalette(img *image.NRGBA) *image.Paletted {
	index := make(map[[4]byte]uint8, 256)
	out := &image.Paletted{Rect: img.Rect}
	var palette color.Palette
	var last [4]byte
	var lastIndex uint8
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:4*img.Rect.Dx()]
		for x := 0; x < len(row); x += 4 {
			c := [4]byte(row[x:])
			if c != last || len(palette) == 0 {
				i, known := index[c]
				if !known {
					if len(palette) == 256 {
						return nil
					}
					i = uint8(len(palette)) // #nosec G115 -- below 256
					index[c] = i
					palette = append(palette, color.NRGBA{c[0], c[1], c[2], c[3]})
				}
				last, lastIndex = c, i
			}
			out.Pix = append(out.Pix, lastIndex)
		}
	}
	out.Stride, out.Palette = img.Rect.Dx(), palette
	return out
}
