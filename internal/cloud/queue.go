package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"cloudworks/internal/jobs"
)

var _ jobs.Queue = (*Queue)(nil)

// Queue is one queue of SQS.
type Queue struct {
	sqs  *sqs.Client
	name string
	url  string
}

// Queue finds the queue of that name, without the system's prefix. The error
// wraps jobs.ErrNoQueue when there is none.
func (c *Cloud) Queue(ctx context.Context, name string) (*Queue, error) {
	c.mu.Lock()
	q, ok := c.queues[name]
	c.mu.Unlock()
	if ok {
		return q, nil
	}
	out, err := c.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(c.opts.QueuePrefix + name)})
	if err != nil {
		return nil, fmt.Errorf("find queue %q: %w", c.opts.QueuePrefix+name, queueError(err))
	}
	return c.remember(name, aws.ToString(out.QueueUrl)), nil
}

func (c *Cloud) remember(name, url string) *Queue {
	q := &Queue{sqs: c.sqs, name: name, url: url}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queues[name] = q
	return q
}

// Name is the queue's name without the prefix.
func (q *Queue) Name() string { return q.name }

// Send sends 1 to 10 messages in one call.
func (q *Queue) Send(ctx context.Context, batch []jobs.Message) []error {
	entries := make([]types.SendMessageBatchRequestEntry, len(batch))
	for i, m := range batch {
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: entryID(i), MessageBody: aws.String(m.Body), MessageAttributes: attributes(m.Attributes),
		}
		if m.Group != "" {
			entries[i].MessageGroupId = aws.String(m.Group)
		}
	}
	out, err := q.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return q.all(len(batch), "send to", err)
	}
	return q.failures(len(batch), "send to", out.Failed)
}

// Receive waits up to wait for up to limit messages.
func (q *Queue) Receive(ctx context.Context, limit int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	out, err := q.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    &q.url,
		MaxNumberOfMessages:         int32(limit), // #nosec G115 -- 1 to 10
		WaitTimeSeconds:             seconds(wait),
		VisibilityTimeout:           seconds(visibility),
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp, types.MessageSystemAttributeNameMessageGroupId},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", q.name, queueError(err))
	}
	got := make([]jobs.Delivery, len(out.Messages))
	for i, m := range out.Messages {
		got[i] = delivery(m)
	}
	return got, nil
}

// Delete removes 1 to 10 messages in one call.
func (q *Queue) Delete(ctx context.Context, receipts []string) []error {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(receipts))
	for i := range receipts {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: entryID(i), ReceiptHandle: &receipts[i]}
	}
	out, err := q.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return q.all(len(receipts), "delete from", err)
	}
	return q.failures(len(receipts), "delete from", out.Failed)
}

// ChangeVisibility sets when 1 to 10 messages show again, in one call.
func (q *Queue) ChangeVisibility(ctx context.Context, changes []jobs.VisibilityChange) []error {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(changes))
	for i, c := range changes {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id: entryID(i), ReceiptHandle: aws.String(c.Receipt), VisibilityTimeout: seconds(c.Timeout),
		}
	}
	out, err := q.sqs.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return q.all(len(changes), "change visibility in", err)
	}
	return q.failures(len(changes), "change visibility in", out.Failed)
}

// entryID is the entry's index: ids of the queue's own making can be alike.
func entryID(i int) *string { return aws.String(strconv.Itoa(i)) }

// all gives every entry the error of the call as a whole.
func (q *Queue) all(n int, doing string, err error) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = fmt.Errorf("%s %s: %w", doing, q.name, queueError(err))
	}
	return errs
}

// failures spreads the failed entries of a batch over its results.
func (q *Queue) failures(n int, doing string, failed []types.BatchResultErrorEntry) []error {
	errs := make([]error, n)
	for _, f := range failed {
		i, err := strconv.Atoi(aws.ToString(f.Id))
		if err != nil || i < 0 || i >= n {
			return q.all(n, doing, fmt.Errorf("answer names an unknown entry %q", aws.ToString(f.Id)))
		}
		errs[i] = fmt.Errorf("%s %s: %s: %s", doing, q.name, aws.ToString(f.Code), aws.ToString(f.Message))
	}
	return errs
}

func attributes(texts map[string]string) map[string]types.MessageAttributeValue {
	if len(texts) == 0 {
		return nil
	}
	values := make(map[string]types.MessageAttributeValue, len(texts))
	for name, text := range texts {
		if text == "" {
			continue // SQS takes no empty attribute
		}
		values[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(text)}
	}
	return values
}

func delivery(m types.Message) jobs.Delivery {
	d := jobs.Delivery{ID: aws.ToString(m.MessageId), Receipt: aws.ToString(m.ReceiptHandle)}
	d.Body = aws.ToString(m.Body)
	d.Attributes = make(map[string]string, len(m.MessageAttributes))
	for name, value := range maps.All(m.MessageAttributes) {
		d.Attributes[name] = aws.ToString(value.StringValue)
	}
	d.Group = m.Attributes["MessageGroupId"]
	// A server that leaves the count out is taken to mean the first time.
	d.ReceiveCount = 1
	if n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"]); err == nil {
		d.ReceiveCount = n
	}
	if ms, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64); err == nil {
		d.SentAt = time.UnixMilli(ms)
	}
	return d
}

// seconds rounds up, so that a short wait isn't none.
func seconds(d time.Duration) int32 {
	return int32((d + time.Second - 1) / time.Second) // #nosec G115 -- at most 12 h
}

// queueError makes the SDK's "no such queue" and "access denied" ours.
func queueError(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && strings.HasPrefix(strings.TrimPrefix(api.ErrorCode(), "AWS.SimpleQueueService."), "AccessDenied") {
		return fmt.Errorf("%w: %w", jobs.ErrDenied, err)
	}
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); ok {
		return fmt.Errorf("%w: %w", jobs.ErrNoQueue, err)
	}
	return err
}

func isNoQueue(err error) bool { return errors.Is(err, jobs.ErrNoQueue) }
