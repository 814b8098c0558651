package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// engine gives each system a backend of its own; nil stands for the embedded
// one. Tests that run the suite on another set it, one after the other.
var engine func(*testing.T) *backend

// on runs the suite on an engine.
func on(t *testing.T, e func(*testing.T) *backend, suite []journey) {
	t.Helper()
	engine = e
	defer func() { engine = nil }()
	for _, j := range suite {
		t.Run(j.name, j.run)
	}
}

// journey is a test of the whole system that asks nothing of its backend but
// SQS and S3.
type journey struct {
	name string
	run  func(*testing.T)
}

// journeys are those tests.
var journeys = []journey{
	{"ManyVisitors", TestManyVisitors},
	{"TwoInstances", TestTwoInstances},
	{"FileOfLists", TestFileOfLists},
	{"Pictures", TestPictures},
	{"AgainAndDelete", TestAgainAndDelete},
	{"Zip", TestZip},
	{"Recent", TestRecent},
	{"BadFiles", TestBadFiles},
	{"TwentyOnePictures", TestTwentyOnePictures},
	{"Orientation", TestOrientation},
	{"LabClientCalc", TestLabClientCalc},
	{"LabClientPicture", TestLabClientPicture},
	{"UntrustedRequests", TestUntrustedRequests},
	{"DeadLetters", TestDeadLetters},
	{"Redrive", TestRedrive},
	{"LogLines", TestLogLines},
	{"OpsAddress", TestOpsAddress},
}

// endings are those in which a process ends; they take long, since a worker
// that is killed leaves its messages hidden for half a minute, and one that is
// stopped waits for its open polls.
var endings = []journey{
	{"KilledWorker", TestKilledWorker},
	{"KilledWeb", TestKilledWeb},
	{"SoftStop", TestSoftStop},
}

// backend is an SQS and an S3 as one system and its tests see them.
type backend struct {
	sqs, s3     string // addresses for a client of the test's own
	key, secret string // of that client
	bucket      string
	prefix      string // of queues
	made        bool   // bucket and queues are there already
	webURL      string // where web finds both, if that isn't where a test's client does
	// of is what else a program's environment holds, by program: where it
	// finds both services, and its keys.
	of map[string][]string
}

// env is the environment that all processes share.
func (b *backend) env() []string {
	create := "true"
	if b.made {
		create = "false"
	}
	return []string{
		"CLOUDWORKS_BACKEND=aws", "CLOUDWORKS_WORKER=none", "CLOUDWORKS_LOG=json", "AWS_REGION=us-east-1",
		"CLOUDWORKS_BUCKET=" + b.bucket, "CLOUDWORKS_QUEUE_PREFIX=" + b.prefix, "CLOUDWORKS_CREATE_RESOURCES=" + create,
	}
}

// at is a program's environment for services at these addresses.
func at(sqs, s3, key, secret string) []string {
	return []string{
		"AWS_ENDPOINT_URL_SQS=" + sqs, "AWS_ENDPOINT_URL_S3=" + s3,
		"AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=" + secret,
	}
}

// client gives a client of the test's own.
func (b *backend) client(t *testing.T) lab {
	t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRegion("us-east-1"),
		awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(b.key, b.secret, "")))
	if err != nil {
		t.Fatal(err)
	}
	return lab{
		t: t, bucket: aws.String(b.bucket), prefix: b.prefix,
		sqs: sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.BaseEndpoint = &b.sqs }),
		s3:  s3.NewFromConfig(cfg, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = &b.s3, true }),
	}
}
