package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// allOfIt asks for everything about a message.
func allOfIt(in *sqs.ReceiveMessageInput) {
	in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"All"}
	in.MessageAttributeNames = []string{"All"}
}

func visibility(seconds int32) func(*sqs.ReceiveMessageInput) {
	return func(in *sqs.ReceiveMessageInput) { in.VisibilityTimeout = seconds }
}

var receiveChecks = []sqsCheck{
	{name: "receive-nothing", run: func(t sqsTest) { t.none("at first") }},
	{name: "receive-limit", run: func(t sqsTest) {
		t.sendBatch(numbered(5))
		if got := t.receive(1, func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 2 }); len(got) < 1 || len(got) > 2 {
			t.Errorf("received %d messages, want 1 or 2", len(got))
		}
	}},
	{name: "receive-bad-limit", run: func(t sqsTest) {
		for _, limit := range []int32{-1, 11} {
			_, err := t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: t.queue, MaxNumberOfMessages: limit})
			t.refused(fmt.Sprint("receive ", limit), err, "InvalidParameterValue", "ReadCountOutOfRange")
		}
	}},
	{name: "receive-bad-wait", run: func(t sqsTest) {
		_, err := t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: t.queue, WaitTimeSeconds: 21})
		t.refused("wait for 21 s", err, "InvalidParameterValue")
	}},
	{name: "receive-system-attributes", run: func(t sqsTest) {
		begin := time.Now()
		t.send("m")
		m := t.one(allOfIt)
		for _, name := range []string{"SentTimestamp", "ApproximateFirstReceiveTimestamp"} {
			ms, err := strconv.ParseInt(m.Attributes[name], 10, 64)
			if at := time.UnixMilli(ms); err != nil || at.Before(begin.Add(-time.Minute)) || at.After(time.Now().Add(time.Minute)) {
				t.Errorf("%s: got %q, want now in milliseconds", name, m.Attributes[name])
			}
		}
		if m.Attributes["ApproximateReceiveCount"] != "1" || m.Attributes["SenderId"] == "" {
			t.Errorf("got attributes %v, want a count of 1 and a sender", m.Attributes)
		}
	}},
	{name: "receive-chosen-attributes", run: func(t sqsTest) {
		t.send("m", func(in *sqs.SendMessageInput) { in.MessageAttributes = everyKind })
		m := t.one(func(in *sqs.ReceiveMessageInput) {
			in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"SentTimestamp"}
			in.MessageAttributeNames = []string{"Text", "A.*"}
		})
		if got := slices.Sorted(maps.Keys(m.Attributes)); !slices.Equal(got, []string{"SentTimestamp"}) {
			t.Errorf("got system attributes %v, want the one asked for", got)
		}
		if got := slices.Sorted(maps.Keys(m.MessageAttributes)); !slices.Equal(got, []string{"A.Number", "Text"}) {
			t.Errorf("got attributes %v, want the two asked for", got)
		}
	}},
	{name: "receive-no-attributes", run: func(t sqsTest) {
		t.send("m", func(in *sqs.SendMessageInput) { in.MessageAttributes = everyKind })
		if m := t.one(); len(m.Attributes) != 0 || len(m.MessageAttributes) != 0 {
			t.Errorf("got %v and %v unasked", m.Attributes, m.MessageAttributes)
		}
	}},
	{name: "receive-old-attribute-names", run: func(t sqsTest) {
		t.send("m")
		m := t.one(func(in *sqs.ReceiveMessageInput) {
			in.AttributeNames = []types.QueueAttributeName{"ApproximateReceiveCount"} //nolint:staticcheck // older clients still use it
		})
		if m.Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("got %v, want a count of 1", m.Attributes)
		}
	}},
	{name: "receive-unknown-attribute", run: func(t sqsTest) {
		_, err := t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: t.queue, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"Colour"}})
		t.refused("receive with an unknown attribute", err, "InvalidAttributeName", "InvalidParameterValue")
	}},
	{name: "receive-hides", run: func(t sqsTest) {
		t.send("m")
		t.one()
		t.none("while it is in flight")
	}},
	{name: "receive-again", run: func(t sqsTest) {
		t.send("m")
		first := t.one(visibility(1), allOfIt)
		second := t.one(allOfIt) // waits for the time-out
		if second.Attributes["ApproximateReceiveCount"] != "2" {
			t.Errorf("got count %s, want 2", second.Attributes["ApproximateReceiveCount"])
		}
		if name := "ApproximateFirstReceiveTimestamp"; first.Attributes[name] != second.Attributes[name] {
			t.Errorf("received first at %s, then at %s", first.Attributes[name], second.Attributes[name])
		}
		if aws.ToString(first.ReceiptHandle) == aws.ToString(second.ReceiptHandle) {
			t.Error("both deliveries have the same receipt handle")
		}
	}},
	{name: "receive-queue-visibility", run: func(t sqsTest) {
		t.ok("set", t.set(map[string]string{"VisibilityTimeout": "1"}))
		t.send("m")
		t.one()
		begin := time.Now()
		t.one()
		t.took("the time-out", time.Since(begin), 700*time.Millisecond, 4*time.Second)
	}},
	{name: "receive-delayed", run: func(t sqsTest) {
		begin := time.Now()
		t.send("m", func(in *sqs.SendMessageInput) { in.DelaySeconds = 1 })
		t.none("before its time")
		t.one()
		t.took("the delay", time.Since(begin), 900*time.Millisecond, 4*time.Second)
	}},
	{name: "receive-queue-delay", run: func(t sqsTest) {
		t.ok("set", t.set(map[string]string{"DelaySeconds": "1"}))
		begin := time.Now()
		t.send("m")
		t.none("before its time")
		t.one()
		t.took("the delay", time.Since(begin), 900*time.Millisecond, 4*time.Second)
	}},
	{name: "receive-concurrently", run: func(t sqsTest) {
		const batches = 20
		for range batches {
			t.sendBatch(numbered(10))
		}
		var mu sync.Mutex
		times := make(map[string]int)
		var receivers sync.WaitGroup
		for range 8 {
			receivers.Go(func() {
				for {
					out, err := t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: t.queue, MaxNumberOfMessages: 10, VisibilityTimeout: 120})
					if err != nil {
						t.Errorf("receive: %v", err)
					}
					if err != nil || len(out.Messages) == 0 {
						return
					}
					mu.Lock()
					for _, m := range out.Messages {
						times[aws.ToString(m.MessageId)]++
					}
					mu.Unlock()
				}
			})
		}
		receivers.Wait()
		if len(times) != batches*10 {
			t.Errorf("received %d messages, want %d", len(times), batches*10)
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("message %s came %d times within its visibility time-out", id, n)
			}
		}
	}},
}

var pollChecks = []sqsCheck{
	{name: "poll-empty", run: func(t sqsTest) {
		begin := time.Now()
		if got := t.receive(1); len(got) != 0 {
			t.Errorf("received %d messages, want none", len(got))
		}
		t.took("the poll", time.Since(begin), 900*time.Millisecond, 5*time.Second)
	}},
	{name: "poll-queue-wait", run: func(t sqsTest) {
		t.ok("set", t.set(map[string]string{"ReceiveMessageWaitTimeSeconds": "1"}))
		begin := time.Now()
		t.receive(0) // the SDK leaves out 0
		t.took("the poll", time.Since(begin), 900*time.Millisecond, 5*time.Second)
	}},
	{name: "poll-woken-by-send", run: func(t sqsTest) {
		got := t.pollWhile(func() { t.send("wake") })
		if len(got) != 1 || aws.ToString(got[0].Body) != "wake" {
			t.Errorf("received %v, want the message", bodies(got))
		}
	}},
	{name: "poll-woken-by-batch", run: func(t sqsTest) {
		if got := t.pollWhile(func() { t.sendBatch(numbered(3)) }); len(got) < 1 {
			t.Error("received nothing")
		}
	}},
	{name: "poll-woken-by-visibility", run: func(t sqsTest) {
		t.send("m")
		m := t.one()
		got := t.pollWhile(func() { t.ok("make it visible", t.hide(m, 0)) })
		if len(got) != 1 {
			t.Errorf("received %d messages, want 1", len(got))
		}
	}},
	{name: "poll-each-message-once", run: func(t sqsTest) {
		var mu sync.Mutex
		var got []string
		var pollers sync.WaitGroup
		for range 4 {
			pollers.Go(func() {
				out, err := t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: t.queue, MaxNumberOfMessages: 1, WaitTimeSeconds: 10})
				if err != nil {
					t.Errorf("receive: %v", err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, bodies(out.Messages)...)
			})
		}
		for i := range 4 {
			t.send(fmt.Sprint(i))
		}
		pollers.Wait()
		slices.Sort(got)
		if !slices.Equal(got, []string{"0", "1", "2", "3"}) {
			t.Errorf("received %v, want each of 0 to 3 once", got)
		}
	}},
	{name: "poll-abandoned", run: func(t sqsTest) {
		// Whoever has gone gets nothing: what is sent then is there for the next.
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err := t.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: t.queue, WaitTimeSeconds: 20})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("receive: got %v, want the deadline", err)
			}
			t.send("m")
			t.delete(t.one())
		}
	}},
}

// pollWhile runs f while a poll waits, and gives what the poll got. It fails
// the check when the poll lasted on after f.
func (t sqsTest) pollWhile(f func()) []types.Message {
	t.Helper()
	var got []types.Message
	var err error
	var poll sync.WaitGroup
	started := make(chan struct{})
	poll.Go(func() {
		close(started)
		var out *sqs.ReceiveMessageOutput
		out, err = t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: t.queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 15})
		if err == nil {
			got = out.Messages
		}
	})
	<-started
	// It may not have arrived yet, which does no harm: then it finds the
	// messages there.
	pause(200 * time.Millisecond)
	f()
	begin := time.Now()
	poll.Wait()
	t.ok("receive", err)
	t.took("the answer after the wake", time.Since(begin), 0, 5*time.Second)
	return got
}

// pause gives something time to happen that can't be seen from here.
func pause(d time.Duration) { <-time.After(d) }
