package sqs

// fifo is a first-in, first-out list. The zero value is empty.
type fifo[T any] struct {
	items []T
	head  int // of items; those before it were taken
}

func (f *fifo[T]) len() int { return len(f.items) - f.head }

func (f *fifo[T]) push(item T) { f.items = append(f.items, item) }

// pop takes the first item; there must be one.
func (f *fifo[T]) pop() T {
	var none T
	item := f.items[f.head]
	f.items[f.head] = none
	f.head++
	// The room before the head is given back once it is half of the whole, so
	// that each item is moved at most once on average.
	if f.head*2 >= len(f.items) {
		n := copy(f.items, f.items[f.head:])
		clear(f.items[n:])
		f.items, f.head = f.items[:n], 0
	}
	return item
}

// promote puts the i-th item first, and the first in its place.
func (f *fifo[T]) promote(i int) {
	f.items[f.head], f.items[f.head+i] = f.items[f.head+i], f.items[f.head]
}
