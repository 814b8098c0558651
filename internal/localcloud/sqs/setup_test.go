package sqs_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"cloudworks/internal/localcloud/sqs"
)

// newClient makes a client that doesn't repeat failed calls.
func newClient(t testing.TB, endpoint string) *awssqs.Client {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithBaseEndpoint(endpoint), config.WithRegion("us-east-1"), config.WithRetryMaxAttempts(1),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = 256 })),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("cloudworks", "cloudworks", "")))
	if err != nil {
		t.Fatal(err)
	}
	return awssqs.NewFromConfig(cfg)
}

// serve opens a service and gives its address.
func serve(t testing.TB, opts sqs.Options) (*sqs.Service, string) {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	opts.AccessKey, opts.SecretKey = "cloudworks", "cloudworks"
	opts.ErrorLog = func(err error) { t.Errorf("error log: %v", err) }
	service, err := sqs.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	t.Cleanup(func() {
		service.EndPolls()
		server.Close()
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service, server.URL
}

// create makes a queue and gives its URL.
func create(t testing.TB, client *awssqs.Client, name string) *string {
	t.Helper()
	out, err := client.CreateQueue(context.Background(), &awssqs.CreateQueueInput{QueueName: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	return out.QueueUrl
}
