package jobs

import (
	"context"
	"errors"
	"strings"
)

// Kind names one kind of job and its queues.
type Kind struct {
	Name     string // for logs and metrics
	Requests string // the request queue
	Replies  string // where bare requests are answered
	// Slots is how many jobs are worked on at once.
	Slots int
	// GroupSlots is how many of them may be of one group, whose requests are one
	// visitor's; 0 for all.
	GroupSlots int
	// MaxReceives is how often a request is received before it goes to the
	// dead-letter queue; 0 means 5. The queue's redrive policy says the same.
	MaxReceives int
	// Alone says that the work may kill the process. A request that was
	// received before may have done so: it is worked on with nothing else in
	// hand, so that it takes no others with it.
	Alone bool
}

// DeadLetters is the name of the kind's dead-letter queue.
func (k Kind) DeadLetters() string { return DeadLetterName(k.Requests) }

// DeadLetterName is the name of a request queue's dead-letter queue.
func DeadLetterName(requests string) string { return requests + "-dlq" }

// DefaultMaxReceives is how often a request is tried.
const DefaultMaxReceives = 5

// Worker is what a kind of job brings to the worker half.
type Worker interface {
	Kind() Kind
	// Work does one job. An error for which Permanent holds ends the job as
	// failed, Refused keeps it from being answered at all, any other lets it
	// be tried again. Work must do the same again when it is called again.
	Work(ctx context.Context, job Job) (Reply, error)
	// Fail words the end of a job that failed or died of why. Where that is
	// of CodeDead, Record never takes the place of a record that is there: it
	// gives ErrAnswered instead. It is nil for a request that Work refuses.
	Fail(job Job, why *Error) Reply
}

// Job is one request in a worker's hands.
type Job struct {
	// ID is the JobID that the request came with; empty for a bare one.
	ID string
	Delivery
}

// Bare reports whether the request came without a job id: from a client that
// wants plain text on the common reply queue.
func (j Job) Bare() bool { return j.ID == "" }

// Reply is the answer to one job.
type Reply struct {
	Body       string
	Attributes map[string]string
	// Record stores what the answer says where pages can be rebuilt from. It
	// runs beside the sending of the reply. Nil when Work has stored it.
	Record func(context.Context) error
	// Jobs is how many visitors' jobs the request held, for whoever counts; 0
	// means one.
	Jobs int
}

// ErrAnswered says that a job that is said to be dead has its record already.
var ErrAnswered = errors.New("the job is answered already")

// Refused says that a request is not to be trusted: it is answered to nobody
// and goes to the dead-letter queue, where an operator can look at it.
type Refused struct{ Why string }

func (r *Refused) Error() string { return "refused: " + r.Why }

// ReplyPrefix begins the names of reply queues.
const ReplyPrefix = "replies-"

// ReplyQueue is the name of the reply queue that a web instance owns.
// Characters that a queue's name can't have become hyphens.
func ReplyQueue(instance string) string {
	clean := strings.Map(func(r rune) rune {
		if queueRune(r) {
			return r
		}
		return '-'
	}, instance)
	const most = 60 // a queue's name has at most 80, prefixes included
	return ReplyPrefix + clean[:min(len(clean), most)]
}

// IsReplyQueue reports whether name can be one of ReplyQueue's: the only
// queues that a request may name.
func IsReplyQueue(name string) bool {
	rest, ok := strings.CutPrefix(name, ReplyPrefix)
	return ok && rest != "" && len(name) <= 80 && strings.IndexFunc(rest, func(r rune) bool { return !queueRune(r) }) < 0
}

func queueRune(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// errGivenUp is the cause of a job's end when its message can't be kept
// hidden any longer.
var errGivenUp = errors.New("given up: the message may be with another worker")
