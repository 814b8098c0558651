package cloudtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS checks that the endpoint behind client behaves as SQS does, as far as
// this system and its users' tools rely on it. Each check works with queues of
// its own, which it removes, and is a subtest named as in skip, which names
// the checks that this endpoint is known to fail; they show up as skipped, and
// so does a check that the endpoint answers with NotImplemented.
func SQS(t *testing.T, client *sqs.Client, skip ...string) {
	t.Helper()
	for _, check := range slices.Concat(queueChecks, attributeChecks, sendChecks, sendBatchChecks, receiveChecks, pollChecks, acknowledgeChecks, redriveChecks, groupChecks, queueSignatureChecks) {
		t.Run(check.name, func(t *testing.T) {
			if slices.Contains(skip, check.name) {
				t.Skipf("this endpoint can't do %s", check.name)
			}
			t.Parallel() // most of the time goes into waiting
			test := sqsTest{T: t, client: client}
			if check.run != nil {
				test.queue = test.create("q", nil)
			}
			check.start(test)
		})
	}
}

// sqsCheck is one thing that SQS does.
type sqsCheck struct {
	name string
	run  func(sqsTest) // with a queue
	bare func(sqsTest) // without one
}

func (c sqsCheck) start(t sqsTest) {
	if c.run != nil {
		c.run(t)
		return
	}
	c.bare(t)
}

// sqsTest is a check under way.
type sqsTest struct {
	*testing.T
	client *sqs.Client
	queue  *string // URL
}

// name makes a queue's name that nobody else uses.
func (t sqsTest) name(suffix string) string {
	return "cloudtest-" + strings.ToLower(rand.Text()) + "-" + suffix
}

// create makes a queue that is removed after the check.
func (t sqsTest) create(suffix string, attributes map[string]string) *string {
	t.Helper()
	return t.createNamed(t.name(suffix), attributes)
}

func (t sqsTest) createNamed(name string, attributes map[string]string) *string {
	t.Helper()
	out, err := t.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	t.ok("create queue "+name, err)
	t.Cleanup(func() {
		_, err := t.client.DeleteQueue(context.WithoutCancel(t.Context()), &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
		if err != nil && !isCode(err, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue") {
			t.Errorf("delete queue %s: %v", name, err)
		}
	})
	return out.QueueUrl
}

// ok ends the check when err isn't nil: skipped if the endpoint says that it
// doesn't implement the operation, else failed.
func (t sqsTest) ok(doing string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if isCode(err, "NotImplemented", "UnknownOperationException") || httpStatus(err) == http.StatusNotImplemented {
		t.Skipf("%s: this endpoint doesn't implement it: %v", doing, err)
	}
	t.Fatalf("%s: %v", doing, err)
}

// refused fails the check when err doesn't carry one of the codes, in either
// protocol's spelling.
func (t sqsTest) refused(doing string, err error, codes ...string) {
	t.Helper()
	if !isCode(err, codes...) {
		t.Errorf("%s: got code %q (%v), want one of %q", doing, errorCode(err), err, codes)
	}
}

// isCode knows a code with and without what the Query protocol and AWS JSON
// put around it.
func isCode(err error, codes ...string) bool {
	got := strings.TrimSuffix(strings.TrimPrefix(errorCode(err), "AWS.SimpleQueueService."), "Exception")
	return slices.ContainsFunc(codes, func(code string) bool {
		return strings.TrimSuffix(strings.TrimPrefix(code, "AWS.SimpleQueueService."), "Exception") == got
	})
}

// send sends one message.
func (t sqsTest) send(body string, change ...func(*sqs.SendMessageInput)) *sqs.SendMessageOutput {
	t.Helper()
	return t.sendTo(t.queue, body, change...)
}

func (t sqsTest) sendTo(queue *string, body string, change ...func(*sqs.SendMessageInput)) *sqs.SendMessageOutput {
	t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: queue, MessageBody: &body}
	for _, f := range change {
		f(in)
	}
	out, err := t.client.SendMessage(t.Context(), in)
	t.ok("send", err)
	return out
}

// receive takes up to ten messages and waits for the first up to wait seconds.
func (t sqsTest) receive(wait int32, change ...func(*sqs.ReceiveMessageInput)) []types.Message {
	t.Helper()
	return t.receiveFrom(t.queue, wait, change...)
}

func (t sqsTest) receiveFrom(queue *string, wait int32, change ...func(*sqs.ReceiveMessageInput)) []types.Message {
	t.Helper()
	in := &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: wait}
	for _, f := range change {
		f(in)
	}
	out, err := t.client.ReceiveMessage(t.Context(), in)
	t.ok("receive", err)
	return out.Messages
}

// one takes a message that must be there.
func (t sqsTest) one(change ...func(*sqs.ReceiveMessageInput)) types.Message {
	t.Helper()
	got := t.receive(5, change...)
	if len(got) != 1 {
		t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

// none fails the check when a message is there.
func (t sqsTest) none(when string) {
	t.Helper()
	for _, m := range t.receive(0) {
		t.Errorf("%s: received %q, want nothing", when, abridge(aws.ToString(m.Body)))
	}
}

// delete removes a received message.
func (t sqsTest) delete(m types.Message) {
	t.Helper()
	_, err := t.client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: t.queue, ReceiptHandle: m.ReceiptHandle})
	t.ok("delete", err)
}

// hide sets when a received message becomes visible, in seconds.
func (t sqsTest) hide(m types.Message, seconds int32) error {
	_, err := t.client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
		QueueUrl: t.queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
	})
	return err
}

// attribute gives one attribute of a queue.
func (t sqsTest) attribute(queue *string, name types.QueueAttributeName) string {
	t.Helper()
	out, err := t.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []types.QueueAttributeName{name}})
	t.ok("get attribute "+string(name), err)
	return out.Attributes[string(name)]
}

// set changes attributes of the check's queue.
func (t sqsTest) set(attributes map[string]string) error {
	_, err := t.client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: t.queue, Attributes: attributes})
	return err
}

// bodies gives the texts of messages, sorted.
func bodies(messages []types.Message) []string {
	var texts []string
	for _, m := range messages {
		texts = append(texts, aws.ToString(m.Body))
	}
	slices.Sort(texts)
	return texts
}

// collect receives until it has that many messages, or for ten seconds, and
// deletes what it gets.
func (t sqsTest) collect(queue *string, n int) []types.Message {
	t.Helper()
	var all []types.Message
	for deadline := time.Now().Add(10 * time.Second); len(all) < n && time.Now().Before(deadline); {
		got := t.receiveFrom(queue, 1)
		all = append(all, got...)
		for _, m := range got {
			_, err := t.client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: m.ReceiptHandle})
			t.ok("delete", err)
		}
	}
	return all
}

// took fails the check when a time is out of bounds.
func (t sqsTest) took(doing string, d, least, most time.Duration) {
	t.Helper()
	if d < least || d > most {
		t.Errorf("%s took %v, want %v to %v", doing, d.Round(time.Millisecond), least, most)
	}
}

// numbered gives entries of a batch with the ids and bodies 0, 1, …
func numbered(n int) []types.SendMessageBatchRequestEntry {
	entries := make([]types.SendMessageBatchRequestEntry, n)
	for i := range entries {
		entries[i] = types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: aws.String(fmt.Sprint(i))}
	}
	return entries
}
