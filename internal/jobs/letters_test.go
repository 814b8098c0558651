package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// die puts a request on the dead-letter queue, as SQS does with one whose
// workers all died.
func (s *system) die(t *testing.T, m Message) {
	t.Helper()
	for _, err := range s.fakes["work-dlq"].Send(t.Context(), []Message{m}) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

const foundDead = "This job was begun 5 times, and no worker came to an end with it. It is kept for the operator, who can start it again."

// toldDead are the replies that the named jobs are dead, whose workers died.
func toldDead(ids ...string) []replyOf {
	var all []replyOf
	for _, id := range ids {
		all = append(all, replyOf{"error: " + foundDead, map[string]string{
			AttrJobID: id, AttrStatus: "dead", AttrCode: "dead", AttrReason: foundDead}})
	}
	return all
}

// told gives the replies on the reply queue by their jobs' ids.
func (s *system) told() []replyOf {
	return slices.SortedFunc(slices.Values(s.fakes["replies-web"].repliesHeld()), func(a, b replyOf) int {
		return strings.Compare(a.Attributes[AttrJobID], b.Attributes[AttrJobID])
	})
}

// lettersHeld checks that the letters are there for the operator, to be seen
// by everyone.
func (s *system) lettersHeld(t *testing.T, want int) {
	t.Helper()
	dead := s.fakes["work-dlq"]
	if n, hidden := len(dead.held()), dead.hidden(); n != want || hidden != 0 {
		t.Errorf("%d letters, %d of them hidden, want %d and none", n, hidden, want)
	}
}

// A request that got to the dead-letter queue without an answer is answered
// within a minute, once, and then costs nothing for however long it stays.
func TestLetters(t *testing.T) {
	bubble(t, "unanswered", func(t *testing.T) {
		s := newTestSystem(nil)
		r := s.start()
		time.Sleep(time.Hour)
		s.die(t, request("j1"))
		s.die(t, Message{Body: "plain"})
		time.Sleep(time.Minute + 2*time.Second)
		if diff := cmp.Diff(toldDead("j1"), s.fakes["replies-web"].repliesHeld()); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]replyOf{{"error: " + foundDead, map[string]string{
			AttrStatus: "dead", AttrCode: "dead", AttrReason: foundDead}}}, s.fakes["answers"].repliesHeld()); diff != "" {
			t.Errorf("common replies (-want +got):\n%s", diff)
		}
		want := map[string][]string{"j1": {"dead"}, "work-dlq-2": {"dead"}}
		if diff := cmp.Diff(want, s.worker.records); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		if got := s.outcomes(); !slices.Equal(got, []Outcome{OutcomeFoundDead, OutcomeFoundDead}) {
			t.Errorf("outcomes %v", got)
		}
		s.lettersHeld(t, 2)
		before := s.fakes["work-dlq"].called("receive")
		if before > 2 {
			t.Errorf("two letters took %d receives", before)
		}
		time.Sleep(24 * time.Hour)
		if n := s.fakes["work-dlq"].called("receive") - before; n > 0 {
			t.Errorf("letters that are known were received %d times more", n)
		}
		r.stop(t)
	})
}

// A letter whose job has a record is not answered, and a letter that isn't to
// be trusted neither.
func TestLettersLeft(t *testing.T) {
	bubble(t, "answered or refused", func(t *testing.T) {
		s := newTestSystem(nil)
		s.worker.records["j1"] = []string{"re: j1"}
		s.worker.refused["j2"] = true
		s.die(t, request("j1"))
		s.die(t, request("j2"))
		s.die(t, Message{Body: "x", Attributes: map[string]string{AttrJobID: "j3", AttrReplyTo: "work"}})
		r := s.start()
		time.Sleep(24 * time.Hour)
		r.stop(t)
		if diff := cmp.Diff(map[string][]string{"j1": {"re: j1"}}, s.worker.records); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		for _, name := range []string{"replies-web", "answers", "work"} {
			if held := s.fakes[name].repliesHeld(); held != nil {
				t.Errorf("%s has %v", name, held)
			}
		}
		if n := s.fakes["work-dlq"].called("receive"); n != 1 {
			t.Errorf("%d receives", n)
		}
		s.lettersHeld(t, 3)
	})
}

// Several workers make one answer of each of many letters, though each gets
// only those that the others don't hold.
func TestLettersManyWorkers(t *testing.T) {
	bubble(t, "three workers", func(t *testing.T) {
		s := newTestSystem(nil)
		s.fakes["work-dlq"].shuffle = true
		s.fakes["work-dlq"].delay = 50 * time.Millisecond
		const letters = 120
		var ids []string
		for i := range letters {
			ids = append(ids, fmt.Sprintf("j%03d", i))
			s.die(t, request(ids[i]))
		}
		var all []*running
		for range 3 {
			all = append(all, s.start())
		}
		time.Sleep(2 * time.Hour)
		if diff := cmp.Diff(toldDead(ids...), s.told()); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		before := s.fakes["work-dlq"].called("receive")
		time.Sleep(24 * time.Hour)
		if n := s.fakes["work-dlq"].called("receive") - before; n > 0 {
			t.Errorf("letters that are known were received %d times more", n)
		}
		s.lettersHeld(t, letters)
		for _, r := range all {
			r.stop(t)
		}
	})
}

// What comes after the operator has taken letters away is answered, too.
func TestLettersAfterRedrive(t *testing.T) {
	bubble(t, "one goes, another comes", func(t *testing.T) {
		s := newTestSystem(nil)
		s.die(t, request("j1"))
		s.die(t, request("j2"))
		r := s.start()
		time.Sleep(5 * time.Minute)
		for _, step := range []struct {
			keep int
			next string
		}{{1, "j3"}, {0, "j4"}} {
			s.fakes["work-dlq"].set(func(q *fakeQueue) { q.messages = q.messages[:step.keep] })
			time.Sleep(5 * time.Minute)
			s.die(t, request(step.next))
			time.Sleep(5 * time.Minute)
		}
		if diff := cmp.Diff(toldDead("j1", "j2", "j3", "j4"), s.told()); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		s.lettersHeld(t, 1)
		r.stop(t)
	})
}

// While records can't be stored nobody is told anything, and tries come ever
// more seldom; once they can, the answer comes.
func TestLettersRecordFails(t *testing.T) {
	bubble(t, "S3 is down for a day", func(t *testing.T) {
		s := newTestSystem(nil)
		down := errors.New("S3 is down")
		s.worker.record = func(context.Context, Job, string) error { return down }
		s.die(t, request("j1"))
		r := s.start()
		time.Sleep(24 * time.Hour)
		if held := s.fakes["replies-web"].repliesHeld(); held != nil {
			t.Errorf("replies without a record: %v", held)
		}
		if n := s.fakes["work-dlq"].called("receive"); n < 24 || n > 24*60/5+10 {
			t.Errorf("%d receives in a day", n)
		}
		s.worker.mu.Lock()
		s.worker.record = nil
		s.worker.mu.Unlock()
		time.Sleep(12 * time.Minute)
		r.stop(t)
		if diff := cmp.Diff(toldDead("j1"), s.fakes["replies-web"].repliesHeld()); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		s.lettersHeld(t, 1)
	})
}

// A queue that can't be read, since an older policy doesn't allow it, is asked
// ever more seldom, and a stop in the middle of a reading shows the letters
// again.
func TestLettersCalls(t *testing.T) {
	bubble(t, "denied", func(t *testing.T) {
		s := newTestSystem(nil)
		s.fakes["work-dlq"].fail = func(string) error { return errFake }
		r := s.start()
		time.Sleep(24 * time.Hour)
		r.stop(t)
		if n := len(s.troubles); n < 24 || n > 24*60/5+10 {
			t.Errorf("%d lines in the log a day", n)
		}
	})
	bubble(t, "stopped", func(t *testing.T) {
		s := newTestSystem(nil)
		s.fakes["work-dlq"].delay, s.fakes["work-dlq"].slow = 5*time.Second, "receive"
		for i := range 30 {
			s.die(t, request(fmt.Sprint("j", i)))
		}
		r := s.start()
		for s.fakes["work-dlq"].hidden() == 0 {
			time.Sleep(time.Second)
		}
		r.stop(t)
		s.lettersHeld(t, 30)
	})
}
