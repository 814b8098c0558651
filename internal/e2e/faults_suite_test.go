package e2e

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"cloudworks/internal/localcloud"
	"cloudworks/internal/localcloud/faults"
	sqsfaults "cloudworks/internal/localcloud/sqs"
)

var long = flag.Bool("long", false, "TestFaults: many more lists and strikes; takes ten minutes on two cores, so give -timeout 50m as well")

// trialsAtOnce bounds the trials that go on side by side: each waits half a
// minute for messages that a lost receive has hidden.
const trialsAtOnce = 7

// TestFaults has things go wrong, one after another, while visitors send
// lists and pictures to the real processes. After each, every list that was
// accepted is answered rightly or dead with a reason, is in the log on S3
// once, and nothing is left in any queue.
func TestFaults(t *testing.T) {
	var (
		all  sync.WaitGroup
		turn = make(chan struct{}, trialsAtOnce)
		mu   sync.Mutex
		rows []row
	)
	for _, f := range theFaults {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			t.Run(f.name, func(t *testing.T) {
				d := f.short
				if *long {
					d = f.long
				}
				tr := f.happens(t, d)
				tr.end()
				tr.row.fault = f.name
				t.Logf("\n%s", table([]row{tr.row}))
				mu.Lock()
				defer mu.Unlock()
				rows = append(rows, tr.row)
			})
		})
	}
	all.Wait()
	t.Logf("\n%s", table(rows))
}

func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tstrikes\tlists accepted\trefused\twrong\tunanswered\tdead\tunlogged\tleft in queues\tdead letters\tpictures\tfailed\tbad\tpages\ttook")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.0f s\n", r.fault, r.strikes, r.accepted, r.refused, r.wrong, r.unanswered,
			r.dead, r.unlogged, r.left, r.letters, r.pictures, r.picturesFailed, r.badPic, r.pages, r.took.Seconds())
	}
	_ = w.Flush() // to a Builder
	return b.String()
}

// theFaults begins with those that take longest.
var theFaults = []struct {
	name        string
	short, long dose
	happens     func(*testing.T, dose) *trial
}{
	{"clock moved by an hour", dose{500, 24, 2, 16}, dose{20_000, 64, 20, 64}, clockMoved},
	{"worker killed", dose{800, 24, 2, 4}, dose{100_000, 64, 100, 200}, workerKilled},
	{"decoder crashes", dose{300, 24, 3, 0}, dose{10_000, 64, 200, 0}, decoderCrashes},
	{"errors 30 %", dose{500, 24, 2, 0}, dose{20_000, 64, 50, 0}, failing(0.30)},
	{"answers lost 5 %", dose{500, 24, 2, 0}, dose{20_000, 64, 50, 0}, answersLost},
	{"slow line, resets", dose{500, 64, 2, 0}, dose{20_000, 128, 50, 0}, slowLine},
	{"worker stopped", dose{800, 24, 2, 6}, dose{50_000, 64, 50, 200}, workerStopped},
	{"web killed", dose{600, 24, 2, 3}, dose{50_000, 64, 50, 50}, webKilled},
	{"errors 10 %", dose{500, 24, 2, 0}, dose{20_000, 64, 50, 0}, failing(0.10)},
	{"errors 1 %", dose{500, 24, 2, 0}, dose{20_000, 64, 50, 0}, failing(0.01)},
	{"duplicates, shuffled", dose{500, 24, 2, 0}, dose{50_000, 64, 50, 0}, duplicates},
	{"reply queue deleted", dose{500, 24, 2, 3}, dose{20_000, 64, 20, 50}, repliesDeleted},
	{"disk full", dose{400, 24, 2, 2}, dose{20_000, 64, 20, 20}, diskFull},
}

// workerKilled ends the worker as a power failure would, and starts another.
func workerKilled(t *testing.T, d dose) *trial {
	tr := apart(t, t.TempDir())
	tr.dose = d
	tr.endure(func(int) {
		tr.workers[len(tr.workers)-1].kill()
		tr.addWorker()
	})
	return tr
}

// workerStopped starts a worker beside the one that is there, and stops that
// one in the middle of its work.
func workerStopped(t *testing.T, d dose) *trial {
	tr := apart(t, t.TempDir())
	tr.dose = d
	var stops sync.WaitGroup
	tr.lift = append(tr.lift, stops.Wait)
	tr.endure(func(i int) {
		old := tr.workers[len(tr.workers)-1]
		// Polls are cut at a stop with the local backend, and waited for with
		// the other.
		backend := []string{"CLOUDWORKS_BACKEND=local", "CLOUDWORKS_LOCAL_ADDR=" + tr.s.local}
		if i%2 == 1 {
			backend = nil
		}
		tr.addWorker(backend...)
		stops.Go(func() {
			old.stop()
			if old.err != nil {
				t.Errorf("worker %d ended with %v", i, old.err)
			}
		})
	})
	done := make(map[string]int)
	for i, worker := range tr.workers {
		for _, line := range worker.lines(`"outcome":"done"`) {
			_, rest, _ := strings.Cut(line, `"job":"`)
			id, _, _ := strings.Cut(rest, `"`)
			if by, again := done[id]; again {
				t.Errorf("%s was finished by worker %d and done again by worker %d", id, by, i)
			}
			done[id] = i
		}
	}
	return tr
}

func webKilled(t *testing.T, d dose) *trial {
	tr := apart(t, t.TempDir())
	tr.dose = d
	tr.endure(func(int) {
		tr.web.kill()
		tr.restartWeb()
	})
	return tr
}

// failing has a share of all calls fail, half of them with a server error and
// half with a request to slow down.
func failing(share float64) func(*testing.T, dose) *trial {
	return func(t *testing.T, d dose) *trial {
		tr := inside(t, nil)
		tr.dose = d
		tr.faults(localcloud.Faults{
			SQS: &faults.Plan{Seed: 1, FailRate: share / 2, ThrottleRate: share / 2},
			S3:  &faults.Plan{Seed: 2, FailRate: share / 2, ThrottleRate: share / 2},
		})
		tr.endure(nil)
		return tr
	}
}

// answersLost has calls work and their answers go missing.
func answersLost(t *testing.T, d dose) *trial {
	tr := inside(t, nil)
	tr.dose = d
	tr.faults(localcloud.Faults{SQS: &faults.Plan{Seed: 3, LoseRate: 0.05}, S3: &faults.Plan{Seed: 4, LoseRate: 0.05}})
	tr.endure(nil)
	return tr
}

func duplicates(t *testing.T, d dose) *trial {
	tr := inside(t, nil)
	tr.dose = d
	tr.faults(localcloud.Faults{Deliveries: sqsfaults.DeliveryFaults{Seed: 5, DuplicateRate: 0.10, Shuffle: true}})
	tr.endure(nil)
	return tr
}

// slowLine has every answer half a second late and resets connections.
func slowLine(t *testing.T, d dose) *trial {
	var line *badLine
	tr := inside(t, func(addr string) string {
		line = newBadLine(t, addr)
		return line.addr
	})
	tr.dose = d
	line.late.Store(int64(500 * time.Millisecond))
	line.every.Store(50)
	tr.lift = append(tr.lift, func() {
		line.late.Store(0)
		line.every.Store(0)
		if line.struck.Load() == 0 {
			t.Errorf("no connection was reset at %d requests", line.asked.Load())
		}
		t.Logf("%d connections were reset at %d requests", line.struck.Load(), line.asked.Load())
	})
	tr.endure(nil)
	return tr
}

// repliesDeleted deletes the web instance's reply queue. Its name can't be
// used again for a while.
func repliesDeleted(t *testing.T, d dose) *trial {
	tr := inside(t, nil)
	tr.dose = d
	client := newLab(tr.s)
	tr.endure(func(int) {
		eventually(t, 2*time.Minute, "the reply queue is there", func() error {
			name := "replies-one"
			url, err := client.sqs.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &name})
			if err != nil {
				return err
			}
			_, err = client.sqs.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url.QueueUrl})
			return err
		})
	})
	return tr
}
