package sqs_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cloudworks/internal/localcloud/sqs"
)

// Every delivery is repeated, even of what was deleted.
func TestDuplicates(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		c.service.SetDeliveryFaults(sqs.DeliveryFaults{DuplicateRate: 1})
		c.send("m", nil)
		first := c.one(0, "1", nil)
		c.must("DeleteMessage", object{"ReceiptHandle": first.ReceiptHandle})
		c.service.SetDeliveryFaults(sqs.DeliveryFaults{})
		second := c.one(0, "2", nil)
		if second.MessageId != first.MessageId || second.ReceiptHandle == first.ReceiptHandle {
			c.Errorf("got %+v after %+v, want the same id and another receipt", second, first)
		}
		c.must("DeleteMessage", object{"ReceiptHandle": second.ReceiptHandle})
		if got := c.receive(0, nil); len(got) != 0 {
			c.Errorf("received %+v after the faults' end", got)
		}
	})
}

// Shuffled messages all come, in an order that the seed repeats.
func TestShuffle(t *testing.T) {
	order := func(f sqs.DeliveryFaults) (got []string) {
		inBubble(t, sqs.Options{}, func(c *core) {
			c.service.SetDeliveryFaults(f)
			for i := range 30 {
				c.send(fmt.Sprintf("%02d", i), nil)
			}
			for range 3 {
				for _, m := range c.receive(0, nil) {
					got = append(got, m.Body)
				}
			}
		})
		return got
	}
	plain := order(sqs.DeliveryFaults{})
	if !slices.IsSorted(plain) || len(plain) != 30 {
		t.Fatalf("without faults got %v", plain)
	}
	one, again, two := order(sqs.DeliveryFaults{Shuffle: true, Seed: 1}), order(sqs.DeliveryFaults{Shuffle: true, Seed: 1}), order(sqs.DeliveryFaults{Shuffle: true, Seed: 2})
	if slices.Equal(one, plain) || slices.Equal(one, two) || !slices.Equal(one, again) {
		t.Errorf("got %v, %v and %v: want a shuffle that the seed repeats", one, again, two)
	}
	if slices.Sort(one); !slices.Equal(one, plain) {
		t.Errorf("got %v, want every message", one)
	}
}

// A message whose visibility time-out was skipped goes to the receiver who
// waits for it.
func TestSkipTime(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		c.send("m", nil)
		first := c.one(0, "1", nil)
		began := time.Now()
		again := make(chan []received)
		go func() { again <- c.receive(20, nil) }()
		synctest.Wait()
		c.service.SkipTime(30 * time.Second)
		if got := <-again; len(got) != 1 || got[0].MessageId != first.MessageId || time.Since(began) > time.Second {
			c.Errorf("got %+v after %v, want %s at once", got, time.Since(began), first.MessageId)
		}
	})
}

// Dead letters move back at the rate asked for, as new messages.
func TestMoveAtRate(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		dead := object{"QueueName": "dead"}
		c.must("CreateQueue", dead)
		const deadARN = "arn:aws:sqs:us-east-1:000000000000:dead"
		c.must("SetQueueAttributes", object{"Attributes": object{"RedrivePolicy": `{"deadLetterTargetArn":"` + deadARN + `","maxReceiveCount":1}`}})
		for i := range 25 {
			c.send(fmt.Sprint(i), nil)
		}
		for range 3 {
			c.receive(0, object{"VisibilityTimeout": 0})
		}
		if got := c.receive(0, nil); len(got) != 0 {
			c.Fatalf("received %+v, want all to be dead letters", got)
		}
		c.must("StartMessageMoveTask", object{"SourceArn": deadARN, "MaxNumberOfMessagesPerSecond": 10})
		for _, want := range []string{"10", "20", "25"} {
			<-time.After(time.Second / 2)
			if got := c.counts(); got[0] != want {
				c.Errorf("%s have come back, want %s", got[0], want)
			}
			<-time.After(time.Second / 2)
		}
		tasks := c.must("ListMessageMoveTasks", object{"SourceArn": deadARN}).Results
		if len(tasks) != 1 || tasks[0].Status != "COMPLETED" || tasks[0].ApproximateNumberOfMessagesMoved != 25 {
			c.Errorf("got tasks %+v", tasks)
		}
		c.one(0, "1", object{"MaxNumberOfMessages": 1})
	})
}
