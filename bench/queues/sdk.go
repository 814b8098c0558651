package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// sdk is SQS and S3 as whoever writes a loop of his own has them.
type sdk struct {
	sqs *sqs.Client
	s3  *s3.Client
}

func newSQS(endpoint string) (*sdk, error) {
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithBaseEndpoint(endpoint), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("a", "b", "")))
	if err != nil {
		return nil, err
	}
	return &sdk{sqs.NewFromConfig(cfg), s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })}, nil
}

func (c *sdk) url(ctx context.Context, name string) (*string, error) {
	out, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return nil, err
	}
	return out.QueueUrl, nil
}

func (c *sdk) send(ctx context.Context, url *string, body, id string) error {
	in := &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body}
	if id != "" {
		in.MessageAttributes = map[string]types.MessageAttributeValue{"JobID": {DataType: aws.String("String"), StringValue: &id}}
	}
	_, err := c.sqs.SendMessage(ctx, in)
	return err
}

// receive receives one message; body is empty when there is none.
func (c *sdk) receive(ctx context.Context, url *string, wait int32) (body, id string, receipt *string, err error) {
	out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 1, WaitTimeSeconds: wait, MessageAttributeNames: []string{"All"}})
	if err != nil || len(out.Messages) == 0 {
		return "", "", nil, err
	}
	m := out.Messages[0]
	return aws.ToString(m.Body), aws.ToString(m.MessageAttributes["JobID"].StringValue), m.ReceiptHandle, nil
}

func (c *sdk) delete(ctx context.Context, url, receipt *string) error {
	_, err := c.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: receipt})
	return err
}

func (c *sdk) put(ctx context.Context, key, text string) error {
	_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("bench"), Key: &key, Body: strings.NewReader(text)})
	return err
}
