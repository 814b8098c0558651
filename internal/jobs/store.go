package jobs

import (
	"context"
	"errors"
	"io"
	"time"
)

// Queue is what the engine needs of one queue of SQS. The calls that take
// several entries answer with an error for each entry, in order; an error of
// the call as a whole is every entry's.
type Queue interface {
	// Name is the queue's name without the system's prefix.
	Name() string
	// Send sends 1 to 10 messages, at most 1 MiB together.
	Send(ctx context.Context, batch []Message) []error
	// Receive waits up to wait (0 to 20 s) for 1 to 10 messages, and hides
	// what it gives for the visibility time.
	Receive(ctx context.Context, limit int, wait, visibility time.Duration) ([]Delivery, error)
	// Delete removes 1 to 10 messages by their receipt handles.
	Delete(ctx context.Context, receipts []string) []error
	// ChangeVisibility sets the rest of the visibility time-out of 1 to 10
	// messages, counted from now; 0 hands a message back at once.
	ChangeVisibility(ctx context.Context, changes []VisibilityChange) []error
	// Depth tells how many messages the queue holds, as it estimates.
	Depth(ctx context.Context) (Depth, error)
}

// Depth is how many messages a queue holds: to be received, with a receiver,
// and not to be received yet.
type Depth struct {
	Visible, InFlight, Delayed int
}

// All is how many there are.
func (d Depth) All() int { return d.Visible + d.InFlight + d.Delayed }

// VisibilityChange is one entry of Queue.ChangeVisibility.
type VisibilityChange struct {
	Receipt string
	Timeout time.Duration // 0 to 12 h, whole seconds
}

// MaxBatch is how many entries one call to a queue takes.
const MaxBatch = 10

// Object is one object of the bucket. Metadata keys are lower case.
type Object struct {
	Key         string
	Size        int64
	ContentType string
	Metadata    map[string]string
	Modified    time.Time
	ETag        string
	// Body is set by Get alone; the caller closes it.
	Body io.ReadCloser
}

// ErrNoObject says that the bucket has no object of that key.
var ErrNoObject = errors.New("no such object")

// ErrObjectExists says that a put "if absent" met an object of that key.
var ErrObjectExists = errors.New("object exists already")

// ErrDenied says that our role may not do what was asked.
var ErrDenied = errors.New("access denied")

// ErrNoQueue says that a queue is not there (any more).
var ErrNoQueue = errors.New("no such queue")
