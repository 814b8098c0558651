package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cloudworks/internal/cloud"
	"cloudworks/internal/cloudcal"
	"cloudworks/internal/jobs"
)

// grow has workers drain queues of bare requests, ever longer ones.
func grow(ctx context.Context, self, endpoint string, o options) error {
	worker := client{name: "drain", command: []string{self, "-role", "drain", "-load"}}
	fmt.Printf("SQS %v, S3 %v a call, a message and a log for each job\n\n", o.sqs, o.s3)
	fmt.Println("| waiting | workers | slots each | jobs/s | SQS calls a job | CPU s per 1,000 |\n|---|---|---|---|---|---|")
	row := func(waiting, workers, slots int) (measured, error) {
		repeat := o.repeat
		if waiting > 20_000 {
			repeat = 1 // a long run is its own average
		}
		m, err := median(repeat, func() (measured, error) {
			return drainBy(ctx, worker, endpoint, waiting, workers, slots)
		})
		if err == nil {
			fmt.Printf("| %d | %d | %d | %.0f | %.2f | %.2f |\n", waiting, workers, slots, m.rate(), m.perJob(m.Counts.SQS), m.cpuPerJob()*1000)
		}
		return m, err
	}
	var short, long, one, two measured
	var err error
	for waiting := 1_000; waiting <= o.waiting; waiting *= 10 {
		if long, err = row(waiting, 1, 128); err != nil {
			return err
		}
		if waiting == 1_000 {
			short = long
		}
	}
	if one, err = row(5_000, 1, 16); err != nil {
		return err
	}
	if two, err = row(5_000, 2, 16); err != nil {
		return err
	}
	fmt.Printf("\nFrom the shortest queue to the longest, a job's CPU goes by × %.2f and its SQS calls by × %.2f; from one worker to two, jobs/s go by × %.2f.\n",
		long.cpuPerJob()/short.cpuPerJob(), long.perJob(long.Counts.SQS)/short.perJob(short.Counts.SQS), two.rate()/one.rate())
	return nil
}

// cpuPerJob is processor time in seconds.
func (m measured) cpuPerJob() float64 { return m.CPU / float64(m.Jobs) }

// drainBy fills the request queue and has workers empty it.
func drainBy(ctx context.Context, worker client, endpoint string, waiting, workers, slots int) (measured, error) {
	answer, err := http.Get(fmt.Sprintf("%s/_fill?queue=%s&n=%d", endpoint, cloudcal.RequestQueue, waiting))
	if err != nil {
		return measured{}, err
	}
	answer.Body.Close()
	if _, err := readCounts(endpoint); err != nil {
		return measured{}, err
	}
	var total measured
	var mu sync.Mutex
	var all sync.WaitGroup
	var first error
	for range workers {
		all.Go(func() {
			m, err := worker.one(ctx, load{Endpoint: endpoint, Jobs: waiting / workers, Most: 20 * time.Minute, Slots: slots})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				first = err
			}
			total.Jobs += m.Jobs
			total.CPU += m.CPU
			total.Seconds = max(total.Seconds, m.Seconds)
		})
	}
	all.Wait()
	if total.Counts, err = readCounts(endpoint); err != nil {
		return total, err
	}
	return total, first
}

// drain works until nothing is left to do.
func drain(ctx context.Context, l load) error {
	c, err := cloud.Open(ctx, cloud.Options{Endpoint: l.Endpoint, Region: "us-east-1", AccessKey: "a", SecretKey: "b"})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	// What isn't followed by another for a while was the last.
	const quiet = 2 * time.Second
	var done, last atomic.Int64
	idle := time.AfterFunc(10*quiet, stop)
	runner := jobs.NewRunner(jobs.RunnerOptions{
		Queue: func(ctx context.Context, name string) (jobs.Queue, error) { return c.Queue(ctx, name) },
		Hooks: jobs.Hooks{Finished: func(f jobs.Finished) {
			if f.Outcome == jobs.OutcomeDone {
				done.Add(1)
				last.Store(time.Now().UnixNano())
				idle.Reset(quiet)
			}
		}},
		AbandonPolls: true,
	})
	jobs.Register(runner, limited{cloudcal.NewWorker(c.Bucket("bench")), l.Slots})
	began, cpu := time.Now(), cpuTime()
	if err := runner.Run(ctx, context.WithoutCancel(ctx)); err != nil {
		return err
	}
	m := measured{Jobs: int(done.Load()), Seconds: time.Unix(0, last.Load()).Sub(began).Seconds(), CPU: cpuTime() - cpu}
	return json.NewEncoder(os.Stdout).Encode(m)
}

// limited is CloudCal's worker with slots of our choice.
type limited struct {
	*cloudcal.Worker
	slots int
}

func (w limited) Kind() jobs.Kind {
	k := w.Worker.Kind()
	k.Slots = w.slots
	return k
}
