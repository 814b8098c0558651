// Package ops is what operators see: health, readiness and metrics, on an
// address of its own that isn't public. It is told what happens through
// plain calls, and knows neither queues nor pages.
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

// Metrics counts what happens, for Prometheus.
type Metrics struct {
	registry   *prometheus.Registry
	calls      *prometheus.HistogramVec
	jobs       *prometheus.HistogramVec
	waits      *prometheus.HistogramVec
	duplicates prometheus.Counter
	requests   *prometheus.HistogramVec
}

// NewMetrics makes Metrics. codec names the JPEG codec in use, for whoever
// wonders why pictures are slow.
func NewMetrics(codec string) *Metrics {
	seconds := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds}, labels)
	}
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		calls:      histogram("cloudworks_call_seconds", "Calls to SQS and S3, each try for itself, as billed.", "service", "operation", "outcome"),
		jobs:       histogram("cloudworks_job_seconds", "Time from the start of a job's work to its end.", "kind", "outcome"),
		waits:      histogram("cloudworks_job_wait_seconds", "Time from the sending of a request to the start of its work.", "kind"),
		duplicates: prometheus.NewCounter(prometheus.CounterOpts{Name: "cloudworks_duplicate_replies_total", Help: "Replies dropped since nobody waits for them (any more)."}),
		requests:   histogram("cloudworks_http_request_seconds", "Requests for pages, by route.", "route", "status"),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "cloudworks_jpeg_codec_info", Help: "The JPEG codec in use.", ConstLabels: prometheus.Labels{"codec": codec}})
	info.Set(1)
	m.registry.MustRegister(m.calls, m.jobs, m.waits, m.duplicates, m.requests, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Call counts a call to SQS or S3.
func (m *Metrics) Call(service, operation string, took time.Duration, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	m.calls.WithLabelValues(service, operation, outcome).Observe(took.Seconds())
}

// Job counts the end of one receive of a job.
func (m *Metrics) Job(f jobs.Finished) {
	m.jobs.WithLabelValues(f.Kind, string(f.Outcome)).Observe(f.Took.Seconds())
	m.waits.WithLabelValues(f.Kind).Observe(f.Waited.Seconds())
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
