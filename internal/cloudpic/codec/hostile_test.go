package codec

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"image/gif"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/cloudpic/codec/codectest"
	"cloudworks/internal/cloudpic/codec/exif"
	"cloudworks/internal/cloudpic/codec/jfif"
	"cloudworks/internal/jobs"
)

var mutations = flag.Int("mutations", 20_000, "how many mutated files TestMutations decodes")

// patched gives a JPEG whose header claims another size.
func patched(tb testing.TB, data []byte, w, h uint16) []byte {
	tb.Helper()
	out := bytes.Clone(data)
	for _, marker := range []byte{0xC0, 0xC2} {
		if at := bytes.Index(out, []byte{0xFF, marker, 0}); at > 0 {
			binary.BigEndian.PutUint16(out[at+5:], h)
			binary.BigEndian.PutUint16(out[at+7:], w)
			return out
		}
	}
	tb.Fatal("no frame header")
	return nil
}

// allocated is how much memory f takes from the heap, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestBombs: small files that claim to be huge are refused for next to no
// memory.
func TestBombs(t *testing.T) {
	progressive := readFile(t, testdata(t, "video-001.progressive.jpeg")[0])
	baseline := readFile(t, testdata(t, "video-001.q50.420.jpeg")[0])
	tests := []struct {
		name string
		data []byte
		says string
	}{
		{"PNG of 20000²", append(pngHead(20000, 20000), make([]byte, 49_000)...), "400 megapixels"},
		{"progressive JPEG of 20480²", patched(t, progressive, 20480, 20480), "419 megapixels"},
		{"GIF of 65535²", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00\x2c\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00\x3b"), "4295 megapixels"},
		{"WebP of 16384²", []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\x3f\x00\xff\x3f\x00"), "268 megapixels"},
		{"JPEG of 49 megapixels in 3 kB", patched(t, baseline, 7000, 7000), "ends too early"},
		{"JPEG of many scans", manyScans(progressive), "more passes than"},
	}
	for _, tt := range tests {
		var err error
		if n := allocated(func() { _, err = Decode(tt.data, Planes) }); n > 1<<20 {
			t.Errorf("%s: took %d bytes", tt.name, n)
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) || !jobs.Permanent(err) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.says)
		}
	}
}

// manyScans repeats the last scan of a JPEG.
func manyScans(data []byte) []byte {
	at := bytes.LastIndex(data, []byte{0xFF, 0xDA})
	end := len(data) - 2
	out := bytes.Clone(data[:end])
	for range 200 {
		out = append(out, data[at:end]...)
	}
	return append(out, 0xFF, 0xD9)
}

// TestProfileBomb: a profile that inflates to much is dropped.
func TestProfileBomb(t *testing.T) {
	file := pngOf(t, painted(image.NewNRGBA(image.Rect(0, 0, 9, 9))))
	file = append(append(bytes.Clone(file[:33]), appendChunk(nil, "iCCP", deflateProfile(profileFor("RGB ", maxICC+1)))...), file[33:]...)
	if p := mustDecode(t, "bomb", file, Planes); p.Meta.ICC != nil {
		t.Errorf("kept %d bytes", len(p.Meta.ICC))
	}
}

// TestTruncated cuts every format off at many places. What lacks pixels is
// refused; a JPEG may lack its end marker.
func TestTruncated(t *testing.T) {
	files := testdata(t, "video-00?.*")
	for _, lib := range libraries {
		use(t, lib)
		for _, file := range files {
			data := readFile(t, file)
			end := len(data) - 1
			if strings.HasSuffix(file, ".jpeg") {
				end = len(data) - 3
			}
			for _, n := range cuts(end) {
				if strings.HasSuffix(file, ".gif") && n > len(data)-40 {
					continue // what comes behind the first frame may be missing
				}
				_, err := Decode(data[:n], Planes)
				if err == nil {
					t.Errorf("%s, %s: %d of %d bytes are taken", lib, filepath.Base(file), n, len(data))
				} else if !jobs.Permanent(err) {
					t.Errorf("%s, %s: %d bytes: %v isn't for people", lib, filepath.Base(file), n, err)
				}
			}
		}
	}
}

// cuts gives some 40 lengths up to end, most of them near it.
func cuts(end int) []int {
	var out []int
	for n := end; n > 0; n -= 1 + (end-n)/4 {
		out = append(out, n)
	}
	return out
}

// TestCutBetweenScans: a progressive JPEG that ends between two scans.
func TestCutBetweenScans(t *testing.T) {
	data := readFile(t, testdata(t, "video-001.q50.420.progressive.jpeg")[0])
	for _, lib := range libraries {
		use(t, lib)
		at := bytes.LastIndex(data, []byte{0xFF, 0xDA})
		if _, err := Decode(data[:at], Planes); err == nil {
			t.Errorf("%s: a file without its last scan is taken", lib)
		}
	}
}

// TestMissingEnd: a JPEG that lacks nothing but its end marker is whole.
func TestMissingEnd(t *testing.T) {
	for _, lib := range libraries {
		use(t, lib)
		for _, file := range testdata(t, "video-00?.q50*.jpeg") {
			data := readFile(t, file)
			whole := mustDecode(t, file, data, Planes)
			p, err := Decode(data[:len(data)-2], Planes)
			if err != nil || !bytes.Equal(samples(p.Image), samples(whole.Image)) {
				t.Errorf("%s, %s: %v", lib, filepath.Base(file), err)
			}
		}
	}
}

// TestDamagedTakesOnce: a large JPEG that our decoder gives up at its end, and
// Go's reads, takes the memory of one picture.
func TestDamagedTakesOnce(t *testing.T) {
	use(t, "go")
	const w, h = 4000, 1500
	data := jpegOf(t, scenery(w, h), image.YCbCrSubsampleRatio444, 50)
	// The same scan once more.
	data = append(data[:len(data)-2:len(data)-2], data[bytes.LastIndex(data, []byte{0xFF, 0xDA}):]...)
	held := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapSys - m.HeapReleased)
	}
	// When the collector runs is its own affair, so one of a few tries will do;
	// planes that are held on to count in each.
	const one = int64(3 * w * h)
	least := int64(math.MaxInt64)
	for try := 0; try < 5 && least > one*3/2; try++ {
		debug.FreeOSMemory()
		debug.FreeOSMemory() // what the first made droppable
		before := held()
		p, err := Decode(data, Planes)
		if err != nil {
			t.Fatal(err)
		}
		least = min(least, held()-before)
		p.Release()
	}
	if least > one*3/2 {
		t.Errorf("took %d bytes, a picture has %d", least, one)
	}
}

// seeds are small pictures of every format and kind.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	var out [][]byte
	small := painted(image.NewNRGBA(image.Rect(0, 0, 24, 18)))
	extra := jfif.Extra{Exif: exif.New(6), ICC: profileFor("RGB ", 200)}
	for _, r := range allRatios {
		out = append(out, jfif.Splice(jpegOf(tb, small, r, 75), extra))
	}
	out = append(out, jpegOf(tb, painted(image.NewGray(image.Rect(0, 0, 24, 18))), 0, 75))
	for _, img := range []image.Image{small, painted(image.NewGray(small.Rect)), painted(image.NewNRGBA64(small.Rect))} {
		out = append(out, pngOf(tb, img))
	}
	var g bytes.Buffer
	if err := gif.Encode(&g, small, nil); err != nil {
		tb.Fatal(err)
	}
	out = append(out, g.Bytes())
	for _, name := range []string{"video-001.q50.420.progressive.jpeg", "video-001.cmyk.jpeg", "video-001.rgb.jpeg", "video-001.restart2.jpeg", "video-001.221212.jpeg", "video-005.gray.q50.2x2.jpeg"} {
		out = append(out, readFile(tb, testdata(tb, name)[0]))
	}
	webps, _ := filepath.Glob("testdata/*.webp")
	for _, name := range webps {
		out = append(out, readFile(tb, name))
	}
	return out
}

// TestMutations decodes damaged files with both libraries: each is read or
// refused, and the process lives. bench/hostile does it with whole jobs, and
// watches their memory.
func TestMutations(t *testing.T) {
	files := seeds(t)
	rng := rand.New(rand.NewPCG(1, 2))
	n := *mutations
	if testing.Short() {
		n = min(n, 2000)
	}
	taken, began, last := 0, time.Now(), writeTemp(t, "last", nil)
	keep := os.Getenv("CLOUDWORKS_KEEP_MUTATION") != ""
	for i := range n {
		use := libraries[i&1]
		if err := Select(use); err != nil {
			use = "go"
			_ = Select(use)
		}
		data := codectest.Mutate(rng, files[rng.IntN(len(files))])
		if keep { // for a crash that takes the test along
			_ = os.WriteFile(last, data, 0o600)
		}
		if err := roundTrip(data, Mode(i>>1&1)); err == nil {
			taken++
		} else if !jobs.Permanent(err) {
			t.Fatalf("mutation %d by %s: %v isn't for people", i, use, err)
		}
	}
	_ = Select("auto")
	t.Logf("%d files in %v, %d still readable", n, time.Since(began).Round(time.Millisecond), taken)
	if taken == 0 || taken == n {
		t.Errorf("%d of %d mutated files are read", taken, n)
	}
}

// roundTrip reads a file and, if that succeeds, writes it and a thumbnail.
func roundTrip(data []byte, mode Mode) error {
	p, err := Decode(data, mode)
	if err != nil {
		return err
	}
	defer p.Release()
	if same, ok := p.Keep(data); ok {
		if _, err := header(same); err != nil {
			return fmt.Errorf("what was kept isn't readable: %w", err)
		}
	}
	out, err := p.Encode()
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := header(out); err != nil {
		return fmt.Errorf("what was written isn't readable: %w", err)
	}
	if _, err := Thumbnail(p, 16); err != nil {
		return fmt.Errorf("thumbnail: %w", err)
	}
	return nil
}
