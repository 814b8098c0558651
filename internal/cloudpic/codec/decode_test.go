package codec

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlanesAgree: the two libraries give the same planes; what Go's decoder
// reads for ours differs by at most one level.
func TestPlanesAgree(t *testing.T) {
	for _, file := range testdata(t, "*.jpeg") {
		name := filepath.Base(file)
		if strings.Contains(name, "cmyk") || strings.Contains(name, ".rgb.") {
			continue // not planes
		}
		if strings.Contains(name, "truncated") {
			continue // libjpeg smooths what an early end leaves coarse
		}
		data := readFile(t, file)
		var got [2][]byte
		for i, lib := range libraries {
			use(t, lib)
			got[i] = samples(mustDecode(t, name, data, Planes).Image)
		}
		allowed := 0
		if leftToGo(name) {
			allowed = 1
		}
		if most, count := difference(got[0], got[1]); most < 0 || most > allowed {
			t.Errorf("%s: %d of %d samples differ, by up to %d", name, count, len(got[0]), most)
		}
	}
}

// leftToGo names the pictures that our decoder doesn't read.
func leftToGo(file string) bool {
	return strings.Contains(file, "progressi") || strings.Contains(file, "221212") || roughInGo(file)
}

// TestRGBEqualsPillow: classic starts from the very pixels that Pillow has, but
// for what is left to Go's decoder.
func TestRGBEqualsPillow(t *testing.T) {
	interpreter := python(t)
	var odd []string
	for _, r := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio411} {
		for _, size := range []image.Point{{1, 1}, {2, 3}, {5, 4}, {17, 33}, {40, 24}} {
			data := jpegOf(t, painted(image.NewNRGBA(image.Rectangle{Max: size})), r, 80)
			odd = append(odd, writeTemp(t, r.String()+size.String()+".jpeg", data))
		}
	}
	files := append(testdata(t, "*.jpeg"), odd...)
	for _, lib := range libraries {
		most, off := map[string]int{}, 0
		use(t, lib)
		for _, file := range files {
			p := mustDecode(t, file, readFile(t, file), RGB)
			mode := "RGBA"
			if p.Components == 1 {
				mode = "L"
			}
			_, want := pillow(t, interpreter, file, mode)
			d, count := difference(samples(p.Image), want)
			most[filepath.Base(file)] = d
			if lib == "turbo" && d != 0 && !unknownToTurbo(file) || d != 0 && !leftToGo(file) || d < 0 || d > 3 && !roughInGo(file) {
				t.Errorf("%s, %s: %d of %d differ from Pillow, by up to %d", lib, filepath.Base(file), count, len(want), d)
			}
			if d > 0 {
				off++
			}
		}
		t.Logf("%s: %d of %d pictures differ from Pillow", lib, off, len(files))
	}
}

// roughInGo names the pictures that image/jpeg gives as pixels with chroma
// repeated, or that end before they are complete.
func roughInGo(file string) bool {
	return strings.Contains(file, "cmyk") || strings.Contains(file, ".rgb.") || strings.Contains(file, "truncated")
}

// unknownToTurbo names the pictures that we read for both, or Go's decoder.
func unknownToTurbo(file string) bool {
	return strings.Contains(file, ".410.")
}

// TestOthersEqualPillow compares PNG, GIF and WebP.
func TestOthersEqualPillow(t *testing.T) {
	interpreter := python(t)
	size := image.Rect(0, 0, 37, 23)
	palette := color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{250, 20, 90, 255}, color.NRGBA{30, 240, 9, 128}, color.NRGBA{}}
	opaquePalette := color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{250, 20, 90, 255}}
	made := map[string]image.Image{
		"grey": painted(image.NewGray(size)), "rgb": painted(image.NewRGBA(size)), "rgba": painted(image.NewNRGBA(size)),
		"16 bits": painted(image.NewNRGBA64(size)), "palette": painted(image.NewPaletted(size, palette)), "opaque palette": painted(image.NewPaletted(size, opaquePalette)),
	}
	files := append(testdata(t, "*.png"), testdata(t, "*.gif")...)
	for name, img := range made {
		files = append(files, writeTemp(t, name+".png", pngOf(t, img)))
	}
	for _, script := range []string{"quality=75", "lossless=True", "quality=60, method=6"} {
		for _, mode := range []string{"RGB", "RGBA"} {
			files = append(files, pillowWebP(t, interpreter, mode, script))
		}
	}
	for _, file := range files {
		p := mustDecode(t, file, readFile(t, file), RGB)
		mode := "RGBA"
		if _, grey := p.Image.(*image.Gray); grey {
			mode = "L"
		}
		_, want := pillow(t, interpreter, file, mode)
		got := samples(p.Image)
		if strings.HasSuffix(file, ".gif") || mode == "RGBA" {
			got, want = opaqueOnly(got), opaqueOnly(want)
		}
		if d, count := difference(got, want); d != 0 {
			t.Errorf("%s: %d of %d differ from Pillow, by up to %d", filepath.Base(file), count, len(want), d)
		}
	}
}

// opaqueOnly blanks pixels that can't be seen: their colours are arbitrary.
func opaqueOnly(pix []byte) []byte {
	for i := 0; i+3 < len(pix); i += 4 {
		if pix[i+3] == 0 {
			clear(pix[i : i+3])
		}
	}
	return pix
}

// pillowWebP has Pillow write a WebP of odd size.
func pillowWebP(t *testing.T, interpreter, mode, options string) string {
	t.Helper()
	in := writeTemp(t, "in.png", pngOf(t, painted(image.NewNRGBA(image.Rect(0, 0, 43, 31)))))
	out := filepath.Join(t.TempDir(), mode+options+".webp")
	run(t, interpreter, "-c", "import sys\nfrom PIL import Image\nImage.open(sys.argv[1]).convert('"+mode+"').save(sys.argv[2], "+options+")", in, out)
	return out
}

// TestDepth: grey of 16 bits keeps its higher 8.
func TestDepth(t *testing.T) {
	img := painted(image.NewGray16(image.Rect(0, 0, 19, 7)))
	p := mustDecode(t, "16 bits", pngOf(t, img), Planes)
	got, ok := p.Image.(*image.Gray)
	if !ok || p.Depth != 16 {
		t.Fatalf("got %T of %d bits", p.Image, p.Depth)
	}
	for y := range 7 {
		for x := range 19 {
			if want := uint8(img.Gray16At(x, y).Y >> 8); got.GrayAt(x, y).Y != want {
				t.Fatalf("at %d, %d: got %d, want %d", x, y, got.GrayAt(x, y).Y, want)
			}
		}
	}
}

// TestGIFFrame: a first frame smaller than its screen lies where it should.
func TestGIFFrame(t *testing.T) {
	screen := "GIF89a\x04\x00\x03\x00\x80\x00\x00" + "\xff\x00\x00\x00\xff\x00"
	frame := "\x2c\x01\x00\x01\x00\x02\x00\x01\x00\x00" + "\x02\x02\x44\x0a\x00"
	p := mustDecode(t, "frame", []byte(screen+frame+"\x3b"), Planes)
	img := p.Image.(*image.NRGBA)
	if p.Width != 4 || p.Height != 3 || !p.Alpha || img.NRGBAAt(0, 0).A != 0 || img.NRGBAAt(1, 1).A != 255 || img.NRGBAAt(3, 1).A != 0 {
		t.Errorf("got %d × %d, alpha %v, % x", p.Width, p.Height, p.Alpha, img.Pix)
	}
}

// TestWebPPlanes: planes in JPEG's range show the same colours as pixels do.
func TestWebPPlanes(t *testing.T) {
	data, err := os.ReadFile(pillowWebP(t, python(t), "RGB", "quality=75"))
	if err != nil {
		t.Fatal(err)
	}
	planes, pixels := mustDecode(t, "webp", data, Planes), mustDecode(t, "webp", data, RGB)
	img, ok := planes.Image.(*image.YCbCr)
	if !ok {
		t.Fatalf("got %T", planes.Image)
	}
	sum := 0
	for y := range planes.Height {
		for x := range planes.Width {
			r, _, _, _ := img.At(x, y).RGBA()
			sum += int(r>>8) - int(pixels.Image.(*image.NRGBA).NRGBAAt(x, y).R)
		}
	}
	if mean := float64(sum) / float64(planes.Width*planes.Height); mean < -1 || mean > 1 {
		t.Errorf("planes are off by %.2f levels in the mean", mean)
	}
}
