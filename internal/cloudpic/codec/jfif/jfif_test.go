package jfif

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"testing"
)

func file(tb testing.TB, quality int) []byte {
	tb.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 20, 10))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func read(data []byte) (Info, error) { return Read(bytes.NewReader(data), int64(len(data))) }

// TestQuality: the estimate is exact for the IJG's tables, from which image/jpeg
// makes its own in the same way.
func TestQuality(t *testing.T) {
	for q := 1; q <= 100; q++ {
		info, err := read(file(t, q))
		if err != nil {
			t.Fatal(err)
		}
		l, c := StandardTables(q)
		if got := info.Quality(); got != q {
			// Below about 3 several qualities give the same clamped tables.
			if l2, c2 := StandardTables(got); l2 != l || c2 != c {
				t.Errorf("quality %d is read as %d", q, got)
			}
		}
		if *info.Tables[0] != l || *info.Tables[1] != c {
			t.Errorf("quality %d: tables differ", q)
		}
	}
}

// TestSplice: what goes in comes out, and pixels stay the same.
func TestSplice(t *testing.T) {
	plain := file(t, 80)
	for _, n := range []int{0, 1, 3000, 65519, 65520, 200_000} {
		x := Extra{Exif: bytes.Repeat([]byte{'e'}, min(n, 60_000)), ICC: bytes.Repeat([]byte{'i'}, n)}
		out := Splice(plain, x)
		info, err := read(out)
		if err != nil || !bytes.Equal(info.Exif, x.Exif) || !bytes.Equal(info.ICC, x.ICC) {
			t.Errorf("%d bytes: %v, %d of EXIF, %d of ICC", n, err, len(info.Exif), len(info.ICC))
		}
		if _, err := jpeg.Decode(bytes.NewReader(out)); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if out := Splice(plain, Extra{Exif: make([]byte, 70_000)}); !bytes.Equal(out, plain) {
		t.Error("EXIF that doesn't fit went in")
	}
}

func TestProfileParts(t *testing.T) {
	part := func(n, of byte, text string) []byte {
		return appendSegment(nil, markerAPP2, append([]byte("ICC_PROFILE\x00"), n, of), []byte(text))
	}
	tests := []struct {
		name  string
		parts [][]byte
		want  string
	}{
		{"one", [][]byte{part(1, 1, "a")}, "a"},
		{"out of order", [][]byte{part(2, 2, "b"), part(1, 2, "a")}, "ab"},
		{"one missing", [][]byte{part(2, 2, "b")}, ""},
		{"one twice", [][]byte{part(1, 2, "a"), part(1, 2, "a"), part(2, 2, "b")}, ""},
		{"counts differ", [][]byte{part(1, 2, "a"), part(2, 3, "b")}, ""},
		{"number 0", [][]byte{part(0, 1, "a")}, ""},
		{"number above count", [][]byte{part(2, 1, "a")}, ""},
	}
	for _, tt := range tests {
		data := file(t, 80)
		out := append(bytes.Clone(data[:2]), bytes.Join(tt.parts, nil)...)
		info, err := read(append(out, data[2:]...))
		if err != nil || string(info.ICC) != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, info.ICC, err, tt.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	data := file(t, 80)
	frame := bytes.Index(data, []byte{0xFF, 0xC0})
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(data)
		copy(out[at:], b)
		return out
	}
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"arithmetic", change(frame, 0xFF, 0xC9), ErrUnsupported},
		{"lossless", change(frame, 0xFF, 0xC3), ErrUnsupported},
		{"12 bits", change(frame+4, 12), ErrUnsupported},
		{"no height", change(frame+5, 0, 0), ErrUnsupported},
		{"two components", append(append(bytes.Clone(data[:frame]), 0xFF, 0xC0, 0, 14, 8, 0, 10, 0, 10, 2, 1, 0x11, 0, 2, 0x11, 0), data[frame+19:]...), ErrUnsupported},
		{"sampling 0", change(frame+11, 0), ErrMalformed},
		{"no start", change(0, 0), ErrMalformed},
		{"quantised by 0", change(bytes.Index(data, []byte{0xFF, 0xDB})+6, 0), ErrMalformed},
		{"no frame", append(bytes.Clone(data[:frame]), data[frame+19:]...), ErrMalformed},
		{"cut off", data[:frame+7], io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		if _, err := read(tt.data); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(f, 80))
	f.Add(Splice(file(f, 30), Extra{Exif: []byte("II*\x00\x08\x00\x00\x00\x00\x00"), ICC: make([]byte, 70_000)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := read(data)
		if err != nil {
			return
		}
		q := info.Quality()
		ratio, _ := info.Subsampling()
		if q < 0 || q > 100 || info.Height == 0 || fmt.Sprint(ratio, info.Colour()) == "" {
			t.Errorf("quality %d, %+v", q, info)
		}
		info.Complete(data)
		if stripped, ok := Strip(data); ok {
			if _, err := read(stripped); err != nil {
				t.Errorf("stripped: %v", err)
			}
		}
		out, err := read(Splice(data, Extra{Exif: []byte("x")}))
		if err != nil || out.Exif == nil {
			t.Errorf("spliced: %v", err)
		}
	})
}
