package app

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Signals gives a context that ends at the first signal to stop, and one that
// ends at the second, or both with ctx. The caller calls end.
func Signals(ctx context.Context) (soft, hard context.Context, end func()) {
	hard, stopHard := context.WithCancel(ctx)
	soft, stopSoft := context.WithCancel(hard)
	got := make(chan os.Signal, 2)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM)
	var listener sync.WaitGroup
	listener.Go(func() {
		for _, stop := range []func(){stopSoft, stopHard} {
			select {
			case <-got:
				stop()
			case <-hard.Done():
				return
			}
		}
	})
	return soft, hard, func() {
		signal.Stop(got)
		stopHard()
		listener.Wait()
	}
}
