package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	pb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// client posts spans to a collector as OTLP over HTTP has it, in protobuf.
// OpenTelemetry's own client of this kind links gRPC and a gateway to it,
// which would make the worker's program 11 MB larger instead of 1.
type client struct {
	opts Options
	http *http.Client

	// stopping is closed when the process ends: then nothing is tried again.
	stopping chan struct{}

	mu   sync.Mutex
	told time.Time // when Trouble was last told
}

var _ otlptrace.Client = (*client)(nil)

func newClient(opts Options) *client {
	own := http.DefaultTransport.(*http.Transport).Clone() // nobody else closes its connections, nor we theirs
	return &client{opts: opts, stopping: make(chan struct{}), http: &http.Client{
		Transport: own,
		// An answer that sends us elsewhere isn't a collector's.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Start has nothing to do: a connection is made when there is something to
// send.
func (c *client) Start(context.Context) error { return nil }

// Stop closes the connections.
func (c *client) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// tryPauses stand before the second and the third try of one export.
var tryPauses = []time.Duration{time.Second, 3 * time.Second}

// UploadTraces sends spans, or tells Trouble why it can't.
func (c *client) UploadTraces(ctx context.Context, spans []*pb.ResourceSpans) error {
	// On the wire the same as ExportTraceServiceRequest, whose package has
	// the service's gRPC stubs as well.
	body, err := proto.Marshal(&pb.TracesData{ResourceSpans: spans})
	if err != nil {
		return fmt.Errorf("encode spans: %w", err)
	}
	again, err := c.post(ctx, body)
	for _, pause := range tryPauses {
		if err == nil {
			return nil
		}
		if !again || !c.wait(ctx, pause) {
			break
		}
		again, err = c.post(ctx, body)
	}
	if err != nil {
		c.trouble(err)
	}
	return nil // told; the SDK would write it to standard error
}

// post tries once. again says that it may work later, by OTLP's rules.
func (c *client) post(ctx context.Context, body []byte) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.opts.Endpoint, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("User-Agent", "cloudworks")
	for name, value := range c.opts.Headers {
		r.Header.Set(name, value)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return true, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection can serve again
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true, fmt.Errorf("the collector answered %s", answer.Status)
	}
	if answer.StatusCode/100 != 2 {
		return false, fmt.Errorf("the collector answered %s", answer.Status)
	}
	return false, nil
}

// wait pauses for d, and says whether to go on.
func (c *client) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-c.stopping:
		return false
	case <-t.C:
		return true
	}
}

// trouble tells that spans were dropped, at most once a minute.
func (c *client) trouble(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opts.Trouble == nil || time.Since(c.told) < time.Minute {
		return
	}
	c.told = time.Now()
	c.opts.Trouble(err)
}
