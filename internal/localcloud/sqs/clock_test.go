package sqs

import (
	"testing"
	"testing/synctest"
	"time"
)

// A clock that was put back by an hour between two runs doesn't hide messages
// for an hour: neither what was received nor what was delayed.
func TestClockPutBack(t *testing.T) {
	dir, body := t.TempDir(), "m"
	open := func() *Service {
		s, err := Open(Options{Dir: dir, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	receive := func(s *Service, name string) int {
		visibility, wait := 30*time.Second, time.Duration(0)
		got, err := s.receive(t.Context(), receiving{queue: name, limit: 10, visibility: &visibility, wait: &wait})
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	names := []string{"received", "delayed"}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour) // every bubble begins at the same time
		s := open()
		for i, name := range names {
			if _, err := s.createQueue(&call{}, &createQueueInput{QueueName: name}); err != nil {
				t.Fatal(err)
			}
			delay := 30 * i
			in := &sendInput{queueInput{"http://localhost/000000000000/" + name}, sendEntry{MessageBody: &body, DelaySeconds: &delay}}
			if _, err := s.sendMessage(&call{}, in); err != nil {
				t.Fatal(err)
			}
			if got := receive(s, name); got != 1-i {
				t.Errorf("%s: %d messages at first, want %d", name, got, 1-i)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := open()
		for _, wait := range []time.Duration{0, 29 * time.Second, 2 * time.Second} {
			time.Sleep(wait)
			for _, name := range names {
				want := 0
				if wait == 2*time.Second {
					want = 1
				}
				if got := receive(s, name); got != want {
					t.Errorf("%s: %d messages after another %v, want %d", name, got, wait, want)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
