package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cloudworks/internal/jobs"
	"cloudworks/internal/ops"
)

// desk is what the operators' page works with: the same as `worker dlq`.
type desk struct {
	app *App

	mu      sync.Mutex
	asked   time.Time
	replies []ops.ReplyQueue
	err     error
}

var _ ops.Desk = (*desk)(nil)

func newDesk(a *App) *desk { return &desk{app: a} }

// DeadLetters looks at up to most of them.
func (d *desk) DeadLetters(ctx context.Context, requests string, most int) ([]ops.DeadLetter, error) {
	_, dead, err := d.app.deadQueue(ctx, requests)
	if err != nil {
		return nil, err
	}
	var letters []ops.DeadLetter
	err = eachOnce(ctx, dead, func(m jobs.Delivery) (more bool) {
		letters = append(letters, ops.DeadLetter{ID: m.ID, Sent: m.SentAt, Receives: m.ReceiveCount, Attributes: m.Attributes, Body: readable(m.Body)})
		return len(letters) < most
	})
	return letters, err
}

// Redrive sends them all back.
func (d *desk) Redrive(ctx context.Context, requests string) (int, error) {
	q, dead, err := d.app.deadQueue(ctx, requests)
	if err != nil {
		return 0, err
	}
	return d.app.redrive(ctx, q, dead)
}

// Drop deletes one, or all.
func (d *desk) Drop(ctx context.Context, requests, id string) error {
	_, dead, err := d.app.deadQueue(ctx, requests)
	if err != nil {
		return err
	}
	if id == "" {
		return d.app.dropAll(ctx, dead)
	}
	return d.app.drop(ctx, dead, id)
}

const (
	// repliesAge is how old the list of reply queues may be, and maxReplies how
	// many of them are asked for their heartbeat, one after the other: an
	// account has a few tag calls a second for everybody.
	repliesAge = time.Minute
	maxReplies = 50
)

// ReplyQueues tells of every web instance's queue, this process's own first.
func (d *desk) ReplyQueues(ctx context.Context) ([]ops.ReplyQueue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.asked) < repliesAge {
		return d.replies, d.err
	}
	replies, err := d.listReplies(ctx)
	if ctx.Err() == nil {
		d.asked, d.replies, d.err = time.Now(), replies, err
	}
	return replies, err
}

func (d *desk) listReplies(ctx context.Context) ([]ops.ReplyQueue, error) {
	names, err := d.app.cloud.QueueNames(ctx, jobs.ReplyPrefix)
	if err != nil {
		return nil, err
	}
	mine := ""
	if d.app.client.Load() != nil {
		mine = jobs.ReplyQueue(d.app.Config.Instance)
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == mine) != (b == mine) {
			return map[bool]int{true: -1, false: 1}[a == mine]
		}
		return strings.Compare(a, b)
	})
	replies := make([]ops.ReplyQueue, 0, len(names))
	for i, name := range names {
		q := ops.ReplyQueue{Name: name, Owner: strings.TrimPrefix(name, jobs.ReplyPrefix), Mine: name == mine, Unknown: i >= maxReplies}
		if !q.Unknown {
			_, last, err := d.app.readHeartbeat(ctx, name)
			if errors.Is(err, jobs.ErrNoQueue) {
				continue // gone meanwhile
			}
			if err != nil {
				return replies, err
			}
			if last > 0 {
				q.Heartbeat = time.Unix(last, 0)
				q.Silent = time.Since(q.Heartbeat) >= silentTime
			}
		}
		replies = append(replies, q)
	}
	return replies, nil
}
