package ops

import (
	"maps"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// totals are the ready-made figures: what a visitor's job takes in calls and
// in dollars, over the life of this process.
type totals struct {
	mu           sync.Mutex
	calls        map[[2]string]float64 // by service and operation
	dollars      map[string]float64    // a million times what was spent, by service
	jobsSent     float64
	jobsAnswered float64
}

func (t *totals) call(c Call, cost float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.calls == nil {
		t.calls, t.dollars = make(map[[2]string]float64), make(map[string]float64)
	}
	t.calls[[2]string{c.Service, c.Operation}]++
	t.dollars[c.Service] += cost
}

func (t *totals) sent(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.jobsSent += float64(n)
}

func (t *totals) answered(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.jobsAnswered += float64(n)
}

var (
	callsPerJob       = gauge("calls_per_job", "Calls of this process for each visitor's job that it sent or answered, since its start.", "service", "operation")
	dollarsPerMillion = gauge("dollars_per_million_jobs", "What a million jobs cost at list prices in this process's calls, by those since its start.", "service")
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("cloudworks_"+name, help, labels, nil)
}

// Describe names the figures.
func (t *totals) Describe(to chan<- *prometheus.Desc) {
	to <- callsPerJob
	to <- dollarsPerMillion
}

// Collect gives the figures, once there was a job. In a process that is both
// halves the jobs sent are those answered.
func (t *totals) Collect(to chan<- prometheus.Metric) {
	t.mu.Lock()
	n := max(t.jobsSent, t.jobsAnswered)
	calls := maps.Clone(t.calls)
	t.mu.Unlock()
	if n == 0 {
		return
	}
	for what, made := range calls {
		to <- prometheus.MustNewConstMetric(callsPerJob, prometheus.GaugeValue, made/n, what[0], what[1])
	}
	for service, cost := range t.dollarsPerMillion() {
		to <- prometheus.MustNewConstMetric(dollarsPerMillion, prometheus.GaugeValue, cost, service)
	}
}

// dollarsPerMillion gives what a million jobs cost, by service; nothing before
// the first job.
func (t *totals) dollarsPerMillion() map[string]float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := max(t.jobsSent, t.jobsAnswered)
	if n == 0 {
		return nil
	}
	each := make(map[string]float64)
	for service, cost := range t.dollars {
		each[service] = cost / n
	}
	return each
}
