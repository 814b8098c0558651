package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/chromedp/chromedp"

	"cloudworks/internal/chrome"
)

const opsToken = "an-operators-token-of-a-test"

// die sends a request and has it received as often as is allowed, as workers
// that die over it do.
func (l lab) die(queue, body string) {
	l.t.Helper()
	l.send(queue, body)
	eventually(l.t, 30*time.Second, "the request is dead", func() error {
		in := &sqs.ReceiveMessageInput{QueueUrl: l.url(queue), VisibilityTimeout: 1}
		if _, err := l.sqs.ReceiveMessage(l.t.Context(), in); err != nil {
			return err
		}
		out, err := l.sqs.GetQueueAttributes(l.t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: l.url(queue + "-dlq"), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages},
		})
		if err != nil {
			return err
		}
		if out.Attributes["ApproximateNumberOfMessages"] != "1" {
			return errNotYet
		}
		return nil
	})
}

// logIn goes to the operators' page of p, with the token in the form.
func logIn(tab *chrome.Tab, p *process) {
	tab.Open(p.ops + "/")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#token")), chromedp.SendKeys(chromedp.CSS("#token"), opsToken+"\n"))
	tab.Until(`Boolean(document.querySelector("#state .card"))`)
}

// An operator logs in on a worker's page, sees a dead letter, sends it back to
// work by the button, and its sender gets the answer.
func TestOperatorsPage(t *testing.T) {
	s := newSystem(t, unlimited, "CLOUDWORKS_OPS_TOKEN="+opsToken)
	web := s.startWeb("CLOUDWORKS_WORKER=none")
	client := newLab(s)
	client.die("requestQueue", twenty)
	client.die("inbox", "uploads/x/1/original cloudworks")
	worker := s.startWorker()

	if got := client.receive("responseQueue"); !strings.HasPrefix(got, "error: ") {
		t.Errorf("the dead request is answered by %q", got)
	}

	tab := chrome.New(t)
	tab.Open(worker.ops + "/ops/dead/requestQueue")
	tab.Do(chromedp.WaitVisible(chromedp.CSS("#token"))) // not without logging in
	tab.Do(chromedp.SendKeys(chromedp.CSS("#token"), "not the token, I fear\n"), chromedp.WaitVisible(chromedp.CSS("#token-wrong")))
	logIn(tab, worker)
	tab.Do(chromedp.Click(chromedp.CSS(`a[href="/ops/dead/requestQueue"]`)), chromedp.WaitVisible(chromedp.CSS(".letter pre")))
	if got := chrome.Eval[string](tab, `document.querySelector(".letter pre").textContent`); got != twenty {
		t.Errorf("the letter is %q", got)
	}
	tab.Do(chromedp.Click(chromedp.CSS(`form[action$="/redrive"] button`)), chromedp.WaitVisible(chromedp.CSS(".done")))
	if got := client.receive("responseQueue"); got != "1 20 10.5 10.5" {
		t.Errorf("the answer is %q", got)
	}
	for _, said := range tab.Console() {
		if !strings.Contains(said, "the server responded with a status of 403") { // the wrong token
			t.Errorf("the console says %s", said)
		}
	}
	checkPolls(t, tab, worker)
	checkDrop(t, worker)
	checkWebsOwn(t, web)
}

// checkPolls sees the page renew itself, and leave the focus where it is.
func checkPolls(t *testing.T, tab *chrome.Tab, worker *process) {
	t.Helper()
	tab.Open(worker.ops + "/ops")
	tab.Until(`document.readyState === "complete"`)
	chrome.Eval[any](tab, `document.querySelector("#state .card a").focus(); window.stood = document.querySelector("#state > p time").dateTime; 0`)
	tab.Until(`document.querySelector("#state > p time").dateTime !== window.stood`)
	if got := chrome.Eval[string](tab, `document.activeElement.getAttribute("href")`); !strings.HasPrefix(got, "/ops/dead/") {
		t.Errorf("after a poll the focus is on %q", got)
	}
	quiet(t, tab)
}

// checkDrop drops one dead letter where scripts don't run.
func checkDrop(t *testing.T, worker *process) {
	t.Helper()
	tab := chrome.New(t)
	tab.WithoutScripts()
	tab.Open(worker.ops + "/")
	tab.Do(chromedp.SendKeys(chromedp.CSS("#token"), opsToken+"\n"), chromedp.WaitVisible(chromedp.CSS("#state .card")))
	tab.Do(chromedp.Click(chromedp.CSS(`a[href="/ops/dead/inbox"]`)), chromedp.WaitVisible(chromedp.CSS(".letter")))
	tab.Do(chromedp.Click(chromedp.CSS(`.letter button`)), chromedp.WaitVisible(chromedp.CSS(".done")))
	left, err := chromedp.Run(tab.Ctx, chromedp.Nodes(chromedp.CSS(".letter"), chromedp.AtLeast(0)))
	if err != nil || len(left) != 0 {
		t.Errorf("%d letters are left, %v", len(left), err)
	}
	quiet(t, tab)
}

// checkWebsOwn looks at the page of the web process as a program does: it has
// a reply queue with a heartbeat, and no worker.
func checkWebsOwn(t *testing.T, web *process) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, web.ops+"/ops", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+opsToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var state struct {
		Kinds []struct {
			Kind       string
			Worker     *struct{}
			Unanswered *struct{ Requests int }
		}
		ReplyQueues []struct {
			Mine      bool
			Heartbeat time.Time
		} `json:"reply_queues"`
	}
	body, err := io.ReadAll(answer.Body)
	if err == nil {
		err = json.Unmarshal(body, &state)
	}
	if err != nil || len(state.Kinds) != 2 || state.Kinds[0].Worker != nil || state.Kinds[0].Unanswered == nil {
		t.Errorf("got %s, %v", body, err)
	}
	if q := state.ReplyQueues; len(q) != 1 || !q[0].Mine || time.Since(q[0].Heartbeat) > time.Minute {
		t.Errorf("reply queues %+v", q)
	}
	if strings.Contains(web.log.String(), opsToken) {
		t.Error("the token is in the log")
	}
}

// TestScreensOfOperators is TestScreens for the operators' pages.
func TestScreensOfOperators(t *testing.T) {
	dir := os.Getenv("CLOUDWORKS_SCREENS")
	if dir == "" {
		t.Skip("CLOUDWORKS_SCREENS names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := newSystem(t, unlimited, "CLOUDWORKS_OPS_TOKEN="+opsToken)
	web := s.startWeb("CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=one")
	client := newLab(s)
	client.die("inbox", "uploads/20261126T091500-gone/1/original cloudworks")
	second := secondWeb(s, web)
	worker := s.startWorker("CLOUDWORKS_INSTANCE=worker-1")
	client.send("inbox", "uploads/x/1/original another-bucket")
	job := sendAll(t, second.url)
	finished(t, second.url, job.batch)
	shoot(t, dir, worker.ops, []shot{
		{name: "ops-login", path: "/ops/login"},
		{name: "ops", path: "/ops/login", script: `document.getElementById("token").value = "` + opsToken + `"; document.querySelector(".ops-login").submit()`, until: `document.querySelector("#state .card")`},
		{name: "ops-dead", path: "/ops/dead/inbox", until: `document.querySelectorAll(".letter").length === 2`},
	})
}
