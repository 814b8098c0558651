package e2e

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

// picsJob is the API's answer about one batch.
type picsJob struct {
	ID       string       `json:"id"`
	URL      string       `json:"url"`
	Pictures []pictureJob `json:"pictures"`
}

type pictureJob struct {
	Name     string  `json:"name"`
	State    string  `json:"state"`
	Original string  `json:"original"`
	Enhanced string  `json:"enhanced"`
	Download string  `json:"download"`
	Gain     float64 `json:"gain"`
	Error    string  `json:"error"`
}

// file is one file of an upload.
type file struct {
	name string
	data []byte
}

// upload sends files as the page's form does.
func upload(base string, files []file, fields map[string]string) (picsJob, error) {
	r, err := uploadRequest(base, files, fields)
	if err != nil {
		return picsJob{}, err
	}
	return fetch[picsJob](r, http.StatusAccepted)
}

func uploadRequest(base string, files []file, fields map[string]string) (*http.Request, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		part, err := form.CreateFormFile("pictures", f.name)
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, base+"/pics", &body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r, nil
}

// finished waits until every picture of a batch is in its last state.
func finished(t *testing.T, base, id string) picsJob {
	t.Helper()
	var batch picsJob
	eventually(t, 90*time.Second, "batch "+id+" is finished", func() (err error) {
		r, err := http.NewRequest(http.MethodGet, base+"/pics/"+id, nil)
		if err != nil {
			return err
		}
		if batch, err = fetch[picsJob](r, http.StatusOK); err != nil {
			return err
		}
		for _, p := range batch.Pictures {
			if p.State == "queued" || p.State == "working" {
				return errNotYet
			}
		}
		return nil
	})
	return batch
}

// download fetches what an address of a batch names.
func download(t *testing.T, base, address string) []byte {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = base + address
	}
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", address, answer.Status, err)
	}
	return data
}

// A photo comes back enhanced, by both presets, the same size, and the
// original is kept as it was.
func TestPictures(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	photo := photograph(640, 480)
	for _, preset := range []string{"auto", "classic"} {
		sent, err := upload(web.url, []file{{"holiday.jpg", photo}}, map[string]string{"preset": preset, "strength": "30"})
		if err != nil {
			t.Fatal(err)
		}
		batch := finished(t, web.url, sent.ID)
		p := batch.Pictures[0]
		if p.State != "done" || p.Name != "holiday.jpg" {
			t.Fatalf("%s: got %+v", preset, p)
		}
		if preset == "auto" && (p.Gain <= 0 || p.Gain > 30) {
			t.Errorf("auto: the index rose by %g per cent, want above 0 and at most 30", p.Gain)
		}
		if got := download(t, web.url, p.Original); !bytes.Equal(got, photo) {
			t.Errorf("%s: the original was changed", preset)
		}
		result := download(t, web.url, p.Download)
		picture, err := jpeg.Decode(bytes.NewReader(result))
		if err != nil {
			t.Fatalf("%s: the result is no JPEG: %v", preset, err)
		}
		if size := picture.Bounds().Size(); size != image.Pt(640, 480) || bytes.Equal(result, photo) {
			t.Errorf("%s: the result has %v pixels, and differs from the original: %v", preset, size, !bytes.Equal(result, photo))
		}
	}
}

// The same upload can be enhanced anew, and deleted with all that belongs to
// it.
func TestAgainAndDelete(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb()
	sent, err := upload(web.url, []file{{"a.jpg", photograph(320, 240)}}, map[string]string{"preset": "classic", "strength": "30"})
	if err != nil {
		t.Fatal(err)
	}
	first := download(t, web.url, finished(t, web.url, sent.ID).Pictures[0].Download)
	answer, err := http.PostForm(web.url+"/pics/"+sent.ID+"/1/again", map[string][]string{"preset": {"classic"}, "strength": {"5"}})
	if err := ok(answer, err); err != nil {
		t.Fatal(err)
	}
	second := download(t, web.url, finished(t, web.url, sent.ID).Pictures[0].Download)
	if bytes.Equal(first, second) {
		t.Error("strength 5 gives the same file as strength 30")
	}
	r, err := http.NewRequest(http.MethodDelete, web.url+"/pics/"+sent.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	deleted, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	deleted.Body.Close()
	if deleted.StatusCode != http.StatusNoContent {
		t.Errorf("delete: %s", deleted.Status)
	}
	if left := newLab(s).keys(sent.ID); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if answer, err := http.Get(web.url + "/pics/" + sent.ID); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("the page of a deleted batch: %v, %v", answer, err)
	}
}

// Each bad file gets its own reason, and the good one among them goes on.
func TestBadFiles(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	photo := photograph(160, 120)
	large := append(bytes.Clone(photo), make([]byte, 26<<20)...)
	bad := []struct {
		file
		reason string // a part of the message, in lower case
	}{
		{file{"notes.jpg", []byte("Dear diary, today was a fine day.\n")}, "text"},
		{file{"drawing.svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`)}, "svg"},
		{file{"half.jpg", photo[:len(photo)/2]}, ""},
		{file{"bomb.png", pngBomb(t, 20000)}, "megapixel"},
		{file{"nothing.jpg", nil}, "empty"},
		{file{"large.jpg", large}, "25 mb"},
	}
	files := []file{{"good.jpg", photo}}
	for _, b := range bad {
		files = append(files, b.file)
	}
	sent, err := upload(web.url, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := finished(t, web.url, sent.ID)
	byName := make(map[string]pictureJob)
	for _, p := range batch.Pictures {
		byName[p.Name] = p
	}
	if p := byName["good.jpg"]; p.State != "done" {
		t.Errorf("the good picture is %s: %s", p.State, p.Error)
	}
	for _, b := range bad {
		p := byName[b.name]
		if p.State != "failed" || p.Error == "" || !strings.Contains(strings.ToLower(p.Error), b.reason) {
			t.Errorf("%s is %s: %q, want it failed with %q", b.name, p.State, p.Error, b.reason)
		}
	}
	select {
	case <-web.done:
		t.Error("the process ended")
	default:
	}
}

// The twenty-first picture is left out with a reason; twenty go on.
func TestTwentyOnePictures(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	photo := photograph(64, 48)
	var files []file
	for i := range 21 {
		files = append(files, file{fmt.Sprintf("%02d.jpg", i+1), photo})
	}
	sent, err := upload(web.url, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(sent.Pictures) != 21 || sent.Pictures[20].State != "failed" || sent.Pictures[20].Error == "" {
		t.Errorf("got %d pictures, the last %+v", len(sent.Pictures), sent.Pictures[len(sent.Pictures)-1])
	}
	batch := finished(t, web.url, sent.ID)
	done := 0
	for _, p := range batch.Pictures {
		if p.State == "done" {
			done++
		}
	}
	if done != 20 {
		t.Errorf("%d pictures are done, want 20", done)
	}
}

// A photo that lies on its side by its orientation is shown upright.
func TestOrientation(t *testing.T) {
	web := newSystem(t, unlimited).startWeb()
	sent, err := upload(web.url, []file{{"tall.jpg", turned(photograph(320, 200), 6)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := finished(t, web.url, sent.ID).Pictures[0]
	if p.State != "done" {
		t.Fatalf("got %+v", p)
	}
	after, err := jpeg.DecodeConfig(bytes.NewReader(download(t, web.url, "/pics/"+sent.ID+"/1/after")))
	if err != nil || after.Width != 200 || after.Height != 320 {
		t.Errorf("the preview has %d × %d pixels (%v), want 200 × 320", after.Width, after.Height, err)
	}
	result := download(t, web.url, p.Download)
	config, err := jpeg.DecodeConfig(bytes.NewReader(result))
	if err != nil {
		t.Fatal(err)
	}
	// Either the pixels are turned, or the tag that says so is kept.
	tagged := bytes.Contains(result[:min(len(result), 4096)], []byte{0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0x00}) ||
		bytes.Contains(result[:min(len(result), 4096)], []byte{0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x06})
	if upright := config.Width == 200; upright == tagged {
		t.Errorf("the result has %d × %d pixels and an orientation tag: %v", config.Width, config.Height, tagged)
	}
}

// turned puts an EXIF orientation into a JPEG.
func turned(photo []byte, orientation byte) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08" + "\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	tiff = append(tiff, orientation, 0, 0, 0, 0, 0, 0)
	exif := append([]byte("Exif\x00\x00"), tiff...)
	marker := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	out := append(bytes.Clone(photo[:2]), marker...)
	return append(append(out, exif...), photo[2:]...)
}

// pngBomb makes a small, valid PNG of side × side black pixels.
func pngBomb(t *testing.T, side int) []byte {
	t.Helper()
	var pixels bytes.Buffer
	z, err := zlib.NewWriterLevel(&pixels, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]byte, 1+(side+7)/8) // the row's filter, and a bit for each pixel
	for range side {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = append(binary.BigEndian.AppendUint32(header, uint32(side)), 1, 0, 0, 0, 0) // 1 bit, grey
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		kind string
		data []byte
	}{{"IHDR", header}, {"IDAT", pixels.Bytes()}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(chunk.data)))
		body := append([]byte(chunk.kind), chunk.data...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}
