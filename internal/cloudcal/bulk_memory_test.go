package cloudcal

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cloudworks/internal/jobs"
)

// askedStore counts the listings, and takes a while for each.
type askedStore struct {
	*store
	listed atomic.Int64
}

func (a *askedStore) Keys(ctx context.Context, prefix string) ([]string, error) {
	a.listed.Add(1)
	time.Sleep(25 * time.Millisecond)
	return a.store.Keys(ctx, prefix)
}

// However many look at a bulk, S3 is asked once a second, and no more when it
// is done.
func TestBulkAsksOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &askedStore{store: newStore()}
		d := &desk{worker: NewWorker(s)}
		c := NewClient(ClientOptions{Sender: d, Bucket: s, Bulk: s, Key: testKey, Retention: 24 * time.Hour})
		id, err := c.SubmitBulk(t.Context(), "owner", strings.NewReader(twenty))
		if err != nil {
			t.Fatal(err)
		}
		look := func(want jobs.State) {
			t.Helper()
			var lookers sync.WaitGroup
			for range 50 {
				lookers.Go(func() {
					if b, err := c.BulkJob(t.Context(), id); err != nil || b.State != want {
						t.Errorf("got %+v, %v, want it %s", b, err, want)
					}
				})
			}
			lookers.Wait()
		}
		for i := range int64(3) {
			look(jobs.StateQueued)
			if got := s.listed.Load(); got != i+1 {
				t.Errorf("after %d s: %d listings, want %d", i, got, i+1)
			}
			time.Sleep(askEvery)
		}
		d.work(t)
		look(jobs.StateDone)
		time.Sleep(time.Minute)
		look(jobs.StateDone)
		if got := s.listed.Load(); got != 4 {
			t.Errorf("%d listings in all, want 4", got)
		}
		for range 2 * keepBulks {
			if _, err := c.BulkJob(t.Context(), jobs.NewID(time.Now())); jobs.Public(err).Code != jobs.CodeNotFound {
				t.Fatalf("unknown: got %v", err)
			}
		}
		if n := len(c.bulks.bulks); n != 1 {
			t.Errorf("%d bulks are kept, want 1", n)
		}
	})
}
