// Package jobs is request and reply over queues: the vocabulary, and both
// halves that speak it. It knows no kind of job, no cloud and no HTTP; kinds
// are workers that are registered with a Runner, queues are the interface
// Queue.
//
// # The protocol
//
// A request is a message on its kind's request queue. Its body is the kind's
// own text. Its attributes are texts:
//
//	JobID    names the job. Who asks chooses it, so that a second reply is
//	         recognised and dropped. Ids begin with UTC date and time and
//	         end in 130 random bits (see NewID).
//	ReplyTo  names the queue that the answer goes to: "replies-" and the
//	         name of the web instance that owns it. Other names are refused.
//
//	traceparent  where the request is traced: the part of the trace that it
//	         was sent in, as W3C's Trace Context writes it. One that can't be
//	         read is ignored.
//
// A request without attributes is a bare one, from a client that knows only
// the plain text: it is answered in plain text on the kind's common reply
// queue.
//
// A reply is a message whose body is the kind's own text, with the
// attributes
//
//	JobID    of the request; absent for a bare one
//	Status   done, failed or dead
//	Attempt  of the request, where it had one
//	Code     for failed and dead: what kind of trouble (see Code)
//	Reason   for failed and dead: a sentence for people
//	traceparent  as above
//
// # The life of a job
//
// The worker receives a request, does the work, stores the record and sends
// the reply, and deletes the request when both are confirmed. A crash
// anywhere before that means a redelivery, which stores the same record under
// the same key and sends a second reply, which is dropped. So a job is
// answered at least once and shown once.
//
// It ends in one of these ways:
//
//   - done: answered.
//   - failed: it will never work (an error for which Permanent holds). It is
//     answered so and deleted.
//   - retried: it may work later. The request stays hidden for a delay that
//     grows with each receive.
//   - dead: after Kind.MaxReceives receives the record and the reply say so,
//     and the queue's redrive policy moves the request to the dead-letter
//     queue, from where an operator can redrive it. Where every worker died
//     with the request in hand, others find it there and say so.
//   - refused: it isn't to be trusted (see Refused). It goes to the
//     dead-letter queue at once, with a line in the log, and unanswered.
//
// While a job is in work its message is kept hidden by a heartbeat; when that
// fails, the job is given up before its message shows again, for somebody
// else will get it.
//
// # What keeps calls few and load bounded
//
//   - Group commits sends, replies, deletes and visibility changes together.
//   - One long poll is open when idle; a second joins while messages come in
//     quick succession, and up to eight while polls come back full. A poll
//     asks for no more than there are free slots.
//   - Receives that fail come ever more seldom, up to 30 s apart.
//   - When five requests in a row are to be retried, something that all need
//     is down: requests are then taken one at a time, up to 30 s apart, until
//     one comes out well. A request that is Poison doesn't count.
//   - Of one group no more than Kind.GroupSlots are worked on at once, so that
//     who sends much leaves room for others.
//   - A kind that works Alone (see Kind) has what was received before worked
//     on with nothing else in hand, so that a request that kills the process
//     takes no others to the dead-letter queue.
package jobs
