package cloudtest_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

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
	moto, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			t.Fatal("moto_server isn't there, and CLOUDWORKS_REQUIRE is set")
		}
		t.Skip("moto_server isn't on this machine")
	}
	endpoint := startMoto(t, moto)
	cloudtest.SQS(t, sqsClient(t, config.WithBaseEndpoint(endpoint), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", ""))), motoLacks...)
}

// startMoto serves moto on a free port until the test ends.
func startMoto(t *testing.T, path string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(path, "-H", "127.0.0.1", "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); <-poll.C {
		resp, err := http.Get("http://" + addr + "/moto-api/")
		if err == nil {
			resp.Body.Close()
			return "http://" + addr
		}
	}
	t.Fatal("moto_server doesn't answer")
	return ""
}
