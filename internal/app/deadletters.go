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
		n, err := dead.Redrive(ctx, requests)
		if err == nil {
			fmt.Fprintf(out, "%d on their way from %s to %s\n", n, dead.Name(), requests.Name())
		}
		return err
	case args[0] == "drop" && len(args) == 3 && args[2] == "all":
		return dead.Purge(ctx)
	case args[0] == "drop" && len(args) == 3:
		return drop(ctx, dead, args[2])
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
	seen := make(map[string]bool)
	return dead.Each(ctx, func(d jobs.Delivery) (remove, more bool) {
		if seen[d.ID] {
			return false, false
		}
		seen[d.ID] = true
		fmt.Fprintf(out, "%s  sent %s\n", d.ID, d.SentAt.UTC().Format(time.RFC3339))
		for _, name := range slices.Sorted(maps.Keys(d.Attributes)) {
			fmt.Fprintf(out, "  %s: %q\n", name, d.Attributes[name])
		}
		const most = 400
		fmt.Fprintf(out, "  %q\n", d.Body[:min(len(d.Body), most)])
		return false, true
	})
}

// drop deletes the message of that id.
func drop(ctx context.Context, dead *cloud.Queue, id string) error {
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
