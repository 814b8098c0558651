package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"cloudworks/internal/cloud"
	"cloudworks/internal/jobs"
)

// A web instance owns a reply queue, and says with a tag on it that it is
// alive. Instances come and go; one that has been silent for an hour has its
// queue swept away by any other. Tag calls are limited to a few a second for
// a whole account, so they are rare, and spread.
//
// The heartbeat is by its owner's clock, and either clock may be an hour off:
// what seems silent is looked at again after a while, and only a heartbeat
// that is still the same is one that has ended.
const (
	heartbeatTag  = "cloudworks-heartbeat" // Unix time in seconds
	heartbeatTime = time.Minute
	silentTime    = time.Hour
	secondLook    = 3 * heartbeatTime
	sweepTime     = 20 * time.Minute
	sweepLeases   = "state/sweeps/"
)

// spread gives a time around d, so that instances don't call in step.
func spread(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2) }

// keepReplyQueue tells that this instance is alive, and sweeps away the
// queues of those that aren't, until ctx ends.
func (a *App) keepReplyQueue(ctx context.Context, name string) {
	beat, sweep, again := time.NewTimer(0), time.NewTimer(spread(sweepTime)), time.NewTimer(secondLook)
	defer beat.Stop()
	defer sweep.Stop()
	defer again.Stop()
	var silent heartbeats
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beat.C:
			if err := a.heartbeat(ctx, name, now); err != nil && ctx.Err() == nil {
				a.Log.Warn().Err(err).Msg("heartbeat of the reply queue")
			}
			beat.Reset(spread(heartbeatTime))
		case now := <-sweep.C:
			var err error
			if silent, err = a.findSilent(ctx, now); err != nil && ctx.Err() == nil {
				a.Log.Warn().Err(err).Msg("look for silent reply queues")
			}
			sweep.Reset(spread(sweepTime))
			again.Reset(secondLook)
		case <-again.C:
			if err := a.sweep(ctx, silent); err != nil && ctx.Err() == nil {
				a.Log.Warn().Err(err).Msg("sweep reply queues")
			}
			silent = nil
		}
	}
}

func (a *App) heartbeat(ctx context.Context, name string, now time.Time) error {
	q, err := a.cloud.Queue(ctx, name)
	if err == nil {
		err = q.Tag(ctx, heartbeatTag, strconv.FormatInt(now.Unix(), 10))
	}
	if errors.Is(err, jobs.ErrNoQueue) { // somebody has deleted it: make it anew
		return a.createReplyQueue(ctx, name)
	}
	return err
}

// createReplyQueue makes the queue with its first heartbeat on it.
func (a *App) createReplyQueue(ctx context.Context, name string) error {
	// A reply that nobody fetched for an hour is in the record.
	if err := a.cloud.CreateQueue(ctx, name, map[string]string{"MessageRetentionPeriod": "3600"}); err != nil {
		return err
	}
	q, err := a.cloud.Queue(ctx, name)
	if err != nil {
		return err
	}
	return q.Tag(ctx, heartbeatTag, strconv.FormatInt(time.Now().Unix(), 10))
}

// heartbeats are those of some queues, in Unix time.
type heartbeats map[string]int64

// findSilent gives the reply queues whose instances seem to be silent, unless
// another instance looks for them in the same while.
func (a *App) findSilent(ctx context.Context, now time.Time) (heartbeats, error) {
	mine, err := a.leaseSweep(ctx, now)
	if err != nil || !mine {
		return nil, err
	}
	names, err := a.cloud.QueueNames(ctx, jobs.ReplyPrefix)
	if err != nil {
		return nil, err
	}
	silent := make(heartbeats)
	var errs []error
	for _, name := range names {
		last, err := a.lastHeartbeat(ctx, name, now)
		errs = append(errs, err)
		if err == nil && now.Sub(time.Unix(last, 0)) >= silentTime {
			silent[name] = last
		}
	}
	return silent, errors.Join(errs...)
}

// SweepReplyQueues does both looks of a sweep at once, for who can wait for no
// second one and whose clock is right.
func (a *App) SweepReplyQueues(ctx context.Context, now time.Time) error {
	silent, err := a.findSilent(ctx, now)
	return errors.Join(err, a.sweep(ctx, silent))
}

// sweep deletes the queues that seemed silent a while ago, where there was no
// heartbeat since.
func (a *App) sweep(ctx context.Context, silent heartbeats) error {
	var errs []error
	for name, before := range silent {
		last, err := a.lastHeartbeat(ctx, name, time.Now())
		if err == nil && last == before {
			a.Log.Info().Str("queue", name).Time("silent_since", time.Unix(last, 0)).Msg("reply queue swept away")
			err = a.cloud.DeleteQueue(ctx, name)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// lastHeartbeat gives the time of a queue's last heartbeat. A queue without any
// gets one, now: its owner may be about to set the first. One that is gone needs
// no sweeping, which now says as well.
func (a *App) lastHeartbeat(ctx context.Context, name string, now time.Time) (int64, error) {
	q, last, err := a.readHeartbeat(ctx, name)
	switch {
	case errors.Is(err, jobs.ErrNoQueue):
		return now.Unix(), nil
	case err != nil:
		return 0, err
	case last == 0:
		return now.Unix(), q.Tag(ctx, heartbeatTag, strconv.FormatInt(now.Unix(), 10))
	}
	return last, nil
}

// readHeartbeat gives a reply queue and its last heartbeat, 0 for none.
func (a *App) readHeartbeat(ctx context.Context, name string) (*cloud.Queue, int64, error) {
	q, err := a.cloud.Queue(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	tags, err := q.Tags(ctx)
	if err != nil {
		return nil, 0, err
	}
	last, err := strconv.ParseInt(tags[heartbeatTag], 10, 64)
	if err != nil {
		last = 0 // what is no number says nothing
	}
	return q, last, nil
}

// leaseSweep reports whether this instance is the first to sweep in the
// present slot of time: the one that makes the slot's object.
func (a *App) leaseSweep(ctx context.Context, now time.Time) (bool, error) {
	slot := sweepLeases + now.UTC().Truncate(sweepTime).Format("20060102T1504")
	err := a.bucket.PutIfAbsent(ctx, jobs.Object{Key: slot, ContentType: "text/plain"}, strings.NewReader(a.Config.Instance))
	if errors.Is(err, jobs.ErrObjectExists) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	old, err := a.bucket.Keys(ctx, sweepLeases)
	if err != nil {
		return false, fmt.Errorf("list leases: %w", err)
	}
	for i, key := range old {
		if key == slot {
			old = append(old[:i], old[i+1:]...)
			break
		}
	}
	return true, a.bucket.Delete(ctx, old...)
}
