package codec

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"path/filepath"
	"strings"
	"testing"

	"cloudworks/internal/jobs"
)

func header(data []byte) (Header, error) {
	return ReadHeader(bytes.NewReader(data), int64(len(data)))
}

// TestReadHeaderAgrees compares with the standard library on its own pictures.
func TestReadHeaderAgrees(t *testing.T) {
	for _, file := range testdata(t, "*.*") {
		data := readFile(t, file)
		h, err := header(data)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if h.Width != config.Width || h.Height != config.Height || string(h.Format) != format {
			t.Errorf("%s: got %s %d × %d, want %s %d × %d", filepath.Base(file), h.Format, h.Width, h.Height, format, config.Width, config.Height)
		}
		if want := strings.Contains(file, "progressi") && h.Format == JPEG; h.Format == JPEG && h.Progressive != want {
			t.Errorf("%s: progressive %v, want %v", filepath.Base(file), h.Progressive, want)
		}
		if h.Cost <= int64(h.Width*h.Height) {
			t.Errorf("%s: costs %d bytes", filepath.Base(file), h.Cost)
		}
	}
}

func TestReadHeaderSubsampling(t *testing.T) {
	want := map[string]image.YCbCrSubsampleRatio{
		"410": image.YCbCrSubsampleRatio410, "411": image.YCbCrSubsampleRatio411, "420": image.YCbCrSubsampleRatio420,
		"422": image.YCbCrSubsampleRatio422, "440": image.YCbCrSubsampleRatio440, "444": image.YCbCrSubsampleRatio444,
	}
	for name, ratio := range want {
		for _, file := range testdata(t, "video-001.q50."+name+"*.jpeg") {
			if h, err := header(readFile(t, file)); err != nil || h.Subsampling != ratio {
				t.Errorf("%s: got %v, %v, want %v", filepath.Base(file), h.Subsampling, err, ratio)
			}
		}
	}
}

func TestReadHeaderRefuses(t *testing.T) {
	ftyp := func(brand string) string { return "\x00\x00\x00\x1cftyp" + brand + "\x00\x00\x00\x00mif1" }
	tests := []struct {
		name, data string
		code       jobs.Code
		says       string
	}{
		{"nothing", "", jobs.CodeInvalid, "The file is empty"},
		{"one byte", "\xff", jobs.CodeUnsupported, "isn't a picture that we know"},
		{"text", "Dear all,\nplease find attached", jobs.CodeUnsupported, "This is a text file. CloudPic takes JPEG, PNG, WebP and GIF pictures."},
		{"long text in two-byte letters", "a" + strings.Repeat("é", 2000), jobs.CodeUnsupported, "a text file"},
		{"svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`, jobs.CodeUnsupported, "This is an SVG drawing. CloudPic takes"},
		{"svg behind a declaration", "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<svg>", jobs.CodeUnsupported, "an SVG drawing"},
		{"html", "<!DOCTYPE html><title>x", jobs.CodeUnsupported, "a web page"},
		{"xml", "<?xml version='1.0'?><a/>", jobs.CodeUnsupported, "an XML document"},
		{"tiff", "II*\x00\x08\x00\x00\x00", jobs.CodeUnsupported, "a TIFF picture"},
		{"big-endian tiff", "MM\x00*\x00\x00\x00\x08", jobs.CodeUnsupported, "a TIFF picture"},
		{"bmp", "BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00", jobs.CodeUnsupported, "a BMP picture"},
		{"avif", ftyp("avif"), jobs.CodeUnsupported, "an AVIF picture"},
		{"heic", ftyp("heic"), jobs.CodeUnsupported, "a HEIC picture. CloudPic takes JPEG, PNG, WebP and GIF pictures. On an iPhone"},
		{"heif", ftyp("mif1"), jobs.CodeUnsupported, "a HEIC picture"},
		{"raw", ftyp("crx "), jobs.CodeUnsupported, "a camera's raw file"},
		{"mp4", ftyp("isom"), jobs.CodeUnsupported, "a video"},
		{"jpeg xl", "\xff\x0a\x00\x00", jobs.CodeUnsupported, "a JPEG XL picture"},
		{"jpeg 2000", "\x00\x00\x00\x0cjP  \r\n\x87\n", jobs.CodeUnsupported, "a JPEG 2000 picture"},
		{"photoshop", "8BPS\x00\x01", jobs.CodeUnsupported, "a Photoshop file"},
		{"pdf", "%PDF-1.7\n", jobs.CodeUnsupported, "a PDF document"},
		{"zip", "PK\x03\x04\x14\x00", jobs.CodeUnsupported, "a ZIP archive"},
		{"ppm", "P6\n2 2\n255\n", jobs.CodeUnsupported, "a PBM, PGM or PPM picture"},
		{"wave", "RIFF\x00\x00\x00\x00WAVEfmt ", jobs.CodeUnsupported, "a sound file"},
		{"noise", "\x01\x02\x03\x04\x05\x06\x07\x08", jobs.CodeUnsupported, "isn't a picture that we know"},
		{"jpeg of 3 bytes", "\xff\xd8\xff", jobs.CodeInvalid, "The JPEG file ends too early"},
		{"png of 20 bytes", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01", jobs.CodeInvalid, "The PNG file ends too early"},
		{"gif of 8 bytes", "GIF89a\x01\x00", jobs.CodeInvalid, "The GIF file ends too early"},
		{"webp of 12 bytes", "RIFF\x04\x00\x00\x00WEBP", jobs.CodeInvalid, "The WebP file is damaged"},
		{"webp cut off", "RIFF\x04\x01\x00\x00WEBP", jobs.CodeInvalid, "The WebP file ends too early"},
		{"bomb", string(pngHead(20000, 20000)), jobs.CodeTooLarge, "20000 × 20000 pixels is 400 megapixels; the limit is 50."},
		{"little above", string(pngHead(8192, 6401)), jobs.CodeTooLarge, "8192 × 6401 pixels is 52 megapixels; the limit is 50."},
		{"gif bomb", "GIF89a\xff\xff\xff\xff\x00\x00\x00", jobs.CodeTooLarge, "65535 × 65535 pixels is 4295 megapixels"},
	}
	for _, tt := range tests {
		_, err := header([]byte(tt.data))
		var public *jobs.Error
		if !errors.As(err, &public) || public.Code != tt.code || !strings.Contains(public.Message, tt.says) {
			t.Errorf("%s: got %v, want code %s and %q", tt.name, err, tt.code, tt.says)
		}
		if !jobs.Permanent(err) {
			t.Errorf("%s: would be tried again", tt.name)
		}
	}
}

func TestReadHeaderTooManyBytes(t *testing.T) {
	data := make([]byte, MaxBytes+1)
	copy(data, pngHead(10, 10))
	_, err := header(data)
	if public := jobs.Public(err); public.Code != jobs.CodeTooLarge || public.Message != "The file has 25.1 MB; the limit is 25 MB." {
		t.Errorf("got %v", err)
	}
}

// TestReadHeaderTruncated cuts pictures off before their pixels: each is
// refused with a word about it, none with a panic or a foreign error.
func TestReadHeaderTruncated(t *testing.T) {
	for _, file := range []string{"video-001.q50.420.jpeg", "video-001.png", "video-001.gif"} {
		data := readFile(t, testdata(t, file)[0])
		for n := range 200 {
			_, err := header(data[:n])
			if err == nil && n < 30 {
				t.Errorf("%s: %d bytes are enough", file, n)
			}
			if err != nil && !jobs.Permanent(err) {
				t.Errorf("%s, %d bytes: %v isn't for people", file, n, err)
			}
		}
	}
}

func TestUpright(t *testing.T) {
	for orientation := 1; orientation <= 8; orientation++ {
		w, h := Header{Width: 3, Height: 2, Orientation: orientation}.Upright()
		if turned := orientation > 4; turned != (w == 2) || w+h != 5 {
			t.Errorf("orientation %d: %d × %d", orientation, w, h)
		}
	}
}
