package sqs_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"cloudworks/internal/localcloud/sqs"
)

// victimDir makes this test binary a server of the queues in that folder.
const victimDir = "CLOUDWORKS_TEST_SQS_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		fmt.Fprintln(os.Stderr, serveVictim(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveVictim prints its address and serves until it is killed.
func serveVictim(dir string) error {
	service, err := sqs.Open(sqs.Options{Dir: dir, AccessKey: "cloudworks", SecretKey: "cloudworks"})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	server := &http.Server{Handler: service, ReadHeaderTimeout: time.Second}
	return server.Serve(l)
}

// victim is a process that is going to be killed.
type victim struct {
	cmd    *exec.Cmd
	client *awssqs.Client
}

func startVictim(t *testing.T, dir string) *victim {
	t.Helper()
	v := &victim{cmd: exec.Command(os.Args[0])}
	v.cmd.Env = append(os.Environ(), victimDir+"="+dir)
	v.cmd.Stderr = os.Stderr
	out, err := v.cmd.StdoutPipe()
	if err == nil {
		err = v.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.kill)
	var addr string
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		t.Fatalf("the server didn't start: %v", err)
	}
	v.client = newClient(t, "http://"+addr)
	return v
}

// kill ends the process with SIGKILL. A second time does nothing.
func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

// A server is killed fifty times under load. Every message whose sending was
// acknowledged and whose deletion wasn't asked for is there in the end, and
// none whose deletion was acknowledged.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 15 s")
	}
	const kills = 50
	dir := t.TempDir()
	book := &ledger{sent: make(map[string]bool), deleting: make(map[string]bool), deleted: make(map[string]bool)}
	for i := range kills {
		v := startVictim(t, dir)
		book.load(t, v, i)
	}
	book.check(t, startVictim(t, dir).client)
}

// ledger is what clients know of their messages, by body.
type ledger struct {
	mu                      sync.Mutex
	sent, deleting, deleted map[string]bool
	next                    atomic.Int64
}

// load sends, receives and deletes until the server is killed.
func (l *ledger) load(t *testing.T, v *victim, round int) {
	t.Helper()
	created, err := v.client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"VisibilityTimeout": "1"}},
		func(o *awssqs.Options) { o.RetryMaxAttempts = 3 })
	if err != nil {
		t.Fatalf("round %d: %v", round, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	acknowledged := make(chan struct{}, 1)
	var clients sync.WaitGroup
	for range 6 {
		clients.Go(func() {
			for l.sendSome(ctx, v.client, created.QueueUrl) == nil {
				select {
				case acknowledged <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 2 {
		clients.Go(func() {
			for l.deleteSome(ctx, v.client, created.QueueUrl) == nil {
			}
		})
	}
	<-acknowledged
	// Each round is killed at another moment of its work.
	<-time.After(time.Duration(20+round*7%90) * time.Millisecond)
	v.kill()
	cancel()
	clients.Wait()
}

func (l *ledger) sendSome(ctx context.Context, client *awssqs.Client, queue *string) error {
	var entries []types.SendMessageBatchRequestEntry
	for i := range 3 {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(strconv.FormatInt(l.next.Add(1), 10))})
	}
	out, err := client.SendMessageBatch(ctx, &awssqs.SendMessageBatchInput{QueueUrl: queue, Entries: entries})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range out.Successful {
		i, _ := strconv.Atoi(aws.ToString(s.Id))
		l.sent[aws.ToString(entries[i].MessageBody)] = true
	}
	return nil
}

func (l *ledger) deleteSome(ctx context.Context, client *awssqs.Client, queue *string) error {
	out, err := client.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 5})
	if err != nil {
		return err
	}
	for _, m := range out.Messages {
		l.note(l.deleting, m)
		if _, err := client.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return err
		}
		l.note(l.deleted, m)
	}
	return nil
}

func (l *ledger) note(list map[string]bool, m types.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list[aws.ToString(m.Body)] = true
}

// check drains the queue and compares.
func (l *ledger) check(t *testing.T, client *awssqs.Client) {
	t.Helper()
	queue, err := client.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for {
		// Longer than the time-out of what was in flight at the last kill.
		out, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600, WaitTimeSeconds: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			break
		}
		for _, m := range out.Messages {
			found[aws.ToString(m.Body)] = true
		}
	}
	var lost, back []string
	for body := range l.sent {
		if !found[body] && !l.deleting[body] {
			lost = append(lost, body)
		}
	}
	for body := range l.deleted {
		if found[body] {
			back = append(back, body)
		}
	}
	t.Logf("%d acknowledged, %d deleted, %d found", len(l.sent), len(l.deleted), len(found))
	if len(l.sent) < 1000 || len(l.deleted) < 100 {
		t.Errorf("too little load to mean anything")
	}
	if len(lost) > 0 {
		t.Errorf("%d acknowledged messages are lost: %s", len(lost), strings.Join(lost, " "))
	}
	if len(back) > 0 {
		t.Errorf("%d deleted messages are back: %s", len(back), strings.Join(back, " "))
	}
}
