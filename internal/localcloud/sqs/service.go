package sqs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cloudworks/internal/localcloud/faults"
	"cloudworks/internal/localcloud/sigv4"
)

var (
	errClosed = errors.New("the service is closed")
	errDisk   = errors.New("the disk fails; the error log has the cause")
)

// expiryPause is how often old messages are looked for in all queues.
const expiryPause = time.Minute

// Options say where the queues are and who may use them.
type Options struct {
	// Dir is the folder of the queues; it is made if it isn't there. One
	// process at a time may have it open.
	Dir string
	// AccessKey and SecretKey are the key pair that requests must be signed
	// with. With an empty AccessKey, signatures aren't looked at.
	AccessKey, SecretKey string
	// Region is us-east-1 when empty.
	Region string
	// Account is the owner's number, in URLs and ARNs; 000000000000 when empty.
	Account string
	// BaseURL begins the queues' URLs, such as http://127.0.0.1:4566. When it
	// is empty, the address that a request came to does.
	BaseURL string
	// NoSync leaves it to the operating system when to write to the disk.
	// What was acknowledged still survives the end of the process, but not a
	// loss of power.
	NoSync bool
	// Cooldown is how long a deleted queue's name can't be used again and a
	// purged queue can't be purged again. SQS has 60 s.
	Cooldown time.Duration
	// ErrorLog hears of failures that a client only sees as InternalFailure.
	// It may be nil.
	ErrorLog func(error)
	// Observe hears of every call once it was answered. It may be nil, and
	// must be safe for concurrent use.
	Observe func(Call)
}

// Call is a request and how it was answered.
type Call struct {
	Operation string // SendMessageBatch, ...; "" when it couldn't be told
	Queue     string // name, "" when the operation is on none
	AccessKey string // that it was signed with, or claimed to be
	Status    int    // of HTTP, even when the answer was lost on purpose; 0 without any
	Took      time.Duration
}

// Service is an SQS over a folder.
type Service struct {
	opts     Options
	verifier *sigv4.Verifier // nil when signatures aren't looked at
	faults   *faults.Injector
	journal  *journal

	mu      sync.Mutex
	queues  map[string]*queue    // by name
	deleted map[string]time.Time // names of queues deleted lately
	lastSeq uint64               // the newest message's number
	lastID  uint64               // the newest queue's
	moves   []*moveTask
	closed  bool

	deliveryFaults DeliveryFaults
	random         *rand.Rand
	skipped        atomic.Int64 // how far the clock is ahead, a time.Duration

	endPolls    chan struct{}
	endPollOnce sync.Once
	background  sync.WaitGroup
}

// Open opens the queues in opts.Dir and begins to write and to expire in the
// background. The caller closes the service.
func Open(opts Options) (*Service, error) {
	if opts.Dir == "" || (opts.AccessKey != "" && opts.SecretKey == "") {
		return nil, errors.New("open SQS: a folder, and a secret key for an access key, are needed")
	}
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	if opts.Account == "" {
		opts.Account = "000000000000"
	}
	opts.BaseURL = strings.TrimSuffix(opts.BaseURL, "/")
	s := &Service{
		opts: opts, queues: make(map[string]*queue), deleted: make(map[string]time.Time),
		random: rand.New(rand.NewPCG(0, 0)), endPolls: make(chan struct{}),
	}
	if opts.AccessKey != "" {
		s.verifier = &sigv4.Verifier{AccessKey: opts.AccessKey, SecretKey: opts.SecretKey, Region: opts.Region, Service: "sqs"}
	}
	s.faults = faults.New(faults.Service{Operation: operationOf, WriteError: writeFault}, http.HandlerFunc(s.run))
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open SQS: %w", err)
	}
	return s, nil
}

func (s *Service) open() (err error) {
	if err := os.MkdirAll(s.opts.Dir, 0o700); err != nil {
		return err
	}
	if s.journal, err = openJournal(s.opts.Dir, s.opts.NoSync, s.logError); err != nil {
		return err
	}
	if err := s.load(); err != nil {
		return errors.Join(err, s.journal.db.Close())
	}
	go s.journal.run() // ends in journal.close
	s.background.Go(s.expireRegularly)
	return nil
}

// EndPolls has all waiting receivers answered now, with nothing, and those to
// come not wait. A server calls it before it waits for its open requests.
func (s *Service) EndPolls() { s.endPollOnce.Do(func() { close(s.endPolls) }) }

// Close ends all polls, writes what is left and closes the database. Requests
// should have ended before; those that haven't fail.
func (s *Service) Close() error {
	s.EndPolls()
	s.mu.Lock()
	already := s.closed
	s.closed = true // timers that still fire do nothing
	for _, q := range s.queues {
		if q.timer != nil {
			q.timer.Stop()
		}
	}
	s.mu.Unlock()
	if already {
		return nil
	}
	s.background.Wait()
	return s.journal.close()
}

// SetFaults has requests go wrong from now on as plan says; nil ends it. The
// operations are named as in the SDK: SendMessage, ReceiveMessage, …
func (s *Service) SetFaults(plan *faults.Plan) { s.faults.Set(plan) }

func (s *Service) logError(err error) {
	if s.opts.ErrorLog != nil {
		s.opts.ErrorLog(fmt.Errorf("SQS: %w", err))
	}
}

// expireRegularly removes old messages until the service closes.
func (s *Service) expireRegularly() {
	ticker := time.NewTicker(expiryPause)
	defer ticker.Stop()
	for {
		select {
		case <-s.endPolls:
			return
		case <-ticker.C:
		}
		// A failure shows in the journal's log, and the next round repeats it.
		_, _ = s.update(func(t *tx) error {
			for _, q := range s.queues {
				t.expire(q)
			}
			return nil
		})
	}
}

// queue finds a queue by its name. The lock must be held.
func (s *Service) queue(name string) (*queue, error) {
	if q := s.queues[name]; q != nil {
		return q, nil
	}
	return nil, errNoQueue()
}

func (s *Service) arn(name string) string {
	return "arn:aws:sqs:" + s.opts.Region + ":" + s.opts.Account + ":" + name
}

// queueByARN gives nil when there is no such queue here.
func (s *Service) queueByARN(arn string) *queue {
	name, ok := strings.CutPrefix(arn, s.arn(""))
	if !ok {
		return nil
	}
	return s.queues[name]
}
