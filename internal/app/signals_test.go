package app

import (
	"context"
	"os"
	"testing"
	"time"
)

// The first signal stops softly, the second, however soon, at once.
func TestSignals(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	soft, hard, end := Signals(t.Context())
	defer end()
	signal := func() {
		t.Helper()
		if err := self.Signal(os.Interrupt); err != nil {
			t.Skipf("no signals here: %v", err)
		}
	}
	ended := func(ctx context.Context) {
		t.Helper()
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("the signal doesn't count")
		}
	}
	signal()
	ended(soft)
	if hard.Err() != nil {
		t.Error("the first signal stops hard")
	}
	signal()
	ended(hard)
}

// Without a signal both go on until the end.
func TestSignalsEnd(t *testing.T) {
	soft, hard, end := Signals(t.Context())
	if soft.Err() != nil || hard.Err() != nil {
		t.Error("stopped before there was a signal")
	}
	end()
	if soft.Err() == nil || hard.Err() == nil {
		t.Error("the end is none")
	}
}
