package jobs

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// letters reads a kind's dead-letter queue. A request whose workers all died
// with it in hand gets there without a word to anybody: it is answered from
// here. Every worker does so; the record sees to it that one answer comes of
// it.
//
// The letters stay, for the operator. So that those that were read before cost
// nothing, only the queue's depth is asked for while it is the number of
// letters known. (One that goes in the same while as another comes is missed
// until the depth changes again.)
type letters struct {
	*pool
	known map[string]bool // by message id, those that need nothing more
	// depth is the queue's when it was last read, tries how often it was read
	// at that depth, and again when it may be the next time.
	depth, tries int
	again        time.Time
}

const (
	// readHidden is how long letters are hidden while they are read, at most:
	// nobody else can have them then.
	readHidden = 30 * time.Second
	// readTime bounds one reading, so that it ends before the first letter
	// shows again.
	readTime = 20 * time.Second
	// readShare bounds the share of time in which letters are hidden: one in
	// readShare.
	readShare = 10
)

// readPause is the time between readings, or looks, that came to nothing.
func (l *letters) readPause() Backoff {
	return Backoff{First: l.opts.Letters, Max: max(10*time.Minute, l.opts.Letters)}
}

func newLetters(p *pool) *letters { return &letters{pool: p, known: make(map[string]bool)} }

// run looks at the queue, again and again, until the pool stops. The first look
// comes soon, since a worker that starts may have died before; those that start
// together look at different times.
func (l *letters) run() {
	failures := 0
	for wait := rand.N(l.opts.Letters / 5); ; {
		pause(l.stopping, wait)
		if l.stopping.Err() != nil {
			return
		}
		began := time.Now()
		err := l.look(l.stopping)
		wait = max(l.opts.Letters*2/3+rand.N(l.opts.Letters*2/3+1), readShare*time.Since(began))
		if err == nil || l.stopping.Err() != nil {
			failures = 0
			continue
		}
		failures++
		l.opts.Hooks.trouble("read dead letters", err)
		wait = l.readPause().Delay(failures)
	}
}

// look reads the queue if it may have letters that aren't known.
func (l *letters) look(ctx context.Context) error {
	depth, err := l.dead.Depth(ctx)
	if err != nil {
		return err
	}
	n := depth.All()
	if n == 0 {
		clear(l.known)
	}
	if n == len(l.known) {
		return nil
	}
	switch {
	case n != l.depth:
		l.depth, l.tries = n, 0
	case time.Now().Before(l.again):
		return nil
	}
	l.tries++
	err = l.read(ctx, n)
	// The depth is an estimate, another reader may have hidden some letters,
	// and a record may not have been stored.
	l.again = time.Now().Add(l.readPause().Delay(l.tries))
	return err
}

// read receives every letter once, answers those that nobody has answered, and
// puts all back.
func (l *letters) read(ctx context.Context, depth int) error {
	seen := make(map[string]bool)
	settled := make(map[string]bool)
	var back []VisibilityChange
	defer func() { l.putBack(back) }()
	complete := false
	for end := time.Now().Add(readTime); !complete && time.Now().Before(end); {
		got, err := l.dead.Receive(ctx, MaxBatch, time.Second, readHidden)
		if err != nil {
			return err
		}
		for _, d := range got {
			seen[d.ID] = true
			back = append(back, VisibilityChange{Receipt: d.Receipt})
		}
		for _, id := range l.settleLetters(ctx, got) {
			settled[id] = true
		}
		complete = len(got) == 0 || len(seen) >= depth
	}
	if complete {
		clear(l.known) // of those that are gone
	}
	for id := range settled {
		l.known[id] = true
	}
	return nil
}

// settleLetters gives the ids of those that need nothing more.
func (l *letters) settleLetters(ctx context.Context, got []Delivery) (ids []string) {
	settled := make([]bool, len(got))
	var all sync.WaitGroup
	for i, d := range got {
		if settled[i] = l.known[d.ID]; !settled[i] {
			all.Go(func() { settled[i] = l.settleLetter(ctx, d) })
		}
	}
	all.Wait()
	for i, d := range got {
		if settled[i] {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// settleLetter answers a letter unless it has its record, or isn't to be
// answered, and reports whether it needs nothing more.
func (l *letters) settleLetter(ctx context.Context, d Delivery) bool {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	began := time.Now()
	job := Job{ID: d.Attributes[AttrJobID], Delivery: d}
	replyTo, err := l.replyTo(job)
	if err != nil {
		return true // it was refused
	}
	why := Errorf(CodeDead, "This job was begun %d times, and no worker came to an end with it. It is kept for the operator, who can start it again.", l.kind.MaxReceives)
	r, err := l.word(job, why)
	if err == nil && r.Record == nil {
		return true // refused, or of a kind that keeps no record
	}
	if err == nil {
		err = record(ctx, r)
	}
	if errors.Is(err, ErrAnswered) {
		return true
	}
	if err != nil {
		l.opts.Hooks.trouble("record that "+cmp.Or(job.ID, d.ID)+" is dead", err)
		return false
	}
	err = l.reply(ctx, replyTo, job.ID, Message{Body: r.Body, Attributes: replyAttributes(job, StateDead, r)})
	l.opts.Hooks.finished(Finished{
		Kind: l.kind.Name, ID: cmp.Or(job.ID, d.ID), Attempt: d.ReceiveCount, Outcome: OutcomeFoundDead,
		Took: time.Since(began), Err: errors.Join(why, err),
	})
	return true
}

// putBack shows letters again.
func (l *letters) putBack(back []VisibilityChange) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.work), settleTime)
	defer cancel()
	for batch := range slices.Chunk(back, MaxBatch) {
		l.dead.ChangeVisibility(ctx, batch) // where that fails they show by themselves
	}
}
