package cloudtest_test

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"cloudworks/internal/cloud/cloudtest"
	"cloudworks/internal/localcloud/s3"
)

func TestS3Local(t *testing.T) {
	store, err := s3.Open(s3.Options{
		Dir: t.TempDir(), AccessKey: "cloudworks", SecretKey: "cloudworks", Region: "us-east-1", NoSync: true,
		ErrorLog: func(err error) { t.Errorf("error log: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(store)
	t.Cleanup(func() {
		server.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	cloudtest.S3(t, s3Client(t,
		config.WithBaseEndpoint(server.URL), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("cloudworks", "cloudworks", "")),
	))
}

// TestS3Endpoint checks whatever AWS_ENDPOINT_URL points to, or AWS itself,
// with the SDK's own environment. CLOUDWORKS_CONFORMANCE_SKIP lists the checks
// that this endpoint is known to fail.
func TestS3Endpoint(t *testing.T) {
	if os.Getenv("CLOUDWORKS_CONFORMANCE") != "1" {
		t.Skip("checks an endpoint of your own with CLOUDWORKS_CONFORMANCE=1 and AWS_ENDPOINT_URL")
	}
	cloudtest.S3(t, s3Client(t), strings.Split(os.Getenv("CLOUDWORKS_CONFORMANCE_SKIP"), ",")...)
}

// s3Client makes a client as the application does, with the SDK's defaults.
func s3Client(t *testing.T, load ...func(*config.LoadOptions) error) *awss3.Client {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(context.Background(), load...)
	if err != nil {
		t.Fatal(err)
	}
	return awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true })
}
