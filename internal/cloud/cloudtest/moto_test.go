package cloudtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cloudworks/internal/cloud/cloudtest"
)

// motoLacks are the checks that moto 5.2's SQS fails: it is kinder than SQS
// to bad input, hands a message to two receivers at once, forgets fairness
// between groups, and swallows what comes for a poller that has gone.
var motoLacks = []string{
	"queue-bad-attribute", "queue-unknown-attribute", "queue-list-pages", "attributes-set-bad",
	"send-bad-attributes", "send-eleven-attributes", "send-empty", "send-control-characters", "send-attributes-count", "batch-partly-bad",
	"receive-unknown-attribute", "receive-concurrently", "poll-abandoned", "delete-stale", "delete-batch-bad", "visibility-not-in-flight",
	"redrive-source", "redrive-bad-policy", "redrive-back", "redrive-back-not-dead", "group-bad", "group-fair",
	"sqs-signature-none", "sqs-signature-unknown-key", "sqs-signature-wrong-secret",
}

// TestSQSMoto keeps the checks honest: most must hold on an SQS that isn't
// ours.
func TestSQSMoto(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	endpoint := cloudtest.StartMoto(t)
	cloudtest.SQS(t, sqsClient(t, config.WithBaseEndpoint(endpoint), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", ""))), motoLacks...)
}
