package enhance

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
)

// pillow runs a script under the Python that has Debian's Pillow. Without it
// the test is skipped, or fails where all tools are required.
func pillow(t *testing.T, script string, in []byte) []byte {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import PIL.ImageEnhance").Run(); err != nil {
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			t.Fatalf("Pillow (python3-pil) is required: %v", err)
		}
		t.Skipf("no Pillow (python3-pil): %v", err)
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run Pillow: %v\n%s", err, stderr.Bytes())
	}
	return out
}

// The script reads mode, width, height and pixels, and writes the pixels at
// every strength.
const contrastScript = `
import struct, sys
from PIL import Image, ImageEnhance
d = sys.stdin.buffer.read()
mode = {1: "L", 4: "RGBA"}[d[0]]
w, h = struct.unpack("<II", d[1:9])
im = Image.frombytes(mode, (w, h), d[9:])
for s in range(31):
    sys.stdout.buffer.write(ImageEnhance.Contrast(im).enhance(1 + 0.8*s/30).tobytes())
`

func TestClassicIsPillows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tc := range []struct {
		name     string
		channels int
		w, h     int
		low, top int // range of levels
	}{
		{"grey", 1, 61, 47, 0, 256},
		{"grey dark", 1, 40, 30, 0, 20},
		{"grey one pixel", 1, 1, 1, 77, 78},
		{"colour", 4, 61, 47, 0, 256},
		{"colour narrow", 4, 33, 65, 90, 140},
		{"colour light", 4, 30, 20, 200, 256},
		{"colour one pixel", 4, 1, 1, 0, 256},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pix := make([]byte, tc.channels*tc.w*tc.h)
			for i := range pix {
				pix[i] = byte(tc.low + rng.IntN(tc.top-tc.low))
			}
			in := []byte{byte(tc.channels)}
			in = binary.LittleEndian.AppendUint32(in, uint32(tc.w))
			in = binary.LittleEndian.AppendUint32(in, uint32(tc.h))
			all := pillow(t, contrastScript, append(in, pix...))
			for s := range MaxStrength + 1 {
				want := all[s*len(pix) : (s+1)*len(pix)]
				got := bytes.Clone(pix)
				var img image.Image = &image.NRGBA{Pix: got, Stride: 4 * tc.w, Rect: image.Rect(0, 0, tc.w, tc.h)}
				if tc.channels == 1 {
					img = &image.Gray{Pix: got, Stride: tc.w, Rect: image.Rect(0, 0, tc.w, tc.h)}
				}
				if _, err := Apply(img, Options{Preset: Classic, Strength: s}); err != nil {
					t.Fatalf("Apply at %d: %v", s, err)
				}
				if at := firstDifference(got, want); at >= 0 {
					t.Errorf("strength %d: sample %d: got %d, want %d (was %d)", s, at, got[at], want[at], pix[at])
				}
			}
		})
	}
}

func firstDifference(a, b []byte) int {
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// On planes, classic is contrast about the mean of luma, and of chroma about
// 128; where chroma isn't halved, even of what no RGB shows.
func TestClassicOnPlanes(t *testing.T) {
	for _, tc := range []struct {
		ratio         image.YCbCrSubsampleRatio
		cb, cr        []byte
		wantY, wantCb string
		wantCr        string
	}{
		{image.YCbCrSubsampleRatio440, []byte{128, 118, 128, 128}, []byte{138, 250, 128, 128}, "[84 84 84 84 156 156 156 156]", "[128 110 128 128]", "[146 255 128 128]"},
		{image.YCbCrSubsampleRatio420, []byte{122, 122}, []byte{138, 138}, "[84 84 84 84 156 156 156 156]", "[117 117]", "[146 146]"},
		{image.YCbCrSubsampleRatio422, []byte{122, 122, 122, 122}, []byte{138, 138, 138, 138}, "[84 84 84 84 156 156 156 156]", "[117 117 117 117]", "[146 146 146 146]"},
		// RGB is 255, 9, 100 above and 255, 49, 140 below, whose luma is 107 in
		// the mean: it becomes 255, 0, 94 and 255, 3, 166.
		{image.YCbCrSubsampleRatio420, []byte{128, 128}, []byte{255, 255}, "[87 87 87 87 97 97 97 97]", "[149 149]", "[245 245]"},
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 4, 2), tc.ratio)
		copy(img.Y, []byte{100, 100, 100, 100, 140, 140, 140, 140})
		copy(img.Cb, tc.cb)
		copy(img.Cr, tc.cr)
		if _, err := Apply(img, Options{Preset: Classic, Strength: 30}); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(img.Y, img.Cb, img.Cr)
		if want := tc.wantY + " " + tc.wantCb + " " + tc.wantCr; got != want {
			t.Errorf("%v: got %s, want %s", tc.ratio, got, want)
		}
	}
}
