package cloudtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cloudworks/internal/cloud/cloudtest"
)

// onEngine makes clients go to an engine that was started here.
func onEngine(endpoint string) []func(*config.LoadOptions) error {
	return []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(endpoint), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(cloudtest.AccessKey, cloudtest.SecretKey, "")),
	}
}

// fauxqsLacks are the checks that fauxqs 2.4 fails.
var fauxqsLacks = []string{
	// It looks at no signature.
	"sqs-signature-none", "sqs-signature-unknown-key", "sqs-signature-wrong-secret",
	// It takes what SQS refuses.
	"queue-bad-name", "queue-unknown-attribute", "attributes-unknown", "redrive-bad-policy",
	"send-bad-attributes", "send-eleven-attributes", "send-bad-delay", "group-bad",
	"receive-unknown-attribute", "delete-bad-handle", "delete-batch",
	// It refuses what SQS takes: characters beyond the first 65,536 in a body.
	"send-bodies",
	// It gives attributes that nobody asked for.
	"receive-no-attributes",
	// It calls a bad or an outdated receipt handle a message that isn't in flight.
	"visibility-bad-handle", "visibility-deleted",
	// It forgets MessageGroupId on standard queues, and with it fairness.
	"group-kept", "group-fair",
	// A poll whose client has gone swallows what comes for it, and of several
	// polls one gets what was another's.
	"poll-abandoned", "poll-each-message-once",
	// A dead letter doesn't say which queue it died in, and can't be moved back.
	"redrive-source", "redrive-sources", "redrive-back", "redrive-back-not-dead",
}

func TestSQSFauxqs(t *testing.T) {
	folder := cloudtest.EnginesFolder(t)
	cloudtest.SQS(t, sqsClient(t, onEngine(cloudtest.StartFauxqs(t, folder))...), fauxqsLacks...)
}

func TestS3Versitygw(t *testing.T) {
	folder := cloudtest.EnginesFolder(t)
	cloudtest.S3(t, s3Client(t, onEngine(cloudtest.StartVersitygw(t, folder))...), s3Gaps["versitygw"]...)
}

func TestS3Moto(t *testing.T) {
	cloudtest.EnginesFolder(t)
	cloudtest.S3(t, s3Client(t, onEngine(cloudtest.StartMoto(t))...), s3Gaps["moto"]...)
}
