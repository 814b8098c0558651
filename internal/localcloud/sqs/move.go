package sqs

import (
	"encoding/base64"
	"strings"
	"time"
)

// States of a move task.
const (
	moveRunning    = "RUNNING"
	moveCompleted  = "COMPLETED"
	moveCancelling = "CANCELLING"
	moveCancelled  = "CANCELLED"
	moveFailed     = "FAILED"
)

// moveTask moves the messages of a dead-letter queue elsewhere. The service's
// lock guards it. It doesn't survive a restart; what it had moved does.
type moveTask struct {
	id      string
	source  string // name
	target  string // ARN; "" for each message's own source
	rate    int    // messages a second; 0 for as fast as can be
	state   string
	moved   int
	toMove  int
	failure string
	started time.Time
}

// moveChunk is how many messages move in one step.
const moveChunk = 500

// maxMoveRate is the highest MaxNumberOfMessagesPerSecond.
const maxMoveRate = 500

// maxMoves is how many tasks a list has, and are remembered of a queue.
const maxMoves = 10

func (s *Service) startMove(c *call, in *startMoveInput) (*taskOutput, error) {
	source, ok := strings.CutPrefix(in.SourceArn, s.arn(""))
	if !ok {
		return nil, errNoResource()
	}
	c.queue = source
	task := &moveTask{id: requestID(), source: source, target: in.DestinationArn, state: moveRunning}
	if in.MaxNumberOfMessagesPerSecond != nil {
		if task.rate = *in.MaxNumberOfMessagesPerSecond; task.rate < 1 || task.rate > maxMoveRate {
			return nil, errValue("Value %d for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and %d.", task.rate, maxMoveRate)
		}
	}
	err := s.apply(func(t *tx) error { return t.startMove(task) })
	if err != nil {
		return nil, err
	}
	return &taskOutput{base64.StdEncoding.EncodeToString([]byte(task.id))}, nil
}

func errNoResource() *apiError {
	e := same("ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
	e.status = 404
	return e
}

func (t *tx) startMove(task *moveTask) error {
	s := t.s
	q := s.queues[task.source]
	if q == nil || task.target != "" && s.queueByARN(task.target) == nil {
		return errNoResource()
	}
	if !s.isDeadLetterQueue(q) {
		return errValue("Source queue must be configured as a Dead Letter Queue.")
	}
	for _, other := range s.moves {
		if other.source == task.source && other.state == moveRunning {
			return errUnsupported("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
		}
	}
	t.surface(q)
	task.toMove, task.started = q.counts[visible], t.now
	s.moves = append([]*moveTask{task}, s.moves...)
	s.forgetMoves(task.source)
	s.background.Go(func() { s.move(task) })
	return nil
}

func (s *Service) isDeadLetterQueue(q *queue) bool {
	for _, other := range s.queues {
		if other.settings.redrive != nil && other.settings.redrive.TargetARN == s.arn(q.name) {
			return true
		}
	}
	return false
}

// forgetMoves keeps the newest tasks of a queue.
func (s *Service) forgetMoves(source string) {
	kept, seen := s.moves[:0], 0
	for _, task := range s.moves {
		if task.source == source {
			if seen++; seen > maxMoves {
				continue
			}
		}
		kept = append(kept, task)
	}
	clear(s.moves[len(kept):])
	s.moves = kept
}

// move runs a task to its end.
func (s *Service) move(task *moveTask) {
	chunk := moveChunk
	if task.rate > 0 {
		chunk = task.rate
	}
	for running := true; running; {
		err := s.apply(func(t *tx) error {
			running = t.moveSome(task, chunk)
			return nil
		})
		if err != nil { // the service closes, or its disk fails
			s.mu.Lock()
			task.state, task.failure = moveFailed, "The service couldn't go on."
			s.mu.Unlock()
			return
		}
		if running && task.rate > 0 && !s.pause(time.Second) {
			return
		}
	}
}

// pause returns false when the service closes meanwhile.
func (s *Service) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.endPolls:
		return false
	}
}

// moveSome moves up to chunk messages and tells whether there is more to do.
// A message that has moved counts as new: with a new id, age and receive count.
func (t *tx) moveSome(task *moveTask, chunk int) bool {
	q := t.s.queues[task.source]
	if task.state == moveCancelling {
		task.state = moveCancelled
	}
	if q == nil && task.state == moveRunning {
		task.state, task.failure = moveFailed, "The source queue has gone."
	}
	if task.state != moveRunning {
		return false
	}
	for range min(chunk, task.toMove-task.moved) {
		m := q.ready.pop()
		if m == nil {
			break
		}
		target := t.s.moveTarget(task, m)
		if target == nil {
			q.ready.push(m)
			task.state, task.failure = moveFailed, "CouldNotDetermineMessageSource"
			return false
		}
		t.drop(q, m)
		c := *m.content
		c.newID()
		c.sent, c.firstDue, c.source, c.before = t.now, t.now, "", 0
		t.add(target, &c, c.encode())
		task.moved++
	}
	if task.moved >= task.toMove || q.counts[visible] == 0 {
		task.state = moveCompleted
	}
	return task.state == moveRunning
}

func (s *Service) moveTarget(task *moveTask, m *message) *queue {
	if task.target != "" {
		return s.queueByARN(task.target)
	}
	return s.queueByARN(m.source)
}

func (s *Service) cancelMove(_ *call, in *taskInput) (*cancelMoveOutput, error) {
	out := &cancelMoveOutput{}
	return out, s.view(func() error {
		for _, task := range s.moves {
			if base64.StdEncoding.EncodeToString([]byte(task.id)) == in.TaskHandle && task.state == moveRunning {
				task.state = moveCancelling
				out.ApproximateNumberOfMessagesMoved = task.moved
				return nil
			}
		}
		return errNoResource()
	})
}

func (s *Service) listMoves(c *call, in *listMovesInput) (*listMovesOutput, error) {
	source, ok := strings.CutPrefix(in.SourceArn, s.arn(""))
	most := 1
	if in.MaxResults != nil {
		most = *in.MaxResults
	}
	if most < 1 || most > maxMoves {
		return nil, errValue("Value %d for parameter MaxResults is invalid. Reason: Must be between 1 and %d.", most, maxMoves)
	}
	c.queue = source
	out := &listMovesOutput{Results: []moveResult{}}
	return out, s.view(func() error {
		if !ok || s.queues[source] == nil {
			return errNoResource()
		}
		for _, task := range s.moves {
			if task.source == source && len(out.Results) < most {
				out.Results = append(out.Results, task.result(s))
			}
		}
		return nil
	})
}

func (t *moveTask) result(s *Service) moveResult {
	r := moveResult{
		Status: t.state, SourceArn: s.arn(t.source), DestinationArn: t.target, MaxNumberOfMessagesPerSecond: t.rate,
		ApproximateNumberOfMessagesMoved: t.moved, ApproximateNumberOfMessagesToMove: t.toMove,
		FailureReason: t.failure, StartedTimestamp: t.started.UnixMilli(),
	}
	if t.state == moveRunning {
		r.TaskHandle = base64.StdEncoding.EncodeToString([]byte(t.id))
	}
	return r
}
