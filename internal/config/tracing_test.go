package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTracing(t *testing.T) {
	const all, own = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	for _, tt := range []struct {
		name string
		env  map[string]string
		want Tracing
	}{
		{"an endpoint for everything", map[string]string{all: "http://127.0.0.1:4318"},
			Tracing{Endpoint: "http://127.0.0.1:4318/v1/traces"}},
		{"with a path", map[string]string{all: "https://example.org/otlp/"},
			Tracing{Endpoint: "https://example.org/otlp/v1/traces"}},
		{"one for traces alone stands as it is", map[string]string{all: "http://127.0.0.1:1", own: "http://127.0.0.1:4318/"},
			Tracing{Endpoint: "http://127.0.0.1:4318/"}},
		{"switched off", map[string]string{all: "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"},
			Tracing{}},
		{"everything", map[string]string{
			own: "http://127.0.0.1:4318/v1/traces", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20YTpi, x-tenant = one",
			"OTEL_EXPORTER_OTLP_TIMEOUT": "2500", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25",
			"OTEL_SERVICE_NAME": "web", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
		}, Tracing{
			Endpoint: "http://127.0.0.1:4318/v1/traces", Headers: map[string]string{"authorization": "Basic YTpi", "x-tenant": "one"},
			Timeout: 2500 * time.Millisecond, Sampler: "parentbased_traceidratio", Ratio: 0.25,
			Service: "web", Attributes: map[string]string{"deployment.environment.name": "test"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, tt.env)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want.Sampler == "" {
				tt.want.Timeout, tt.want.Sampler, tt.want.Ratio, tt.want.Service = 10*time.Second, "parentbased_always_on", 1, "cloudworks-web"
			}
			if diff := cmp.Diff(tt.want, c.Tracing); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Headers are passwords: a message that says what is wrong shows none.
func TestHeadersAreSecret(t *testing.T) {
	_, err := load(t, map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%2xyzzy"})
	if err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_HEADERS") || strings.Contains(err.Error(), "xyzzy") {
		t.Errorf("got %v, want an error that names the variable and not its value", err)
	}
}
