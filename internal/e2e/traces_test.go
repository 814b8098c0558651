package e2e

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cloudworks/internal/telemetry/otlptest"
)

// traced starts web and worker that send their spans to the collector, soon.
func traced(t *testing.T, c *otlptest.Collector, env ...string) (web, worker *process) {
	t.Helper()
	s := newSystem(t, append([]string{
		unlimited, "CLOUDWORKS_WORKER=none",
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_BSP_SCHEDULE_DELAY=100",
	}, env...)...)
	return s.startWeb(), s.startWorker()
}

// tree writes the spans of a trace, each as "service: kind name < its
// parent's name", in order.
func tree(spans []otlptest.Span) []string {
	names := make(map[string]string)
	for _, s := range spans {
		names[s.ID] = s.Name
	}
	var lines []string
	for _, s := range spans {
		parent := names[s.Parent]
		if s.Parent != "" && parent == "" {
			parent = "unknown"
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s < %s", strings.TrimPrefix(s.Service, "cloudworks-"), s.Kind, s.Name, parent))
	}
	slices.Sort(lines)
	return lines
}

// trace waits until the one trace that begins with the named span has all the
// spans that it should, and gives them by name.
func trace(t *testing.T, c *otlptest.Collector, first string, want []string) map[string]otlptest.Span {
	t.Helper()
	slices.Sort(want)
	var spans []otlptest.Span
	eventually(t, 30*time.Second, "the trace of "+first, func() error {
		all := c.Spans()
		var roots []otlptest.Span
		for _, s := range all {
			if s.Name == first {
				roots = append(roots, s)
			}
		}
		if len(roots) != 1 {
			return fmt.Errorf("%d spans %q, want 1", len(roots), first)
		}
		spans = slices.DeleteFunc(all, func(s otlptest.Span) bool { return s.Trace != roots[0].Trace })
		if diff := cmp.Diff(want, tree(spans)); diff != "" {
			return fmt.Errorf("(-want +got)\n%s", diff)
		}
		return nil
	})
	byName := make(map[string]otlptest.Span)
	for _, s := range spans {
		byName[s.Name] = s
		if s.Failed {
			t.Errorf("span %q failed: %s", s.Name, s.Message)
		}
	}
	return byName
}

// One picture is one trace from the click to the answer, through both
// processes.
func TestTraceOfAPicture(t *testing.T) {
	c := otlptest.Start(t)
	web, worker := traced(t, c, "CLOUDWORKS_QUEUE_PREFIX=my-")
	sent, err := upload(web.url, []file{{"holiday.jpg", photograph(320, 240)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := trace(t, c, "POST /pics", []string{
		"web: server POST /pics < ",
		"web: internal upload < POST /pics",
		"web: client S3.PutObject < upload",
		"web: producer send my-inbox < POST /pics",
		"worker: consumer process my-inbox < send my-inbox",
		"worker: internal work < process my-inbox",
		"worker: internal fetch < work",
		"worker: client S3.GetObject < fetch",
		"worker: internal enhance < work",
		"worker: internal store < work",
		"worker: client S3.PutObject < store",
		"worker: client S3.PutObject < store",
		"worker: client S3.PutObject < store",
		"worker: client S3.HeadObject < store",
		"worker: client SQS.GetQueueUrl < process my-inbox", // of the reply queue, once
		"worker: producer send my-replies-{instance} < process my-inbox",
		"worker: client delete my-inbox < process my-inbox",
		"web: consumer process my-replies-{instance} < send my-replies-{instance}",
	})
	job := sent.ID + ".1"
	for name, want := range map[string]map[string]string{
		"POST /pics": {
			"http.request.method": "POST", "http.route": "/pics", "http.response.status_code": "202", "url.path": "/pics",
			"url.scheme": "http", "cloudworks.job.id": sent.ID,
		},
		"send my-inbox": {
			"messaging.system": "aws_sqs", "messaging.operation.type": "send", "messaging.operation.name": "send",
			"messaging.destination.name": "my-inbox", "messaging.message.conversation_id": job,
		},
		"process my-inbox": {
			"messaging.system": "aws_sqs", "messaging.operation.type": "process", "messaging.operation.name": "process",
			"messaging.destination.name": "my-inbox", "messaging.message.conversation_id": job,
			"cloudworks.job.id": job, "cloudworks.job.kind": "cloudpic", "cloudworks.job.attempt": "1", "cloudworks.job.outcome": "done",
		},
		"delete my-inbox": {
			"messaging.system": "aws_sqs", "messaging.operation.type": "settle", "messaging.operation.name": "delete",
			"messaging.destination.name": "my-inbox",
		},
		"process my-replies-{instance}": {
			"messaging.system": "aws_sqs", "messaging.operation.type": "process", "messaging.operation.name": "process",
			"messaging.destination.template": "my-replies-{instance}", "messaging.message.conversation_id": job,
			"cloudworks.job.id": job, "cloudworks.reply.awaited": "true",
		},
		"S3.GetObject": {"rpc.system.name": "aws-api", "rpc.method": "S3/GetObject", "aws.s3.key": "uploads/" + sent.ID + "/1/original"},
	} {
		attributes := got[name].Attributes
		for key, value := range want {
			if attributes[key] != value {
				t.Errorf("span %q has %s %q, want %q", name, key, attributes[key], value)
			}
		}
	}
	if got["process my-inbox"].Attributes["cloudworks.job.waited_ms"] == "" || got["process my-inbox"].Attributes["messaging.message.id"] == "" {
		t.Errorf("process my-inbox lacks its wait or its message: %v", got["process my-inbox"].Attributes)
	}
	// Whoever has a trace finds the lines of it, and the other way round.
	id := `"trace_id":"` + got["POST /pics"].Trace + `"`
	if lines := web.lines(`"message":"request"`, `"route":"/pics"`, id); len(lines) != 1 {
		t.Errorf("%d lines of the upload have %s, want 1", len(lines), id)
	}
	if lines := worker.lines(`"message":"job"`, job, id); len(lines) != 1 {
		t.Errorf("%d lines of the job have %s, want 1", len(lines), id)
	}
}

// A list that travels alone is one trace too, though its message could hold
// many visitors' lists; it is linked to the message it went with.
func TestTraceOfAList(t *testing.T) {
	c := otlptest.Start(t)
	web, _ := traced(t, c)
	if _, err := submit(web.url, randomList()); err != nil {
		t.Fatal(err)
	}
	got := trace(t, c, "POST /calc", []string{
		"web: server POST /calc < ",
		"web: internal submit < POST /calc",
		"web: producer send requestQueue < submit",
		"worker: consumer process requestQueue < send requestQueue",
		"worker: internal work < process requestQueue",
		"worker: internal store < process requestQueue",
		"worker: client S3.PutObject < store",
		"worker: client SQS.GetQueueUrl < process requestQueue",
		"worker: producer send replies-{instance} < process requestQueue",
		"worker: client delete requestQueue < process requestQueue",
		"web: consumer process replies-{instance} < send replies-{instance}",
	})
	checkLinks(t, got["send requestQueue"], []otlptest.Span{got["submit"]})
}

// checkLinks looks that a message's span is linked with those of all the
// visitors whose lists are in it, both ways, and is part of one's trace.
func checkLinks(t *testing.T, send otlptest.Span, submits []otlptest.Span) {
	t.Helper()
	var want []otlptest.Link
	inTrace := false
	for _, s := range submits {
		want = append(want, otlptest.Link{Trace: s.Trace, ID: s.ID})
		if diff := cmp.Diff([]otlptest.Link{{Trace: send.Trace, ID: send.ID}}, s.Links); diff != "" {
			t.Errorf("links of a visitor's span (-want +got)\n%s", diff)
		}
		inTrace = inTrace || send.Trace == s.Trace && send.Parent == s.ID
	}
	order := func(a, b otlptest.Link) int { return strings.Compare(a.ID, b.ID) }
	got := slices.SortedFunc(slices.Values(send.Links), order)
	slices.SortFunc(want, order)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links of the message's span (-want +got)\n%s", diff)
	}
	if !inTrace {
		t.Error("the message's span is in none of the visitors' traces")
	}
}

// Lists that leave together are packed in one message. From each visitor's
// trace a link leads to what became of it.
func TestTraceOfPackedLists(t *testing.T) {
	const visitors = 64
	c := otlptest.Start(t)
	web, _ := traced(t, c)
	var all sync.WaitGroup
	for range visitors {
		all.Go(func() {
			if _, err := submit(web.url, randomList()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var spans []otlptest.Span
	eventually(t, 30*time.Second, "all spans are there", func() error {
		spans = c.Spans()
		submits, sent := 0, make(map[string]bool) // messages that were answered
		for _, s := range spans {
			switch s.Name {
			case "submit":
				submits++
			case "send requestQueue":
				if !sent[s.Trace] {
					sent[s.Trace] = false
				}
			case "process replies-{instance}":
				sent[s.Trace] = true
			}
		}
		for _, answered := range sent {
			if !answered {
				return errNotYet
			}
		}
		if submits < visitors || len(sent) == 0 {
			return errNotYet
		}
		return nil
	})
	byMessage := make(map[string][]otlptest.Span) // visitors' spans, by that of the message that they link to
	for _, s := range spans {
		if s.Name == "submit" && len(s.Links) == 1 {
			byMessage[s.Links[0].ID] = append(byMessage[s.Links[0].ID], s)
		}
	}
	found, packed := 0, 0
	for _, s := range spans {
		if s.Name != "send requestQueue" {
			continue
		}
		submits := byMessage[s.ID]
		checkLinks(t, s, submits)
		found += len(submits)
		packed = max(packed, len(submits))
	}
	if found != visitors || packed < 2 {
		t.Errorf("%d visitors' traces lead to a message, want %d; at most %d to one, want some together", found, visitors, packed)
	}
}

// What the public says of a trace is believed by nobody, and what another
// sender to the queue says in a wrong form is ignored.
func TestTraceIsNotThePublics(t *testing.T) {
	c := otlptest.Start(t)
	web, _ := traced(t, c, "OTEL_TRACES_SAMPLER=parentbased_always_on")
	r, err := http.NewRequest(http.MethodGet, web.url+"/calc/none", nil)
	if err != nil {
		t.Fatal(err)
	}
	const theirs = "0af7651916cd43dd8448eb211c80319c"
	// Not sampled: were it believed, there would be no span.
	r.Header.Set("traceparent", "00-"+theirs+"-b7ad6b7169203331-00")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	eventually(t, 30*time.Second, "the request's span", func() error {
		for _, s := range c.Spans() {
			if s.Name != "GET /calc/{id}" {
				continue
			}
			if s.Trace == theirs || s.Parent != "" || len(s.Links) > 0 {
				t.Fatalf("believed: %+v", s)
			}
			return nil
		}
		return errNotYet
	})
}

// A collector that is gone, or that takes connections and says nothing, keeps
// no job from its answer and no process from its end.
func TestTracesToNobody(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() }) // after the tests that run side by side
	for _, tt := range []struct{ name, addr string }{
		{"gone", freeAddr(t)},
		{"silent", silent.Addr().String()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			web, worker := traced(t, &otlptest.Collector{URL: "http://" + tt.addr}, "OTEL_EXPORTER_OTLP_TIMEOUT=60000")
			solve(t, web.url, web.url)
			began := time.Now()
			for _, p := range []*process{worker, web} {
				p.stop()
				if p.err != nil {
					t.Errorf("%s ended with %v", p.name, p.err)
				}
				if len(p.lines("send traces")) == 0 {
					t.Errorf("%s says nothing of the spans that it couldn't send", p.name)
				}
			}
			// 3 s for the last spans of each, and what a stop takes anyway.
			if took := time.Since(began); took > 25*time.Second {
				t.Errorf("the stops took %s", took)
			}
		})
	}
}
