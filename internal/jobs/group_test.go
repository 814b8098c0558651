package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// committed records commits and takes 10 ms for each.
type committed struct {
	mu      sync.Mutex
	batches [][]int
	at      []time.Duration // since the start
	start   time.Time
	flying  int
	most    int
}

func (c *committed) commit(ctx context.Context, items []int) []string {
	c.mu.Lock()
	c.batches = append(c.batches, slices.Clone(items))
	c.at = append(c.at, time.Since(c.start))
	c.flying++
	c.most = max(c.most, c.flying)
	c.mu.Unlock()
	pause(ctx, 10*time.Millisecond)
	c.mu.Lock()
	c.flying--
	c.mu.Unlock()
	out := make([]string, len(items))
	for i, n := range items {
		out[i] = fmt.Sprint("r", n)
	}
	return out
}

func (c *committed) sizes() []int {
	var sizes []int
	for _, b := range c.batches {
		sizes = append(sizes, len(b))
	}
	return sizes
}

// arrival is an item and when it comes, in ms from the start.
type arrival struct{ item, at int }

func burst(n, at int) []arrival {
	var all []arrival
	for i := range n {
		all = append(all, arrival{i, at})
	}
	return all
}

func TestGroupFills(t *testing.T) {
	size := func(n int) int { return n }
	tests := []struct {
		name  string
		opts  GroupOptions[int]
		items []arrival
		sizes []int
		at    []int // ms
		most  int   // commits at once
	}{
		{"idle", GroupOptions[int]{}, []arrival{{1, 0}, {2, 50}}, []int{1, 1}, []int{0, 50}, 1},
		{"what comes meanwhile leaves together", GroupOptions[int]{}, []arrival{{1, 0}, {2, 1}, {3, 2}, {4, 3}}, []int{1, 3}, []int{0, 10}, 1},
		{"limit", GroupOptions[int]{Limit: 3}, append(burst(1, 0), burst(7, 1)...), []int{1, 3, 3, 1}, []int{0, 10, 20, 30}, 1},
		{"limit, two flights", GroupOptions[int]{Limit: 3, Flights: 2}, append(burst(1, 0), burst(7, 1)...), []int{1, 3, 3, 1}, []int{0, 1, 10, 20}, 2},
		{"four flights, the last not full", GroupOptions[int]{Limit: 2, Flights: 4}, append(burst(1, 0), burst(7, 1)...), []int{1, 2, 2, 2, 1}, []int{0, 1, 1, 1, 11}, 4},
		{"bytes", GroupOptions[int]{Bytes: 10, Size: size}, []arrival{{1, 0}, {5, 1}, {5, 2}, {1, 3}, {99, 4}, {1, 5}}, []int{1, 2, 1, 1, 1}, []int{0, 10, 20, 30, 40}, 1},
		{"linger", GroupOptions[int]{Linger: 20 * time.Millisecond}, []arrival{{1, 0}, {2, 5}, {3, 19}, {4, 21}}, []int{3, 1}, []int{20, 41}, 1},
		{"a full one doesn't linger", GroupOptions[int]{Limit: 2, Linger: 20 * time.Millisecond}, []arrival{{1, 0}, {2, 5}, {3, 6}, {4, 20}}, []int{2, 2}, []int{5, 20}, 1},
		{"lingering counts from the oldest", GroupOptions[int]{Limit: 2, Linger: 20 * time.Millisecond}, []arrival{{1, 0}, {2, 0}, {3, 2}}, []int{2, 1}, []int{0, 22}, 1},
		{"no gathering for one alone", GroupOptions[int]{Gather: 2 * time.Millisecond}, []arrival{{1, 0}, {2, 30}, {3, 60}}, []int{1, 1, 1}, []int{0, 30, 60}, 1},
		{"gathering after company", GroupOptions[int]{Gather: 2 * time.Millisecond}, []arrival{{1, 0}, {2, 1}, {3, 1}, {4, 40}, {5, 41}, {6, 43}}, []int{1, 2, 2, 1}, []int{0, 10, 41, 51}, 1},
		{"company long ago", GroupOptions[int]{Gather: 2 * time.Millisecond}, []arrival{{1, 0}, {2, 1}, {3, 1}, {4, 200}}, []int{1, 2, 1}, []int{0, 10, 200}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &committed{start: time.Now()}
				g := NewGroup(test.opts, c.commit)
				var all sync.WaitGroup
				for i, a := range test.items {
					all.Go(func() {
						// The order within a millisecond is the table's.
						pause(t.Context(), time.Duration(a.at)*time.Millisecond+time.Duration(i))
						got, err := g.Do(t.Context(), a.item)
						if want := fmt.Sprint("r", a.item); got != want || err != nil {
							t.Errorf("item %d: got %q, %v; want %q", a.item, got, err, want)
						}
					})
				}
				all.Wait()
				g.Close()
				var at []int
				for _, d := range c.at {
					at = append(at, int(d.Round(time.Millisecond).Milliseconds()))
				}
				if diff := cmp.Diff(test.sizes, c.sizes()); diff != "" {
					t.Errorf("sizes (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.at, at); diff != "" {
					t.Errorf("times (-want +got):\n%s", diff)
				}
				if c.most != test.most {
					t.Errorf("%d commits at once, want %d", c.most, test.most)
				}
			})
		})
	}
}

// The busier a group is, the fewer commits an item costs, and none waits for
// longer than two commits.
func TestGroupUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &committed{start: time.Now()}
		g := NewGroup(GroupOptions[int]{Limit: 500}, c.commit)
		const items = 10_000 // over a second
		var all sync.WaitGroup
		for i := range items {
			all.Go(func() {
				pause(t.Context(), time.Duration(i)*100*time.Microsecond)
				began := time.Now()
				if _, err := g.Do(t.Context(), i); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took > 20*time.Millisecond {
					t.Errorf("item %d waited for %v", i, took)
				}
			})
		}
		all.Wait()
		g.Close()
		if n := len(c.batches); n > 110 {
			t.Errorf("%d commits, want about 100", n)
		}
	})
}

func TestGroupErrorsReachTheirItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		odd := errors.New("odd")
		g := NewGroup(GroupOptions[int]{}, func(ctx context.Context, items []int) []error {
			pause(ctx, time.Millisecond)
			errs := make([]error, len(items))
			for i, n := range items {
				if n%2 == 1 {
					errs[i] = odd
				}
			}
			return errs
		})
		defer g.Close()
		var all sync.WaitGroup
		for n := range 25 {
			all.Go(func() {
				got, err := g.Do(t.Context(), n)
				if err != nil || (got != nil) != (n%2 == 1) {
					t.Errorf("item %d: got %v, %v", n, got, err)
				}
			})
		}
		all.Wait()
	})
}

// A commit that breaks its promise leaves nobody waiting.
func TestGroupBrokenCommit(t *testing.T) {
	tests := []struct {
		name   string
		commit func(context.Context, []int) []int
	}{
		{"panics", func(context.Context, []int) []int { panic("oh") }},
		{"gives nothing", func(context.Context, []int) []int { return nil }},
		{"gives too few", func(_ context.Context, items []int) []int { return items[1:] }},
		{"gives too many", func(_ context.Context, items []int) []int { return append(items, 1) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewGroup(GroupOptions[int]{Limit: 3, Linger: time.Second}, test.commit)
				var all sync.WaitGroup
				for n := range 5 {
					all.Go(func() {
						if got, err := g.Do(t.Context(), n); err == nil {
							t.Errorf("item %d: got %d and no error", n, got)
						}
					})
				}
				all.Wait()
				g.Close()
			})
		})
	}
}

func TestGroupClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &committed{start: time.Now()}
		g := NewGroup(GroupOptions[int]{Linger: time.Hour}, c.commit)
		var all sync.WaitGroup
		for n := range 3 {
			all.Go(func() {
				if _, err := g.Do(t.Context(), n); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		g.Close() // commits at once and waits for it
		if got := c.sizes(); !slices.Equal(got, []int{3}) || c.flying != 0 {
			t.Errorf("commits %v, %d under way", got, c.flying)
		}
		if took := time.Since(c.start); took != 10*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
		if _, err := g.Do(t.Context(), 9); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		all.Wait()
		g.Close() // again
	})
}

func TestGroupCallerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &committed{start: time.Now()}
		g := NewGroup(GroupOptions[int]{}, c.commit)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Millisecond)
		defer cancel()
		var others sync.WaitGroup
		others.Go(func() {
			if got, err := g.Do(t.Context(), 1); got != "r1" || err != nil {
				t.Errorf("the other got %q, %v", got, err)
			}
		})
		if _, err := g.Do(ctx, 2); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(c.start); took != 3*time.Millisecond {
			t.Errorf("waited for %v", took)
		}
		if _, err := g.Do(ctx, 3); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		others.Wait()
		g.Close()
		for _, b := range c.batches {
			if slices.Contains(b, 3) {
				t.Error("an item was committed whose caller had gone before")
			}
		}
	})
}

// A commit that hangs is cut by its time limit, as seen through ctx.
func TestGroupTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGroup(GroupOptions[int]{Timeout: time.Second}, func(ctx context.Context, items []int) []error {
			<-ctx.Done()
			return slices.Repeat([]error{ctx.Err()}, len(items))
		})
		defer g.Close()
		if got, err := g.Do(t.Context(), 1); !errors.Is(got, context.DeadlineExceeded) || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// Users who send again when they are answered, in two halves that take turns,
// become one whose items leave together; where calls take long they don't wait
// for each other.
func TestGroupReunion(t *testing.T) {
	for _, test := range []struct {
		took     time.Duration // of a commit
		together bool
	}{{10 * time.Millisecond, true}, {time.Second, false}} {
		bubble(t, test.took.String(), func(t *testing.T) {
			var mu sync.Mutex
			var sizes []int
			var longest time.Duration
			g := NewGroup(GroupOptions[int]{Limit: 100, Gather: time.Millisecond}, func(ctx context.Context, items []int) []int {
				mu.Lock()
				sizes = append(sizes, len(items))
				mu.Unlock()
				pause(ctx, test.took)
				return items
			})
			ctx, cancel := context.WithTimeout(t.Context(), 100*test.took)
			defer cancel()
			var users sync.WaitGroup
			for i := range 8 {
				users.Go(func() {
					pause(ctx, time.Duration(i/4)*test.took/2)
					for ctx.Err() == nil {
						began := time.Now()
						if _, err := g.Do(context.Background(), i); err != nil {
							t.Error(err)
						}
						mu.Lock()
						longest = max(longest, time.Since(began))
						mu.Unlock()
						pause(ctx, test.took) // the answer is on its way
					}
				})
			}
			users.Wait()
			g.Close()
			last := sizes[len(sizes)-10 : len(sizes)-2]
			if all := slices.Min(last) == 8; all != test.together {
				t.Errorf("the last commits had %v items; want all 8 in each: %v", last, test.together)
			}
			if most := test.took*13/4 + 2*time.Millisecond; longest > most {
				t.Errorf("one waited for %v, want at most %v", longest, most)
			}
		})
	}
}
