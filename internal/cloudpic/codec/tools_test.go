package codec

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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

// use selects a JPEG library for one test.
func use(tb testing.TB, name string) {
	tb.Helper()
	if err := Select(name); err != nil {
		missing(tb, "libjpeg-turbo")
	}
	tb.Cleanup(func() { _ = Select("auto") })
}

var libraries = []string{"turbo", "go"}

// goroot is where Go's own sources are.
func goroot(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		missing(tb, "go")
	}
	return strings.TrimSpace(string(out))
}

// testdata lists Go's own pictures by pattern.
func testdata(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(goroot(tb), "src/image/testdata", pattern))
	if err != nil || len(files) == 0 {
		missing(tb, "Go's image/testdata/"+pattern)
	}
	return files
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// python gives an interpreter that has Pillow.
func python(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import PIL.Image").Run() == nil {
			return name
		}
	}
	missing(tb, "Pillow")
	return ""
}

// pillow opens a picture, converts it to mode ("" leaves it) and gives the
// mode it opened in and the raw pixels.
func pillow(tb testing.TB, interpreter, file, mode string) (string, []byte) {
	tb.Helper()
	const script = `
import sys
from PIL import Image
im = Image.open(sys.argv[1])
opened = im.mode
if sys.argv[2]: im = im.convert(sys.argv[2])
sys.stdout.buffer.write(opened.encode() + b"\n" + im.tobytes())`
	var out, problems bytes.Buffer
	cmd := exec.Command(interpreter, "-c", script, file, mode)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		tb.Fatalf("Pillow on %s: %v\n%s", file, err, problems.String())
	}
	opened, raw, _ := bytes.Cut(out.Bytes(), []byte("\n"))
	return string(opened), raw
}

// writeTemp puts data in a file for a tool.
func writeTemp(tb testing.TB, name string, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// mustDecode reads a picture that has to be readable.
func mustDecode(tb testing.TB, name string, data []byte, mode Mode) *Picture {
	tb.Helper()
	p, err := Decode(data, mode)
	if err != nil {
		tb.Fatalf("decode %s: %v", name, err)
	}
	return p
}

func mustEncode(tb testing.TB, name string, p *Picture) []byte {
	tb.Helper()
	out, err := p.Encode()
	if err != nil {
		tb.Fatalf("encode %s: %v", name, err)
	}
	return out
}

// samples are the picture's visible samples, plane by plane or pixel by pixel.
func samples(img image.Image) []byte {
	var out []byte
	rows := func(pix []byte, stride, w, h int) {
		for y := range h {
			out = append(out, pix[y*stride:][:w]...)
		}
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	switch img := img.(type) {
	case *image.YCbCr:
		rows(img.Y, img.YStride, w, h)
		r := image.NewYCbCr(image.Rect(0, 0, w, h), img.SubsampleRatio)
		cw, ch := r.CStride, len(r.Cb)/r.CStride
		rows(img.Cb, img.CStride, cw, ch)
		rows(img.Cr, img.CStride, cw, ch)
	case *image.Gray:
		rows(img.Pix, img.Stride, w, h)
	case *image.NRGBA:
		rows(img.Pix, img.Stride, 4*w, h)
	}
	return out
}

// difference gives the largest difference of two sample lists, and how many
// differ; -1 when their lengths do.
func difference(a, b []byte) (most, count int) {
	if len(a) != len(b) {
		return -1, 0
	}
	for i := range a {
		d := int(a[i]) - int(b[i])
		if d != 0 {
			count++
			most = max(most, d, -d)
		}
	}
	return most, count
}

// jpegOf writes pixels as a JPEG.
func jpegOf(tb testing.TB, img image.Image, r image.YCbCrSubsampleRatio, quality int) []byte {
	tb.Helper()
	var out []byte
	if err := (goJPEG{}).encode(img, r, turbo.Quality{IJG: quality}, func(b []byte) { out = bytes.Clone(b) }); err != nil {
		tb.Fatalf("encode: %v", err)
	}
	return out
}

// run runs a tool that has to succeed and gives what it prints.
func run(tb testing.TB, name string, args ...string) string {
	tb.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		tb.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
