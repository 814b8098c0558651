package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"cloudworks/internal/cloud"
	"cloudworks/internal/jobs"
)

// DeadLetterUsage says how DeadLetters is called.
const DeadLetterUsage = `usage: worker dlq list                      how many dead letters each queue has
       worker dlq show QUEUE                the messages, with what is known of them
       worker dlq redrive QUEUE             back to the request queue, all of them
       worker dlq drop QUEUE ID|all         delete one, or all
QUEUE is a request queue, such as inbox.`

// errUsage says that a command was not understood.
var errUsage = errors.New(DeadLetterUsage)

// DeadLetters is the operator's way to look at jobs that died, and to start
// them again or drop them.
func (a *App) DeadLetters(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 1 && args[0] == "list" {
		return a.listDead(ctx, out)
	}
	if len(args) < 2 {
		return errUsage
	}
	requests, dead, err := a.deadQueue(ctx, args[1])
	if err != nil {
		return err
	}
	switch {
	case args[0] == "show" && len(args) == 2:
		return show(ctx, dead, out)
	case args[0] == "redrive" && len(args) == 2:
		n, err := a.redrive(ctx, requests, dead)
		if err == nil {
			fmt.Fprintf(out, "%d on their way from %s to %s\n", n, dead.Name(), requests.Name())
		}
		return err
	case args[0] == "drop" && len(args) == 3 && args[2] == "all":
		return a.dropAll(ctx, dead)
	case args[0] == "drop" && len(args) == 3:
		return a.drop(ctx, dead, args[2])
	}
	return errUsage
}

// deadQueue opens a kind's request queue and its dead-letter queue.
func (a *App) deadQueue(ctx context.Context, name string) (requests, dead *cloud.Queue, err error) {
	var names []string
	for _, w := range a.workers {
		names = append(names, w.Kind().Requests)
	}
	name = strings.TrimSuffix(name, jobs.DeadLetterName(""))
	if !slices.Contains(names, name) {
		return nil, nil, fmt.Errorf("queue %q is none of the request queues: %s", name, strings.Join(names, ", "))
	}
	if requests, err = a.cloud.Queue(ctx, name); err != nil {
		return nil, nil, err
	}
	dead, err = a.cloud.Queue(ctx, jobs.DeadLetterName(name))
	return requests, dead, err
}

func (a *App) listDead(ctx context.Context, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "queue\twaiting\tin work\tdead")
	for _, w := range a.workers {
		requests, dead, err := a.deadQueue(ctx, w.Kind().Requests)
		if err != nil {
			return err
		}
		now, err := requests.Depth(ctx)
		if err != nil {
			return err
		}
		died, err := dead.Depth(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", requests.Name(), now.Visible+now.Delayed, now.InFlight, died.All())
	}
	return table.Flush()
}

// show prints every message once, the body cut to a readable length.
func show(ctx context.Context, dead *cloud.Queue, out io.Writer) error {
	return eachOnce(ctx, dead, func(d jobs.Delivery) bool {
		fmt.Fprintf(out, "%s  sent %s\n", d.ID, d.SentAt.UTC().Format(time.RFC3339))
		for _, name := range slices.Sorted(maps.Keys(d.Attributes)) {
			fmt.Fprintf(out, "  %s: %q\n", name, d.Attributes[name])
		}
		fmt.Fprintf(out, "  %q\n", readable(d.Body))
		return true
	})
}

// eachOnce looks at every message of the queue, until look gives false.
func eachOnce(ctx context.Context, q *cloud.Queue, look func(jobs.Delivery) (more bool)) error {
	seen := make(map[string]bool)
	return q.Each(ctx, func(d jobs.Delivery) (remove, more bool) {
		if seen[d.ID] {
			return false, false
		}
		seen[d.ID] = true
		return false, look(d)
	})
}

// readable cuts a body to what a person may want to see of it.
func readable(body string) string {
	const most = 400 // bytes
	return strings.ToValidUTF8(body[:min(len(body), most)], "")
}

// redrive sends everything back, and says how many there are.
func (a *App) redrive(ctx context.Context, requests, dead *cloud.Queue) (int, error) {
	defer a.depths.forget(requests.Name(), dead.Name())
	return dead.Redrive(ctx, requests)
}

func (a *App) dropAll(ctx context.Context, dead *cloud.Queue) error {
	defer a.depths.forget(dead.Name())
	return dead.Purge(ctx)
}

// drop deletes the message of that id.
func (a *App) drop(ctx context.Context, dead *cloud.Queue, id string) error {
	defer a.depths.forget(dead.Name())
	found := false
	err := dead.Each(ctx, func(d jobs.Delivery) (remove, more bool) {
		found = d.ID == id
		return found, !found
	})
	if err == nil && !found {
		err = fmt.Errorf("%s has no message %q now", dead.Name(), id)
	}
	return err
}
