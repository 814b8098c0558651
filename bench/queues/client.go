package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cloudworks/internal/cloudcal"
)

// submit has one list worked on, and waits for the answer.
type submit func(ctx context.Context, list cloudcal.List) (cloudcal.Summary, error)

// engine is one way of doing the jobs, both halves of it.
type engine func(ctx context.Context, l load) (do submit, stop func(), err error)

var engines = map[string]engine{"ours": ours, "onebyone": oneByOne, "lab": lab}

// runClient is a client process: it does a load and prints what it measured.
func runClient(ctx context.Context, role string, l load) error {
	make, ok := engines[role]
	if !ok {
		return fmt.Errorf("no client %q", role)
	}
	do, stop, err := make(ctx, l)
	if err != nil {
		return err
	}
	defer stop()
	warm := l
	warm.Jobs, warm.Most, warm.Rate, warm.Users = l.Warm, 10*time.Second, 0, max(1, l.Users)
	if _, err := drive(ctx, do, warm); err != nil {
		return err
	}
	m, err := drive(ctx, do, l)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

// drive has users submit lists, each the next when the last is answered.
func drive(ctx context.Context, do submit, l load) (measured, error) {
	if _, err := readCounts(l.Endpoint); err != nil {
		return measured{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.Most)
	defer cancel()
	var (
		m     measured
		mu    sync.Mutex
		took  []float64
		first error
		begun atomic.Int64
		users sync.WaitGroup
	)
	one := func() {
		list := randomList()
		at := time.Now()
		got, err := do(ctx, list)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case ctx.Err() != nil:
		case err != nil:
			first = err
		default:
			m.Jobs++
			took = append(took, time.Since(at).Seconds()*1000)
			if got != cloudcal.Compute(list) {
				m.Wrong++
			}
		}
	}
	began, cpu := time.Now(), cpuTime()
	if l.Rate > 0 {
		for range arrivals(ctx, l) {
			users.Go(one)
		}
	}
	for range l.Users {
		users.Go(func() {
			for begun.Add(1) <= int64(l.Jobs) && ctx.Err() == nil {
				one()
			}
		})
	}
	users.Wait()
	m.Seconds, m.CPU = time.Since(began).Seconds(), cpuTime()-cpu
	counted, err := readCounts(l.Endpoint)
	if err != nil || first != nil || len(took) == 0 {
		return m, fmt.Errorf("%d jobs done: %w", len(took), cmpErr(first, err))
	}
	slices.Sort(took)
	m.Counts, m.P50, m.P99 = counted, took[len(took)/2], took[len(took)*99/100]
	return m, nil
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return context.DeadlineExceeded
}

func randomList() cloudcal.List {
	var l cloudcal.List
	for i := range l {
		l[i] = rand.Int64N(2_000_001) - 1_000_000
	}
	return l
}

// cpuTime is the processor time of this process so far, in seconds.
func cpuTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// roundTrip is the median time of a call to SQS.
func roundTrip(endpoint string) (time.Duration, error) {
	c, err := newSQS(endpoint)
	if err != nil {
		return 0, err
	}
	var took []time.Duration
	for range 50 {
		began := time.Now()
		if _, err := c.url(context.Background(), "trip"); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
