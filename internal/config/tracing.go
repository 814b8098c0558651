package config

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Tracing says what is traced and where traces go, by those of
// OpenTelemetry's own variables that are supported.
type Tracing struct {
	// Endpoint is what spans are posted to; empty for no traces at all. It is
	// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_EXPORTER_OTLP_ENDPOINT with
	// /v1/traces after it.
	Endpoint   string
	Headers    map[string]string // OTEL_EXPORTER_OTLP_HEADERS
	Timeout    time.Duration     // OTEL_EXPORTER_OTLP_TIMEOUT
	Sampler    string            // OTEL_TRACES_SAMPLER
	Ratio      float64           // OTEL_TRACES_SAMPLER_ARG: the share of traces that is taken
	Service    string            // OTEL_SERVICE_NAME
	Attributes map[string]string // OTEL_RESOURCE_ATTRIBUTES: of the process
}

// samplers are what OTEL_TRACES_SAMPLER may be.
var samplers = []string{
	"always_on", "always_off", "traceidratio",
	"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
}

const (
	webService    = "cloudworks-web"
	workerService = "cloudworks-worker"
	tracesPath    = "/v1/traces"
)

func tracingVariables() []Variable {
	return []Variable{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "", "http:// or https:// and a host, such as http://127.0.0.1:4318"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "", "http:// or https:// and a host, such as http://127.0.0.1:4318/v1/traces"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "http/protobuf"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "", "names and values as in name=value,name=value, with %20 and the like for what a header's value can't have"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10000", "milliseconds from 1 to 600000"},
		{"OTEL_TRACES_SAMPLER", "parentbased_always_on", strings.Join(samplers, ", ")},
		{"OTEL_TRACES_SAMPLER_ARG", "1", "a number from 0 to 1"},
		{"OTEL_SERVICE_NAME", webService + ", for a worker " + workerService, "a name"},
		{"OTEL_RESOURCE_ATTRIBUTES", "", "names and values as in name=value,name=value"},
		{"OTEL_SDK_DISABLED", "false", "true or false"},
	}
}

// tracing reads where traces go. With no endpoint there are none, but what is
// wrong is said all the same.
func (r *reader) tracing(p Process) Tracing {
	t := Tracing{
		Endpoint:   r.endpoint(),
		Headers:    r.pairs("OTEL_EXPORTER_OTLP_HEADERS", true),
		Timeout:    r.milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT"),
		Sampler:    r.choice("OTEL_TRACES_SAMPLER", samplers...),
		Ratio:      r.share("OTEL_TRACES_SAMPLER_ARG"),
		Attributes: r.pairs("OTEL_RESOURCE_ATTRIBUTES", false),
	}
	r.choice("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
	if t.Service = strings.TrimSpace(r.getenv("OTEL_SERVICE_NAME")); t.Service == "" {
		t.Service = map[Process]string{Web: webService, Worker: workerService}[p]
	}
	if r.flag("OTEL_SDK_DISABLED") {
		t.Endpoint = ""
	}
	return t
}

// endpoint gives the address that spans are posted to: the one for traces
// stands as it is, the one for all of OTLP gets their path.
func (r *reader) endpoint() string {
	all := r.url("OTEL_EXPORTER_OTLP_ENDPOINT")
	if own := r.url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); own != "" || all == "" {
		return own
	}
	return strings.TrimSuffix(all, "/") + tracesPath
}

func (r *reader) url(name string) string {
	value := r.text(name)
	u, err := url.Parse(value)
	if value != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		r.refuse(name, value)
	}
	return value
}

// pairs reads "name=value,name=value", each percent-encoded. A secret's value
// is in no message.
func (r *reader) pairs(name string, secret bool) map[string]string {
	pairs := make(map[string]string)
	for text := range strings.SplitSeq(r.text(name), ",") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		key = strings.TrimSpace(key)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || key == "" || err != nil || strings.ContainsAny(value, "\r\n") {
			if secret {
				text = "…"
			}
			r.refuse(name, text)
			continue
		}
		pairs[key] = value
	}
	if len(pairs) == 0 {
		return nil
	}
	return pairs
}

func (r *reader) milliseconds(name string) time.Duration {
	value := r.text(name)
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 600_000 {
		r.refuse(name, value)
	}
	return time.Duration(n) * time.Millisecond
}

func (r *reader) share(name string) float64 {
	value := r.text(name)
	share, err := strconv.ParseFloat(value, 64)
	if err != nil || !(share >= 0 && share <= 1) {
		r.refuse(name, value)
	}
	return share
}
