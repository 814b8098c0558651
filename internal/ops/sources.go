package ops

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudworks/internal/jobs"
)

// Sources tell how things stand, when asked. They must be quick; nil ones
// tell nothing.
type Sources struct {
	// Pools are this process's workers, by kind.
	Pools func() []jobs.PoolState
	// Unanswered is, by kind, what this process has sent and has no reply to.
	Unanswered func() map[string]jobs.Unanswered
	// Depths are those of the request and dead-letter queues. It may be asked
	// often, and answers from memory for a while.
	Depths func(context.Context) []Depth
	// Spared is the share of calls that aren't made at present, by service.
	Spared func() map[string]float64
}

// Depth is how many messages a queue has, as SQS estimates it.
type Depth struct {
	Kind, Queue string
	// Dead says that it is the kind's dead-letter queue.
	Dead                       bool
	Visible, InFlight, Delayed int
	At                         time.Time // when it was asked
	Err                        error     // why it isn't known
}

// All is how many messages are in the queue, hidden or not.
func (d Depth) All() int { return d.Visible + d.InFlight + d.Delayed }

// depthTime bounds the time that a scrape waits for the queues' depths.
const depthTime = 2 * time.Second

// Watch adds the metrics that are read off sources whenever they are asked
// for.
func (m *Metrics) Watch(s Sources) { m.registry.MustRegister(watched{s}) }

// watched gives the metrics of Sources.
type watched struct{ Sources }

var (
	descSpared     = gauge("calls_spared_share", "Share of calls that are not made at present, since the service fails most of them: the circuit breaker.", "service")
	descSlots      = gauge("worker_slots", "How many requests this process takes in hand at once.", "kind")
	descInHand     = gauge("worker_in_hand", "Requests that this process has in hand.", "kind")
	descWorking    = gauge("worker_working", "Requests in hand that are worked on.", "kind")
	descCautious   = gauge("worker_cautious", "1 while requests are taken one at a time: work keeps failing, or may kill the process.", "kind")
	descBeats      = gauge("heartbeats_total", "How often a request's visibility time-out was extended, by how that went.", "kind", "outcome")
	descOldest     = gauge("oldest_in_hand_seconds", "Age of the oldest request in hand, since it was sent; 0 for none.", "kind")
	descWaits      = gauge("oldest_waiting_estimate_seconds", "Estimate of how long the oldest request in the queue has waited, from what polls bring.", "kind")
	descUnanswered = gauge("unanswered_requests", "Requests that this process sent in the last hour and has no reply to.", "kind")
	descAwaited    = gauge("oldest_unanswered_seconds", "Age of the oldest request that this process sent in the last hour and has no reply to; 0 for none.", "kind")
	descMessages   = gauge("queue_messages", "Messages in a request queue, as SQS estimates them.", "kind", "queue", "state")
	descDead       = gauge("dead_letters", "Messages in a dead-letter queue, as SQS estimates them.", "kind", "queue")
)

// Describe names the metrics.
func (w watched) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descSpared, descSlots, descInHand, descWorking, descCautious, descBeats, descOldest, descWaits,
		descUnanswered, descAwaited, descMessages, descDead} {
		to <- d
	}
}

// Collect asks the sources.
func (w watched) Collect(to chan<- prometheus.Metric) {
	set := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if w.Spared != nil {
		for service, share := range w.Spared() {
			set(descSpared, share, service)
		}
	}
	if w.Pools != nil {
		for _, p := range w.Pools() {
			pool(to, set, p)
		}
	}
	if w.Unanswered != nil {
		for kind, u := range w.Unanswered() {
			set(descUnanswered, float64(u.Requests), kind)
			set(descAwaited, age(u.Oldest).Seconds(), kind)
		}
	}
	if w.Depths != nil {
		ctx, cancel := context.WithTimeout(context.Background(), depthTime)
		defer cancel()
		for _, d := range w.Depths(ctx) {
			depth(set, d)
		}
	}
}

func pool(to chan<- prometheus.Metric, set func(*prometheus.Desc, float64, ...string), p jobs.PoolState) {
	set(descSlots, float64(p.Slots), p.Kind)
	set(descInHand, float64(p.InHand), p.Kind)
	set(descWorking, float64(p.Working), p.Kind)
	set(descOldest, age(p.Oldest).Seconds(), p.Kind)
	if p.Known {
		set(descWaits, p.Waits.Seconds(), p.Kind)
	}
	cautious := 0.0
	if p.Cautious {
		cautious = 1
	}
	set(descCautious, cautious, p.Kind)
	for outcome, n := range map[string]int{"ok": p.Heartbeats, "error": p.Unheard} {
		to <- prometheus.MustNewConstMetric(descBeats, prometheus.CounterValue, float64(n), p.Kind, outcome)
	}
}

func depth(set func(*prometheus.Desc, float64, ...string), d Depth) {
	if d.Err != nil {
		return // better none than an old one
	}
	if d.Dead {
		set(descDead, float64(d.All()), d.Kind, d.Queue)
		return
	}
	set(descMessages, float64(d.Visible), d.Kind, d.Queue, "visible")
	set(descMessages, float64(d.InFlight), d.Kind, d.Queue, "in flight")
	set(descMessages, float64(d.Delayed), d.Kind, d.Queue, "delayed")
}

// age is the time since t; 0 for a zero t.
func age(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(0, time.Since(t))
}
