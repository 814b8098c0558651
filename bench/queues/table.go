package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// List prices in dollars for a million requests, us-east-1: SQS standard
// queues, counted in parts of 64 KiB, and S3's PUT.
const (
	priceSQS = 0.40
	pricePut = 5.00
)

// row is what the table says of one client.
type row struct {
	name  string
	users map[int]measured
	alone measured
}

// measure runs a client at each number of users, and one job at a time.
func measure(ctx context.Context, c client, endpoint string, o options) (row, error) {
	r := row{name: c.name, users: make(map[int]measured)}
	for _, users := range c.users {
		m, err := median(o.repeat, func() (measured, error) {
			return c.one(ctx, load{Endpoint: endpoint, Users: users, Jobs: o.jobs, Most: o.most, Warm: 4 * users})
		})
		if err != nil {
			return r, err
		}
		r.users[users] = m
	}
	var err error
	r.alone, err = c.one(ctx, load{Endpoint: endpoint, Users: 1, Jobs: 300, Most: o.most, Warm: 20})
	return r, err
}

// median gives the run of median jobs a second.
func median(n int, one func() (measured, error)) (measured, error) {
	var runs []measured
	for range max(1, n) {
		m, err := one()
		if err != nil {
			return m, err
		}
		runs = append(runs, m)
	}
	slices.SortFunc(runs, func(a, b measured) int { return cmp.Compare(a.rate(), b.rate()) })
	return runs[len(runs)/2], nil
}

func (m measured) rate() float64 { return float64(m.Jobs) / m.Seconds }

func (m measured) perJob(n int) float64 { return float64(n) / float64(m.Jobs) }

// dollars is the price of a million jobs.
func (m measured) dollars() float64 {
	return m.perJob(m.Counts.Billed)*priceSQS + m.perJob(m.Counts.Puts)*pricePut
}

// printHead prints the table's head, and what there was to measure with.
func printHead(o options, trip time.Duration) {
	if o.fail > 0 || o.lose > 0 {
		fmt.Printf("%.0f %% of calls fail, the answers of %.0f %% are lost. ", o.fail*100, o.lose*100)
	}
	fmt.Printf("%d jobs, SQS %v and S3 %v a call; an SQS round trip takes %.1f ms here; %s, %d cores; median of %d runs\n\n",
		o.jobs, o.sqs, o.s3, trip.Seconds()*1000, runtime.Version(), runtime.NumCPU(), o.repeat)
	fmt.Println("| client | users | jobs/s | SQS calls a job | S3 puts a job | p50 / p99, one job at a time | CPU s per 1,000 | $ a million jobs | wrong |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
}

func (r row) print() {
	for _, users := range slices.Sorted(func(yield func(int) bool) {
		for n := range r.users {
			if !yield(n) {
				return
			}
		}
	}) {
		m := r.users[users]
		fmt.Printf("| %s | %d | %.0f | %.3f | %.3f | %.1f / %.1f ms | %.2f | %.2f | %.0f %% |\n",
			r.name, users, m.rate(), m.perJob(m.Counts.SQS), m.perJob(m.Counts.Puts),
			r.alone.P50, r.alone.P99, m.CPU/float64(m.Jobs)*1000, m.dollars(), 100*m.perJob(m.Wrong))
	}
}
