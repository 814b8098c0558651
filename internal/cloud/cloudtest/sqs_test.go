package cloudtest_test

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"cloudworks/internal/cloud/cloudtest"
	"cloudworks/internal/localcloud"
)

func TestSQSLocal(t *testing.T) {
	cloud, err := localcloud.Open(localcloud.Options{
		Dir: t.TempDir(), AccessKey: "cloudworks", SecretKey: "cloudworks", Region: "us-east-1", NoSync: true,
		ErrorLog: func(err error) { t.Errorf("error log: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(cloud)
	t.Cleanup(func() {
		server.Close()
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	cloudtest.SQS(t, sqsClient(t,
		config.WithBaseEndpoint(server.URL), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("cloudworks", "cloudworks", "")),
	))
}

// TestSQSEndpoint checks whatever AWS_ENDPOINT_URL points to, or AWS itself,
// with the SDK's own environment. CLOUDWORKS_CONFORMANCE_SKIP lists the checks
// that this endpoint is known to fail.
func TestSQSEndpoint(t *testing.T) {
	if os.Getenv("CLOUDWORKS_CONFORMANCE") != "1" {
		t.Skip("checks an endpoint of your own with CLOUDWORKS_CONFORMANCE=1 and AWS_ENDPOINT_URL")
	}
	cloudtest.SQS(t, sqsClient(t), strings.Split(os.Getenv("CLOUDWORKS_CONFORMANCE_SKIP"), ",")...)
}

// sqsClient makes a client as the application does, with the SDK's defaults.
func sqsClient(t *testing.T, load ...func(*config.LoadOptions) error) *awssqs.Client {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(context.Background(), load...)
	if err != nil {
		t.Fatal(err)
	}
	return awssqs.NewFromConfig(cfg)
}
