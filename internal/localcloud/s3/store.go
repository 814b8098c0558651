package s3

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/rclone/gofakes3"

	"cloudworks/internal/localcloud/faults"
)

// Options say where the objects are and who may have them.
type Options struct {
	// Dir is the folder of the store; it is made if it isn't there. One
	// process at a time may have it open.
	Dir string
	// AccessKey and SecretKey are the key pair that requests must be signed
	// with, for Region.
	AccessKey, SecretKey, Region string
	// NoSync leaves it to the operating system when to write to the disk.
	// What was acknowledged still survives the end of the process, but not a
	// loss of power.
	NoSync bool
	// ErrorLog hears of failures that a client only sees as InternalError,
	// and of those of the background sweep. It may be nil.
	ErrorLog func(error)
	// Expire are the ages at which objects are deleted, in every bucket,
	// beside the buckets' own lifecycle configurations.
	Expire []Rule
}

// Rule has the objects under a prefix deleted some time after they were last
// written. After must be above 0.
type Rule struct {
	Prefix string
	After  time.Duration
}

// Store is an S3 service over a folder. It is an http.Handler; hand it whole
// requests, for a ServeMux would tidy up the keys in their paths.
type Store struct {
	opts    Options
	backend *backend
	gofake  *gofakes3.GoFakeS3
	faults  *faults.Injector

	close sync.Once
	stop  chan struct{}
	swept sync.WaitGroup // the background sweep
}

// Open opens the store in opts.Dir, removes what a crash may have left behind,
// and begins to sweep in the background. The caller closes it.
func Open(opts Options) (*Store, error) {
	if opts.AccessKey == "" || opts.SecretKey == "" || opts.Region == "" {
		return nil, errors.New("open S3 store: access key, secret key and region are needed")
	}
	for _, rule := range opts.Expire {
		if rule.After <= 0 {
			return nil, fmt.Errorf("open S3 store: objects under %q would expire after %v", rule.Prefix, rule.After)
		}
	}
	backend, err := openBackend(opts)
	if err != nil {
		return nil, fmt.Errorf("open S3 store in %s: %w", opts.Dir, err)
	}
	s := &Store{opts: opts, backend: backend, stop: make(chan struct{})}
	s.gofake = gofakes3.New(backend, gofakes3.WithLogger(logger{s}), gofakes3.WithoutVersioning())
	s.faults = faults.New(faults.Service{Operation: operation, WriteError: writeFault}, s.handler())
	s.swept.Go(s.sweepRegularly)
	return s, nil
}

func openBackend(opts Options) (*backend, error) {
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, err
	}
	// The index first: its lock tells whether the folder is ours alone.
	index, err := openIndex(opts.Dir, opts.NoSync)
	if err != nil {
		return nil, err
	}
	blobs, err := openBlobs(opts.Dir, !opts.NoSync)
	if err != nil {
		return nil, errors.Join(err, index.close())
	}
	live, err := index.live()
	if err == nil {
		_, err = blobs.collect(live)
	}
	if err != nil {
		return nil, errors.Join(err, index.close())
	}
	return &backend{index: index, blobs: blobs}, nil
}

// Close ends the background sweep and closes the index. Requests should have
// ended before; those that haven't fail. A second Close does nothing.
func (s *Store) Close() error {
	s.close.Do(func() { close(s.stop) })
	s.swept.Wait()
	return s.backend.index.close()
}

// ServeHTTP answers a request of S3's REST protocol.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.faults.ServeHTTP(w, r) }

// SetFaults has requests go wrong from now on as plan says; nil ends it. The
// operations are named as in the SDK: PutObject, ListObjectsV2, …
func (s *Store) SetFaults(plan *faults.Plan) { s.faults.Set(plan) }

func (s *Store) logError(err error) {
	if s.opts.ErrorLog != nil {
		s.opts.ErrorLog(err)
	}
}

// logger hands gofakes3's errors to the store's log. The rest of what it says
// concerns the client, who has been told.
type logger struct{ store *Store }

func (l logger) Print(level gofakes3.LogLevel, v ...any) {
	if level == gofakes3.LogErr {
		l.store.logError(errors.New("S3: " + fmt.Sprint(v...)))
	}
}
