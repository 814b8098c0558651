package ops

import (
	"context"
	"time"

	"cloudworks/internal/jobs"
)

// Desk is what an operator can look at and do on the page, beside what
// Sources tell. An error that wraps jobs.ErrDenied says that this process's
// role may not do it.
type Desk interface {
	// DeadLetters gives up to most messages of the dead-letter queue of a
	// kind's request queue. Each look counts as a receive.
	DeadLetters(ctx context.Context, requests string, most int) ([]DeadLetter, error)
	// Redrive sends all of them back to the request queue, and says how many
	// there are.
	Redrive(ctx context.Context, requests string) (int, error)
	// Drop deletes the one with that message id, or all for an empty one.
	Drop(ctx context.Context, requests, id string) error
	// ReplyQueues are those of all web instances. It may be asked often, and
	// answers from memory for a while.
	ReplyQueues(ctx context.Context) ([]ReplyQueue, error)
}

// DeadLetter is one message of a dead-letter queue.
type DeadLetter struct {
	ID         string            `json:"id"`
	Sent       time.Time         `json:"sent"`
	Receives   int               `json:"receives"`
	Attributes map[string]string `json:"attributes"`
	Body       string            `json:"body"` // cut to a readable length
}

// ReplyQueue is a web instance's own queue.
type ReplyQueue struct {
	Name      string    `json:"name"`
	Owner     string    `json:"owner"`              // the instance's name, as far as a queue's name can have it
	Heartbeat time.Time `json:"heartbeat,omitzero"` // the owner's last one; zero where it isn't known
	Silent    bool      `json:"silent"`             // for so long that it will be swept away
	Mine      bool      `json:"mine"`               // this process's own
	Unknown   bool      `json:"unknown,omitempty"`  // it wasn't asked: there are too many
	Error     string    `json:"error,omitempty"`    // why it isn't known
}

// State is all that the page shows.
type State struct {
	At       time.Time `json:"at"`
	Instance string    `json:"instance"`
	Version  string    `json:"version"`
	Codec    string    `json:"jpeg_codec"`
	Started  time.Time `json:"started"`

	Kinds        []KindState  `json:"kinds"`
	Calls        []CallState  `json:"calls"`
	Replies      []ReplyQueue `json:"reply_queues"`
	RepliesError string       `json:"reply_queues_error,omitempty"`
	denied       bool         // that is what RepliesError says
}

// KindState is how one kind of job stands.
type KindState struct {
	Kind   string       `json:"kind"`
	Queue  QueueState   `json:"queue"`
	Dead   QueueState   `json:"dead_letters"`
	Worker *WorkerState `json:"worker,omitempty"`     // of a process that works
	Web    *WebState    `json:"unanswered,omitempty"` // of a process with pages
}

// QueueState is a queue's depth.
type QueueState struct {
	Name     string    `json:"name"`
	Visible  int       `json:"visible"`
	InFlight int       `json:"in_flight"`
	Delayed  int       `json:"delayed"`
	At       time.Time `json:"at"`
	Error    string    `json:"error,omitempty"` // why the numbers aren't known
}

// WorkerState is what this process's workers of a kind do.
type WorkerState struct {
	Slots    int      `json:"slots"`
	InHand   int      `json:"in_hand"`
	Working  int      `json:"working"`
	Oldest   float64  `json:"oldest_in_hand_seconds"`
	Waits    *float64 `json:"oldest_waiting_estimate_seconds"` // null where nothing is known
	Cautious bool     `json:"cautious"`
	Failing  bool     `json:"failing"` // which is why it is cautious
	Rate     Rate     `json:"last_minute"`
}

// WebState is what this process waits for.
type WebState struct {
	Requests int     `json:"requests"`
	Oldest   float64 `json:"oldest_seconds"`
}

// CallState is how it goes with a service.
type CallState struct {
	CallRate
	Spared  float64 `json:"spared_share"`
	Dollars float64 `json:"dollars_per_million_jobs"` // 0 before the first job
}

// state puts together what is known now.
func (p *page) state(ctx context.Context) State {
	now := time.Now()
	s := State{At: now, Instance: p.opts.Instance, Version: Version(), Codec: p.opts.Metrics.codec, Started: p.started}
	rates, calls := p.opts.Metrics.recent.rates(now)
	s.Kinds = p.kinds(ctx, rates)
	dollars, spared := p.opts.Metrics.totals.dollarsPerMillion(), map[string]float64{}
	if p.opts.Sources.Spared != nil {
		spared = p.opts.Sources.Spared()
	}
	for _, c := range calls {
		s.Calls = append(s.Calls, CallState{c, spared[c.Service], dollars[c.Service]})
	}
	replies, err := p.opts.Desk.ReplyQueues(ctx)
	s.Replies = replies
	if err != nil {
		s.RepliesError, s.denied = said(err), isDenied(err)
	}
	return s
}

func (p *page) kinds(ctx context.Context, rates []Rate) []KindState {
	var kinds []KindState
	at := make(map[string]int)
	for _, d := range p.opts.Sources.Depths(ctx) {
		q := QueueState{Name: d.Queue, Visible: d.Visible, InFlight: d.InFlight, Delayed: d.Delayed, At: d.At}
		if d.Err != nil {
			q.Error = said(d.Err)
		}
		i, ok := at[d.Kind]
		if !ok {
			i = len(kinds)
			at[d.Kind] = i
			kinds = append(kinds, KindState{Kind: d.Kind})
		}
		if d.Dead {
			kinds[i].Dead = q
		} else {
			kinds[i].Queue = q
		}
	}
	if p.opts.Sources.Pools != nil {
		for _, pool := range p.opts.Sources.Pools() {
			if i, ok := at[pool.Kind]; ok {
				kinds[i].Worker = workerState(pool, rates)
			}
		}
	}
	if p.opts.Sources.Unanswered != nil {
		for kind, u := range p.opts.Sources.Unanswered() {
			if i, ok := at[kind]; ok {
				kinds[i].Web = &WebState{u.Requests, age(u.Oldest).Seconds()}
			}
		}
	}
	return kinds
}

func workerState(p jobs.PoolState, rates []Rate) *WorkerState {
	w := &WorkerState{Slots: p.Slots, InHand: p.InHand, Working: p.Working, Oldest: age(p.Oldest).Seconds(), Cautious: p.Cautious, Failing: p.Failing, Rate: Rate{Kind: p.Kind}}
	if p.Known {
		waits := p.Waits.Seconds()
		w.Waits = &waits
	}
	for _, r := range rates {
		if r.Kind == p.Kind {
			w.Rate = r
		}
	}
	return w
}
