// Package config turns the environment into one validated Config. It is the
// only reader of the environment; docs/config.md lists the same variables.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Backend names where queues and bucket are.
type Backend string

const (
	Local Backend = "local" // embedded, on this machine
	AWS   Backend = "aws"   // whatever the AWS SDK's own environment names
)

// Process is which of the two programs reads the environment.
type Process int

const (
	Web Process = iota
	Worker
)

// Config is everything that can be set. Each field names its variable.
type Config struct {
	Addr            string        // CLOUDWORKS_ADDR: the pages
	OpsAddr         string        // CLOUDWORKS_OPS_ADDR: health, metrics, the operators' page
	OpsToken        string        // CLOUDWORKS_OPS_TOKEN: opens the operators' page; empty for none
	Backend         Backend       // CLOUDWORKS_BACKEND
	Data            string        // CLOUDWORKS_DATA: folder of the local backend
	LocalAddr       string        // CLOUDWORKS_LOCAL_ADDR: where the local backend is
	EmbeddedWorker  bool          // CLOUDWORKS_WORKER
	Bucket          string        // CLOUDWORKS_BUCKET
	QueuePrefix     string        // CLOUDWORKS_QUEUE_PREFIX: before every queue's name
	Instance        string        // CLOUDWORKS_INSTANCE: names this web instance's reply queue
	CreateResources bool          // CLOUDWORKS_CREATE_RESOURCES
	LogFormat       string        // CLOUDWORKS_LOG: json or console
	Retention       time.Duration // CLOUDWORKS_RETENTION: of uploads and results
	LogRetention    time.Duration // CLOUDWORKS_LOG_RETENTION: of the log files
	RateLimit       int           // CLOUDWORKS_RATE_LIMIT: requests a minute from one address, 0 for no limit
	BaseURL         string        // CLOUDWORKS_BASE_URL: how visitors reach the pages; empty for as they ask
	Proxies         []string      // CLOUDWORKS_PROXIES: address ranges of the proxies in front
	Tracing         Tracing       // OTEL_*
}

// Variable describes one variable, for documentation and messages.
type Variable struct {
	Name, Default, Allowed string
}

// Variables lists every variable that Load reads.
func Variables() []Variable {
	return append([]Variable{
		{"CLOUDWORKS_ADDR", "127.0.0.1:8080", "host:port"},
		{"CLOUDWORKS_OPS_ADDR", webOps + ", for a worker " + workerOps, "host:port"},
		{"CLOUDWORKS_OPS_TOKEN", "", "a secret of 16 to 200 printable ASCII characters without spaces"},
		{"CLOUDWORKS_BACKEND", "local", "local or aws"},
		{"CLOUDWORKS_DATA", "./data", "a folder"},
		{"CLOUDWORKS_LOCAL_ADDR", "127.0.0.1:4566", "host:port on loopback"},
		{"CLOUDWORKS_WORKER", "embedded with local, else none", "embedded or none"},
		{"CLOUDWORKS_BUCKET", "cloudworks", "a bucket's name: 3 to 63 of a-z, 0-9, hyphen and dot"},
		{"CLOUDWORKS_QUEUE_PREFIX", "", "up to 20 of A-Z, a-z, 0-9, hyphen and underscore"},
		{"CLOUDWORKS_INSTANCE", "host name and port", "a name that no other web instance has"},
		{"CLOUDWORKS_CREATE_RESOURCES", "false", "true or false"},
		{"CLOUDWORKS_LOG", "console on a terminal, else json", "json or console"},
		{"CLOUDWORKS_RETENTION", "24h", "a duration of at least 1h, such as 24h"},
		{"CLOUDWORKS_LOG_RETENTION", "720h", "a duration of at least 1h, such as 720h"},
		{"CLOUDWORKS_RATE_LIMIT", "600", "a whole number from 0 to 1000000"},
		{"CLOUDWORKS_BASE_URL", "", "http:// or https:// and a host, such as https://cloudworks.example"},
		{"CLOUDWORKS_PROXIES", "", "address ranges with commas between, such as 10.0.0.0/8"},
	}, tracingVariables()...)
}

// The ops addresses differ, so that a web and a worker process fit on one
// machine.
const (
	webOps    = "127.0.0.1:9090"
	workerOps = "127.0.0.1:9091"
)

// Load reads the environment of process p through getenv. The error joins all
// that is wrong, each with the variable, its value and what is allowed.
func Load(getenv func(string) string, p Process) (Config, error) {
	r := reader{getenv: getenv}
	c := Config{
		Addr:            r.addr("CLOUDWORKS_ADDR"),
		OpsAddr:         r.ops(p),
		OpsToken:        r.token("CLOUDWORKS_OPS_TOKEN"),
		Backend:         Backend(r.choice("CLOUDWORKS_BACKEND", string(Local), string(AWS))),
		Data:            r.text("CLOUDWORKS_DATA"),
		LocalAddr:       r.loopback("CLOUDWORKS_LOCAL_ADDR"),
		Bucket:          r.match("CLOUDWORKS_BUCKET", bucketName),
		QueuePrefix:     r.match("CLOUDWORKS_QUEUE_PREFIX", queuePrefix),
		CreateResources: r.flag("CLOUDWORKS_CREATE_RESOURCES"),
		LogFormat:       r.logFormat(),
		Retention:       r.duration("CLOUDWORKS_RETENTION"),
		LogRetention:    r.duration("CLOUDWORKS_LOG_RETENTION"),
		RateLimit:       r.whole("CLOUDWORKS_RATE_LIMIT", 1_000_000),
	}
	c.BaseURL = r.origin("CLOUDWORKS_BASE_URL")
	c.Proxies = r.ranges("CLOUDWORKS_PROXIES")
	c.EmbeddedWorker = r.worker(c.Backend)
	c.Instance = r.instance(c.Addr)
	c.Tracing = r.tracing(p)
	return c, errors.Join(r.wrong...)
}

var (
	bucketName  = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	opsToken    = regexp.MustCompile(`^[!-~]{16,200}$`)
	queuePrefix = regexp.MustCompile(`^[A-Za-z0-9_-]{0,20}$`)
)

// reader reads variables and collects what is wrong with them.
type reader struct {
	getenv func(string) string
	wrong  []error
}

func (r *reader) text(name string) string {
	if value := strings.TrimSpace(r.getenv(name)); value != "" {
		return value
	}
	return variable(name).Default
}

func (r *reader) refuse(name, value string) {
	r.wrong = append(r.wrong, fmt.Errorf("%s is %q; allowed is %s", name, value, variable(name).Allowed))
}

func (r *reader) addr(name string) string { return r.hostPort(name, r.text(name)) }

func (r *reader) ops(p Process) string {
	const name = "CLOUDWORKS_OPS_ADDR"
	value := strings.TrimSpace(r.getenv(name))
	if value == "" {
		value = map[Process]string{Web: webOps, Worker: workerOps}[p]
	}
	return r.hostPort(name, value)
}

// token reads a secret. What is wrong with it is told without it.
func (r *reader) token(name string) string {
	value := r.text(name)
	if value != "" && !opsToken.MatchString(value) {
		r.wrong = append(r.wrong, fmt.Errorf("%s can't be used as it is; allowed is %s", name, variable(name).Allowed))
	}
	return value
}

func (r *reader) hostPort(name, value string) string {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		r.refuse(name, value)
	}
	return value
}

// loopback is for addresses that must not be reachable from outside.
func (r *reader) loopback(name string) string {
	value := r.addr(name)
	host, _, err := net.SplitHostPort(value)
	if err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		r.refuse(name, value)
	}
	return value
}

func (r *reader) choice(name string, allowed ...string) string {
	value := r.text(name)
	if !slices.Contains(allowed, value) {
		r.refuse(name, value)
	}
	return value
}

func (r *reader) match(name string, pattern *regexp.Regexp) string {
	value := r.text(name)
	if !pattern.MatchString(value) {
		r.refuse(name, value)
	}
	return value
}

func (r *reader) flag(name string) bool {
	value := r.text(name)
	on, err := strconv.ParseBool(value)
	if err != nil {
		r.refuse(name, value)
	}
	return on
}

func (r *reader) duration(name string) time.Duration {
	value := r.text(name)
	d, err := time.ParseDuration(value)
	if err != nil || d < time.Hour {
		r.refuse(name, value)
	}
	return d
}

func (r *reader) whole(name string, most int) int {
	value := r.text(name)
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > most {
		r.refuse(name, value)
	}
	return n
}

// origin is a scheme and a host, without a path.
func (r *reader) origin(name string) string {
	value := strings.TrimSuffix(r.text(name), "/")
	u, err := url.Parse(value)
	if value != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || value != u.Scheme+"://"+u.Host) {
		r.refuse(name, value)
	}
	return value
}

func (r *reader) ranges(name string) []string {
	var ranges []string
	for text := range strings.SplitSeq(r.text(name), ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if _, err := netip.ParsePrefix(text); err != nil {
			r.refuse(name, text)
		}
		ranges = append(ranges, text)
	}
	return ranges
}

// worker is embedded where one command is to run everything.
func (r *reader) worker(b Backend) bool {
	const name = "CLOUDWORKS_WORKER"
	if strings.TrimSpace(r.getenv(name)) == "" {
		return b == Local
	}
	return r.choice(name, "embedded", "none") == "embedded"
}

// logFormat is console for a person at a terminal, else json.
func (r *reader) logFormat() string {
	const name = "CLOUDWORKS_LOG"
	if strings.TrimSpace(r.getenv(name)) != "" {
		return r.choice(name, "json", "console")
	}
	if stat, err := os.Stderr.Stat(); err == nil && stat.Mode()&os.ModeCharDevice != 0 {
		return "console"
	}
	return "json"
}

// instance defaults to what tells web processes apart: host and port.
func (r *reader) instance(addr string) string {
	if value := strings.TrimSpace(r.getenv("CLOUDWORKS_INSTANCE")); value != "" {
		return value
	}
	host, err := os.Hostname()
	if err != nil {
		host = "web"
	}
	_, port, _ := net.SplitHostPort(addr)
	return host + "-" + port
}

func variable(name string) Variable {
	all := Variables()
	return all[slices.IndexFunc(all, func(v Variable) bool { return v.Name == name })]
}
