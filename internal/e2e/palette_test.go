package e2e

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// reduce gives a picture with a palette of at most 256 colours, by median
// cut: the box of colours with the largest spread, weighed by how often they
// come, is cut in two until there are enough (Heckbert 1982).
func reduce(m image.Image) *image.Paletted {
	counts := make(map[color.RGBA]int)
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			counts[rgba(m, x, y)]++
		}
	}
	boxes := cut(counts)
	out := image.NewPaletted(b, nil)
	index := make(map[color.RGBA]uint8, len(counts))
	for i, box := range boxes {
		out.Palette = append(out.Palette, box.commonest())
		for _, c := range box {
			index[c.RGBA] = uint8(i)
		}
	}
	if len(counts) > photographic {
		draw.FloydSteinberg.Draw(out, b, m, b.Min)
		return out
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.SetColorIndex(x, y, index[rgba(m, x, y)])
		}
	}
	return out
}

// photographic is how many colours a page with a photograph has at least: it
// is dithered, lest its skies have steps.
const photographic = 10_000

func rgba(m image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
}

// counted is a colour and how many pixels have it.
type counted struct {
	color.RGBA
	n int
}

type box []counted

func cut(counts map[color.RGBA]int) []box {
	var all box
	for c, n := range counts {
		all = append(all, counted{c, n})
	}
	boxes, weights := []box{all}, []int{all.weight()}
	for len(boxes) < 256 {
		heaviest := slices.Index(weights, slices.Max(weights))
		left, right := boxes[heaviest].split()
		if len(right) == 0 {
			break
		}
		boxes[heaviest], weights[heaviest] = left, left.weight()
		boxes, weights = append(boxes, right), append(weights, right.weight())
	}
	return boxes
}

// channel gives one of red, green and blue.
func channel(c counted, i int) int { return int([3]uint8{c.R, c.G, c.B}[i]) }

// spread gives the channel in which a box is widest, and how wide.
func (b box) spread() (widest, width int) {
	for i := range 3 {
		low, high := 255, 0
		for _, c := range b {
			low, high = min(low, channel(c, i)), max(high, channel(c, i))
		}
		if high-low > width {
			widest, width = i, high-low
		}
	}
	return widest, width
}

// weight ranks boxes: wide ones first, and those of many pixels a little. A
// page's few pixels of an accent matter as much as its paper.
func (b box) weight() int {
	_, width := b.spread()
	pixels := 0
	for _, c := range b {
		pixels += c.n
	}
	bits := 1
	for ; pixels > 1; pixels >>= 1 {
		bits++
	}
	return width * width * bits
}

func (b box) split() (left, right box) {
	i, width := b.spread()
	if width == 0 {
		return b, nil
	}
	slices.SortFunc(b, func(x, y counted) int { return cmp.Compare(channel(x, i), channel(y, i)) })
	middle := (channel(b[0], i) + channel(b[len(b)-1], i)) / 2
	at, _ := slices.BinarySearchFunc(b, middle+1, func(c counted, v int) int { return cmp.Compare(channel(c, i), v) })
	return b[:at], b[at:]
}

// commonest is the colour that stands for a box: the one that comes most, so that
// flat areas keep theirs exactly.
func (b box) commonest() color.RGBA {
	return slices.MaxFunc(b, func(x, y counted) int { return cmp.Compare(x.n, y.n) }).RGBA
}
