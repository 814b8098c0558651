package e2e

import (
	"bytes"
	"context"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// lab is a client that knows nothing but queues, bucket and plain text.
type lab struct {
	t      *testing.T
	sqs    *sqs.Client
	s3     *s3.Client
	bucket *string
	prefix string // of queues
}

func newLab(s *system) lab {
	s.t.Helper()
	far := s.far
	if far == nil {
		far = &backend{sqs: "http://" + s.local, s3: "http://" + s.local, key: "cloudworks", secret: "cloudworks", bucket: "cloudworks"}
	}
	return far.client(s.t)
}

func (l lab) url(queue string) *string {
	l.t.Helper()
	queue = l.prefix + queue
	out, err := l.sqs.GetQueueUrl(l.t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		l.t.Fatal(err)
	}
	return out.QueueUrl
}

func (l lab) send(queue, body string) {
	l.t.Helper()
	if _, err := l.sqs.SendMessage(l.t.Context(), &sqs.SendMessageInput{QueueUrl: l.url(queue), MessageBody: &body}); err != nil {
		l.t.Fatal(err)
	}
}

// receive waits up to a minute for one message.
func (l lab) receive(queue string) string {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		out, err := l.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: l.url(queue), WaitTimeSeconds: 10})
		if err != nil {
			l.t.Fatal(err)
		}
		if len(out.Messages) > 0 {
			return aws.ToString(out.Messages[0].Body)
		}
	}
	l.t.Fatalf("nothing came on %s", queue)
	return ""
}

const twenty = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"

// A client of the lab report sends plain text and gets plain text.
func TestLabClientCalc(t *testing.T) {
	s := newSystem(t)
	s.startWeb()
	client := newLab(s)
	for body, want := range map[string]string{
		twenty:                      "1 20 10.5 10.5",
		"1 2 3":                     "error: That makes 3 of 20 numbers: 17 more to go.",
		twenty + "\n1 2\n" + twenty: "1 20 10.5 10.5\nerror: That makes 2 of 20 numbers: 18 more to go.\n1 20 10.5 10.5",
	} {
		client.send("requestQueue", body)
		if got := client.receive("responseQueue"); got != want {
			t.Errorf("answer to %q is %q, want %q", body, got, want)
		}
	}
}

// A picture that the lab client put under a key of its own is enhanced, too.
func TestLabClientPicture(t *testing.T) {
	s := newSystem(t)
	s.startWeb()
	client := newLab(s)
	photo := photograph(320, 240)
	key := "my photo.jpg"
	if s.far != nil {
		key = "uploads/my photo.jpg" // the role of a worker on AWS reads no other
	}
	if _, err := client.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: client.bucket, Key: &key, Body: bytes.NewReader(photo)}); err != nil {
		t.Fatal(err)
	}
	client.send("inbox", key+" "+aws.ToString(client.bucket))
	key = client.receive("outbox")
	out, err := client.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: client.bucket, Key: &key})
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	defer out.Body.Close()
	picture, err := jpeg.Decode(out.Body)
	if err != nil {
		t.Fatalf("result %q: %v", key, err)
	}
	if size := picture.Bounds().Size(); size.X != 320 || size.Y != 240 {
		t.Errorf("the result has %v pixels, want 320×240", size)
	}
}

// What isn't to be trusted goes to the dead-letter queue, unanswered.
func TestUntrustedRequests(t *testing.T) {
	s := newSystem(t)
	web := s.startWeb()
	client := newLab(s)
	client.send("inbox", "uploads/x/1/original another-bucket")
	if got := client.receive("inbox-dlq"); got != "uploads/x/1/original another-bucket" {
		t.Errorf("the dead letter is %q", got)
	}
	eventually(t, 10*time.Second, "a line in the log says so", func() error {
		if len(web.lines(`"outcome":"refused"`, "another-bucket")) != 1 {
			return errNotYet
		}
		return nil
	})
}

// A user's request and the job's end stand in the log, joined by the job's id.
func TestLogLines(t *testing.T) {
	web := newSystem(t).startWeb()
	sent, err := submit(web.url, randomList())
	if err != nil {
		t.Fatal(err)
	}
	message, _, _ := strings.Cut(sent.ID, ".")
	eventually(t, 10*time.Second, "both lines are there", func() error {
		if len(web.lines(`"kind":"cloudcal"`, message)) == 1 && len(web.lines(`"method":"POST"`, message)) == 1 {
			return nil
		}
		return errNotYet
	})
}

// Health, readiness and metrics are on the ops address alone.
func TestOpsAddress(t *testing.T) {
	s := newSystem(t)
	web := s.startWeb()
	worker := s.startWorker()
	solve(t, web.url, web.url)
	for _, p := range []*process{web, worker} {
		for _, queue := range []string{"requestQueue-dlq", "inbox-dlq"} {
			if text := string(download(t, p.ops, "/metrics")); !strings.Contains(text, `queue="`+queue+`"`) {
				t.Errorf("%s doesn't tell the depth of %s", p.name, queue)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if err := ok(http.Get(web.ops + path)); err != nil {
			t.Errorf("%s on the ops address: %v", path, err)
		}
		if err := ok(http.Get(web.url + path)); err == nil {
			t.Errorf("%s is served on the public address", path)
		}
	}
}

// keys gives the keys in the bucket that contain a text.
func (l lab) keys(part string) []string {
	l.t.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(l.s3, &s3.ListObjectsV2Input{Bucket: l.bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		for _, o := range page.Contents {
			if strings.Contains(aws.ToString(o.Key), part) {
				keys = append(keys, aws.ToString(o.Key))
			}
		}
	}
	return keys
}
