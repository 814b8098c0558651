package e2e

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// crashMark in a JPEG ends the process of the decoder that meets it.
const crashMark = "a decoder that reads this crashes"

// crashing has the decoder do what a fault in a C library does: the process
// gets SIGSEGV, from which there is no recovering.
var crashing = []edit{
	{pkg: "cloudworks/internal/cloudpic/codec", file: "jpeg_decode.go",
		old: "func decodeJPEG(data []byte, mode Mode, p *parsed) (image.Image, error) {\n",
		new: "func decodeJPEG(data []byte, mode Mode, p *parsed) (image.Image, error) {\n\tcrashOn(data)\n"},
	{pkg: "cloudworks/internal/cloudpic/codec", file: "crash.go", new: `package codec

import (
	"bytes"
	"syscall"
)

func crashOn(data []byte) {
	if bytes.Contains(data, []byte("` + crashMark + `")) {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGSEGV)
		select {}
	}
}
`},
}

// poison is the name of the files that crash the decoder.
const poison = "poison.jpg"

// poisoned puts the mark into a JPEG, as a comment behind its first marker.
func poisoned(photo []byte) []byte {
	comment := append([]byte{0xFF, 0xFE, 0, byte(len(crashMark) + 2)}, crashMark...)
	return slices.Concat(photo[:2], comment, photo[2:])
}

// decoderCrashes sends pictures of which some end the process that decodes
// them. The worker is started anew whenever it has ended, as an operating system
// does it. Those pictures end dead, with a reason on their page, and lie in the
// dead-letter queue; all else is done.
func decoderCrashes(t *testing.T, d dose) *trial {
	s := newSystem(t, unlimited)
	s.startWeb("CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=backend")
	tr := (&trial{t: t, dose: d, s: &system{t: t, local: s.local, env: awsEnv(s.local), programs: build(t, buildFlags, crashing...)}}).start()
	bad := d.batches * albumSize / 100 // one in a hundred
	if !*long {
		bad = d.batches // so few that they need company
	}
	photo := photograph(160, 120)
	tr.album = func(i int) []file {
		album := make([]file, albumSize)
		for n := range album {
			album[n] = file{fmt.Sprintf("%d.jpg", n+1), photo}
		}
		if i*bad/d.batches != (i+1)*bad/d.batches {
			album[i%albumSize] = file{poison, poisoned(photo)}
		}
		return album
	}
	tr.supervise()
	tr.endure(nil)
	tr.autopsy(bad)
	return tr
}

// albumSize is how many pictures the batches of decoderCrashes have.
const albumSize = 10

// supervise starts a worker whenever the last one has ended, until the trial
// is over.
func (tr *trial) supervise() {
	over, end := context.WithCancel(tr.t.Context())
	var supervisor sync.WaitGroup
	supervisor.Go(func() {
		for {
			select {
			case <-over.Done():
				return
			case <-tr.workers[len(tr.workers)-1].done:
				tr.workers = append(tr.workers, tr.s.start("worker", nil))
			}
		}
	})
	tr.over = append(tr.over, func() {
		end()
		supervisor.Wait()
	})
}

// autopsy looks at who died: the poisoned pictures and nothing else, each with
// its reason on the page of its batch and its request in the dead-letter queue;
// and no more workers than there were such pictures.
func (tr *trial) autopsy(bad int) {
	t, dead := tr.t, make(map[string]bool) // by key
	for _, id := range tr.ledger.photos {
		r, err := http.NewRequest(http.MethodGet, tr.web.url+"/pics/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := fetch[picsJob](r, http.StatusOK)
		if err != nil {
			t.Error(err)
			continue
		}
		reasons := wrongs(t, tr.web.url+"/pics/"+id)
		for i, p := range batch.Pictures {
			want := "done"
			if p.Name == poison {
				want = "dead"
				dead[fmt.Sprintf("uploads/%s/%d/original", id, i+1)] = true
			}
			if p.State != want {
				t.Errorf("%s of %s is %s, want %s: %s", p.Name, id, p.State, want, p.Error)
			}
			if want == "dead" && (p.Error == "" || !slices.Contains(reasons, p.Error)) {
				t.Errorf("%s of %s died of %q; its page says %q", p.Name, id, p.Error, reasons)
			}
		}
	}
	if len(dead) != bad {
		t.Errorf("%d pictures were poisoned, want %d", len(dead), bad)
	}
	if letters := tr.deadLetters("inbox-dlq"); !maps.Equal(letters, dead) {
		t.Errorf("in the dead-letter queue are %v, want %v", letters, dead)
	}
	if tr.row.dead > 0 || tr.row.letters != bad {
		t.Errorf("%d lists are dead, and %d dead letters; want 0 and %d", tr.row.dead, tr.row.letters, bad)
	}
	if tr.strikes = len(tr.workers) - 1; tr.strikes < 1 || tr.strikes > bad {
		t.Errorf("%d workers crashed by %d pictures", tr.strikes, bad)
	}
	tr.row.strikes = tr.strikes
}

// wrongs gives what a batch's page says is wrong with its pictures.
func wrongs(t *testing.T, address string) []string {
	text := download(t, "", address)
	page, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return page.Find(".pic .wrong").Map(func(_ int, s *goquery.Selection) string { return strings.TrimSpace(s.Text()) })
}

// deadLetters gives the first words of all messages of a queue: pictures' keys.
func (tr *trial) deadLetters(queue string) map[string]bool {
	client, keys := newLab(tr.s), make(map[string]bool)
	deadline := time.Now().Add(20 * time.Second)
	for len(keys) < tr.row.letters && time.Now().Before(deadline) {
		out, err := client.sqs.ReceiveMessage(tr.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: client.url(queue), MaxNumberOfMessages: 10, VisibilityTimeout: 60})
		if err != nil {
			tr.t.Fatal(err)
		}
		for _, m := range out.Messages {
			key, _, _ := strings.Cut(aws.ToString(m.Body), " ")
			keys[key] = true
		}
	}
	return keys
}
