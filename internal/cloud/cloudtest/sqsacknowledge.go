package cloudtest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var acknowledgeChecks = []sqsCheck{
	{name: "delete", run: func(t sqsTest) {
		t.send("m")
		t.delete(t.one(visibility(1)))
		if got := t.receive(2); len(got) != 0 {
			t.Error("a deleted message came again")
		}
	}},
	{name: "delete-twice", run: func(t sqsTest) {
		t.send("m")
		m := t.one()
		t.delete(m)
		t.delete(m)
	}},
	{name: "delete-after-timeout", run: func(t sqsTest) {
		t.send("m")
		m := t.one(visibility(1))
		pause(1200 * time.Millisecond)
		t.delete(m) // nobody has received it since, so it is gone
		t.none("after the delete")
	}},
	{name: "delete-stale", run: func(t sqsTest) {
		t.send("m")
		first := t.one(visibility(1))
		second := t.one()
		t.delete(first) // success, but it is another's now
		t.ok("make it visible", t.hide(second, 0))
		t.delete(t.one())
	}},
	{name: "delete-bad-handle", run: func(t sqsTest) {
		_, err := t.client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: t.queue, ReceiptHandle: aws.String("no such thing")})
		t.refused("delete with a bad handle", err, "ReceiptHandleIsInvalid")
	}},
	{name: "delete-batch", run: func(t sqsTest) {
		t.sendBatch(numbered(3))
		var entries []types.DeleteMessageBatchRequestEntry
		for i := 0; i < 10 && len(entries) < 3; i++ {
			for _, m := range t.receive(1) {
				entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(len(entries))), ReceiptHandle: m.ReceiptHandle})
			}
		}
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String("bad"), ReceiptHandle: aws.String("no such thing")})
		out, err := t.client.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: t.queue, Entries: entries})
		t.ok("delete a batch", err)
		if len(out.Successful) != 3 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "bad" {
			t.Fatalf("%d succeeded and %d failed, want 3 and the bad one", len(out.Successful), len(out.Failed))
		}
		if code := aws.ToString(out.Failed[0].Code); code != "ReceiptHandleIsInvalid" || !out.Failed[0].SenderFault {
			t.Errorf("the bad one failed with %s, sender's fault %v", code, out.Failed[0].SenderFault)
		}
		if got := t.attribute(t.queue, "ApproximateNumberOfMessagesNotVisible"); got != "0" {
			t.Errorf("%s are in flight, want 0", got)
		}
	}},
	{name: "delete-batch-bad", run: func(t sqsTest) {
		for what, test := range map[string]struct {
			ids  []string
			want string
		}{
			"none":     {[]string{}, "EmptyBatchRequest"},
			"same ids": {[]string{"a", "a"}, "BatchEntryIdsNotDistinct"},
			"bad id":   {[]string{"a b"}, "InvalidBatchEntryId"},
			"too many": {[]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, "TooManyEntriesInBatchRequest"},
		} {
			entries := []types.DeleteMessageBatchRequestEntry{}
			for _, id := range test.ids {
				entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(id), ReceiptHandle: aws.String("x")})
			}
			_, err := t.client.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: t.queue, Entries: entries})
			t.refused("delete "+what, err, test.want)
		}
	}},
	{name: "visibility-zero", run: func(t sqsTest) {
		t.send("m")
		t.ok("make it visible", t.hide(t.one(), 0))
		if got := t.receive(0); len(got) != 1 {
			t.Errorf("received %d messages, want 1 at once", len(got))
		}
	}},
	{name: "visibility-longer", run: func(t sqsTest) {
		t.send("m")
		m := t.one(visibility(1))
		t.ok("hide it for longer", t.hide(m, 60))
		if got := t.receive(2); len(got) != 0 {
			t.Error("it came before its time")
		}
		t.delete(m)
	}},
	{name: "visibility-shorter", run: func(t sqsTest) {
		t.send("m")
		m := t.one(visibility(600))
		t.ok("hide it for a second", t.hide(m, 1))
		t.none("before its time")
		t.one()
	}},
	{name: "visibility-bad", run: func(t sqsTest) {
		t.send("m")
		t.refused("hide it for longer than 12 hours", t.hide(t.one(), 43201), "InvalidParameterValue")
	}},
	{name: "visibility-bad-handle", run: func(t sqsTest) {
		t.refused("hide with a bad handle", t.hide(types.Message{ReceiptHandle: aws.String("no such thing")}, 1), "ReceiptHandleIsInvalid")
	}},
	{name: "visibility-deleted", run: func(t sqsTest) {
		t.send("m")
		m := t.one()
		t.delete(m)
		t.refused("hide a deleted message", t.hide(m, 10), "InvalidParameterValue", "ReceiptHandleIsInvalid")
	}},
	{name: "visibility-not-in-flight", run: func(t sqsTest) {
		t.send("m")
		m := t.one()
		t.ok("make it visible", t.hide(m, 0))
		t.refused("hide a visible message", t.hide(m, 10), "MessageNotInflight")
	}},
	{name: "visibility-batch", run: func(t sqsTest) {
		t.sendBatch(numbered(2))
		var entries []types.ChangeMessageVisibilityBatchRequestEntry
		for i := 0; i < 10 && len(entries) < 2; i++ {
			for _, m := range t.receive(1) {
				entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: m.Body, ReceiptHandle: m.ReceiptHandle})
			}
		}
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String("bad"), ReceiptHandle: aws.String("no such thing")})
		out, err := t.client.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: t.queue, Entries: entries})
		t.ok("make a batch visible", err)
		if len(out.Successful) != 2 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "bad" {
			t.Errorf("%d succeeded and %d failed, want 2 and the bad one", len(out.Successful), len(out.Failed))
		}
		if got := bodies(t.collect(t.queue, 2)); !slices.Equal(got, []string{"0", "1"}) {
			t.Errorf("received %v, want both again", got)
		}
	}},
}

// deadLetters gives the check's queue a dead-letter queue, to which a message
// goes instead of being received for the third time.
func (t sqsTest) deadLetters() *string {
	t.Helper()
	dead := t.create("dlq", nil)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"2"}`, t.attribute(dead, "QueueArn"))
	t.ok("set the redrive policy", t.set(map[string]string{"RedrivePolicy": policy}))
	return dead
}

// die receives a message until it is a dead letter.
func (t sqsTest) die() {
	t.Helper()
	for range 2 {
		t.ok("make it visible", t.hide(t.one(), 0))
	}
	t.none("after two receives")
}

var redriveChecks = []sqsCheck{
	{name: "redrive", run: func(t sqsTest) {
		dead := t.deadLetters()
		sent := t.send("m", func(in *sqs.SendMessageInput) { in.MessageAttributes = everyKind })
		t.die()
		got := t.receiveFrom(dead, 5, allOfIt)
		if len(got) != 1 {
			t.Fatalf("received %d dead letters, want 1", len(got))
		}
		m := got[0]
		if aws.ToString(m.Body) != "m" || aws.ToString(m.MessageId) != aws.ToString(sent.MessageId) || aws.ToString(m.MD5OfMessageAttributes) != attributesSum() {
			t.Errorf("the dead letter isn't what was sent: %+v", m)
		}
	}},
	{name: "redrive-source", run: func(t sqsTest) {
		dead := t.deadLetters()
		t.send("m")
		t.die()
		got := t.receiveFrom(dead, 5, allOfIt)
		if want := t.attribute(t.queue, "QueueArn"); len(got) != 1 || got[0].Attributes["DeadLetterQueueSourceArn"] != want {
			t.Errorf("got %+v, want one from %s", got, want)
		}
	}},
	{name: "redrive-wakes", run: func(t sqsTest) {
		dead := t.deadLetters()
		t.send("m")
		var got []types.Message
		var err error
		var poll sync.WaitGroup
		poll.Go(func() {
			var out *sqs.ReceiveMessageOutput
			if out, err = t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: dead, WaitTimeSeconds: 15}); err == nil {
				got = out.Messages
			}
		})
		t.die()
		poll.Wait()
		t.ok("receive", err)
		if len(got) != 1 {
			t.Errorf("received %d dead letters, want 1", len(got))
		}
	}},
	{name: "redrive-bad-policy", run: func(t sqsTest) {
		for _, policy := range []string{"not JSON", "{}", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:never-there","maxReceiveCount":2}`} {
			t.refused("set "+policy, t.set(map[string]string{"RedrivePolicy": policy}), "InvalidParameterValue", "InvalidAttributeValue", "QueueDoesNotExist", "NonExistentQueue")
		}
	}},
	{name: "redrive-sources", run: func(t sqsTest) {
		dead := t.deadLetters()
		out, err := t.client.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
		t.ok("list the sources", err)
		if !slices.Equal(out.QueueUrls, []string{aws.ToString(t.queue)}) {
			t.Errorf("got %v, want %s", out.QueueUrls, aws.ToString(t.queue))
		}
	}},
	{name: "redrive-back", run: func(t sqsTest) {
		dead := t.deadLetters()
		t.send("m")
		t.die()
		source := t.attribute(dead, "QueueArn")
		started, err := t.client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &source})
		t.ok("start to move", err)
		if aws.ToString(started.TaskHandle) == "" {
			t.Error("got no task handle")
		}
		m := t.one(allOfIt)
		if got := m.Attributes["ApproximateReceiveCount"]; got != "1" {
			t.Errorf("it came back with count %s, want 1", got)
		}
		listed, err := t.client.ListMessageMoveTasks(t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: &source})
		t.ok("list the tasks", err)
		if len(listed.Results) != 1 || listed.Results[0].ApproximateNumberOfMessagesMoved != 1 {
			t.Errorf("got %+v, want one task with one message", listed.Results)
		}
	}},
	{name: "redrive-back-not-dead", run: func(t sqsTest) {
		source := t.attribute(t.queue, "QueueArn")
		_, err := t.client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &source})
		t.refused("move from a queue that holds no dead letters", err, "InvalidParameterValue")
	}},
}
