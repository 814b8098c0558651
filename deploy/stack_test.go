package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"cloudworks/internal/cloud/cloudtest"
	"cloudworks/internal/jobs"
)

// The stack is created for real, on an emulator of AWS that isn't ours, and
// its queues and bucket are looked at through the SDK. The emulator ignores
// scaling policies, alarms, lifecycle rules and what policies say: other
// tests read those in the template.
func TestStack(t *testing.T) {
	endpoint := cloudtest.StartMoto(t)
	cli := func(args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), require(t, "aws"), append([]string{"--endpoint-url", endpoint, "--output", "json"}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_PAGER=")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("aws %s: %v: %s", strings.Join(args[:2], " "), err, stderr.Bytes())
		}
		return out
	}
	var certificate struct{ CertificateArn string }
	if err := json.Unmarshal(cli("acm", "request-certificate", "--domain-name", "cloudworks.example"), &certificate); err != nil {
		t.Fatal(err)
	}
	cli("cloudformation", "deploy", "--stack-name", "cloudworks", "--template-file", templateFile, "--capabilities", "CAPABILITY_IAM",
		"--parameter-overrides", "DomainName=cloudworks.example", "CertificateArn="+certificate.CertificateArn,
		"ReleaseBucket=releases", "ReleaseKey=cloudworks.tar.gz", "ReleaseSha256="+strings.Repeat("0", 64), "QueuePrefix=stack-", "AlarmEmail=on@call.example")

	created := map[string]string{} // physical ids
	var made struct {
		StackResources []struct {
			LogicalID  string `json:"LogicalResourceId"`
			PhysicalID string `json:"PhysicalResourceId"`
		}
	}
	if err := json.Unmarshal(cli("cloudformation", "describe-stack-resources", "--stack-name", "cloudworks"), &made); err != nil {
		t.Fatal(err)
	}
	for _, r := range made.StackResources {
		created[r.LogicalID] = r.PhysicalID
	}
	ignored := []string{"AWS::CloudWatch::Alarm", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::AutoScaling::ScalingPolicy", "AWS::SNS::Subscription"}
	for name, r := range template(t) {
		if created[name] == "" && !slices.Contains(ignored, r.Kind) {
			t.Errorf("%s (%s) was not made", name, r.Kind)
		}
	}
	checkQueues(t, endpoint)
	checkBucket(t, endpoint, created["Bucket"])
}

var someone = credentials.NewStaticCredentialsProvider("test", "test", "")

func checkQueues(t *testing.T, endpoint string) {
	t.Helper()
	client := sqs.New(sqs.Options{BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: someone})
	for _, name := range []string{requests, inbox} {
		url, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("stack-" + name)})
		if err != nil {
			t.Errorf("queue %s: %v", name, err)
			continue
		}
		got, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: []types.QueueAttributeName{"All"}})
		if err != nil {
			t.Fatal(err)
		}
		var redrive struct {
			DeadLetterTargetArn string          `json:"deadLetterTargetArn"`
			MaxReceiveCount     json.RawMessage `json:"maxReceiveCount"`
		}
		if err := json.Unmarshal([]byte(got.Attributes["RedrivePolicy"]), &redrive); err != nil {
			t.Errorf("queue %s: redrive policy %q: %v", name, got.Attributes["RedrivePolicy"], err)
			continue
		}
		if want := ":stack-" + jobs.DeadLetterName(name); !strings.HasSuffix(redrive.DeadLetterTargetArn, want) {
			t.Errorf("queue %s: dead letters go to %s, want %s", name, redrive.DeadLetterTargetArn, want)
		}
		if got, want := strings.Trim(string(redrive.MaxReceiveCount), `"`), fmt.Sprint(jobs.DefaultMaxReceives); got != want {
			t.Errorf("queue %s: maxReceiveCount %s, want %s", name, got, want)
		}
	}
}

func checkBucket(t *testing.T, endpoint, bucket string) {
	t.Helper()
	client := s3.New(s3.Options{BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: someone, UsePathStyle: true})
	if _, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		t.Errorf("bucket %q: %v", bucket, err)
	}
}
