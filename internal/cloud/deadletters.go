package cloud

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"cloudworks/internal/jobs"
)

// Depth asks for the queue's depth.
func (q *Queue) Depth(ctx context.Context) (jobs.Depth, error) {
	attrs, err := q.attributes(ctx,
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed)
	if err != nil {
		return jobs.Depth{}, err
	}
	number := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(attrs[string(name)])
		return n
	}
	return jobs.Depth{
		Visible:  number(types.QueueAttributeNameApproximateNumberOfMessages),
		InFlight: number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible),
		Delayed:  number(types.QueueAttributeNameApproximateNumberOfMessagesDelayed),
	}, nil
}

func (q *Queue) attributes(ctx context.Context, names ...types.QueueAttributeName) (map[string]string, error) {
	out, err := q.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: names})
	if err != nil {
		return nil, fmt.Errorf("get attributes of %s: %w", q.name, queueError(err))
	}
	return out.Attributes, nil
}

// peekTime hides messages while they are looked at, so that each is seen
// once.
const peekTime = 10 * time.Second

// Each hands every message of the queue to look, until look gives false, and
// puts them back where it doesn't delete them. It counts as a receive.
func (q *Queue) Each(ctx context.Context, look func(jobs.Delivery) (remove, more bool)) error {
	var back []jobs.VisibilityChange
	defer func() {
		for ; len(back) > 0; back = back[min(len(back), jobs.MaxBatch):] {
			q.ChangeVisibility(context.WithoutCancel(ctx), back[:min(len(back), jobs.MaxBatch)]) // else they show again by themselves
		}
	}()
	for {
		got, err := q.Receive(ctx, jobs.MaxBatch, time.Second, peekTime)
		if err != nil || len(got) == 0 {
			return err
		}
		for _, d := range got {
			remove, more := look(d)
			if remove {
				if err := errors.Join(q.Delete(ctx, []string{d.Receipt})...); err != nil {
					return err
				}
			} else {
				back = append(back, jobs.VisibilityChange{Receipt: d.Receipt})
			}
			if !more {
				return nil
			}
		}
	}
}

// Purge deletes everything in the queue.
func (q *Queue) Purge(ctx context.Context) error {
	if _, err := q.sqs.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &q.url}); err != nil {
		return fmt.Errorf("purge %s: %w", q.name, queueError(err))
	}
	return nil
}

// Redrive moves everything in the dead-letter queue q back to requests. The
// service does it by itself where it can; else it is done message by message,
// and moved says how many.
func (q *Queue) Redrive(ctx context.Context, requests *Queue) (moved int, err error) {
	attrs, err := q.attributes(ctx, types.QueueAttributeNameQueueArn)
	if err != nil {
		return 0, err
	}
	depth, err := q.Depth(ctx)
	if err != nil {
		return 0, err
	}
	arn := attrs[string(types.QueueAttributeNameQueueArn)]
	_, err = q.sqs.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &arn})
	if !unsupported(err) {
		if err != nil {
			err = fmt.Errorf("move from %s: %w", q.name, err)
		}
		return depth.Visible, err
	}
	return q.moveEach(ctx, requests)
}

// unsupported tells a service that doesn't know the call.
func unsupported(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch api.ErrorCode() {
	case "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidAction", "NotImplemented", "UnknownOperationException":
		return true
	}
	return false
}

func (q *Queue) moveEach(ctx context.Context, requests *Queue) (moved int, err error) {
	var failed error
	err = q.Each(ctx, func(d jobs.Delivery) (remove, more bool) {
		if failed = errors.Join(requests.Send(ctx, []jobs.Message{d.Message})...); failed != nil {
			return false, false
		}
		moved++
		return true, true
	})
	return moved, errors.Join(failed, err)
}
