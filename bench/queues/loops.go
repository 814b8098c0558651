package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"

	"cloudworks/internal/cloudcal"
)

// oneByOne is what a careful Go programmer writes at first: 16 pollers, a
// message for each list, a call for each step, replies told by their ids.
func oneByOne(ctx context.Context, l load) (submit, func(), error) {
	const pollers = 16
	c, requests, replies, err := openPair(ctx, l.Endpoint)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var loops sync.WaitGroup
	var waiting sync.Map // id → chan string
	for range pollers {
		loops.Go(func() { poll(ctx, c, requests, 20, answerTo(c, replies)) })
		loops.Go(func() {
			poll(ctx, c, replies, 20, func(_ context.Context, body, id string) error {
				if reply, ok := waiting.LoadAndDelete(id); ok {
					reply.(chan string) <- body
				}
				return nil
			})
		})
	}
	do := func(ctx context.Context, list cloudcal.List) (cloudcal.Summary, error) {
		id, reply := rand.Text(), make(chan string, 1)
		waiting.Store(id, reply)
		if err := c.send(ctx, requests, list.String(), id); err != nil {
			return cloudcal.Summary{}, err
		}
		select {
		case body := <-reply:
			return parse(body)
		case <-ctx.Done():
			return cloudcal.Summary{}, ctx.Err()
		}
	}
	return do, func() { cancel(); loops.Wait() }, nil
}

// lab is the lab script's loop without its sleeps: one worker, short polls,
// and a web half that takes the first reply that it finds for its own.
func lab(ctx context.Context, l load) (submit, func(), error) {
	c, requests, replies, err := openPair(ctx, l.Endpoint)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var loops sync.WaitGroup
	loops.Go(func() { poll(ctx, c, requests, 0, answerTo(c, replies)) })
	do := func(ctx context.Context, list cloudcal.List) (cloudcal.Summary, error) {
		if err := c.send(ctx, requests, list.String(), ""); err != nil {
			return cloudcal.Summary{}, err
		}
		for {
			body, _, receipt, err := c.receive(ctx, replies, 0)
			if err != nil {
				return cloudcal.Summary{}, err
			}
			if receipt == nil {
				continue
			}
			if err := c.delete(ctx, replies, receipt); err != nil {
				return cloudcal.Summary{}, err
			}
			return parse(body)
		}
	}
	return do, func() { cancel(); loops.Wait() }, nil
}

func openPair(ctx context.Context, endpoint string) (c *sdk, requests, replies *string, err error) {
	if c, err = newSQS(endpoint); err != nil {
		return nil, nil, nil, err
	}
	name := rand.Text()
	if requests, err = c.url(ctx, "requests-"+name); err != nil {
		return nil, nil, nil, err
	}
	replies, err = c.url(ctx, "replies-"+name)
	return c, requests, replies, err
}

// poll receives, handles and deletes one message at a time.
func poll(ctx context.Context, c *sdk, url *string, wait int32, handle func(ctx context.Context, body, id string) error) {
	for ctx.Err() == nil {
		body, id, receipt, err := c.receive(ctx, url, wait)
		if err == nil && receipt != nil {
			if err = handle(ctx, body, id); err == nil {
				err = c.delete(ctx, url, receipt)
			}
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

// answerTo does a job: log, then reply.
func answerTo(c *sdk, replies *string) func(ctx context.Context, body, id string) error {
	return func(ctx context.Context, body, id string) error {
		list, err := cloudcal.ParseText(body)
		if err != nil {
			return err
		}
		text := cloudcal.FormatReply([]cloudcal.Answer{{Summary: cloudcal.Compute(list)}})
		if err := c.put(ctx, "logs/"+rand.Text(), body+" "+text); err != nil {
			return err
		}
		return c.send(ctx, replies, text, id)
	}
}

func parse(body string) (cloudcal.Summary, error) {
	answers, err := cloudcal.ParseReply(body)
	if err != nil || len(answers) != 1 {
		return cloudcal.Summary{}, fmt.Errorf("reply %q: %w", body, err)
	}
	return answers[0].Summary, nil
}
