package cloud

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

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

// Redrive moves what the dead-letter queue q holds back to requests, message by
// message, and says how many: no more than there are now, for one that is no
// better than before may be back at once.
//
// The service's own StartMessageMoveTask is not used. It knows no way back for
// messages that were sent here instead of dying by their receives, as refused
// ones are; and where it is told one, it moves those in a circle.
func (q *Queue) Redrive(ctx context.Context, requests *Queue) (moved int, err error) {
	now, err := q.Depth(ctx)
	if err != nil || now.Visible == 0 {
		return 0, err
	}
	var failed error
	err = q.Each(ctx, func(d jobs.Delivery) (remove, more bool) {
		if failed = errors.Join(requests.Send(ctx, []jobs.Message{d.Message})...); failed != nil {
			return false, false
		}
		moved++
		return true, moved < now.Visible
	})
	return moved, errors.Join(failed, err)
}

// arn gives the queue's own name for AWS.
func (q *Queue) arn(ctx context.Context) (string, error) {
	attrs, err := q.attributes(ctx, types.QueueAttributeNameQueueArn)
	return attrs[string(types.QueueAttributeNameQueueArn)], err
}
