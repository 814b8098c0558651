package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"cloudworks/internal/localcloud"
)

// dose is how much a trial bears.
type dose struct {
	lists, visitors, batches int
	strikes                  int // how often the fault strikes, where it does so one by one
}

// trial is a system under load, to which a fault happens.
type trial struct {
	dose
	t       *testing.T
	s       *system
	backend *localcloud.Server // nil where it is a process of its own: host
	host    *process
	ledger  *ledger
	web     *process
	workers []*process // all that ever were
	lift    []func()   // end the fault
	over    []func()   // called when all was judged
	row     row
	// album gives the files of a batch; nil for two photographs.
	album func(batch int) []file
}

// row is what came of a trial.
type row struct {
	fault                            string
	strikes, accepted, refused       int
	wrong, unanswered, dead          int
	unlogged, left, letters          int // letters: messages in dead-letter queues
	pictures, picturesFailed, badPic int // badPic: without a last state, or with a wrong result
	pages                            int // looked at, as people see them
	took                             time.Duration
}

// awsEnv has a process use the backend at addr as it would AWS.
func awsEnv(addr string) []string {
	return []string{
		"CLOUDWORKS_BACKEND=aws", "CLOUDWORKS_WORKER=none", "CLOUDWORKS_CREATE_RESOURCES=true", "CLOUDWORKS_LOG=json", unlimited,
		"AWS_ENDPOINT_URL=http://" + addr, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=cloudworks", "AWS_SECRET_ACCESS_KEY=cloudworks",
	}
}

// apart has the backend in a process of its own, on the disk at dir, which
// outlives the web instance and the workers.
func apart(t *testing.T, dir string) *trial {
	s := newSystem(t, unlimited)
	s.env = append(s.env, "CLOUDWORKS_DATA="+dir)
	host := s.startWeb("CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=backend")
	return (&trial{t: t, host: host, s: &system{t: t, local: s.local, env: awsEnv(s.local)}}).start()
}

// inside has the backend in the test's own process, where it can be made to
// misbehave. front, if any, stands between it and the system's processes.
func inside(t *testing.T, front func(addr string) string) *trial {
	backend, err := localcloud.Open(localcloud.Options{
		Dir: t.TempDir(), AccessKey: "cloudworks", SecretKey: "cloudworks", Region: "us-east-1", NoSync: true, SQSCooldown: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	listener, err := localcloud.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: backend, ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		backend.EndPolls()
		server.Close()
		serving.Wait()
		if err := backend.Close(); err != nil {
			t.Errorf("close the backend: %v", err)
		}
	})
	asked := addr
	if front != nil {
		asked = front(addr)
	}
	return (&trial{t: t, backend: backend, s: &system{t: t, local: addr, env: awsEnv(asked)}}).start()
}

// start starts a web instance and a worker.
func (tr *trial) start() *trial {
	tr.ledger = newLedger()
	tr.web = tr.s.startWeb("CLOUDWORKS_INSTANCE=one")
	tr.addWorker()
	return tr
}

func (tr *trial) addWorker(env ...string) *process {
	p := tr.s.startWorker(env...)
	tr.workers = append(tr.workers, p)
	return p
}

// restartWeb starts the web instance anew, at its address.
func (tr *trial) restartWeb() {
	p := tr.s.start("web", []string{"CLOUDWORKS_INSTANCE=one", "CLOUDWORKS_ADDR=" + strings.TrimPrefix(tr.web.url, "http://")})
	p.url = tr.web.url
	p.waitReady()
	tr.web = p
}

// faults has the backend misbehave until the fault is lifted.
func (tr *trial) faults(f localcloud.Faults) {
	tr.backend.SetFaults(f)
	tr.lift = append(tr.lift, func() { tr.backend.SetFaults(localcloud.Faults{}) })
}

// endure has visitors send lists and pictures while the fault strikes, and
// then looks at what came of it all.
func (tr *trial) endure(strike func(i int)) {
	began := time.Now()
	limit := 3 * time.Minute
	if *long {
		limit = 40 * time.Minute
	}
	ctx, cancel := context.WithTimeout(tr.t.Context(), limit)
	defer cancel()
	url := tr.web.url
	base := func() string { return url }
	var photographer sync.WaitGroup
	photographer.Go(func() { tr.uploads(ctx, url) })
	// Strikes are spread evenly over the lists: there are none sent beyond the
	// next strike until that one is over.
	share := func(i int) int64 { return int64(tr.lists * i / (tr.strikes + 1)) }
	tr.ledger.allowed.Store(share(2))
	if tr.strikes == 0 {
		tr.ledger.allowed.Store(int64(tr.lists))
	}
	sent := tr.ledger.load(ctx, tr.visitors, int64(tr.lists), base)
	for i := range tr.strikes {
		for tr.ledger.accepted.Load() < share(i+1) && ctx.Err() == nil {
			rest(ctx, 5*time.Millisecond)
		}
		strike(i)
		tr.ledger.allowed.Store(share(i + 3))
	}
	tr.ledger.allowed.Store(int64(tr.lists))
	<-sent
	photographer.Wait()
	if ctx.Err() != nil {
		tr.t.Errorf("the visitors were not done after %v: %d lists accepted of %d", limit, tr.ledger.accepted.Load(), tr.lists)
	}
	for _, lift := range tr.lift {
		lift()
	}
	tr.judge(ctx, base)
	tr.row.took = time.Since(began)
	for _, over := range tr.over {
		over()
	}
}

// end ends the processes at once.
func (tr *trial) end() {
	// A soft stop would wait for open polls, 20 s.
	for _, p := range append(tr.workers, tr.web) {
		p.kill()
	}
}

// uploads has one visitor send batches of pictures, spread over the lists.
func (tr *trial) uploads(ctx context.Context, url string) {
	if photo := photograph(160, 120); tr.album == nil {
		tr.album = func(int) []file { return []file{{"a.jpg", photo}, {"b.jpg", photo}} }
	}
	for i := range tr.batches {
		for tr.ledger.accepted.Load() < int64(tr.lists*i/tr.batches) && ctx.Err() == nil {
			rest(ctx, 20*time.Millisecond)
		}
		for ctx.Err() == nil {
			sent, err := upload(url, tr.album(i), nil)
			if err == nil {
				tr.ledger.mu.Lock()
				tr.ledger.photos = append(tr.ledger.photos, sent.ID)
				tr.ledger.mu.Unlock()
				break
			}
			rest(ctx, 300*time.Millisecond)
		}
	}
}

// judge holds everything against what was accepted.
func (tr *trial) judge(ctx context.Context, base func() string) {
	l, t := tr.ledger, tr.t
	dead, waiting := l.answers(ctx, base)
	tr.pictures(ctx, base())
	left := tr.drained(ctx)
	unlogged := l.unlogged(newLab(tr.s))
	for id, why := range dead {
		t.Logf("%s is dead: %s", id, why)
	}
	tr.row.accepted, tr.row.refused = int(l.accepted.Load()), int(l.refused.Load())
	tr.row.wrong, tr.row.unanswered, tr.row.dead = len(l.wrong), waiting, len(dead)
	tr.row.strikes = tr.strikes
	tr.pages(base())
	for queue, n := range left {
		if strings.HasSuffix(queue, "-dlq") {
			tr.row.letters += n
			continue
		}
		tr.row.left += n
		t.Errorf("%d messages are left in %s", n, queue)
	}
	for _, id := range first(l.unanswered()) {
		if dead[id] == "" {
			t.Errorf("%s has no answer", id)
		}
	}
	for _, what := range first(l.wrong) {
		t.Error(what)
	}
	for _, what := range unlogged {
		if id, _, _ := strings.Cut(what, " "); dead[id] == "" {
			tr.row.unlogged++
			if tr.row.unlogged <= 10 {
				t.Error(what)
			}
		}
	}
}

// first gives enough of a list of faults to see what they are.
func first(all []string) []string { return all[:min(10, len(all))] }

// drained waits until no queue but the dead-letter queues holds anything, and
// gives what they hold at the end.
func (tr *trial) drained(ctx context.Context) map[string]int {
	client := newLab(tr.s)
	for {
		depths, err := client.depths()
		if err != nil {
			tr.t.Error(err)
			return nil
		}
		empty := true
		for queue := range depths {
			empty = empty && strings.HasSuffix(queue, "-dlq")
		}
		if empty || ctx.Err() != nil {
			return depths
		}
		rest(ctx, 200*time.Millisecond)
	}
}

// pictures looks at every picture's last state, and at its result.
func (tr *trial) pictures(ctx context.Context, url string) {
	for _, id := range tr.ledger.photos {
		batch, err := tr.lastState(ctx, url, id)
		if err != nil {
			tr.row.badPic++
			tr.t.Errorf("batch %s: %v", id, err)
			continue
		}
		for _, p := range batch.Pictures {
			tr.row.pictures++
			switch {
			case p.State != "done" && p.Error != "":
				tr.row.picturesFailed++
				tr.t.Logf("picture %s of %s is %s: %s", p.Name, id, p.State, p.Error)
			case p.State != "done":
				tr.row.badPic++
				tr.t.Errorf("picture %s of %s is %s for no reason", p.Name, id, p.State)
			default:
				picture, err := jpeg.Decode(bytes.NewReader(download(tr.t, url, p.Download)))
				if err != nil || picture.Bounds().Dx() != 160 || picture.Bounds().Dy() != 120 {
					tr.row.badPic++
					tr.t.Errorf("result of %s of %s: %v", p.Name, id, err)
				}
			}
		}
	}
}

// lastState waits until every picture of a batch is finished.
func (tr *trial) lastState(ctx context.Context, url, id string) (batch picsJob, err error) {
	for {
		r, err := http.NewRequest(http.MethodGet, url+"/pics/"+id, nil)
		if err != nil {
			return batch, err
		}
		batch, err = fetch[picsJob](r, http.StatusOK)
		open := 0
		for _, p := range batch.Pictures {
			if p.State == "queued" || p.State == "working" {
				open++
			}
		}
		if err == nil && open == 0 && len(batch.Pictures) > 0 {
			return batch, nil
		}
		if ctx.Err() != nil {
			return batch, errors.Join(err, fmt.Errorf("%d pictures are unfinished: %+v", open, batch.Pictures))
		}
		rest(ctx, 300*time.Millisecond)
	}
}

// pagesLookedAt is how many pages each trial looks at; with -long ten times as
// many.
const pagesLookedAt = 100

// pages looks at pages that people see: one answer on each, and the same as
// programs get.
func (tr *trial) pages(url string) {
	most := pagesLookedAt
	if *long {
		most *= 10
	}
	var ids []string
	for id := range tr.ledger.shown {
		if ids = append(ids, id); len(ids) == most {
			break
		}
	}
	var wrong atomic.Int64
	each(ids, func(id string) {
		if got, err := lookAtPage(url + "/calc/" + id); err != nil || got != tr.ledger.shown[id] {
			wrong.Add(1)
			tr.t.Errorf("the page of %s shows %s (%v), want %s", id, got, err, tr.ledger.shown[id])
		}
	})
	tr.row.pages, tr.row.wrong = len(ids), tr.row.wrong+int(wrong.Load())
}

// unsettledTime is how long a page may say that there is no answer yet: an
// instance that has just started asks S3 for it, once a second for each
// message.
const unsettledTime = 10 * time.Second

// lookAtPage gives the figures that a list's page shows, once it shows any.
func lookAtPage(address string) (figures string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), unsettledTime)
	defer cancel()
	for {
		figures, err = readPage(address)
		if err != nil || figures != "[]" || ctx.Err() != nil {
			return figures, err
		}
		rest(ctx, time.Second)
	}
}

// readPage gives the figures that a list's page shows.
func readPage(address string) (string, error) {
	answer, err := http.Get(address)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	page, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	plain := strings.NewReplacer("\u2212", "-", ",", "", " ", "", "\u00a0", "", "\u2009", "", "\u202f", "", "\n", "")
	var figures []string
	page.Find("dl.figures dd.value").Each(func(_ int, s *goquery.Selection) {
		figures = append(figures, plain.Replace(s.Text()))
	})
	return fmt.Sprint(figures), nil
}
