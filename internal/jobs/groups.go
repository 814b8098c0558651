package jobs

import (
	"context"
	"sync"
)

// groups bounds how many requests of one group are worked on at once: who
// sends much leaves room for others in the worker, as the queue lets others go
// first.
type groups struct {
	most int // 0 for as many as there are

	mu    sync.Mutex
	turns map[string]*turns // of the groups that have requests in hand
}

// turns are those of one group.
type turns struct {
	taken chan struct{} // has room for as many as may go on
	users int           // requests in hand
}

func newGroups(most int) *groups { return &groups{most: most, turns: make(map[string]*turns)} }

// enter waits for a turn of the group. Leave is nil when ctx ends before; it is
// to be called when the work is done.
func (g *groups) enter(ctx context.Context, group string) (leave func()) {
	if group == "" || g.most == 0 {
		return func() {}
	}
	t := g.join(group)
	select {
	case t.taken <- struct{}{}:
		return func() {
			<-t.taken
			g.part(group, t)
		}
	case <-ctx.Done():
		g.part(group, t)
		return nil
	}
}

func (g *groups) join(group string) *turns {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.turns[group]
	if t == nil {
		t = &turns{taken: make(chan struct{}, g.most)}
		g.turns[group] = t
	}
	t.users++
	return t
}

func (g *groups) part(group string, t *turns) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(g.turns, group)
	}
}
