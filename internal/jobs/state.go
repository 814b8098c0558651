package jobs

import "time"

// PoolState is how things stand with one kind of job in this process.
type PoolState struct {
	Kind     string
	Requests string // the request queue
	// Slots is how many requests may be in hand at once, InHand how many are,
	// Working how many of these are worked on and don't wait for their turn.
	Slots, InHand, Working int
	// Oldest is when the oldest request in hand was sent; zero for none.
	Oldest time.Time
	// Waits estimates how long the oldest request in the queue waits; Known is
	// false when nothing is known of it.
	Waits time.Duration
	Known bool
	// Cautious says that requests are taken one at a time, Failing that this is
	// since work keeps failing.
	Cautious, Failing bool
	// Heartbeats is how often a request's time was extended, Unheard how
	// often that failed.
	Heartbeats, Unheard int
}

// State tells how things stand with every kind, once Run has begun.
func (r *Runner) State() []PoolState {
	r.mu.Lock()
	defer r.mu.Unlock()
	states := make([]PoolState, len(r.pools))
	for i, p := range r.pools {
		states[i] = p.state(time.Now())
	}
	return states
}

func (p *pool) state(now time.Time) PoolState {
	s := PoolState{Kind: p.kind.Name, Requests: p.kind.Requests, Slots: p.slots.all, Working: p.working.used(), Cautious: p.caution.single(), Failing: p.caution.failing()}
	s.Waits, s.Known = p.head.waits(now)
	p.flights.state(&s)
	return s
}

// state adds what the flights know.
func (f *flights) state(s *PoolState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.InHand, s.Heartbeats, s.Unheard = len(f.open), f.beats, f.unheard
	for fl := range f.open {
		if s.Oldest.IsZero() || fl.sent.Before(s.Oldest) {
			s.Oldest = fl.sent
		}
	}
}

// Unanswered is what this process has sent to one queue and has no reply to.
type Unanswered struct {
	Requests int
	Oldest   time.Time // when the oldest was sent; zero for none
}

// Unanswered tells, by request queue, what is waited for. What has waited for
// ClientOptions.Keep is forgotten.
func (c *Client) Unanswered() map[string]Unanswered {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string]Unanswered)
	for _, w := range c.waiting {
		u := all[w.queue]
		u.Requests++
		if sent := w.until.Add(-c.opts.Keep); u.Oldest.IsZero() || sent.Before(u.Oldest) {
			u.Oldest = sent
		}
		all[w.queue] = u
	}
	return all
}
