// Package site is the pages of Cloudworks and the same things for programs:
// routes, handlers, and the one table that turns an error's code into a status
// and a page. It prepares views, which package templates draws. It knows the
// two kinds of job by the interfaces below, and neither queues nor buckets.
package site

import (
	"context"
	"io"
	"net/http"
	"time"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/jobs"

	"github.com/rs/zerolog"
)

// Calc is what the pages need of CloudCal.
type Calc interface {
	// Submit gives the id of a list once the queue has it.
	Submit(ctx context.Context, owner string, list cloudcal.List) (id string, err error)
	Job(ctx context.Context, id string) (cloudcal.Job, error)
	// Wait gives the job once it is final, or as it is when ctx ends.
	Wait(ctx context.Context, id string) (cloudcal.Job, error)
	// LogLine gives the list's own line of the worker's log, and the key of
	// the object it stands in.
	LogLine(ctx context.Context, id string) (line, key string, err error)
	// SubmitBulk takes a CSV, a list a row, as it comes, and gives its id
	// once the queue has all of it.
	SubmitBulk(ctx context.Context, owner string, csv io.Reader) (id string, err error)
	// BulkJob may be called often: it asks the record once a second.
	BulkJob(ctx context.Context, id string) (cloudcal.Bulk, error)
	// WriteBulk writes the result of one that is done, as CSV.
	WriteBulk(ctx context.Context, id string, w io.Writer) error
}

// Pics is what the pages need of CloudPic.
type Pics interface {
	// Begin makes the id of a new batch.
	Begin() (batch string)
	// Add stores one picture. One that can't be taken comes back failed,
	// with its reason; an error is trouble of ours.
	Add(ctx context.Context, batch string, n int, owner, name string, body io.Reader) (cloudpic.Picture, error)
	// Send asks for the enhancement of pictures that were added.
	Send(ctx context.Context, batch, owner string, numbers []int, o cloudpic.Options) error
	Batch(ctx context.Context, id string) (cloudpic.Batch, error)
	// Wait gives the batch once all is final, or as it is when ctx ends.
	Wait(ctx context.Context, id string) (cloudpic.Batch, error)
	// Again asks for another enhancement of the same upload.
	Again(ctx context.Context, batch string, n int, owner string, o cloudpic.Options) error
	// Delete removes everything of a batch.
	Delete(ctx context.Context, batch string) error
	// Open gives one file; the caller closes its body.
	Open(ctx context.Context, batch string, n int, v cloudpic.Variant) (jobs.Object, error)
}

// Options set how the site works.
type Options struct {
	Calc Calc
	Pics Pics
	// CalcQueue and PicsQueue tell how long a visitor waits; nil for silence.
	CalcQueue, PicsQueue Queue
	Log                  zerolog.Logger
	// Retention is how long pictures are kept, LogRetention how long the
	// answers to lists are.
	Retention, LogRetention time.Duration
	// Secure says that visitors come over TLS, though it may end before us.
	Secure bool
	// BaseURL is how visitors reach us, such as "https://example.org"; by
	// default it is taken from each request.
	BaseURL string
	// Proxies are the address ranges, as "10.0.0.0/8", of the proxies in
	// front, whose X-Forwarded-For is believed.
	Proxies []string
	Limits  Limits
	// Observe is told of each request; nil for nobody.
	Observe func(route string, status int, took time.Duration)
	// Trace begins the trace of a request: id is the trace's, for the log,
	// and ended is told how the request ended. nil for none.
	Trace func(*http.Request) (ctx context.Context, id string, ended func(route string, status int, job string, err error))
}

// Limits are requests a minute from one address. Zero means the default, a
// negative number no limit.
type Limits struct {
	Lists   int // POST /calc and /calc/bulk, 240
	Uploads int // POST /pics and what else changes pictures, 240
	Reads   int // everything else, 1200
}

// Site is the handler and what it works with.
type Site struct {
	opts   Options
	router http.Handler
	now    func() time.Time
}

// New makes the handler of the whole site.
func New(o Options) *Site {
	s := &Site{opts: o, now: time.Now}
	s.router = limitBody(s.routes())
	return s
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

var _ http.Handler = (*Site)(nil)
