package config

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, env map[string]string) (Config, error) {
	t.Helper()
	return Load(func(name string) string { return env[name] }, Web)
}

func TestDefaults(t *testing.T) {
	c, err := load(t, map[string]string{"CLOUDWORKS_INSTANCE": "one", "CLOUDWORKS_LOG": "json"})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Addr: "127.0.0.1:8080", OpsAddr: "127.0.0.1:9090", Backend: Local, Data: "./data",
		LocalAddr: "127.0.0.1:4566", EmbeddedWorker: true, Bucket: "cloudworks", Instance: "one",
		LogFormat: "json", Retention: 24 * time.Hour, LogRetention: 720 * time.Hour,
		RateLimit: 600,
		Tracing: Tracing{
			Timeout: 10 * time.Second, Sampler: "parentbased_always_on", Ratio: 1, Service: "cloudworks-web",
		},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

// A worker beside a web process needs no setting.
func TestWorkerHasItsOwnOpsAddress(t *testing.T) {
	none := func(string) string { return "" }
	web, err := Load(none, Web)
	if err != nil {
		t.Fatal(err)
	}
	worker, err := Load(none, Worker)
	if err != nil {
		t.Fatal(err)
	}
	if web.OpsAddr == worker.OpsAddr {
		t.Errorf("both are on %s", web.OpsAddr)
	}
}

// Every variable that can be wrong is named, with its value, and all come in
// one error.
func TestAllErrorsTogether(t *testing.T) {
	bad := map[string]string{
		"CLOUDWORKS_ADDR":             "8080",
		"CLOUDWORKS_OPS_ADDR":         "127.0.0.1:99999",
		"CLOUDWORKS_BACKEND":          "azure",
		"CLOUDWORKS_LOCAL_ADDR":       "0.0.0.0:4566",
		"CLOUDWORKS_WORKER":           "two",
		"CLOUDWORKS_BUCKET":           "My Bucket",
		"CLOUDWORKS_QUEUE_PREFIX":     "a/b",
		"CLOUDWORKS_CREATE_RESOURCES": "maybe",
		"CLOUDWORKS_LOG":              "xml",
		"CLOUDWORKS_RETENTION":        "tomorrow",
		"CLOUDWORKS_LOG_RETENTION":    "5m",
		"CLOUDWORKS_RATE_LIMIT":       "-1",
		"CLOUDWORKS_BASE_URL":         "cloudworks.example/path",
		"CLOUDWORKS_PROXIES":          "10.0.0.1",

		"OTEL_EXPORTER_OTLP_ENDPOINT":        "collector:4318",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "ftp://collector/v1/traces",
		"OTEL_EXPORTER_OTLP_PROTOCOL":        "grpc",
		"OTEL_EXPORTER_OTLP_TIMEOUT":         "10s",
		"OTEL_TRACES_SAMPLER":                "sometimes",
		"OTEL_TRACES_SAMPLER_ARG":            "NaN",
		"OTEL_RESOURCE_ATTRIBUTES":           "production",
		"OTEL_SDK_DISABLED":                  "perhaps",
	}
	_, err := load(t, bad)
	if err == nil {
		t.Fatal("no error")
	}
	for name, value := range bad {
		if !strings.Contains(err.Error(), name+" is \""+value+"\"; allowed is ") {
			t.Errorf("%s=%q is not named in: %v", name, value, err)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != len(bad) {
		t.Errorf("got %d errors, want %d: %v", got, len(bad), err)
	}
}

// A secret that can't be used isn't told.
func TestTokenIsNotTold(t *testing.T) {
	for _, token := range []string{"hunter2", "with a space in the midst", strings.Repeat("x", 201)} {
		_, err := load(t, map[string]string{"CLOUDWORKS_OPS_TOKEN": token})
		if err == nil || !strings.Contains(err.Error(), "CLOUDWORKS_OPS_TOKEN") || strings.Contains(err.Error(), token) {
			t.Errorf("%q: got %v", token, err)
		}
	}
	if c, err := load(t, map[string]string{"CLOUDWORKS_OPS_TOKEN": "correct-horse-battery"}); err != nil || c.OpsToken != "correct-horse-battery" {
		t.Errorf("got %q, %v", c.OpsToken, err)
	}
}

// docs/config.md and the code name the same variables, with the same defaults.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Variables() {
		row := "| `" + v.Name + "` | " + v.Default + " |"
		if v.Default != "" && !strings.Contains(v.Default, " ") {
			row = "| `" + v.Name + "` | `" + v.Default + "` |"
		}
		if v.Default == "" {
			row = "| `" + v.Name + "` | (empty) |"
		}
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/config.md lacks the row that begins %q", row)
		}
	}
	for line := range strings.Lines(string(doc)) {
		name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`")
		if ok && (strings.HasPrefix(name, "CLOUDWORKS_") || strings.HasPrefix(name, "OTEL_")) && !known(name) {
			t.Errorf("docs/config.md names %s, which is not read", name)
		}
	}
}

func known(name string) bool {
	for _, v := range Variables() {
		if v.Name == name {
			return true
		}
	}
	return false
}
