package localcloud_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"cloudworks/internal/localcloud"
	"cloudworks/internal/localcloud/faults"
)

func options(dir string) localcloud.Options {
	return localcloud.Options{Dir: dir, AccessKey: "cloudworks", SecretKey: "cloudworks", Region: "us-east-1", NoSync: true}
}

// serve opens a local cloud and gives clients of both services.
func serve(t *testing.T, opts localcloud.Options) (*localcloud.Server, *awssqs.Client, *awss3.Client) {
	t.Helper()
	if opts.ErrorLog == nil {
		opts.ErrorLog = func(err error) { t.Errorf("error log: %v", err) }
	}
	cloud, err := localcloud.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(cloud)
	t.Cleanup(func() {
		cloud.EndPolls()
		server.Close()
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithBaseEndpoint(server.URL), config.WithRegion("us-east-1"), config.WithRetryMaxAttempts(1),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("cloudworks", "cloudworks", "")))
	if err != nil {
		t.Fatal(err)
	}
	return cloud, awssqs.NewFromConfig(cfg), awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true })
}

// One address answers both services, and each call is observed as the
// service's own.
func TestBothServices(t *testing.T) {
	var mu sync.Mutex
	var seen []localcloud.Call
	opts := options(t.TempDir())
	opts.Observe = func(c localcloud.Call) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, c)
	}
	_, queues, buckets := serve(t, opts)
	ctx := t.Context()
	created, err := queues.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := queues.SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: created.QueueUrl, MessageBody: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	if _, err := buckets.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	if _, err := buckets.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a/b"), Body: strings.NewReader("content")}); err != nil {
		t.Fatal(err)
	}
	out, err := buckets.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a/b")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if content, err := io.ReadAll(out.Body); err != nil || !bytes.Equal(content, []byte("content")) {
		t.Errorf("got %q and %v, want the content", content, err)
	}

	mu.Lock()
	defer mu.Unlock()
	var got []string
	for _, c := range seen {
		if c.Status != 200 || c.AccessKey != "cloudworks" || c.Took <= 0 {
			t.Errorf("call %+v: want status 200, the access key and a duration", c)
		}
		got = append(got, c.Service+" "+c.Operation+" "+c.Resource)
	}
	want := "SQS CreateQueue q, SQS SendMessage q, S3 CreateBucket bucket, S3 PutObject bucket/a/b, S3 GetObject bucket/a/b"
	if strings.Join(got, ", ") != want {
		t.Errorf("observed %s, want %s", strings.Join(got, ", "), want)
	}
}

// A second process is told at once that the folder is taken.
func TestDirInUse(t *testing.T) {
	dir := t.TempDir()
	serve(t, options(dir))
	begin := time.Now()
	_, err := localcloud.Open(options(dir))
	if err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v, want an error that tells of another process", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("took %v, want about a second", took)
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		cloud, err := localcloud.Open(options(dir))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := cloud.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOptionsMissing(t *testing.T) {
	if _, err := localcloud.Open(localcloud.Options{Dir: t.TempDir()}); err == nil {
		t.Error("opened without a key pair")
	}
}

func TestListen(t *testing.T) {
	for addr, wantOK := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, "127.0.0.53:0": true,
		"0.0.0.0:0": false, ":0": false, "[::]:0": false, "192.0.2.1:0": false, "example.com:80": false, "127.0.0.1": false,
	} {
		l, err := localcloud.Listen(addr)
		if err == nil {
			l.Close()
		}
		if (err == nil) != wantOK {
			t.Errorf("%s: got %v, want listening %v", addr, err, wantOK)
		}
	}
}

// Faults reach the clients as the services' own errors.
func TestFaults(t *testing.T) {
	cloud, queues, buckets := serve(t, options(t.TempDir()))
	ctx := t.Context()
	list := func() error {
		_, err := queues.ListQueues(ctx, &awssqs.ListQueuesInput{})
		return err
	}
	tests := []struct {
		name string
		plan *faults.Plan
		want string
	}{
		{"none", nil, ""},
		{"fail", &faults.Plan{FailRate: 1}, "InternalFailure"},
		{"throttle", &faults.Plan{ThrottleRate: 1}, "RequestThrottled"},
		{"another operation", &faults.Plan{FailRate: 1, Operations: map[string]bool{"SendMessage": true}}, ""},
		{"this operation", &faults.Plan{FailRate: 1, Operations: map[string]bool{"ListQueues": true}}, "InternalFailure"},
		{"lose", &faults.Plan{LoseRate: 1}, "no answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cloud.SetFaults(localcloud.Faults{SQS: test.plan})
			if got := code(list()); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if _, err := buckets.ListBuckets(ctx, &awss3.ListBucketsInput{}); err != nil {
				t.Errorf("S3 is struck, too: %v", err)
			}
		})
	}
}

// code gives the service's code for an error, "no answer" for what isn't the
// service's.
func code(err error) string {
	if err == nil {
		return ""
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return "no answer"
}

// A lost answer to a send means a message that is there.
func TestLostSend(t *testing.T) {
	cloud, queues, _ := serve(t, options(t.TempDir()))
	ctx := t.Context()
	created, err := queues.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	cloud.SetFaults(localcloud.Faults{SQS: &faults.Plan{LoseRate: 1, Operations: map[string]bool{"SendMessage": true}}})
	if _, err := queues.SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: created.QueueUrl, MessageBody: aws.String("lost")}); err == nil {
		t.Fatal("the answer wasn't lost")
	}
	out, err := queues.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: created.QueueUrl})
	if err != nil || len(out.Messages) != 1 {
		t.Errorf("got %+v and %v, want the message", out, err)
	}
}
