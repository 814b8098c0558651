package cloudpic

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"cloudworks/internal/cloudpic/codec"
	"cloudworks/internal/cloudpic/codec/baseline"
	"cloudworks/internal/cloudpic/enhance"
)

// The script saves pixels as a JPEG, and gives it, the pixels of its contrast,
// and what of these a file of the same kind keeps.
const contrastOfFileScript = `
import io, struct, sys
from PIL import Image, ImageEnhance
w, h, subsampling = map(int, sys.argv[1:4])
def save(im):
    f = io.BytesIO()
    im.save(f, "JPEG", quality=92, subsampling=subsampling)
    return f.getvalue()
def put(b):
    sys.stdout.buffer.write(struct.pack("<I", len(b)) + b)
file = save(Image.frombytes("RGB", (w, h), sys.stdin.buffer.read()))
im = ImageEnhance.Contrast(Image.open(io.BytesIO(file))).enhance(float(sys.argv[4]))
put(file)
put(im.tobytes())
put(Image.open(io.BytesIO(save(im))).tobytes())
`

// byPillow runs the script. Without Pillow the test is skipped, or fails where
// all tools are required.
func byPillow(t *testing.T, img *image.NRGBA, subsampling, strength int) (file, contrast, kept []byte) {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import PIL.ImageEnhance").Run(); err != nil {
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			t.Fatalf("Pillow (python3-pil) is required: %v", err)
		}
		t.Skipf("no Pillow (python3-pil): %v", err)
	}
	var pix []byte
	for i := 0; i < len(img.Pix); i += 4 {
		pix = append(pix, img.Pix[i:i+3]...)
	}
	cmd := exec.Command(python, "-c", contrastOfFileScript, fmt.Sprint(img.Rect.Dx()), fmt.Sprint(img.Rect.Dy()),
		fmt.Sprint(subsampling), fmt.Sprint(1+0.8*float64(strength)/30))
	cmd.Stdin = bytes.NewReader(pix)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run Pillow: %v", err)
	}
	r := bytes.NewReader(out)
	for _, part := range []*[]byte{&file, &contrast, &kept} {
		var n uint32
		if err := binary.Read(r, binary.LittleEndian, &n); err != nil {
			t.Fatalf("read Pillow's answer: %v", err)
		}
		*part = make([]byte, n)
		if _, err := io.ReadFull(r, *part); err != nil {
			t.Fatalf("read Pillow's answer: %v", err)
		}
	}
	return file, contrast, kept
}

// painted has skies, edges between colours that clip, and grain.
func painted(w, h int, vivid float64) *image.NRGBA {
	rng := rand.New(rand.NewPCG(9, 9))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := float64(x), float64(y)
			v := 120 + 90*math.Sin(fx/31)*math.Cos(fy/23) + 5*rng.NormFloat64()
			r, b := 60*vivid*math.Sin(fx/17+fy/40), 60*vivid*math.Cos(fy/13)
			if math.Hypot(fx-60, fy-50) < 30 {
				r, b = 110*vivid, -90*vivid
			}
			p := img.Pix[img.PixOffset(x, y):]
			for c, v := range []float64{v + r, v - (r+b)/4, v + b, 255} {
				p[c] = uint8(min(max(v, 0), 255))
			}
		}
	}
	return img
}

// classic on the planes of a JPEG is Pillow's contrast of its pixels: luma is
// within two levels of that of Pillow's result, 98 % within one; and the file
// holds Pillow's pixels at least as well as Pillow's own.
func TestClassicOfJPEGIsPillows(t *testing.T) {
	defer func() {
		if err := codec.Select("auto"); err != nil {
			t.Error(err)
		}
	}()
	for _, tc := range []struct {
		name        string
		vivid       float64
		subsampling int // Pillow's: 1 is 4:2:2, 2 is 4:2:0
		strength    int
	}{
		{"pale 4:2:0", 0.2, 2, 30},
		{"vivid 4:2:0", 1, 2, 30},
		{"vivid 4:2:0, half", 1, 2, 15},
		{"beyond all 4:2:0", 3, 2, 30},
		{"vivid 4:2:2", 1, 1, 30},
	} {
		for _, size := range []image.Point{{240, 160}, {163, 121}} {
			file, contrast, kept := byPillow(t, painted(size.X, size.Y, tc.vivid), tc.subsampling, tc.strength)
			for _, library := range []string{"auto", "go"} {
				t.Run(fmt.Sprintf("%s/%v/%s", tc.name, size, library), func(t *testing.T) {
					if err := codec.Select(library); err != nil {
						t.Fatal(err)
					}
					o := Options{Preset: enhance.Classic, Strength: tc.strength}
					most, beyond := lumaDifference(t, file, contrast, o)
					out, err := Enhance(file, o)
					if err != nil {
						t.Fatal(err)
					}
					p, err := codec.Decode(out.Data, codec.RGB)
					if err != nil {
						t.Fatal(err)
					}
					ours, pillows := psnr(p.Image.(*image.NRGBA), contrast), psnr(fromRGB(kept, size), contrast)
					t.Logf("luma: %.2f %% differ by more than 1, at most by %d; ours %.2f dB, Pillow's file %.2f dB", 100*beyond, most, ours, pillows)
					allowed := 2
					if !strings.Contains(codec.Library(), "turbo") {
						allowed = 4 // a level between the decoders counts 1.8 times
					}
					if most > allowed || beyond > 0.02 {
						t.Errorf("luma differs by up to %d levels, %.1f %% by more than 1", most, 100*beyond)
					}
					if ours < pillows-0.05 {
						t.Errorf("our file holds Pillow's pixels to %.2f dB, Pillow's own to %.2f", ours, pillows)
					}
				})
			}
		}
	}
}

// lumaDifference compares classic on planes with the luma of Pillow's pixels:
// the largest difference in levels, and the share of pixels with more than one.
func lumaDifference(t *testing.T, file, contrast []byte, o Options) (most int, beyond float64) {
	t.Helper()
	p, err := codec.Decode(file, mode(o))
	if err != nil {
		t.Fatal(err)
	}
	img, ok := p.Image.(*image.YCbCr)
	if !ok {
		t.Fatalf("decoded to %T, want planes", p.Image)
	}
	if _, err := enhance.Apply(img, o); err != nil {
		t.Fatal(err)
	}
	want := image.NewYCbCr(image.Rect(0, 0, img.Rect.Dx()+7, img.Rect.Dy()+7), image.YCbCrSubsampleRatio444) // whole blocks
	want.Rect = img.Rect
	if _, err := baseline.EncodeRGB(want, fromRGB(contrast, img.Rect.Size()), 90); err != nil {
		t.Fatal(err)
	}
	n := 0
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			d := int(img.Y[img.YOffset(x, y)]) - int(want.Y[want.YOffset(x, y)])
			d = max(d, -d)
			most = max(most, d)
			if d > 1 {
				n++
			}
		}
	}
	return most, float64(n) / float64(img.Rect.Dx()*img.Rect.Dy())
}

func fromRGB(rgb []byte, size image.Point) *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: size})
	for i := range size.X * size.Y {
		copy(img.Pix[4*i:], rgb[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img
}

func psnr(img *image.NRGBA, rgb []byte) float64 {
	var sum float64
	for i, v := range rgb {
		d := float64(img.Pix[i/3*4+i%3]) - float64(v)
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(rgb))/sum)
}
