package e2e

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/rs/zerolog"

	"cloudworks/deploy/stack"
	"cloudworks/internal/app"
	"cloudworks/internal/config"
)

// notByPrograms are what the roles may do for others than web and worker, by
// statement, with the file that has the call and what to look for in it.
var notByPrograms = map[string]struct{ file, call string }{
	"FetchRelease": {"../../deploy/cloudworks.yaml", "aws s3 cp --no-progress s3://${ReleaseBucket}/${ReleaseKey}"},
	"ShipLog":      {"../../deploy/systemd/bin/install", "amazon-cloudwatch-agent-ctl -a fetch-config"}, // the agent writes to the log group
	"SayDrained":   {"../../deploy/systemd/bin/drain", "aws autoscaling complete-lifecycle-action"},
}

// TestLeastPrivilege has the real processes do all that they can do, each
// behind the policy of its role in the template. Nothing may be refused, and
// everything that a role may do must have been needed.
//
// A call that is new wants a grant in deploy/cloudworks.yaml. A grant that is
// unused must go; if the call is made only in trouble, make the trouble here.
func TestLeastPrivilege(t *testing.T) {
	r := newRoles(t)
	on(t, r.backend, journeys)
	on(t, r.backend, []journey{
		{"SlowJobsAndDrain", r.slowJobsAndDrain},
		{"DeletedMeanwhile", r.deletedMeanwhile},
		{"UntrustedList", untrustedList},
		{"Unanswered", unanswered},
		{"Sweep", sweep},
	})
	for _, g := range []*gate{r.web, r.worker} {
		for _, line := range first(g.refused) {
			t.Error(line)
		}
		for _, u := range g.policy.Unused() {
			if _, other := notByPrograms[u.Statement]; !other {
				t.Errorf("%s needs no %s on %s (statement %s)", g.role, u.Action, u.Resource, u.Statement)
			}
		}
	}
	for sid, by := range notByPrograms {
		if text, err := os.ReadFile(by.file); err != nil || !strings.Contains(string(text), by.call) {
			t.Errorf("statement %s: %s has no %q (%v)", sid, by.file, by.call, err)
		}
	}
}

// A call without its grant, and a missing object that can't be told, must be
// found.
func TestLeastPrivilegeFindsFaults(t *testing.T) {
	for _, test := range []struct {
		without string // statement of the role of web
		call    func(lab)
		want    string
	}{
		{"SendRequests", func(l lab) {
			_, _ = l.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: l.url("inbox"), MessageBody: aws.String("x")})
		}, "WebRole may not sqs:SendMessage on " + stack.QueueARN("stack-inbox")},
		{"FindObjects", func(l lab) { _, _ = l.read("uploads/nothing") }, "WebRole may not s3:ListBucket, to be told that /stack-bucket/uploads/nothing isn't there"},
	} {
		t.Run(test.without, func(t *testing.T) {
			r := newRoles(t)
			document := r.template["WebRole"].At("Policies", "PolicyDocument").(map[string]any)
			document["Statement"] = slices.DeleteFunc(stack.List(document["Statement"]), func(s any) bool {
				return s.(map[string]any)["Sid"] == test.without
			})
			r.web = r.gate(t, "WebRole")
			web := *r.backend(t)
			web.sqs, web.s3 = web.webURL, web.webURL
			test.call(web.client(t))
			if got := r.web.refused; !slices.Equal(got, []string{test.want}) {
				t.Errorf("refused were %q, want %q", got, test.want)
			}
		})
	}
}

// slowJobsAndDrain has S3 take its time over a list and a picture until the
// worker has extended the time-out of both messages. Meanwhile it is told to
// stop: it finishes both and ends well.
func (r *roles) slowJobsAndDrain(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	worker := s.startWorker()
	var (
		extended = map[string]chan struct{}{"requestQueue": make(chan struct{}), "inbox": make(chan struct{})}
		once     = map[string]*sync.Once{"requestQueue": {}, "inbox": {}}
		asked    = make(chan struct{}, 2)
	)
	pass := func(n need) {
		queue := strings.TrimPrefix(n.arn, stack.QueueARN(stackPrefix))
		switch {
		case n.action == "sqs:ChangeMessageVisibility":
			once[queue].Do(func() { close(extended[queue]) })
		case n.action == "s3:PutObject":
			asked <- struct{}{}
			for _, c := range extended {
				select {
				case <-c:
				case <-t.Context().Done():
				}
			}
		}
	}
	r.worker.pass.Store(&pass)
	defer r.worker.pass.Store(nil)

	list, err := submit(web.url, randomList())
	if err != nil {
		t.Fatal(err)
	}
	batch, err := upload(web.url, []file{{"a.jpg", photograph(160, 120)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	<-asked
	worker.stop()
	if worker.err != nil {
		t.Errorf("the worker ended with %v", worker.err)
	}
	if got, err := look(web.url, list.ID); err != nil || got.State != "done" {
		t.Errorf("the list: got %+v, %v", got, err)
	}
	if p := finished(t, web.url, batch.ID).Pictures[0]; p.State != "done" {
		t.Errorf("the picture: got %+v", p)
	}
}

// deletedMeanwhile has a visitor delete a batch just before its result is
// stored: nothing stays.
func (r *roles) deletedMeanwhile(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	storing, deleted := make(chan struct{}), make(chan struct{})
	var once sync.Once
	pass := func(n need) {
		if n.action == "s3:PutObject" && strings.HasSuffix(n.arn, "/enhanced") {
			once.Do(func() { close(storing) })
			<-deleted
		}
	}
	r.worker.pass.Store(&pass)
	defer r.worker.pass.Store(nil)
	s.startWorker()
	sent, err := upload(web.url, []file{{"a.jpg", photograph(160, 120)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-storing
	request, err := http.NewRequest(http.MethodDelete, web.url+"/pics/"+sent.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	close(deleted)
	if err != nil || answer.StatusCode != http.StatusNoContent {
		t.Fatalf("delete: %v, %v", answer, err)
	}
	eventually(t, 20*time.Second, "nothing is left", func() error {
		if left := newLab(s).keys(sent.ID); len(left) > 0 {
			return errNotYet
		}
		return nil
	})
}

// untrustedList names a reply queue that isn't one.
func untrustedList(t *testing.T) {
	s := newSystem(t)
	s.startWeb()
	client := newLab(s)
	text := func(v string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &v}
	}
	_, err := client.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: client.url("requestQueue"), MessageBody: aws.String(twenty),
		MessageAttributes: map[string]types.MessageAttributeValue{"JobID": text("20261126T000000-x"), "ReplyTo": text("inbox")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := client.receive("requestQueue-dlq"); got != twenty {
		t.Errorf("the dead letter is %q", got)
	}
}

// unanswered has a list and a picture set aside by SQS, since nobody who
// received them lived to delete them: a worker finds them and says so.
func unanswered(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	list, err := submit(web.url, randomList())
	if err != nil {
		t.Fatal(err)
	}
	batch, err := upload(web.url, []file{{"a.jpg", photograph(160, 120)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := newLab(s)
	for _, queue := range []string{"requestQueue", "inbox"} {
		eventually(t, 10*time.Second, "the request is set aside", func() error {
			out, err := client.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: client.url(queue)})
			if err != nil {
				return err
			}
			for _, m := range out.Messages {
				_, err = client.sqs.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: client.url(queue), ReceiptHandle: m.ReceiptHandle})
			}
			if err != nil || len(out.Messages) > 0 {
				return errors.Join(err, errNotYet)
			}
			return nil
		})
	}
	s.startWorker()
	eventually(t, 30*time.Second, "the list is dead", func() error {
		got, err := look(web.url, list.ID)
		if err == nil && got.State != "dead" {
			err = errNotYet
		}
		return err
	})
	if p := finished(t, web.url, batch.ID).Pictures[0]; p.State != "dead" {
		t.Errorf("the picture: got %+v", p)
	}
}

// sweep takes away the reply queue of an instance that is long silent, twice,
// as a web instance does every twenty minutes.
func sweep(t *testing.T) {
	s := newSystem(t, unlimited)
	web := s.startWeb("CLOUDWORKS_INSTANCE=silent")
	web.kill()
	env := make(map[string]string)
	for _, line := range slices.Concat(s.env, s.own["web"]) {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
		if strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value)
		}
	}
	cfg, err := config.Load(func(name string) string { return env[name] }, config.Web)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), cfg, zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{2 * time.Hour, 3 * time.Hour} {
		if err := a.SweepReplyQueues(t.Context(), time.Now().Add(later)); err != nil {
			t.Error(err)
		}
	}
	client := newLab(s)
	out, err := client.sqs.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String(stackPrefix + "replies-")})
	if err != nil || len(out.QueueUrls) > 0 {
		t.Errorf("left are %v, %v", out.QueueUrls, err)
	}
	if leases := client.keys("state/sweeps/"); len(leases) != 1 {
		t.Errorf("leases left: %v", leases)
	}
}
