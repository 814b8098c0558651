package cloud

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// QueueNames lists the queues whose names begin with prefix, both without the
// system's own prefix.
func (c *Cloud) QueueNames(ctx context.Context, prefix string) ([]string, error) {
	full := c.opts.QueuePrefix + prefix
	var names []string
	most := int32(1000) // without it there are no pages
	pages := sqs.NewListQueuesPaginator(c.sqs, &sqs.ListQueuesInput{QueueNamePrefix: &full, MaxResults: &most})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list queues %q: %w", full, queueError(err))
		}
		for _, url := range page.QueueUrls {
			name := url[strings.LastIndexByte(url, '/')+1:]
			names = append(names, strings.TrimPrefix(name, c.opts.QueuePrefix))
		}
	}
	return names, nil
}

// Tag sets one tag of the queue.
func (q *Queue) Tag(ctx context.Context, key, value string) error {
	_, err := q.sqs.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &q.url, Tags: map[string]string{key: value}})
	if err != nil {
		return fmt.Errorf("tag %s: %w", q.name, queueError(err))
	}
	return nil
}

// Tags gives the queue's tags.
func (q *Queue) Tags(ctx context.Context) (map[string]string, error) {
	out, err := q.sqs.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &q.url})
	if err != nil {
		return nil, fmt.Errorf("list tags of %s: %w", q.name, queueError(err))
	}
	return out.Tags, nil
}

// DeleteQueue removes a queue with all that is in it. One that isn't there is
// no error.
func (c *Cloud) DeleteQueue(ctx context.Context, name string) error {
	q, err := c.Queue(ctx, name)
	if err == nil {
		c.mu.Lock()
		delete(c.queues, name)
		c.mu.Unlock()
		_, err = q.sqs.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &q.url})
		err = queueError(err)
	}
	if err != nil && !isNoQueue(err) {
		return fmt.Errorf("delete queue %s: %w", name, err)
	}
	return nil
}
