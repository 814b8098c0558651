package jobs

import "time"

// Names of the message attributes of the wire protocol (see the package
// comment).
const (
	AttrJobID    = "JobID"
	AttrReplyTo  = "ReplyTo"
	AttrStatus   = "Status"
	AttrAttempt  = "Attempt"
	AttrCode     = "Code"
	AttrReason   = "Reason"
	AttrPreset   = "Preset"
	AttrStrength = "Strength"
	AttrTrace    = "traceparent"
)

// Message is what is sent: a text body and named text attributes.
type Message struct {
	Body       string
	Attributes map[string]string
	// Group is the MessageGroupId: whose message it is, for fair delivery
	// between many. Empty for none.
	Group string
	// Jobs is how many visitors' jobs a request holds, for whoever counts; 0
	// means one. It isn't sent.
	Jobs int
}

// Size is the number of bytes that the queue counts for m: the body, and
// name, type and value of every attribute.
func (m Message) Size() int {
	n := len(m.Body)
	for k, v := range m.Attributes {
		n += len(k) + len("String") + len(v)
	}
	return n
}

// Delivery is a message as received. It stays hidden from other receivers
// until its visibility time-out ends, and is gone only once deleted.
type Delivery struct {
	Message
	ID           string // the queue's own message id
	Receipt      string // receipt handle of this receive; a later receive makes it stale
	ReceiveCount int    // how often it has been received, this time included
	SentAt       time.Time
}

// State is where a job stands, as pages and the API tell it.
type State string

const (
	StateQueued  State = "queued"  // accepted; no answer yet
	StateWorking State = "working" // a worker has it
	StateDone    State = "done"    // answered
	StateFailed  State = "failed"  // answered: it will never work, and why
	StateDead    State = "dead"    // tried as often as is sensible; with the operator
)

// Final reports whether the state is the last one, so that nobody need ask
// again.
func (s State) Final() bool { return s.Settled() || s == StateDead }

// Settled reports whether the state can't change any more. A dead job can: an
// operator may redrive it.
func (s State) Settled() bool { return s == StateDone || s == StateFailed }
