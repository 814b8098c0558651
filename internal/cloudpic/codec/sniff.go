package codec

import (
	"bytes"
	"unicode/utf8"

	"cloudworks/internal/jobs"
)

// sniffLength is how much of a file's start tells what it is.
const sniffLength = 1024

const appleHint = " On an iPhone, Settings › Camera › Formats › Most Compatible gives JPEG."

// foreign lists files that people send by mistake, by bytes near their start.
// The first that fits names the file.
var foreign = []struct {
	offset int
	magic  string
	name   string // with its article
	hint   string
}{
	{0, "II*\x00", "a TIFF picture or a camera's raw file", ""},
	{0, "MM\x00*", "a TIFF picture or a camera's raw file", ""},
	{0, "II+\x00", "a TIFF picture", ""},
	{0, "MM\x00+", "a TIFF picture", ""},
	{0, "IIU\x00", "a camera's raw file", ""},
	{0, "IIRO", "a camera's raw file", ""},
	{0, "FUJIFILMCCD-RAW", "a camera's raw file", ""},
	{4, "ftypcrx", "a camera's raw file", ""},
	{4, "ftypavif", "an AVIF picture", ""},
	{4, "ftypavis", "an AVIF picture", ""},
	{4, "ftyphe", "a HEIC picture", appleHint},
	{4, "ftypmif1", "a HEIC picture", appleHint},
	{4, "ftypmsf1", "a HEIC picture", appleHint},
	{4, "ftyp", "a video", ""},
	{4, "moov", "a video", ""},
	{0, "\x1aE\xdf\xa3", "a video", ""},
	{0, "\x00\x00\x00\x0cJXL ", "a JPEG XL picture", ""},
	{0, "\xff\x0a", "a JPEG XL picture", ""},
	{0, "\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture", ""},
	{0, "\xff\x4f\xff\x51", "a JPEG 2000 picture", ""},
	{0, "8BPS", "a Photoshop file", ""},
	{0, "gimp xcf", "a GIMP file", ""},
	{0, "%PDF", "a PDF document", ""},
	{0, "%!PS", "a PostScript document", ""},
	{0, "\x00\x00\x01\x00", "an icon file", ""},
	{0, "qoif", "a QOI picture", ""},
	{0, "v/1\x01", "an OpenEXR picture", ""},
	{0, "#?RADIANCE", "a Radiance picture", ""},
	{0, "\x8aMNG", "an MNG animation", ""},
	{0, "PK\x03\x04", "a ZIP archive or an office document", ""},
	{0, "\xd0\xcf\x11\xe0", "an office document", ""},
	{0, "\x1f\x8b", "a gzip archive", ""},
	{0, "Rar!", "a RAR archive", ""},
	{0, "7z\xbc\xaf", "a 7-Zip archive", ""},
	{0, "ID3", "a sound file", ""},
	{0, "OggS", "a sound or video file", ""},
	{0, "fLaC", "a sound file", ""},
	{8, "WAVE", "a sound file", ""},
	{8, "AVI ", "a video", ""},
	{0, "\x7fELF", "a program", ""},
	{0, "MZ", "a program", ""},
}

// sniff tells the format of a file by its first bytes, or refuses it by name.
func sniff(head []byte) (Format, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG, nil
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG, nil
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP, nil
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return GIF, nil
	}
	name, hint := nameForeign(head)
	if name == "" {
		return "", jobs.Errorf(jobs.CodeUnsupported, "This isn't a picture that we know. %s", taken)
	}
	return "", jobs.Errorf(jobs.CodeUnsupported, "This is %s. %s%s", name, taken, hint)
}

func nameForeign(head []byte) (name, hint string) {
	for _, f := range foreign {
		if len(head) >= f.offset && bytes.HasPrefix(head[f.offset:], []byte(f.magic)) {
			return f.name, f.hint
		}
	}
	// BMP's two letters are too weak a sign alone: its reserved bytes are 0.
	if len(head) >= 10 && string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00" {
		return "a BMP picture", ""
	}
	return nameText(head), ""
}

// nameText tells kinds of text apart; it gives "" for what is no text.
func nameText(head []byte) string {
	if !isText(head) {
		return ""
	}
	low := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	switch {
	case bytes.Contains(low, []byte("<svg")):
		return "an SVG drawing"
	case bytes.HasPrefix(low, []byte("<!doctype html")), bytes.HasPrefix(low, []byte("<html")):
		return "a web page"
	case bytes.HasPrefix(low, []byte("<?xml")):
		return "an XML document"
	case len(low) >= 3 && low[0] == 'p' && low[1] >= '1' && low[1] <= '7' && (low[2] == '\n' || low[2] == ' '):
		return "a PBM, PGM or PPM picture"
	}
	return "a text file"
}

func isText(head []byte) bool {
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 {
			// The last character may have been cut in two.
			return len(head)-i < utf8.UTFMax && i > 0 && len(head) == sniffLength
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' || r == 0x7f {
			return false
		}
		i += n
	}
	return len(head) > 0
}
