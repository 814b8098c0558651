package main

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// daily are the rates that are run: 100,000 and 10 million lists a day, and
// three times as many as that, as in a busy hour.
var daily = []float64{1e5 / 86400, 1e7 / 86400, 3e7 / 86400}

// arrive has lists come by chance, for most of the time that a run may take.
func arrive(ctx context.Context, self, endpoint string, o options) error {
	ours := client{name: "ours", command: []string{self, "-role", "ours", "-load"}}
	fmt.Printf("SQS %v, S3 %v a call, %v of each rate\n\n", o.sqs, o.s3, o.most)
	fmt.Println("| lists a second | lists | SQS calls a list | S3 puts a list | p50 / p99 | $ a million lists |\n|---|---|---|---|---|---|")
	for _, rate := range daily {
		m, err := ours.one(ctx, load{Endpoint: endpoint, Rate: rate, Jobs: int(rate * o.most.Seconds()), Warm: 20, Most: o.most + 10*time.Second})
		if err != nil {
			return err
		}
		fmt.Printf("| %.1f | %d | %.2f | %.2f | %.1f / %.1f ms | %.2f |\n",
			rate, m.Jobs, m.perJob(m.Counts.Billed), m.perJob(m.Counts.Puts), m.P50, m.P99, m.dollars())
	}
	return nil
}

// arrivals gives each of a load's lists when it comes: a Poisson process.
func arrivals(ctx context.Context, l load) iter.Seq[int] {
	return func(yield func(int) bool) {
		next := time.Now()
		for n := range l.Jobs {
			next = next.Add(time.Duration(rand.ExpFloat64() / l.Rate * float64(time.Second)))
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(next)):
			}
			if !yield(n) {
				return
			}
		}
	}
}
