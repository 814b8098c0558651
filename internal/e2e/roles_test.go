package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"cloudworks/deploy/stack"
	"cloudworks/internal/localcloud"
	s3service "cloudworks/internal/localcloud/s3"
	sqsservice "cloudworks/internal/localcloud/sqs"
)

// need is what a caller must be allowed for a request: an action in IAM's
// words, on an ARN.
type need struct{ action, arn string }

// needs gives all that a request asks for. A body that says what the request
// is about is read and put back.
func needs(r *http.Request) ([]need, error) {
	if sqsservice.IsRequest(r) {
		return queueNeeds(r)
	}
	return objectNeeds(r)
}

// queueActions are IAM's names where they aren't the operation's: a batch is
// allowed as what it is a batch of.
var queueActions = map[string]string{
	"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage", "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}

func queueNeeds(r *http.Request) ([]need, error) {
	body, err := reread(r)
	if err != nil {
		return nil, err
	}
	var in struct{ QueueURL, QueueName, SourceArn string } // QueueUrl too: case doesn't matter to encoding/json
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fmt.Errorf("body of a call to SQS: %w", err)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	action := operation
	if single, ok := queueActions[operation]; ok {
		action = single
	}
	arn := in.SourceArn
	switch name := in.QueueURL[strings.LastIndexByte(in.QueueURL, '/')+1:] + in.QueueName; {
	case name != "":
		arn = stack.QueueARN(name)
	case operation == "ListQueues":
		arn = "*"
	case arn == "":
		return nil, fmt.Errorf("%s names no queue", operation)
	}
	return []need{{"sqs:" + action, arn}}, nil
}

// objectActions are IAM's names of S3's operations.
var objectActions = map[string]string{
	"GetObject": "GetObject", "HeadObject": "GetObject", "PutObject": "PutObject", "DeleteObject": "DeleteObject",
	"CreateMultipartUpload": "PutObject", "UploadPart": "PutObject", "CompleteMultipartUpload": "PutObject",
	"AbortMultipartUpload": "AbortMultipartUpload",
	"ListObjectsV2":        "ListBucket", "HeadBucket": "ListBucket", "CreateBucket": "CreateBucket",
}

func objectNeeds(r *http.Request) ([]need, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	arn := "arn:aws:s3:::" + bucket
	operation := s3service.Operation(r)
	if operation == "DeleteObjects" {
		body, err := reread(r)
		if err != nil {
			return nil, err
		}
		var in struct{ Object []struct{ Key string } }
		if err := xml.Unmarshal(body, &in); err != nil {
			return nil, fmt.Errorf("body of DeleteObjects: %w", err)
		}
		var all []need
		for _, o := range in.Object {
			all = append(all, need{"s3:DeleteObject", arn + "/" + o.Key})
		}
		return all, nil
	}
	action, ok := objectActions[operation]
	if !ok {
		return nil, fmt.Errorf("what IAM wants for %s isn't written down here", operation)
	}
	if key != "" {
		arn += "/" + key
	}
	return []need{{"s3:" + action, arn}}, nil
}

// reread reads a request's body and puts it back.
func reread(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// gate stands before the embedded backend for the processes of one role. As
// IAM would, it lets through what the role's policy in the template allows,
// and answers AccessDenied to the rest.
type gate struct {
	role    string
	policy  *stack.Policy
	backend http.Handler
	// pass is called with everything that is let through, before it is.
	pass atomic.Pointer[func(need)]

	mu      sync.Mutex
	refused []string
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wanted, err := needs(r)
	if err != nil {
		g.refuse(w, r, err.Error())
		return
	}
	for _, n := range wanted {
		if !g.policy.Allows(n.action, n.arn) {
			g.refuse(w, r, n.action+" on "+n.arn)
			return
		}
		if pass := g.pass.Load(); pass != nil {
			(*pass)(n)
		}
	}
	if wanted[0].action == "s3:GetObject" {
		w = &hiding{ResponseWriter: w, gate: g, request: r}
	}
	g.backend.ServeHTTP(w, r)
}

// hiding answers 403 in place of 404 to who may not list the bucket, as S3
// does.
type hiding struct {
	http.ResponseWriter
	gate    *gate
	request *http.Request
	hidden  bool
}

func (h *hiding) WriteHeader(status int) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(h.request.URL.Path, "/"), "/")
	if status == http.StatusNotFound && !h.gate.policy.Allows("s3:ListBucket", "arn:aws:s3:::"+bucket) {
		h.hidden = true
		h.gate.refuse(h.ResponseWriter, h.request, "s3:ListBucket, to be told that "+h.request.URL.Path+" isn't there")
		return
	}
	h.ResponseWriter.WriteHeader(status)
}

func (h *hiding) Write(b []byte) (int, error) {
	if h.hidden {
		return len(b), nil
	}
	return h.ResponseWriter.Write(b)
}

// refuse answers as the services do, and remembers what was asked for.
func (g *gate) refuse(w http.ResponseWriter, r *http.Request, what string) {
	g.mu.Lock()
	if line := g.role + " may not " + what; !slices.Contains(g.refused, line) {
		g.refused = append(g.refused, line)
	}
	g.mu.Unlock()
	const message = "Not authorized to perform this action."
	if sqsservice.IsRequest(r) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amzn-Query-Error", "AccessDenied;Sender")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"__type":"com.amazon.coral.service#AccessDeniedException","message":%q}`, message)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, `<Error><Code>AccessDenied</Code><Message>%s</Message></Error>`, message)
}

// roles is an engine: the embedded backend with the template's queues and
// bucket, behind a gate for each role. Policies and what was refused are kept
// over all systems.
type roles struct {
	template    stack.Template
	values      stack.Values
	web, worker *gate
}

const (
	stackPrefix = "stack-"
	stackBucket = "stack-bucket"
)

func newRoles(t *testing.T) *roles {
	t.Helper()
	text, err := os.ReadFile("../../deploy/cloudworks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := &roles{}
	if r.template, err = stack.Parse(text); err != nil {
		t.Fatal(err)
	}
	r.values, err = r.template.Values(stack.Values{"QueuePrefix": stackPrefix, "ReleaseBucket": "releases", "ReleaseKey": "release"}, stackBucket)
	if err != nil {
		t.Fatal(err)
	}
	r.web, r.worker = r.gate(t, "WebRole"), r.gate(t, "WorkerRole")
	return r
}

func (r *roles) gate(t *testing.T, role string) *gate {
	t.Helper()
	policy, err := r.template.Policy(role, r.values)
	if err != nil {
		t.Fatal(err)
	}
	return &gate{role: role, policy: policy}
}

// backend makes a backend that nobody has used yet.
func (r *roles) backend(t *testing.T) *backend {
	t.Helper()
	cloud, err := localcloud.Open(localcloud.Options{
		Dir: t.TempDir(), AccessKey: "cloudworks", SecretKey: "cloudworks", Region: "us-east-1", NoSync: true,
		ErrorLog: func(err error) { t.Errorf("backend: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.web.backend, r.worker.backend = cloud, cloud
	var urls []string
	for _, h := range []http.Handler{cloud, r.web, r.worker} {
		server := httptest.NewServer(h)
		urls = append(urls, server.URL)
		t.Cleanup(server.Close)
	}
	t.Cleanup(func() {
		cloud.EndPolls()
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &backend{
		sqs: urls[0], s3: urls[0], key: "cloudworks", secret: "cloudworks", bucket: stackBucket, prefix: stackPrefix, made: true, webURL: urls[1],
		of: map[string][]string{
			"web":    at(urls[1], urls[1], "cloudworks", "cloudworks"),
			"worker": at(urls[2], urls[2], "cloudworks", "cloudworks"),
		},
	}
	r.create(b.client(t))
	return b
}

// create makes the template's queues and its bucket.
func (r *roles) create(client lab) {
	t := client.t
	if _, err := client.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: client.bucket}); err != nil {
		t.Fatal(err)
	}
	queues := r.template.OfKind("AWS::SQS::Queue")
	// Dead letters first, for others name them.
	slices.SortStableFunc(queues, func(a, b stack.Resource) int {
		return len(stack.Texts(a.At("RedrivePolicy"))) - len(stack.Texts(b.At("RedrivePolicy")))
	})
	for _, q := range queues {
		attributes := make(map[string]string)
		if dead := q.At("RedrivePolicy", "deadLetterTargetArn"); dead != nil {
			arn, err := r.values.Resolve(dead)
			if err != nil {
				t.Fatal(err)
			}
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%v"}`, arn, q.At("RedrivePolicy", "maxReceiveCount"))
		}
		if hidden, ok := q.At("VisibilityTimeout").(string); ok {
			attributes["VisibilityTimeout"] = hidden
		}
		in := &sqs.CreateQueueInput{QueueName: aws.String(r.values[q.Name+".QueueName"]), Attributes: attributes}
		if _, err := client.sqs.CreateQueue(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
}
