package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"os/exec"
	"strings"
	"testing"

	"cloudworks/internal/cloudpic/codec/exif"
	"cloudworks/internal/cloudpic/codec/jfif"
)

// profileFor makes a colour profile that is nothing but a sound header, padded
// to n bytes: it stands for any profile, since none is interpreted.
func profileFor(space string, n int) []byte {
	icc := make([]byte, n)
	icc[0], icc[1], icc[2], icc[3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	copy(icc[16:], space)
	copy(icc[36:], "acsp")
	for i := 128; i < n; i++ {
		icc[i] = byte(i * 31)
	}
	return icc
}

// TestProfileKept: through both formats, whole, in as many segments as it
// takes; dropped when it is for another kind of pixel or broken.
func TestProfileKept(t *testing.T) {
	colour, grey := painted(image.NewNRGBA(image.Rect(0, 0, 20, 20))), painted(image.NewGray(image.Rect(0, 0, 20, 20)))
	broken := profileFor("RGB ", 600)
	broken[37] = 'x'
	tests := []struct {
		name string
		img  image.Image
		icc  []byte
		kept bool
	}{
		{"small", colour, profileFor("RGB ", 548), true},
		{"of three segments", colour, profileFor("RGB ", 150_000), true},
		{"grey", grey, profileFor("GRAY", 400), true},
		{"for ink", colour, profileFor("CMYK", 548), false},
		{"for colour on grey", grey, profileFor("RGB ", 548), false},
		{"short", colour, profileFor("RGB ", 548)[:127], false},
		{"cut off", colour, profileFor("RGB ", 548)[:400], false},
		{"without signature", colour, broken, false},
	}
	for _, tt := range tests {
		jpeg := jfif.Splice(jpegOf(t, tt.img, image.YCbCrSubsampleRatio444, 90), jfif.Extra{ICC: tt.icc})
		if _, isGrey := tt.img.(*image.Gray); isGrey {
			jpeg = jfif.Splice(jpegOf(t, tt.img, 0, 90), jfif.Extra{ICC: tt.icc})
		}
		pngFile := pngOf(t, tt.img)
		pngFile = append(append(bytes.Clone(pngFile[:33]), appendChunk(nil, "iCCP", deflateProfile(tt.icc))...), pngFile[33:]...)
		for _, file := range [][]byte{jpeg, pngFile} {
			p := mustDecode(t, tt.name, file, Planes)
			again := mustDecode(t, tt.name, mustEncode(t, tt.name, p), Planes)
			if got := bytes.Equal(again.Meta.ICC, tt.icc); got != tt.kept || !tt.kept && again.source.icc != nil {
				t.Errorf("%s profile in a %s: kept %v, want %v", tt.name, p.Format, got, tt.kept)
			}
		}
	}
}

// TestOrientation: a JPEG keeps its tag, a PNG is turned and loses it.
func TestOrientation(t *testing.T) {
	for orientation := 1; orientation <= 8; orientation++ {
		img := painted(image.NewNRGBA(image.Rect(0, 0, 30, 20)))
		tiff := exif.New(orientation)
		jpeg := jfif.Splice(jpegOf(t, img, image.YCbCrSubsampleRatio444, 90), jfif.Extra{Exif: tiff})
		again := mustDecode(t, "jpeg", mustEncode(t, "jpeg", mustDecode(t, "jpeg", jpeg, Planes)), Planes)
		if again.Orientation != orientation || again.Width != 30 {
			t.Errorf("JPEG: orientation %d became %d", orientation, again.Orientation)
		}
		file := pngOf(t, img)
		file = append(append(bytes.Clone(file[:33]), appendChunk(nil, "eXIf", tiff)...), file[33:]...)
		p := mustDecode(t, "png", file, Planes)
		again = mustDecode(t, "png", mustEncode(t, "png", p), Planes)
		w, h := p.Upright()
		if again.Orientation != 1 || again.Width != w || again.Height != h {
			t.Errorf("PNG: orientation %d became %d, %d × %d", orientation, again.Orientation, again.Width, again.Height)
		}
	}
}

// TestTurn checks each orientation by where a corner goes.
func TestTurn(t *testing.T) {
	// Where the pixel at the upper left of a 3 × 2 picture lies when upright.
	want := map[int]image.Point{1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}}
	for orientation, at := range want {
		img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
		img.Pix[3] = 200
		got := turn(img, orientation).(*image.NRGBA)
		if got.NRGBAAt(at.X, at.Y).A != 200 {
			t.Errorf("orientation %d: the corner isn't at %v: %v % x", orientation, at, got.Rect, got.Pix)
		}
	}
}

// TestPrivateMetadata writes a file with exiftool as a phone would, and reads
// the result with it.
func TestPrivateMetadata(t *testing.T) {
	tool, err := exec.LookPath("exiftool")
	if err != nil {
		missing(t, "exiftool")
	}
	kept := map[string]string{
		"Make": "Acme", "Model": "Shot 3", "Orientation": "6", "Copyright": "Ada", "ExposureTime": "0.005", "FNumber": "2.8",
		"ISO": "100", "DateTimeOriginal": "2026:05:01 10:00:00", "LensModel": "Acme 35", "FocalLength": "35", "ColorSpace": "1", "XResolution": "300",
	}
	private := map[string]string{
		"GPSLatitude": "52.5", "GPSLongitude": "13.4", "GPSLatitudeRef": "N", "SerialNumber": "12345", "LensSerialNumber": "777", "OwnerName": "Eve",
		"ImageUniqueID": "0123456789abcdef0123456789abcdef", "UserComment": "home", "HostComputer": "Eve's", "XMP:Creator": "Eve", "IPTC:City": "Berlin",
	}
	args := []string{"-q", "-overwrite_original", "-n", "-Comment=by Eve"}
	for _, tags := range []map[string]string{kept, private} {
		for name, value := range tags {
			args = append(args, "-"+name+"="+value)
		}
	}
	img := painted(image.NewNRGBA(image.Rect(0, 0, 40, 30)))
	for name, data := range map[string][]byte{"in.jpg": jpegOf(t, img, image.YCbCrSubsampleRatio420, 85), "in.png": pngOf(t, img)} {
		in := writeTemp(t, name, data)
		run(t, tool, append(args, in)...)
		p := mustDecode(t, name, readFile(t, in), Planes)
		if !p.Meta.GPSRemoved {
			t.Errorf("%s: the place went unnoticed", name)
		}
		out := writeTemp(t, "out-"+name, mustEncode(t, name, p))
		checkTags(t, name, readTags(t, tool, out), kept, private)

		if same, ok := p.Keep(readFile(t, in)); ok {
			checkTags(t, "kept "+name, readTags(t, tool, writeTemp(t, "kept-"+name, same)), kept, private)
		}
	}
}

// readTags gives all tags of a file, without their groups.
func readTags(tb testing.TB, tool, file string) map[string]string {
	tb.Helper()
	var found []map[string]any
	if err := json.Unmarshal([]byte(run(tb, tool, "-j", "-n", "-a", "-u", "-warning", "-all", file)), &found); err != nil || len(found) != 1 {
		tb.Fatalf("exiftool: %v", err)
	}
	tags := map[string]string{}
	for name, value := range found[0] {
		tags[name] = fmt.Sprint(value)
	}
	return tags
}

func checkTags(t *testing.T, name string, got, kept, private map[string]string) {
	t.Helper()
	if got["Warning"] != "" {
		t.Errorf("%s: exiftool warns: %s", name, got["Warning"])
	}
	for tag, want := range kept {
		if tag == "Orientation" && strings.HasSuffix(name, "png") {
			want = "1"
		}
		if got[tag] != want {
			t.Errorf("%s: %s is %q, want %q", name, tag, got[tag], want)
		}
	}
	for tag := range private {
		_, tag, _ = strings.Cut(":"+tag, ":")
		if i := strings.LastIndex(tag, ":"); i >= 0 {
			tag = tag[i+1:]
		}
		if v, there := got[tag]; there {
			t.Errorf("%s: %s is still there: %q", name, tag, v)
		}
	}
	for tag := range got {
		if strings.HasPrefix(tag, "GPS") || tag == "Comment" || strings.HasPrefix(tag, "Thumbnail") {
			t.Errorf("%s: %s is still there", name, tag)
		}
	}
}

// TestBrokenEXIF: what can't be read is dropped, the orientation kept.
func TestBrokenEXIF(t *testing.T) {
	tiff := exif.New(6)
	// A directory of details that lies outside.
	broken := bytes.Clone(tiff)
	broken[9] = 2
	broken = append(broken[:22], 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0)
	jpeg := jfif.Splice(jpegOf(t, painted(image.NewNRGBA(image.Rect(0, 0, 30, 20))), image.YCbCrSubsampleRatio444, 90), jfif.Extra{Exif: broken})
	p := mustDecode(t, "broken", jpeg, Planes)
	if p.Orientation != 6 || !bytes.Equal(p.Meta.EXIF, tiff) {
		t.Errorf("orientation %d, EXIF % x", p.Orientation, p.Meta.EXIF)
	}
}

// TestDensityKept: dots per inch of a JPEG stay.
func TestDensityKept(t *testing.T) {
	want := jfif.Density{Unit: 1, X: 300, Y: 301}
	jpeg := jfif.Splice(jpegOf(t, painted(image.NewNRGBA(image.Rect(0, 0, 30, 20))), image.YCbCrSubsampleRatio444, 90), jfif.Extra{Density: want})
	again := mustDecode(t, "density", mustEncode(t, "density", mustDecode(t, "density", jpeg, Planes)), Planes)
	if got := again.source.jpeg.density; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
