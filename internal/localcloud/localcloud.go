// Package localcloud is SQS and S3 for one process to embed: an http.Handler
// that answers both at one address, as AWS's own AWS_ENDPOINT_URL has it, and
// keeps what it holds in a folder. The AWS SDK, the AWS CLI and boto3 take it
// for the real ones; requests must be signed with the one key pair that it is
// given.
//
// It is for loopback only: the key pair is no secret, and there is no TLS.
// Listen makes sure of that.
//
// It knows nothing of the application that it is embedded in.
package localcloud

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"cloudworks/internal/localcloud/faults"
	"cloudworks/internal/localcloud/s3"
	"cloudworks/internal/localcloud/sqs"
)

// Rule has the objects under a prefix deleted some time after they were last
// written.
type Rule = s3.Rule

// Faults say what goes wrong, for tests; the zero value is nothing.
type Faults struct {
	// SQS and S3 have requests go wrong.
	SQS, S3 *faults.Plan
	// Deliveries has messages duplicated and shuffled.
	Deliveries sqs.DeliveryFaults
}

// Options say where everything is kept and who may have it.
type Options struct {
	// Dir is the folder that holds everything; it is made if it isn't there.
	// One process at a time may have it open.
	Dir string
	// AccessKey and SecretKey are the key pair that requests must be signed
	// with, for Region.
	AccessKey, SecretKey, Region string
	// NoSync leaves it to the operating system when to write to the disk.
	// What was acknowledged still survives the end of the process, but not a
	// loss of power.
	NoSync bool
	// Expire are the ages at which objects are deleted.
	Expire []Rule
	// SQSCooldown is how long a deleted queue's name can't be used again and
	// a purged queue can't be purged again. AWS has 60 s.
	SQSCooldown time.Duration
	// Faults are those to begin with; SetFaults changes them.
	Faults Faults
	// ErrorLog hears of failures of which clients are told little. It may be
	// nil, and must be safe for concurrent use, as Observe must.
	ErrorLog func(error)
	// Observe hears of every call once it was answered. It may be nil.
	Observe func(Call)
}

// Call is a request and how it was answered.
type Call struct {
	Service   string // SQS or S3
	Operation string // as the SDK names it; "" when it couldn't be told
	Resource  string // a queue's name, or a bucket and key with a slash between
	AccessKey string // that it was signed with, or claimed to be
	Status    int    // of HTTP; 0 when there was none
	Took      time.Duration
}

// Server answers SQS and S3 requests. Hand it whole requests, for a ServeMux
// would tidy up the keys in their paths.
type Server struct {
	opts Options
	sqs  *sqs.Service
	s3   *s3.Store

	closing sync.Once
	closed  error
}

// Open opens what opts.Dir holds. It fails after about a second when another
// process has it open. The caller closes the server.
func Open(opts Options) (*Server, error) {
	if opts.AccessKey == "" || opts.SecretKey == "" || opts.Region == "" {
		return nil, errors.New("open local cloud: access key, secret key and region are needed")
	}
	s := &Server{opts: opts}
	var err error
	s.sqs, err = sqs.Open(sqs.Options{
		Dir: filepath.Join(opts.Dir, "sqs"), AccessKey: opts.AccessKey, SecretKey: opts.SecretKey, Region: opts.Region,
		NoSync: opts.NoSync, Cooldown: opts.SQSCooldown, ErrorLog: opts.ErrorLog, Observe: observeSQS(opts.Observe),
	})
	if err != nil {
		return nil, fmt.Errorf("open local cloud: %w", err)
	}
	s.s3, err = s3.Open(s3.Options{
		Dir: filepath.Join(opts.Dir, "s3"), AccessKey: opts.AccessKey, SecretKey: opts.SecretKey, Region: opts.Region,
		NoSync: opts.NoSync, ErrorLog: opts.ErrorLog, Expire: opts.Expire,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open local cloud: %w", err), s.sqs.Close())
	}
	s.SetFaults(opts.Faults)
	return s, nil
}

// ServeHTTP answers a request to either service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if sqs.IsRequest(r) {
		s.sqs.ServeHTTP(w, r)
		return
	}
	if s.opts.Observe == nil {
		s.s3.ServeHTTP(w, r)
		return
	}
	s.observeS3(w, r)
}

// SetFaults has requests and messages go wrong from now on. It may be called
// while requests are served.
func (s *Server) SetFaults(f Faults) {
	s.sqs.SetFaults(f.SQS)
	s.sqs.SetDeliveryFaults(f.Deliveries)
	s.s3.SetFaults(f.S3)
}

// SkipTime has SQS's clock go ahead, for tests that can't wait for a visibility
// time-out. It may be called while requests are served.
func (s *Server) SkipTime(d time.Duration) { s.sqs.SkipTime(d) }

// EndPolls has all waiting receivers answered now, with nothing, and those to
// come not wait. Call it before waiting for open requests, which may be polls
// of 20 s.
func (s *Server) EndPolls() { s.sqs.EndPolls() }

// Close closes both services. Requests should have ended before; those that
// haven't fail. A second Close does nothing.
func (s *Server) Close() error {
	s.closing.Do(func() { s.closed = errors.Join(s.sqs.Close(), s.s3.Close()) })
	return s.closed
}
