package baseline

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/cloudpic/codec/turbo"
)

// missing skips a test for want of a tool, and fails it where CLOUDWORKS_REQUIRE
// says that everything has to be there.
func missing(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
		tb.Fatalf("%s isn't there, and CLOUDWORKS_REQUIRE is set", what)
	}
	tb.Skipf("%s isn't there", what)
}

// plain reads the files that a pattern names and says which of them Decode is for.
func plain(tb testing.TB, pattern string, use func(name string, data []byte, info jfif.Info)) {
	tb.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		missing(tb, pattern)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		info, err := jfif.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		_, usual := info.Subsampling()
		if info.Progressive || !usual || info.Colour() != jfif.YCbCr && info.Colour() != jfif.Grey {
			continue
		}
		use(filepath.Base(file), data, info)
	}
}

func goPictures(tb testing.TB) string {
	tb.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		missing(tb, "go")
	}
	return filepath.Join(strings.TrimSpace(string(root)), "src/image/testdata/*.jpeg")
}

const kleiber = "/usr/share/backgrounds/Kleiber_by_Lukas_Baubkus.jpg"

const photographs = "/usr/share/backgrounds/*.jpg"

// wholePlanes gives planes for a file.
func wholePlanes(info jfif.Info) *image.YCbCr {
	r, _ := info.Subsampling()
	ys, yr, cs, cr := Layout(info.Width, info.Height, r)
	return &image.YCbCr{
		Y: make([]byte, ys*yr), Cb: make([]byte, cs*cr), Cr: make([]byte, cs*cr),
		YStride: ys, CStride: cs, SubsampleRatio: r, Rect: image.Rect(0, 0, info.Width, info.Height),
	}
}

func wholeGray(info jfif.Info) *image.Gray {
	return &image.Gray{Pix: make([]byte, (info.Width+7)&^7*((info.Height+7)&^7)), Stride: (info.Width + 7) &^ 7, Rect: image.Rect(0, 0, info.Width, info.Height)}
}

// visible gives the planes of a picture without what lies outside of it.
func visible(img image.Image) []Plane {
	var planes []Plane
	switch img := img.(type) {
	case *image.YCbCr:
		planes = planesOf(img)
	case *image.Gray:
		planes = []Plane{{Pix: img.Pix, Stride: img.Stride, W: img.Rect.Dx(), H: img.Rect.Dy()}}
	}
	return planes
}

// apart is the largest difference between samples of two pictures of one size.
func apart(a, b image.Image) (most int) {
	other := visible(b)
	for i, p := range visible(a) {
		for y := range p.H {
			for x, v := range p.Pix[y*p.Stride:][:p.W] {
				d := int(v) - int(other[i].Pix[y*other[i].Stride+x])
				most = max(most, d, -d)
			}
		}
	}
	return most
}

// TestDecodeEqualsLibrary: every sample of real photographs, and of every kind
// of file that Go tests with, is libjpeg-turbo's.
func TestDecodeEqualsLibrary(t *testing.T) {
	library, err := turbo.Load()
	if err != nil {
		missing(t, "libjpeg-turbo")
	}
	seen := 0
	compare := func(name string, data []byte, info jfif.Info) {
		if info.Colour() == jfif.Grey {
			got, want := wholeGray(info), wholeGray(info)
			if err := library.DecodePixels(data, want.Pix, want.Stride, info.Width, info.Height, turbo.GrayPixels); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := DecodeGray(data, got); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if d := apart(got, want); d > 0 {
				t.Errorf("%s: off by %d", name, d)
			}
			seen++
			return
		}
		got, want := wholePlanes(info), wholePlanes(info)
		err := library.DecodePlanes(data, want)
		if errors.Is(err, turbo.ErrUnsuited) {
			return // 4:1:0
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := Decode(data, got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if d := apart(got, want); d > 0 {
			t.Errorf("%s: off by %d", name, d)
		}
		seen++
	}
	plain(t, goPictures(t), compare)
	if !testing.Short() {
		plain(t, photographs, compare)
	}
	t.Logf("%d files", seen)
}

// TestDecodeNearGo: samples are within one level of those of Go's decoder, whose
// DCT is another.
func TestDecodeNearGo(t *testing.T) {
	plain(t, goPictures(t), func(name string, data []byte, info jfif.Info) {
		want, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := decodeAny(data, info)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if d := apart(got, want); d > 1 {
			t.Errorf("%s: off by %d", name, d)
		}
	})
}

func decodeAny(data []byte, info jfif.Info) (image.Image, error) {
	if info.Colour() == jfif.Grey {
		img := wholeGray(info)
		return img, DecodeGray(data, img)
	}
	img := wholePlanes(info)
	return img, Decode(data, img)
}

// TestDecodeScans reads a picture whose components come one by one, with luma
// that has fewer blocks so than in whole MCUs.
func TestDecodeScans(t *testing.T) {
	for _, r := range []image.YCbCrSubsampleRatio{0, 1, 2, 3, 4, 5} {
		img := noisy(41, 23, r)
		together, err := Encode(img, 90)
		if err != nil {
			t.Fatal(err)
		}
		info, err := jfif.Read(bytes.NewReader(together), int64(len(together)))
		if err != nil {
			t.Fatal(err)
		}
		apartFile := separate(img, 90)
		want, err := jpeg.Decode(bytes.NewReader(apartFile))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range [][]byte{together, apartFile} {
			got, err := decodeAny(file, info)
			if err != nil {
				t.Errorf("%v: %v", r, err)
			} else if d := apart(got, want); d > 1 {
				t.Errorf("%v: off by %d", r, d)
			}
		}
	}
}

// noisy gives planes of noise on a slope.
func noisy(w, h int, r image.YCbCrSubsampleRatio) *image.YCbCr {
	img := wholePlanes(jfif.Info{Width: w, Height: h, Components: components(r)})
	seed := uint32(1)
	for _, p := range planesOf(img) {
		for i := range p.Pix {
			seed = seed*1664525 + 1013904223
			p.Pix[i] = byte(40 + i%p.Stride + int(seed>>27))
		}
	}
	return img
}

// components are those of a subsampling.
func components(r image.YCbCrSubsampleRatio) []jfif.Component {
	h, v := Factors(r)
	return []jfif.Component{{H: byte(h), V: byte(v)}, {H: 1, V: 1}, {H: 1, V: 1}}
}

// separate writes a JPEG with a scan for each component.
func separate(img *image.YCbCr, quality int) []byte {
	Extend(img)
	file := encode(planesOf(img), quality)
	out := bytes.Clone(file[:bytes.Index(file, []byte{0xFF, markerSOS})])
	luma, chroma := jfif.StandardTables(quality)
	tables := [2]*quantiser{newQuantiser(&luma), newQuantiser(&chroma)}
	codes := [2][2]*[256]code{{dcLuma.codes(), acLuma.codes()}, {dcChroma.codes(), acChroma.codes()}}
	for i, p := range planesOf(img) {
		n := min(i, 1)
		e := encoder{bitWriter: bitWriter{free: 64, out: out}}
		e.segment(markerSOS, 1, byte(i+1), byte(0x11*n), 0, 63, 0)
		c := component{Plane: p, quantiser: tables[n], dc: codes[n][0], ac: codes[n][1]}
		for y := 0; y < p.H; y += 8 {
			for x := 0; x < p.W; x += 8 {
				e.block(&c, x, y)
			}
		}
		e.flush()
		out = e.out
	}
	return append(out, 0xFF, markerEOI)
}

// TestDecodeCutOff: a file that ends within its bits is told from one that is
// damaged, wherever it ends.
func TestDecodeCutOff(t *testing.T) {
	img := noisy(60, 50, image.YCbCrSubsampleRatio420)
	file, err := Encode(img, 90)
	if err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(file, []byte{0xFF, markerSOS}) + 14
	for n := start; n < len(file)-2; n++ {
		short := append(bytes.Clone(file[:n]), 0xFF, markerEOI)
		if err := Decode(short, img); !errors.Is(err, io.ErrUnexpectedEOF) && n < len(file)-3 {
			t.Errorf("%d of %d bytes: %v", n, len(file), err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	img := noisy(40, 30, image.YCbCrSubsampleRatio420)
	file, err := Encode(img, 90)
	if err != nil {
		t.Fatal(err)
	}
	patch := func(at []byte, skip int, to byte) []byte {
		out := bytes.Clone(file)
		out[bytes.Index(out, at)+skip] = to
		return out
	}
	tests := map[string][]byte{
		"nothing":             nil,
		"no picture":          []byte("no picture"),
		"another height":      patch([]byte{0xFF, markerSOF0}, 6, 31),
		"another width":       patch([]byte{0xFF, markerSOF0}, 8, 41),
		"another subsampling": patch([]byte{0xFF, markerSOF0}, 11, 0x21),
		"progressive":         patch([]byte{0xFF, markerSOF0}, 1, 0xC2),
		"12 bits":             patch([]byte{0xFF, markerSOF0}, 4, 12),
		"a repeated id":       patch([]byte{0xFF, markerSOF0}, 13, 1),
		"no table":            patch([]byte{0xFF, markerSOF0}, 12, 3),
		"too many codes":      patch([]byte{0xFF, markerDHT}, 5, 3),
		"no Huffman table":    patch([]byte{0xFF, markerSOS}, 6, 0x20),
		"an unknown marker":   patch([]byte{0xFF, markerDHT}, 1, 0xC8),
	}
	for name, data := range tests {
		if err := Decode(data, img); !errors.Is(err, ErrUnusual) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := Decode(file, image.NewYCbCr(image.Rect(0, 0, 40, 30), image.YCbCrSubsampleRatio420)); err == nil {
		t.Error("planes of half MCUs were filled")
	}
	if err := DecodeGray(file, &image.Gray{}); err == nil {
		t.Error("no plane was filled")
	}
	if err := DecodeGray(file, wholeGray(jfif.Info{Width: 40, Height: 30})); !errors.Is(err, ErrUnusual) {
		t.Errorf("colours in a grey plane: %v", err)
	}
}

// TestInverse compares blocks of every length with the definition of the DCT.
func TestInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var b packed
		var natural [64]float64
		last := rng.IntN(64)
		for k := range last + 1 {
			v := rng.IntN(400) - 200
			if k > 0 {
				v /= k
			}
			natural[zigzag[k]] = float64(v)
			b[places[k]] += uint64(int64(v)) << (32 * (zigzag[k] & 1))
		}
		var got [64]byte
		b.inverse(got[:], 8, last)
		for i, v := range got {
			want := min(max(sample(&natural, i%8, i/8)+128, 0), 255)
			if math.Abs(float64(v)-want) > 0.6 {
				t.Fatalf("%d coefficients, sample %d: got %d, want %.2f", last+1, i, v, want)
			}
		}
	}
}

// sample is the definition of the inverse DCT (T.81 A.3.3).
func sample(c *[64]float64, x, y int) float64 {
	sum := 0.0
	for i, v := range c {
		if v == 0 {
			continue
		}
		u, w := i%8, i/8
		for _, f := range [2]int{u, w} {
			if f == 0 {
				v *= math.Sqrt2 / 2
			}
		}
		sum += v * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(w)*math.Pi/16)
	}
	return sum / 4
}
