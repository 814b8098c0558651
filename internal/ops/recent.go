package ops

import (
	"maps"
	"slices"
	"sync"
	"time"

	"cloudworks/internal/jobs"
)

// window is how far back the page's rates go, in seconds.
const window = 60

// recent counts what happened in the last minute, for the page: Prometheus
// counts for longer.
type recent struct {
	mu    sync.Mutex
	kinds map[string]*kindRing
	calls map[string]*ring // by service
	bad   map[string]*ring
}

// ring counts by the second.
type ring [window]struct {
	at int64 // Unix time
	n  float64
}

func (r *ring) add(now time.Time, n float64) {
	s := &r[now.Unix()%window]
	if s.at != now.Unix() {
		s.at, s.n = now.Unix(), 0
	}
	s.n += n
}

func (r *ring) sum(now time.Time) float64 {
	sum := 0.0
	for _, s := range r {
		if now.Unix()-s.at < window {
			sum += s.n
		}
	}
	return sum
}

// kindRing counts one kind's ends of requests.
type kindRing struct {
	answered, ended, waited, took ring
	outcomes                      map[jobs.Outcome]*ring
}

func (r *recent) kind(name string) *kindRing {
	if r.kinds == nil {
		r.kinds = make(map[string]*kindRing)
	}
	k := r.kinds[name]
	if k == nil {
		k = &kindRing{outcomes: make(map[jobs.Outcome]*ring)}
		r.kinds[name] = k
	}
	return k
}

func (r *recent) job(now time.Time, f jobs.Finished) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kind(f.Kind)
	k.ended.add(now, 1)
	k.waited.add(now, f.Waited.Seconds())
	k.took.add(now, f.Took.Seconds())
	if k.outcomes[f.Outcome] == nil {
		k.outcomes[f.Outcome] = new(ring)
	}
	k.outcomes[f.Outcome].add(now, 1)
}

func (r *recent) answered(now time.Time, kind string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kind(kind).answered.add(now, float64(n))
}

func (r *recent) call(now time.Time, c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls, r.bad = make(map[string]*ring), make(map[string]*ring)
	}
	if r.calls[c.Service] == nil {
		r.calls[c.Service], r.bad[c.Service] = new(ring), new(ring)
	}
	r.calls[c.Service].add(now, 1)
	if c.Err != nil {
		r.bad[c.Service].add(now, 1)
	}
}

// Rate is what one kind's workers in this process did in the last minute.
type Rate struct {
	Kind     string                   `json:"kind"`
	Jobs     float64                  `json:"jobs"`     // visitors' jobs answered
	Requests float64                  `json:"requests"` // receives that ended
	Outcomes map[jobs.Outcome]float64 `json:"outcomes"` // of these
	Wait     float64                  `json:"wait_seconds"`
	Work     float64                  `json:"work_seconds"` // both the mean of a receive
}

// CallRate is how often a service was called in the last minute.
type CallRate struct {
	Service string  `json:"service"`
	Calls   float64 `json:"calls"`
	Errors  float64 `json:"errors"`
}

// rates tells of the last minute.
func (r *recent) rates(now time.Time) ([]Rate, []CallRate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rates []Rate
	for _, name := range slices.Sorted(maps.Keys(r.kinds)) {
		k := r.kinds[name]
		rate := Rate{Kind: name, Jobs: k.answered.sum(now), Requests: k.ended.sum(now), Outcomes: make(map[jobs.Outcome]float64)}
		if rate.Requests > 0 {
			rate.Wait, rate.Work = k.waited.sum(now)/rate.Requests, k.took.sum(now)/rate.Requests
		}
		for o, n := range k.outcomes {
			if sum := n.sum(now); sum > 0 {
				rate.Outcomes[o] = sum
			}
		}
		rates = append(rates, rate)
	}
	var calls []CallRate
	for _, service := range slices.Sorted(maps.Keys(r.calls)) {
		calls = append(calls, CallRate{service, r.calls[service].sum(now), r.bad[service].sum(now)})
	}
	return rates, calls
}
