// Command queues runs the same CloudCal jobs through our engine and through
// others, against one backend in memory with set delays, and prints what each
// took: by hand, for docs/performance.md, never in CI.
//
//	go run ./bench/queues                 all that can be run here
//	go run ./bench/queues -only ours      one of them
//	go run ./bench/queues -growth         ours on ever longer queues: some 8 minutes and 0.5 GB
//	go run ./bench/queues -rates          ours, with lists that come as they do in a day
//
// The npm libraries are fetched by npm into a temporary folder; without npm
// they are left out.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "queues:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var o options
	flag.IntVar(&o.jobs, "jobs", 5000, "jobs in a run")
	flag.DurationVar(&o.sqs, "sqs", 6*time.Millisecond, "delay of a call to SQS")
	flag.DurationVar(&o.s3, "s3", 25*time.Millisecond, "delay of a call to S3")
	flag.DurationVar(&o.most, "most", 10*time.Second, "the longest that one run may take")
	flag.IntVar(&o.repeat, "repeat", 3, "runs of each; the one of median jobs/s is printed")
	flag.Float64Var(&o.fail, "fail", 0, "share of the calls that fail before any work")
	flag.Float64Var(&o.lose, "lose", 0, "share of the calls that are done and not answered")
	growth := flag.Bool("growth", false, "instead, drain ever longer queues by one worker and by two")
	flag.IntVar(&o.waiting, "waiting", 1_000_000, "with -growth: the longest queue")
	rates := flag.Bool("rates", false, "instead, have lists come by chance at several rates, whether answered or not")
	flag.StringVar(&o.only, "only", "", "run only the clients whose names hold this")
	role := flag.String("role", "", "what this process is; for the bench's own use")
	spec := flag.String("load", "", "what a client has to do; for the bench's own use")
	flag.Parse()
	switch *role {
	case "backend":
		return serveBackend(o)
	case "":
		if *growth {
			return onBackend(ctx, o, grow)
		}
		if *rates {
			return onBackend(ctx, o, arrive)
		}
		return onBackend(ctx, o, compare)
	default:
		var l load
		if err := json.Unmarshal([]byte(*spec), &l); err != nil {
			return err
		}
		if *role == "drain" {
			return drain(ctx, l)
		}
		return runClient(ctx, *role, l)
	}
}

type options struct {
	jobs, repeat  int
	waiting       int
	sqs, s3, most time.Duration
	fail, lose    float64
	only          string
}

// load is what a client process has to do.
type load struct {
	Endpoint string
	Users    int
	Jobs     int
	Most     time.Duration
	// Warm is how many jobs go before, uncounted.
	Warm int
	// Rate is how many lists come a second, at random; 0 for as many as the
	// users send.
	Rate float64
	// Slots is how many requests a worker that drains a queue has in hand.
	Slots int
}

// measured is what a client process says of its run.
type measured struct {
	Jobs    int
	Wrong   int     // answered with another's figures
	Seconds float64 // the run
	CPU     float64 // seconds of this process in the run
	P50     float64 // ms from the start of a submission to its answer
	P99     float64
	Counts  counts // what the backend saw in the run
}

// onBackend has do work on a backend of its own; self is this program.
func onBackend(ctx context.Context, o options, do func(ctx context.Context, self, endpoint string, o options) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	endpoint, stop, err := startBackend(ctx, self, o)
	if err != nil {
		return err
	}
	defer stop()
	return do(ctx, self, endpoint, o)
}

// compare runs every client on the backend.
func compare(ctx context.Context, self, endpoint string, o options) error {
	peers, clean, err := clients(ctx, self, o.only)
	if err != nil {
		return err
	}
	defer clean()
	trip, err := roundTrip(endpoint)
	if err != nil {
		return err
	}
	printHead(o, trip)
	for _, p := range peers {
		row, err := measure(ctx, p, endpoint, o)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		row.print()
	}
	return nil
}

// client is one that takes part.
type client struct {
	name    string
	command []string // to which the load is added
	users   []int
}

func clients(ctx context.Context, self, only string) (list []client, clean func(), err error) {
	of := func(role string) []string { return []string{self, "-role", role, "-load"} }
	list = []client{
		{"lab script's loop", of("lab"), []int{64}},
		{"Go, one by one, 16 pollers", of("onebyone"), []int{64, 512}},
		{"ours", of("ours"), []int{64, 512}},
	}
	clean = func() {}
	if only == "" || strings.Contains("npm sqs-consumer", only) {
		var script string
		script, clean, err = fetchNPM(ctx)
		if err != nil {
			fmt.Fprintln(os.Stderr, "queues: without the npm libraries:", err)
			clean = func() {}
		} else {
			list = append(list,
				client{"npm sqs-consumer + sqs-producer ×1", []string{"node", script, "1"}, []int{64, 512}},
				client{"npm sqs-consumer + sqs-producer ×4", []string{"node", script, "4"}, []int{64, 512}})
		}
	}
	var chosen []client
	for _, c := range list {
		if strings.Contains(c.name, only) {
			chosen = append(chosen, c)
		}
	}
	return chosen, clean, nil
}

// one runs a client process under a load.
func (c client) one(ctx context.Context, l load) (measured, error) {
	spec, err := json.Marshal(l)
	if err != nil {
		return measured{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.Most+90*time.Second)
	defer cancel()
	args := append(append([]string(nil), c.command[1:]...), string(spec))
	cmd := exec.CommandContext(ctx, c.command[0], args...) // #nosec G204 -- the bench's own list
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "NODE_NO_WARNINGS=1")
	out, err := cmd.Output()
	if err != nil {
		return measured{}, err
	}
	var m measured
	if err := json.Unmarshal(out, &m); err != nil {
		return m, fmt.Errorf("answer %q: %w", out, err)
	}
	return m, nil
}
