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

// s3Gaps are the checks that other services are known to fail.
var s3Gaps = map[string][]string{
	"moto": {
		"bucket-bad-name", "object-delete-many-quiet", "object-key-too-long", "header-metadata-too-large",
		"header-response-override", "header-checksum", "header-wrong-checksum", "header-wrong-md5", "list-bad-token",
		"multipart-bad-parts", "multipart-abort", "signature-wrong-secret", "signature-unknown-key", "signature-none",
		"signature-wrong-region", "signature-presigned-get", "signature-presigned-tampered",
		// It checks a condition first and writes then, so of two at once both may win.
		"condition-if-none-match-race", "condition-if-match-race",
	},
	"versitygw": { // on a folder, where keys are paths
		"object-delete-many-quiet", "object-odd-keys", "object-key-longest", "object-key-too-long", "list-order", "list-bad-token",
		"signature-unknown-key",
	},
}

// TestS3Endpoint checks whatever AWS_ENDPOINT_URL points to, or AWS itself,
// with the SDK's own environment. CLOUDWORKS_CONFORMANCE_SKIP lists the checks
// that this endpoint is known to fail, or names a service of s3Gaps.
func TestS3Endpoint(t *testing.T) {
	if os.Getenv("CLOUDWORKS_CONFORMANCE") != "1" {
		t.Skip("checks an endpoint of your own with CLOUDWORKS_CONFORMANCE=1 and AWS_ENDPOINT_URL")
	}
	skip := os.Getenv("CLOUDWORKS_CONFORMANCE_SKIP")
	gaps, known := s3Gaps[skip]
	if !known {
		gaps = strings.Split(skip, ",")
	}
	cloudtest.S3(t, s3Client(t), gaps...)
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
