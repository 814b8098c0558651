// Package ops is what operators see: health, readiness, metrics and a page,
// on an address of its own that isn't public. It is told what happens through
// plain calls, asks what stands through plain functions, and knows neither
// queues nor the pages for visitors.
package ops

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cloudworks/internal/jobs"
)

// Metrics counts what happens, for Prometheus. docs/operations.md lists every
// metric, and a test compares.
type Metrics struct {
	registry *prometheus.Registry
	codec    string

	calls    *prometheus.HistogramVec
	retries  *prometheus.CounterVec
	spared   *prometheus.CounterVec
	entries  *prometheus.HistogramVec
	dollars  *prometheus.CounterVec
	jobs     *prometheus.HistogramVec
	waits    *prometheus.HistogramVec
	again    *prometheus.CounterVec
	sent     *prometheus.HistogramVec
	answered *prometheus.HistogramVec

	duplicates prometheus.Counter
	requests   *prometheus.HistogramVec

	totals totals
	recent recent
}

// Buckets of the histograms.
var (
	timeBuckets  = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60} // seconds
	batchBuckets = []float64{0, 1, 2, 3, 5, 7, 9, 10}                                               // entries, at most 10
	packBuckets  = []float64{1, 2, 5, 10, 20, 50, 100, 200, 350, 500}                               // jobs in a request
)

// NewMetrics makes Metrics. codec names the JPEG codec in use, for whoever
// wonders why pictures are slow.
func NewMetrics(codec string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), codec: codec,
		calls:    histogram("call_seconds", "Calls to SQS and S3, each try for itself, as billed.", timeBuckets, "service", "operation", "outcome"),
		retries:  counter("call_retries_total", "Tries of calls after the first.", "service", "operation"),
		spared:   counter("calls_spared_total", "Tries of calls that were not made, to spare a service that fails most of them.", "service", "operation"),
		entries:  histogram("batch_entries", "Entries of a batch, and messages that a receive gave.", batchBuckets, "operation"),
		dollars:  counter("list_price_dollars_total", "What the calls cost at list prices, free tiers and discounts left out.", "service", "operation"),
		jobs:     histogram("job_seconds", "Time from the start of a request's work to its end.", timeBuckets, "kind", "outcome"),
		waits:    histogram("job_wait_seconds", "Time from the sending of a request to the start of its work.", timeBuckets, "kind"),
		again:    counter("redeliveries_total", "Requests received for the second time or later.", "kind"),
		sent:     histogram("sent_request_jobs", "Jobs of visitors in each request that was sent.", packBuckets, "kind"),
		answered: histogram("answered_request_jobs", "Jobs of visitors in each request whose reply and record are safe.", packBuckets, "kind"),
		requests: histogram("http_request_seconds", "Requests for pages, by route.", timeBuckets, "route", "status"),
		duplicates: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cloudworks_duplicate_replies_total", Help: "Replies dropped since nobody waits for them (any more)."}),
	}
	m.registry.MustRegister(m.calls, m.retries, m.spared, m.entries, m.dollars, m.jobs, m.waits, m.again, m.sent, m.answered,
		m.duplicates, m.requests, info("jpeg_codec_info", "The JPEG codec in use.", "codec", codec),
		info("build_info", "The version of the program.", "version", Version()), &m.totals,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cloudworks_" + name, Help: help, Buckets: buckets}, labels)
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cloudworks_" + name, Help: help}, labels)
}

// info is a gauge of 1 whose label says something.
func info(name, help, label, value string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "cloudworks_" + name, Help: help, ConstLabels: prometheus.Labels{label: value}})
	g.Set(1)
	return g
}

// Call is one try of a call to SQS or S3.
type Call struct {
	Service, Operation string
	Took               time.Duration
	Err                error
	Try                int // 1 for the first
	Entries            int // of a batch; negative for a call that is none
	Bytes              int // of the messages in it
}

// Call counts a try of a call.
func (m *Metrics) Call(c Call) {
	outcome := "ok"
	if c.Err != nil {
		outcome = "error"
	}
	m.calls.WithLabelValues(c.Service, c.Operation, outcome).Observe(c.Took.Seconds())
	if c.Try > 1 {
		m.retries.WithLabelValues(c.Service, c.Operation).Inc()
	}
	if c.Entries >= 0 {
		m.entries.WithLabelValues(c.Operation).Observe(float64(c.Entries))
	}
	cost := price(c)
	m.dollars.WithLabelValues(c.Service, c.Operation).Add(cost / 1e6)
	m.totals.call(c, cost)
	m.recent.call(time.Now(), c)
}

// Spared counts a try that was not made.
func (m *Metrics) Spared(service, operation string) {
	m.spared.WithLabelValues(service, operation).Inc()
}

// Job counts the end of one receive of a request, or that it was found dead.
func (m *Metrics) Job(f jobs.Finished) {
	m.jobs.WithLabelValues(f.Kind, string(f.Outcome)).Observe(f.Took.Seconds())
	if f.Outcome == jobs.OutcomeFoundDead {
		return
	}
	m.waits.WithLabelValues(f.Kind).Observe(f.Waited.Seconds())
	if f.Attempt > 1 {
		m.again.WithLabelValues(f.Kind).Inc()
	}
	m.recent.job(time.Now(), f)
}

// Sent counts a request that was sent with so many jobs in it.
func (m *Metrics) Sent(kind string, n int) {
	m.sent.WithLabelValues(kind).Observe(float64(n))
	m.totals.sent(n)
}

// Answered counts a request that was answered with so many jobs in it.
func (m *Metrics) Answered(kind string, n int) {
	m.answered.WithLabelValues(kind).Observe(float64(n))
	m.totals.answered(n)
	m.recent.answered(time.Now(), kind, n)
}

// Duplicate counts a reply that was dropped.
func (m *Metrics) Duplicate() { m.duplicates.Inc() }

// Request counts a request for a page.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
