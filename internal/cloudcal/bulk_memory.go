package cloudcal

import (
	"context"
	"sync"
	"time"

	"cloudworks/internal/jobs"
)

// bulkMemory keeps what S3 last said of each bulk that somebody looks at, so
// that however many pages poll, S3 is asked once a second for each, and never
// again for one that is done.
type bulkMemory struct {
	mu    sync.Mutex
	bulks map[string]*seenBulk
}

// seenBulk is a bulk as it was when S3 was last asked. Who has the turn may
// ask; who comes meanwhile waits and gets the same answer.
type seenBulk struct {
	turn  chan struct{} // holds one value while somebody has the turn
	asked time.Time     // zero: never
	bulk  Bulk
}

// keepBulks bounds how many are kept; a bulk that is forgotten is asked for
// anew, so any may go.
const keepBulks = 1000

func (y *bulkMemory) recall(id string) *seenBulk {
	y.mu.Lock()
	defer y.mu.Unlock()
	b, ok := y.bulks[id]
	if ok {
		return b
	}
	for old := range y.bulks {
		if len(y.bulks) < keepBulks {
			break
		}
		delete(y.bulks, old)
	}
	if y.bulks == nil {
		y.bulks = make(map[string]*seenBulk)
	}
	b = &seenBulk{turn: make(chan struct{}, 1)}
	y.bulks[id] = b
	return b
}

func (y *bulkMemory) forget(id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	delete(y.bulks, id)
}

// BulkJob tells where a bulk stands, as S3 said at most a second ago.
func (c *Client) BulkJob(ctx context.Context, id string) (Bulk, error) {
	seen := c.bulks.recall(id)
	select {
	case seen.turn <- struct{}{}:
		defer func() { <-seen.turn }()
	case <-ctx.Done():
		return Bulk{}, ctx.Err()
	}
	age := time.Since(seen.asked)
	if age < askEvery || seen.bulk.State == jobs.StateDone && age < keepFor {
		return seen.bulk, nil
	}
	b, err := c.askBulk(ctx, id)
	if err != nil {
		c.bulks.forget(id) // what isn't there takes up no room
		return Bulk{}, err
	}
	seen.bulk, seen.asked = b, time.Now()
	return b, nil
}
