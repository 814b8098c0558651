package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// counts is what the backend saw.
type counts struct {
	SQS    int // calls
	Billed int // calls, a call of more than 64 KiB counted as several
	Puts   int
	By     map[string]int
}

// backend is SQS and S3 in memory: as much of them as the clients need, each
// call delayed, all counted.
type backend struct {
	sqsDelay, s3Delay time.Duration
	// fail is the share of calls that get an error before any work; lose is
	// the share that are done and get no answer.
	fail, lose float64
	queues     queues
	calls      map[string]*atomic.Int64
	billed     atomic.Int64
}

var sqsOperations = []string{"CreateQueue", "GetQueueUrl", "GetQueueAttributes", "SendMessage", "SendMessageBatch", "ReceiveMessage",
	"DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"}

func newBackend(o options) *backend {
	b := &backend{sqsDelay: o.sqs, s3Delay: o.s3, fail: o.fail, lose: o.lose, calls: make(map[string]*atomic.Int64)}
	for _, name := range append([]string{"Put", "Get"}, sqsOperations...) {
		b.calls[name] = new(atomic.Int64)
	}
	return b
}

// serveBackend serves until its standard input ends, and prints its address.
func serveBackend(o options) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	server := &http.Server{Handler: newBackend(o), ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func startBackend(ctx context.Context, self string, o options) (endpoint string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, self, "-role", "backend", "-sqs", o.sqs.String(), "-s3", o.s3.String(),
		"-fail", fmt.Sprint(o.fail), "-lose", fmt.Sprint(o.lose)) // #nosec G204 -- this program
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	endpoint, err = bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(endpoint), func() { _ = in.Close(); _ = cmd.Wait() }, err
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	switch target := r.Header.Get("X-Amz-Target"); {
	case r.URL.Path == "/_counts":
		b.report(w)
	case r.URL.Path == "/_fill":
		b.fill(r)
	case rand.Float64() < b.fail:
		w.WriteHeader(http.StatusInternalServerError)
	case rand.Float64() < b.lose:
		b.serve(discard{http.Header{}}, r, target, body)
		panic(http.ErrAbortHandler) // the connection ends without an answer
	default:
		b.serve(w, r, target, body)
	}
}

// discard is an answer that gets lost.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func (b *backend) serve(w http.ResponseWriter, r *http.Request, target string, body []byte) {
	switch {
	case target != "":
		b.sqs(w, r, strings.TrimPrefix(target, "AmazonSQS."), body)
	default:
		b.s3(w, r)
	}
}

// report gives the counts and begins anew.
func (b *backend) report(w io.Writer) {
	c := counts{Billed: int(b.billed.Swap(0)), By: make(map[string]int)}
	for name, n := range b.calls {
		seen := int(n.Swap(0))
		if seen == 0 {
			continue
		}
		c.By[name] = seen
		if slices.Contains(sqsOperations, name) {
			c.SQS += seen
		}
	}
	c.Puts = c.By["Put"]
	_ = json.NewEncoder(w).Encode(c)
}

func (b *backend) s3(w http.ResponseWriter, r *http.Request) {
	time.Sleep(b.s3Delay)
	if r.Method == http.MethodPut {
		b.calls["Put"].Add(1)
		w.Header().Set("ETag", `"x"`)
		return
	}
	b.calls["Get"].Add(1)
	w.WriteHeader(http.StatusNotFound)
}

// fill puts n bare requests on a queue, so that much is waiting.
func (b *backend) fill(r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	q := b.queues.get(r.URL.Query().Get("queue"))
	for range n {
		list := randomList()
		q.send(list.String(), nil)
	}
}

// bill counts a call whose payload has that many bytes.
func (b *backend) bill(bytes int) { b.billed.Add(int64(max(1, (bytes+1<<16-1)>>16))) }

// readCounts fetches the backend's counts, which begin anew.
func readCounts(endpoint string) (counts, error) {
	var c counts
	answer, err := http.Get(endpoint + "/_counts") // #nosec G107 -- our own backend
	if err != nil {
		return c, err
	}
	defer answer.Body.Close()
	return c, json.NewDecoder(answer.Body).Decode(&c)
}
