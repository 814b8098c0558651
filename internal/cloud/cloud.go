// Package cloud is SQS and S3: the only package that imports the AWS SDK. It
// makes queues and the bucket look as jobs and the kinds of job need them, and
// turns the SDK's errors into theirs. It knows no kind of job, and not whether
// the endpoint is AWS or a local one.
package cloud

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Options say where SQS and S3 are. The zero value leaves everything to the
// SDK's own environment (AWS_REGION, roles, AWS_ENDPOINT_URL).
type Options struct {
	// Endpoint, Region, AccessKey and SecretKey replace the environment's,
	// all four or none.
	Endpoint, Region, AccessKey, SecretKey string
	// QueuePrefix stands before every queue's name.
	QueuePrefix string
	// Observe hears of every call that was sent, each try for itself: what
	// is billed.
	Observe func(Call)
	// Spared hears of every try that was not made, to spare a service that
	// fails most calls.
	Spared func(service, operation string)
	// Begin hears of every call before it is sent, and what it gives is told
	// how the call ended, however often it was tried. key is the object's
	// that the call is about, else empty.
	Begin func(ctx context.Context, service, operation, key string) (context.Context, func(error))
}

// Cloud holds the clients of both services.
type Cloud struct {
	opts   Options
	sqs    *sqs.Client
	s3     *s3.Client
	guards *guards

	mu     sync.Mutex
	queues map[string]*Queue
}

// Open makes the clients. It calls nothing yet.
func Open(ctx context.Context, opts Options) (*Cloud, error) {
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(newHTTPClient()),
		config.WithRetryer(newRetryer),
	}
	if opts.Endpoint != "" {
		load = append(load,
			config.WithBaseEndpoint(opts.Endpoint), config.WithRegion(opts.Region),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(opts.AccessKey, opts.SecretKey, "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	cfg.HTTPClient = buffering{cfg.HTTPClient}
	guards := &guards{report: opts.Spared}
	cfg.APIOptions = append(cfg.APIOptions, guards.middleware)
	if opts.Observe != nil {
		cfg.APIOptions = append(cfg.APIOptions, observe(opts.Observe))
	}
	if opts.Begin != nil {
		cfg.APIOptions = append(cfg.APIOptions, begin(opts.Begin))
	}
	return &Cloud{
		opts:   opts,
		guards: guards,
		queues: make(map[string]*Queue),
		sqs:    sqs.NewFromConfig(cfg),
		// An endpoint of one's own has no host name for each bucket.
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = o.BaseEndpoint != nil
			o.DisableLogOutputChecksumValidationSkipped = true // emulators have none
		}),
	}, nil
}

// newHTTPClient keeps enough connections for a busy worker, so that no call
// waits for a handshake. It is the SDK's own kind of client, which also heeds
// AWS_CA_BUNDLE.
func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = 512
		t.MaxIdleConnsPerHost = 256
		t.IdleConnTimeout = 60 * time.Second
		t.ResponseHeaderTimeout = 40 * time.Second // above the longest poll
	})
}
