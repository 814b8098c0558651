package cloudcal

import (
	"fmt"
	"sync"
	"time"

	"cloudworks/internal/jobs"
)

// memory keeps the messages of the last while, so that most pages need no
// call to S3. What it has forgotten is found there.
type memory struct {
	mu       sync.Mutex
	messages map[string]*message
	order    []*message // oldest first
	weight   int        // of all in order, in lists
}

const (
	// keepFor is how long a message stays in memory, answered or not.
	keepFor = 15 * time.Minute
	// keepMost bounds the lists in memory: some 100 MB.
	keepMost = 200_000
)

func newMemory() *memory { return &memory{messages: make(map[string]*message)} }

func (y *memory) remember(m *message) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.add(m)
}

// add keeps m and drops what is too old or too much. The lock is held.
func (y *memory) add(m *message) {
	m.weight = max(1, len(m.lists))
	y.messages[m.id] = m
	y.order = append(y.order, m)
	y.weight += m.weight
	for oldest := y.order[0]; oldest != m && (y.weight > keepMost || time.Since(oldest.kept) > keepFor); oldest = y.order[0] {
		if y.messages[oldest.id] == oldest {
			delete(y.messages, oldest.id)
		}
		y.weight -= oldest.weight
		y.order[0] = nil
		y.order = y.order[1:]
	}
}

func (y *memory) forget(id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	delete(y.messages, id)
}

// recall gives the message of that id, as a stranger when it isn't in memory.
func (y *memory) recall(id string, sent time.Time) *message {
	y.mu.Lock()
	defer y.mu.Unlock()
	m, ok := y.messages[id]
	if !ok {
		m = newMessage(id, sent)
		m.stranger = true
		y.add(m)
	}
	return m
}

// message is one request message and what is known of its lists.
type message struct {
	id   string
	sent time.Time
	kept time.Time // since when it is in memory
	// weight is what it counts in memory, in lists.
	weight int
	// stranger: another process sent it, so its reply goes elsewhere.
	stranger bool
	done     chan struct{} // closed when answered

	mu     sync.Mutex
	lists  map[string]*Job
	asked  time.Time // when S3 was last asked
	logged bool      // S3 has the log, with every list of the message
}

func newMessage(id string, sent time.Time) *message {
	return &message{id: id, sent: sent, kept: time.Now(), done: make(chan struct{}), lists: make(map[string]*Job)}
}

// logKey goes by the id's own time, which is what the worker sees.
func (m *message) logKey() string {
	at, _ := jobs.IDTime(m.id)
	return LogKey(m.id, at)
}

// job gives what is known of a list.
func (m *message) job(list string) Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *m.list(list)
}

// list gives the list's job, a new one if need be. The lock is held.
func (m *message) list(list string) *Job {
	j, ok := m.lists[list]
	if !ok {
		j = &Job{ID: m.id + "." + list, State: jobs.StateQueued, Submitted: m.sent}
		m.lists[list] = j
	}
	return j
}

// answered takes the reply in.
func (m *message) answered(a jobs.Answer) {
	answers, err := ParseReply(a.Body)
	if a.Status == jobs.StateDone && err != nil {
		return // the record will tell
	}
	m.mu.Lock()
	if a.Status == jobs.StateDone {
		for _, answer := range answers {
			if j, ok := m.lists[answer.ID]; ok {
				j.finish(a.At, answer.Summary, answer.Err)
			}
		}
	} else {
		for _, j := range m.lists {
			j.State, j.Error, j.Answered = a.Status, a.Reason, a.At
		}
	}
	m.mu.Unlock()
	close(m.done)
}

func (j *Job) finish(at time.Time, s Summary, err *jobs.Error) {
	j.Answered = at
	if err != nil {
		j.State, j.Error = jobs.StateFailed, err.Message
		if err.Code == jobs.CodeDead {
			j.State = jobs.StateDead
		}
		return
	}
	j.State, j.Summary, j.Error = jobs.StateDone, &s, ""
}

const (
	askEvery = time.Second
	// askAfter is how long the reply has before S3 is asked instead.
	askAfter = 3 * time.Second
	// lateAfter is when a list without an answer counts as dead.
	lateAfter = 24 * time.Hour
)

// mayAsk reports whether S3 may be asked now, and counts that as done: at most
// once a second until the log is there, and then once for each list.
func (m *message) mayAsk(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.logged {
		return true
	}
	if now.Sub(m.asked) < askEvery || !m.stranger && now.Sub(m.kept) < askAfter {
		return false
	}
	m.asked = now
	return true
}

// recorded takes in what the log says of every list that was asked about. The
// error is for a log that doesn't have the list, or can't be read. A log that
// says that the request died may yet be replaced by one with the answers.
func (m *message) recorded(list, log string, written time.Time) (Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	died := false
	for id, j := range m.lists {
		if j.State.Settled() {
			continue
		}
		line, ok := findAnswer(log, id)
		if !ok {
			if id == list {
				return Job{}, errNotFound
			}
			continue
		}
		e, err := ParseLog(line)
		if err != nil {
			return Job{}, fmt.Errorf("log %q: %w", m.logKey(), err)
		}
		if e.Err == nil {
			j.Numbers = &e.List
		}
		died = died || e.Dead()
		j.finish(latest(written, j.Submitted), e.Summary, e.Err)
	}
	m.logged = !died
	return *m.list(list), nil
}

// latest gives the later time: S3 tells when an object was written to the
// second only, which may be before it was asked for.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// findAnswer finds a list's line, or the one that answers the whole message.
func findAnswer(log, list string) (line string, found bool) {
	if line, found = FindLog(log, list); !found {
		line, found = FindLog(log, "-")
	}
	return line, found
}

// unanswered is the state of a list that no log has.
func (m *message) unanswered(list string) Job {
	job := m.job(list)
	if time.Since(m.sent) > lateAfter {
		job.State = jobs.StateDead
		job.Error = "This list was never answered. Its request may be with the operator; please send the numbers again."
	}
	return job
}
