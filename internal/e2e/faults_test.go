package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// A worker that is killed in the middle loses nothing: another one answers
// what it had in hand.
func TestKilledWorker(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	victim := s.startWorker()
	var visitors sync.WaitGroup
	for i := range 100 {
		visitors.Go(func() { solve(t, web.url, web.url) })
		if i%20 == 10 {
			victim.kill()
			victim = s.startWorker()
		}
	}
	visitors.Wait()
}

// A web process that is killed shows every answer after its restart: the
// record is on S3.
func TestKilledWeb(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb()
	ids := make(map[string][]int64)
	for range 20 {
		numbers := randomList()
		sent, err := submit(web.url, numbers)
		if err != nil {
			t.Fatal(err)
		}
		ids[sent.ID] = numbers
	}
	web.kill()
	web = s.startWeb()
	for id, numbers := range ids {
		var got calcJob
		eventually(t, 60*time.Second, id+" is answered", func() (err error) {
			if got, err = look(web.url, id); err == nil && got.State != "done" {
				err = errNotYet
			}
			return err
		})
		if err := check(numbers, got); err != nil {
			t.Error(err)
		}
	}
}

// A stop ends with code 0, and nothing that was finished is done again.
func TestSoftStop(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	first := s.startWorker()
	var visitors sync.WaitGroup
	for range 50 {
		visitors.Go(func() { solve(t, web.url, web.url) })
	}
	first.stop()
	if first.err != nil {
		t.Errorf("the worker ended with %v", first.err)
	}
	second := s.startWorker()
	visitors.Wait()
	finishedBy := func(p *process) map[string]bool {
		ids := make(map[string]bool)
		for _, line := range p.lines(`"outcome":"done"`) {
			_, rest, _ := strings.Cut(line, `"job":"`)
			id, _, _ := strings.Cut(rest, `"`)
			ids[id] = true
		}
		return ids
	}
	again := finishedBy(second)
	for id := range finishedBy(first) {
		if again[id] {
			t.Errorf("%s was finished by the first worker and done again by the second", id)
		}
	}
}
