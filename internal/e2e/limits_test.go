package e2e

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A client that sends its header a byte at a time is cut off within six
// seconds, however long it goes on.
func TestSlowHeader(t *testing.T) {
	web := newSystem(t, unlimited).startWeb("CLOUDWORKS_WORKER=none")
	conn, err := net.Dial("tcp", strings.TrimPrefix(web.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	cut := make(chan time.Duration, 1)
	go func() {
		_, _ = io.Copy(io.Discard, conn) // ends when the server closes
		cut <- time.Since(began)
	}()
	drip := time.NewTicker(100 * time.Millisecond)
	defer drip.Stop()
	_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "))
	for {
		select {
		case took := <-cut:
			if took < 4*time.Second || took > 6*time.Second {
				t.Errorf("cut off after %s, want about 5 s", took)
			}
			return
		case <-drip.C:
			_, _ = conn.Write([]byte("x")) // an error is the cut, seen above
			if time.Since(began) > 20*time.Second {
				t.Fatal("not cut off within 20 s")
			}
		}
	}
}

// Twenty pictures of 25 MB pass through a web instance that grows by at most
// 60 MB for it. It is a second instance, without the backend in its process;
// the picture is a small one with nothing behind its end. Where processes look
// for races, which makes them slow, four have to do: one that is held shows.
func TestLargeBatch(t *testing.T) {
	const limit = 60 << 20
	pictures := 20
	if raceDetector {
		pictures = 4
	}
	s := newSystem(t, unlimited)
	first := s.startWeb("CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=one")
	web := secondWeb(s, first)
	if err := ok(http.Get(web.url + "/")); err != nil {
		t.Fatal(err)
	}
	before := memory(t, web, "VmRSS")
	id := postLarge(t, web.url, pictures, 25<<20)
	grown := memory(t, web, "VmHWM") - before
	t.Logf("%d × 25 MB: from %d MB, grown by at most %d MB", pictures, before>>20, grown>>20)
	if grown > limit {
		t.Errorf("grown by %d MB, want at most %d", grown>>20, limit>>20)
	}
	r, err := http.NewRequest(http.MethodGet, web.url+"/pics/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := fetch[picsJob](r, http.StatusOK)
	if err != nil || len(batch.Pictures) != pictures || batch.Pictures[pictures-1].State != "queued" {
		t.Errorf("the batch has %d pictures: %v", len(batch.Pictures), err)
	}
}

// postLarge sends n pictures of a size in one form, without holding it.
func postLarge(t *testing.T, base string, n, size int) (id string) {
	t.Helper()
	photo := photograph(640, 480)
	rest := bytes.Repeat([]byte{0}, 1<<20)
	body, into := io.Pipe()
	form := multipart.NewWriter(into)
	go func() {
		into.CloseWithError(func() error {
			for i := range n {
				part, err := form.CreateFormFile("pictures", fmt.Sprintf("%02d.jpg", i+1))
				if err != nil {
					return err
				}
				if _, err := part.Write(photo); err != nil {
					return err
				}
				for left := size - len(photo); left > 0; left -= len(rest) {
					if _, err := part.Write(rest[:min(left, len(rest))]); err != nil {
						return err
					}
				}
			}
			return form.Close()
		}())
	}()
	r, err := http.NewRequest(http.MethodPost, base+"/pics", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	batch, err := fetch[picsJob](r, http.StatusAccepted)
	if err != nil {
		t.Fatal(err)
	}
	return batch.ID
}

// memory gives a process's resident memory in bytes: VmRSS now, VmHWM at most
// so far.
func memory(t *testing.T, p *process, which string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Skip("no /proc on this machine: ", err)
	}
	for line := range strings.Lines(string(status)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == which+":" {
			kb, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatalf("/proc says nothing of %s", which)
	return 0
}
