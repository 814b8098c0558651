package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ledger is what a trial's visitors remember: what they sent, what was taken,
// and what the pages have shown them.
type ledger struct {
	claimed  atomic.Int64 // lists that some visitor has set out to send
	allowed  atomic.Int64 // how many of them may be on their way by now
	accepted atomic.Int64
	refused  atomic.Int64 // answers other than "accepted"; the list counts for nothing
	failed   atomic.Int64 // looks that got no page

	mu     sync.Mutex
	tried  map[string]bool    // every list that was ever sent, as text
	lists  map[string][]int64 // by id: those that were accepted
	shown  map[string]string  // by id: the answer that a page showed
	wrong  []string
	photos []string // ids of the batches of pictures that were accepted
}

func newLedger() *ledger {
	return &ledger{
		tried: make(map[string]bool), lists: make(map[string][]int64),
		shown: make(map[string]string),
	}
}

// listText is a list as the log writes it.
func listText(numbers []int64) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, " ")
}

// load has visitors send lists until so many are accepted or ctx ends. Each
// looks at the answer once before the next list. base gives the address to
// ask, which may change. The channel is closed at the end.
func (l *ledger) load(ctx context.Context, visitors int, lists int64, base func() string) <-chan struct{} {
	ended := make(chan struct{})
	var all sync.WaitGroup
	for range visitors {
		all.Go(func() {
			for ctx.Err() == nil {
				n := l.claimed.Add(1)
				if n > lists {
					return
				}
				for n > l.allowed.Load() && ctx.Err() == nil {
					rest(ctx, 5*time.Millisecond)
				}
				if id, ok := l.insist(ctx, base); ok {
					_, _ = l.look(base(), id)
				}
			}
		})
	}
	go func() {
		all.Wait()
		close(ended)
	}()
	return ended
}

// insist sends lists until one is accepted.
func (l *ledger) insist(ctx context.Context, base func() string) (id string, ok bool) {
	for ctx.Err() == nil {
		numbers := randomList()
		l.mu.Lock()
		l.tried[listText(numbers)] = true
		l.mu.Unlock()
		sent, err := submit(base(), numbers)
		if err != nil {
			l.refused.Add(1)
			rest(ctx, 50*time.Millisecond+rand.N(200*time.Millisecond))
			continue
		}
		l.mu.Lock()
		if l.lists[sent.ID] != nil {
			l.wrong = append(l.wrong, sent.ID+" was given to two lists")
		}
		l.lists[sent.ID] = numbers
		l.mu.Unlock()
		l.accepted.Add(1)
		return sent.ID, true
	}
	return "", false
}

// rest is for visitors, who are no machines.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// look asks for a list's page and holds it against the test's own arithmetic
// and against what was shown before.
func (l *ledger) look(base, id string) (calcJob, error) {
	got, err := look(base, id)
	if err != nil {
		l.failed.Add(1)
		return got, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if got.State == "failed" {
		l.wrong = append(l.wrong, id+" failed: "+got.Error)
	}
	if got.State != "done" {
		return got, nil
	}
	numbers := l.lists[id]
	if err := check(numbers, got); err != nil {
		l.wrong = append(l.wrong, id+": "+err.Error())
	}
	if !slices.Equal(got.Numbers, numbers) {
		l.wrong = append(l.wrong, fmt.Sprintf("%s shows the numbers %v, sent were %v", id, got.Numbers, numbers))
	}
	answer := fmt.Sprint([]json.Number{got.Min, got.Max, got.Mean, got.Median})
	if before := l.shown[id]; before != "" && before != answer {
		l.wrong = append(l.wrong, fmt.Sprintf("%s showed %s, and then %s", id, before, answer))
	}
	l.shown[id] = answer
	return got, nil
}

// unanswered gives the accepted lists that no page has shown an answer to.
func (l *ledger) unanswered() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for id := range l.lists {
		if l.shown[id] == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// answers asks for every list's answer until all have come or died, or time
// is up. It gives those that died, with the page's reason, and how many have
// neither.
func (l *ledger) answers(ctx context.Context, base func() string) (dead map[string]string, waiting int) {
	dead = make(map[string]string)
	for {
		open := l.unanswered()
		open = slices.DeleteFunc(open, func(id string) bool { return dead[id] != "" })
		if len(open) == 0 || ctx.Err() != nil {
			return dead, len(open)
		}
		var mu sync.Mutex
		each(open, func(id string) {
			if ctx.Err() != nil {
				return
			}
			got, err := l.look(base(), id)
			if err == nil && got.State == "dead" && got.Error != "" {
				mu.Lock()
				dead[id] = got.Error
				mu.Unlock()
			}
		})
		rest(ctx, 300*time.Millisecond)
	}
}

// each calls do for every item, a few at a time.
func each[T any](items []T, do func(T)) {
	queue := make(chan T)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for item := range queue {
				do(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	all.Wait()
}
