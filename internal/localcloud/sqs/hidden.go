package sqs

import (
	"container/heap"
	"time"
)

// hidden holds a queue's delayed and in-flight messages, the one that becomes
// visible first in front. It is a heap of container/heap.
type hidden []*message

var _ heap.Interface = (*hidden)(nil)

func (h hidden) Len() int           { return len(h) }
func (h hidden) Less(i, j int) bool { return h[i].visibleAt.Before(h[j].visibleAt) }
func (h hidden) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *hidden) Push(x any) {
	m := x.(*message)
	m.index = len(*h)
	*h = append(*h, m)
}

// Pop implements heap.Interface.
func (h *hidden) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return m
}

// next tells when the first message becomes visible.
func (h hidden) next() (at time.Time, ok bool) {
	if len(h) == 0 {
		return time.Time{}, false
	}
	return h[0].visibleAt, true
}
