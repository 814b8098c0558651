package jobs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// replyOf is a reply as the fake queue has it.
type replyOf struct {
	Body       string
	Attributes map[string]string
}

func (q *fakeQueue) repliesHeld() []replyOf {
	var all []replyOf
	for _, m := range q.held() {
		all = append(all, replyOf{m.Body, m.Attributes})
	}
	return all
}

// What becomes of one request, by what the work says of it.
func TestOutcomes(t *testing.T) {
	invalid := Errorf(CodeInvalid, "That is no work.")
	down := errors.New("S3 is down")
	tests := []struct {
		name     string
		message  Message
		do       func(context.Context, Job) (Reply, error)
		outcomes []Outcome
		reply    []replyOf // on the reply queue
		answers  []replyOf // on the common reply queue
		records  map[string][]string
		dead     int
	}{
		{
			name: "done", message: request("j1"),
			outcomes: []Outcome{OutcomeDone},
			reply:    []replyOf{{"re: j1", map[string]string{AttrJobID: "j1", AttrStatus: "done"}}},
			records:  map[string][]string{"j1": {"re: j1"}},
		},
		{
			name:     "an attempt is named in the reply",
			message:  Message{Body: "x", Attributes: map[string]string{AttrJobID: "j1", AttrReplyTo: "replies-web", AttrAttempt: "2"}},
			outcomes: []Outcome{OutcomeDone},
			reply:    []replyOf{{"re: x", map[string]string{AttrJobID: "j1", AttrStatus: "done", AttrAttempt: "2"}}},
			records:  map[string][]string{"j1": {"re: x"}},
		},
		{
			name: "failed", message: request("j1"),
			do:       func(context.Context, Job) (Reply, error) { return Reply{}, fmt.Errorf("read: %w", invalid) },
			outcomes: []Outcome{OutcomeFailed},
			reply: []replyOf{{"error: That is no work.", map[string]string{
				AttrJobID: "j1", AttrStatus: "failed", AttrCode: "invalid", AttrReason: "That is no work."}}},
			records: map[string][]string{"j1": {"invalid"}},
		},
		{
			name: "retried, then done", message: request("j1"),
			do: func(_ context.Context, job Job) (Reply, error) {
				if job.ReceiveCount < 3 {
					return Reply{}, down
				}
				return Reply{}, nil
			},
			outcomes: []Outcome{OutcomeRetry, OutcomeRetry, OutcomeDone},
			reply:    []replyOf{{"re: j1", map[string]string{AttrJobID: "j1", AttrStatus: "done"}}},
			records:  map[string][]string{"j1": {"re: j1"}},
		},
		{
			name: "dead", message: request("j1"),
			do:       func(context.Context, Job) (Reply, error) { return Reply{}, down },
			outcomes: []Outcome{OutcomeRetry, OutcomeRetry, OutcomeRetry, OutcomeRetry, OutcomeDead},
			reply: []replyOf{{"error: This job was tried 5 times without success. It is kept for the operator, who can start it again.", map[string]string{
				AttrJobID: "j1", AttrStatus: "dead", AttrCode: "dead", AttrReason: "This job was tried 5 times without success. It is kept for the operator, who can start it again."}}},
			records: map[string][]string{"j1": {"dead"}},
			dead:    1,
		},
		{
			name: "a panic is tried again", message: request("j1"),
			do: func(_ context.Context, job Job) (Reply, error) {
				if job.ReceiveCount == 1 {
					panic("oh")
				}
				return Reply{}, nil
			},
			outcomes: []Outcome{OutcomeRetry, OutcomeDone},
			reply:    []replyOf{{"re: j1", map[string]string{AttrJobID: "j1", AttrStatus: "done"}}},
			records:  map[string][]string{"j1": {"re: j1"}},
		},
		{
			name: "bare", message: Message{Body: "plain"},
			outcomes: []Outcome{OutcomeDone},
			answers:  []replyOf{{"re: plain", nil}},
			records:  map[string][]string{"work-1": {"re: plain"}},
		},
		{
			name: "bare, failed", message: Message{Body: "plain"},
			do:       func(context.Context, Job) (Reply, error) { return Reply{}, invalid },
			outcomes: []Outcome{OutcomeFailed},
			answers: []replyOf{{"error: That is no work.", map[string]string{
				AttrStatus: "failed", AttrCode: "invalid", AttrReason: "That is no work."}}},
			records: map[string][]string{"work-1": {"invalid"}},
		},
		{
			name: "the worker refuses", message: request("j1"),
			do:       func(context.Context, Job) (Reply, error) { return Reply{}, &Refused{Why: "not ours"} },
			outcomes: []Outcome{OutcomeRefused}, dead: 1,
		},
		{
			name:     "a reply queue that isn't one",
			message:  Message{Body: "x", Attributes: map[string]string{AttrJobID: "j1", AttrReplyTo: "work"}},
			outcomes: []Outcome{OutcomeRefused}, dead: 1,
		},
		{
			name:     "a reply queue of another's address",
			message:  Message{Body: "x", Attributes: map[string]string{AttrJobID: "j1", AttrReplyTo: "replies-../x"}},
			outcomes: []Outcome{OutcomeRefused}, dead: 1,
		},
		{
			name:     "a reply queue that is gone",
			message:  Message{Body: "x", Attributes: map[string]string{AttrJobID: "j1", AttrReplyTo: "replies-gone"}},
			outcomes: []Outcome{OutcomeDone},
			records:  map[string][]string{"j1": {"re: x"}},
		},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			s := newTestSystem(test.do)
			s.post(t, test.message)
			r := s.start()
			time.Sleep(10 * time.Minute)
			r.stop(t)
			if diff := cmp.Diff(test.outcomes, s.outcomes()); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.reply, s.fakes["replies-web"].repliesHeld()); diff != "" {
				t.Errorf("replies (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.answers, s.fakes["answers"].repliesHeld()); diff != "" {
				t.Errorf("common replies (-want +got):\n%s", diff)
			}
			if test.records == nil {
				test.records = map[string][]string{}
			}
			if diff := cmp.Diff(test.records, s.worker.records); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if n := len(s.fakes["work"].held()); n != 0 {
				t.Errorf("%d requests are left", n)
			}
			if dead := s.fakes["work-dlq"].held(); len(dead) != test.dead {
				t.Errorf("%d dead, want %d", len(dead), test.dead)
			} else if test.dead > 0 && dead[0].Body != test.message.Body {
				t.Errorf("dead is %q, want %q", dead[0].Body, test.message.Body)
			}
			for _, f := range s.finished {
				if (f.Err == nil) != (f.Outcome == OutcomeDone) {
					t.Errorf("%s with error %v", f.Outcome, f.Err)
				}
			}
		})
	}
}
