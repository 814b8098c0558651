package enhance

import (
	"image"
	"math"
	"math/rand/v2"
)

// A paint gives the colour of a scene at a place; x and y run from 0 to 1.
type paint func(x, y float64) (r, g, b float64)

// scenes are pictures that enhancement is known to break.
var scenes = map[string]paint{
	"night": func(x, y float64) (r, g, b float64) {
		v := 8 + 10*y
		if math.Hypot(x-0.7, y-0.3) < 0.03 {
			v = 240
		}
		return v, v, v + 8
	},
	"fog": func(x, y float64) (r, g, b float64) {
		v := 165 + 25*math.Sin(3*x)*y + 6*math.Sin(60*x)*y*y
		return v, v + 1, v + 3
	},
	"high key": func(x, y float64) (r, g, b float64) {
		v := 235 + 12*math.Sin(4*x+3*y)
		return v, v - 2, v - 4
	},
	"portrait": func(x, y float64) (r, g, b float64) {
		if math.Hypot(x-0.5, (y-0.5)*0.8) < 0.3 {
			s := 1 - 0.3*x
			return 224 * s, 172 * s, 145 * s
		}
		return 60 + 20*x, 70 + 20*x, 75 + 20*x
	},
	"sunset": func(x, y float64) (r, g, b float64) {
		return 230 - 120*y, 140 - 95*y, 60 - 30*y
	},
	"storm": func(x, y float64) (r, g, b float64) {
		v := 60 + 50*y + 20*math.Sin(9*x+4*y)
		return v - 8, v, v + 22
	},
	"candle-light": func(x, y float64) (r, g, b float64) {
		v := 200 * math.Exp(-4*math.Hypot(x-0.5, y-0.5))
		return v + 20, 0.65*v + 12, 0.3*v + 5
	},
	"blue sky": func(x, y float64) (r, g, b float64) {
		if y > 0.7 {
			v := 90 + 40*math.Sin(50*x)
			return v, v, v * 0.8
		}
		return 90 + 60*y, 140 + 50*y, 220 + 15*y
	},
	"hill against the sky": func(x, y float64) (r, g, b float64) {
		if y > 0.5 {
			return 40, 45, 38
		}
		return 200, 205, 210
	},
}

// paintYCbCr renders a scene with a little grain, as a sensor would.
func paintYCbCr(p paint, w, h int, grain float64, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	rng := rand.New(rand.NewPCG(5, 6))
	img := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	for y := range h {
		for x := range w {
			r, g, b := p((float64(x)+0.5)/float64(w), (float64(y)+0.5)/float64(h))
			n := grain * rng.NormFloat64()
			q := func(v float64) uint8 { return clamp8(int32(math.Floor(v + n + 0.5))) }
			l, u, v := toYCbCr([]uint8{q(r), q(g), q(b)})
			img.Y[img.YOffset(x, y)] = l
			img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = u, v
		}
	}
	return img
}

func testScene(img *image.YCbCr) *scene {
	p := ycbcrPlanes(img)
	return newScene(newSketch(p), p)
}

func toTestNRGBA(img *image.YCbCr) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			c := img.COffset(x, y)
			r, g, b := toRGB(img.Y[img.YOffset(x, y)], img.Cb[c], img.Cr[c])
			copy(out.Pix[out.PixOffset(x, y):], []uint8{clamp8(r), clamp8(g), clamp8(b), 255})
		}
	}
	return out
}

func cloneYCbCr(img *image.YCbCr) *image.YCbCr {
	c := *img
	c.Y, c.Cb, c.Cr = clone(img.Y), clone(img.Cb), clone(img.Cr)
	return &c
}

func meanOf(b []uint8) float64 {
	var s float64
	for _, v := range b {
		s += float64(v)
	}
	return s / float64(len(b))
}

// clippedPixels is the share of all pixels with a channel at 0 or 255.
func clippedPixels(img *image.NRGBA) float64 {
	n := 0
	for i := 0; i < len(img.Pix); i += 4 {
		lo, hi := min(img.Pix[i], img.Pix[i+1], img.Pix[i+2]), max(img.Pix[i], img.Pix[i+1], img.Pix[i+2])
		if lo == 0 || hi == 255 {
			n++
		}
	}
	return float64(n) / float64(len(img.Pix)/4)
}
