package enhance

// JFIF's conversion between RGB and YCbCr (ITU-T T.871), in 16-bit fixed
// point as libjpeg and image/color have it.

func toLuma(r, g, b int32) int32 { return (19595*r + 38470*g + 7471*b + 1<<15) >> 16 }

func toChroma(r, g, b int32) (cb, cr int32) {
	cb = (-11056*r - 21712*g + 32768*b + 257<<15) >> 16
	cr = (32768*r - 27440*g - 5328*b + 257<<15) >> 16
	return min(max(cb, 0), 255), min(max(cr, 0), 255)
}

func toYCbCr(pix []uint8) (y, cb, cr uint8) {
	r, g, b := int32(pix[0]), int32(pix[1]), int32(pix[2])
	u, v := toChroma(r, g, b)
	return uint8(toLuma(r, g, b)), uint8(u), uint8(v)
}

// chromaOffsets gives what chroma, less 128, adds to luma in each channel.
func chromaOffsets(cb, cr int32) (r, g, b int32) {
	r = (91881*cr + 1<<15) >> 16
	g = (-22554*cb - 46802*cr + 1<<15) >> 16
	b = (116130*cb + 1<<15) >> 16
	return r, g, b
}

// toRGB gives the channels unclamped, so that a caller can see what clips.
func toRGB(y, cb, cr uint8) (r, g, b int32) {
	dr, dg, db := chromaOffsets(int32(cb)-128, int32(cr)-128)
	return int32(y) + dr, int32(y) + dg, int32(y) + db
}

func clamp8(v int32) uint8 {
	if uint32(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return uint8(v)
}
