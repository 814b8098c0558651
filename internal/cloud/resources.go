package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cloudworks/internal/jobs"
)

// Resources names what the system needs to be there.
type Resources struct {
	Bucket string
	// Requests are the request queues; each has a dead-letter queue, to
	// which it redrives after MaxReceives receives.
	Requests    []string
	MaxReceives int
	// Replies are the common reply queues.
	Replies []string
}

// Create makes what is missing.
func (c *Cloud) Create(ctx context.Context, r Resources) error {
	if err := c.createBucket(ctx, r.Bucket); err != nil {
		return err
	}
	for _, name := range r.Replies {
		if err := c.CreateQueue(ctx, name, nil); err != nil {
			return err
		}
	}
	for _, name := range r.Requests {
		if err := c.createRequests(ctx, name, r.MaxReceives); err != nil {
			return err
		}
	}
	return nil
}

// Check names everything that is missing, in one error.
func (c *Cloud) Check(ctx context.Context, r Resources) error {
	var missing []error
	if _, err := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.Bucket}); err != nil {
		missing = append(missing, fmt.Errorf("bucket %q: %w", r.Bucket, err))
	}
	names := append([]string(nil), r.Replies...)
	for _, name := range r.Requests {
		names = append(names, name, jobs.DeadLetterName(name))
	}
	for _, name := range names {
		if _, err := c.Queue(ctx, name); err != nil {
			missing = append(missing, err)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("these are missing or can't be reached (CLOUDWORKS_CREATE_RESOURCES=true creates them):\n%w", errors.Join(missing...))
	}
	return nil
}

// CreateQueue makes a queue, or finds the one that is there.
func (c *Cloud) CreateQueue(ctx context.Context, name string, attrs map[string]string) error {
	full := c.opts.QueuePrefix + name
	out, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &full, Attributes: attrs})
	if err != nil {
		if _, exists := errors.AsType[*types.QueueNameExists](err); exists {
			_, err = c.Queue(ctx, name) // with other attributes, which are the operator's
		}
		if err != nil {
			return fmt.Errorf("create queue %q: %w", full, err)
		}
		return nil
	}
	c.remember(name, aws.ToString(out.QueueUrl))
	return nil
}

// createRequests makes a request queue and its dead-letter queue.
func (c *Cloud) createRequests(ctx context.Context, name string, maxReceives int) error {
	dead := jobs.DeadLetterName(name)
	const twoWeeks = "1209600" // seconds, the longest that SQS keeps a message
	if err := c.CreateQueue(ctx, dead, map[string]string{"MessageRetentionPeriod": twoWeeks}); err != nil {
		return err
	}
	q, err := c.Queue(ctx, dead)
	if err != nil {
		return err
	}
	arn, err := q.arn(ctx)
	if err != nil {
		return err
	}
	redrive := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%s"}`, arn, strconv.Itoa(maxReceives))
	return c.CreateQueue(ctx, name, map[string]string{"RedrivePolicy": redrive, "VisibilityTimeout": "30"})
}

func (c *Cloud) createBucket(ctx context.Context, name string) error {
	in := &s3.CreateBucketInput{Bucket: &name}
	// us-east-1 is the one region that must not be named.
	if region := c.s3.Options().Region; region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	_, err := c.s3.CreateBucket(ctx, in)
	answer, answered := errors.AsType[*smithyhttp.ResponseError](err)
	if answered && answer.HTTPStatusCode() == http.StatusConflict {
		_, err = c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}) // ours already, or somebody else's
	}
	if err != nil {
		return fmt.Errorf("create bucket %q: %w", name, err)
	}
	return nil
}

// Ping asks a queue for one attribute, to see whether SQS answers.
func (c *Cloud) Ping(ctx context.Context, name string) error {
	q, err := c.Queue(ctx, name)
	if err != nil {
		return err
	}
	_, err = q.attributes(ctx, types.QueueAttributeNameApproximateNumberOfMessages)
	return err
}
