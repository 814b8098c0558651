package codec

import "cloudworks/internal/cloudpic/codec/jfif"

// Keep gives the file that the picture was decoded from, with Meta instead of
// its own metadata and every pixel as it was. It is false for a format where
// Encode is to be used instead: one that Encode writes in another format or
// without loss, or a file that is put together in an unusual way.
func (p *Picture) Keep(data []byte) (file []byte, ok bool) {
	if p.Format != JPEG || p.Components == 4 {
		return nil, false
	}
	stripped, ok := jfif.Strip(data)
	if !ok {
		return nil, false
	}
	return jfif.Splice(stripped, jfif.Extra{Density: p.source.jpeg.density, Exif: p.Meta.EXIF, ICC: p.Meta.ICC}), true
}
