package sqs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"cloudworks/internal/localcloud/sqs"
)

// core drives a service without a network, so that synctest's clock runs.
type core struct {
	*testing.T
	service *sqs.Service
	opts    sqs.Options
}

// inBubble runs f with a service of its own, on synctest's clock.
func inBubble(t *testing.T, opts sqs.Options, f func(c *core)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		opts.Dir, opts.NoSync = dir, true
		opts.ErrorLog = func(err error) { t.Errorf("error log: %v", err) }
		c := &core{T: t, opts: opts}
		c.open()
		defer c.close()
		c.must("CreateQueue", object{"QueueName": "q"})
		f(c)
	})
}

func (c *core) open() {
	c.Helper()
	service, err := sqs.Open(c.opts)
	if err != nil {
		c.Fatal(err)
	}
	c.service = service
}

func (c *core) close() {
	c.Helper()
	if err := c.service.Close(); err != nil {
		c.Error(err)
	}
}

type object = map[string]any

// answer is what a call was answered with.
type answer struct {
	QueueUrl   string //nolint:revive // the API's own name
	Messages   []received
	Attributes map[string]string
	Tags       map[string]string
	Results    []struct {
		Status                           string
		ApproximateNumberOfMessagesMoved int
	}
	TaskHandle string
	Type       string `json:"__type"`
}

type received struct {
	MessageId, Body, ReceiptHandle string //nolint:revive // the API's own name
	Attributes                     map[string]string
}

// call makes a call about the queue q, unless in names another.
func (c *core) call(ctx context.Context, w http.ResponseWriter, operation string, in object) {
	if in["QueueUrl"] == nil {
		in["QueueUrl"] = "http://localhost/000000000000/q"
	}
	body, err := json.Marshal(in)
	if err != nil {
		c.Error(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	c.service.ServeHTTP(w, r)
}

func (c *core) do(operation string, in object) (int, answer) {
	c.Helper()
	w := httptest.NewRecorder()
	c.call(context.Background(), w, operation, in)
	var out answer
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		c.Errorf("%s: %v in %q", operation, err, w.Body)
	}
	return w.Code, out
}

// must makes a call that must succeed.
func (c *core) must(operation string, in object) answer {
	c.Helper()
	status, out := c.do(operation, in)
	if status != http.StatusOK {
		c.Fatalf("%s %v: status %d, %s", operation, in, status, out.Type)
	}
	return out
}

func (c *core) send(body string, more object) {
	c.Helper()
	in := object{"MessageBody": body}
	for name, value := range more {
		in[name] = value
	}
	c.must("SendMessage", in)
}

// receive takes up to ten messages and waits that many seconds for the first.
func (c *core) receive(wait int, more object) []received {
	c.Helper()
	in := object{"MaxNumberOfMessages": 10, "WaitTimeSeconds": wait, "MessageSystemAttributeNames": []string{"All"}}
	for name, value := range more {
		in[name] = value
	}
	return c.must("ReceiveMessage", in).Messages
}

// one takes the message that must be there, the times-th time.
func (c *core) one(wait int, times string, more object) received {
	c.Helper()
	got := c.receive(wait, more)
	if len(got) != 1 || got[0].Attributes["ApproximateReceiveCount"] != times {
		c.Fatalf("received %+v, want one message for the time %s", got, times)
	}
	return got[0]
}

func (c *core) counts() [3]string {
	c.Helper()
	a := c.must("GetQueueAttributes", object{"AttributeNames": []string{"All"}}).Attributes
	return [3]string{a["ApproximateNumberOfMessages"], a["ApproximateNumberOfMessagesNotVisible"], a["ApproximateNumberOfMessagesDelayed"]}
}

// lasts fails the test when f doesn't take exactly that long.
func (c *core) lasts(want time.Duration, f func()) {
	c.Helper()
	begin := time.Now()
	f()
	if got := time.Since(begin); got != want {
		c.Errorf("took %v, want %v", got, want)
	}
}

func TestTimes(t *testing.T) {
	second := time.Second
	tests := map[string]func(c *core){
		"an empty poll": func(c *core) {
			c.lasts(20*second, func() {
				if got := c.receive(20, nil); len(got) != 0 {
					c.Errorf("received %+v", got)
				}
			})
		},
		"visibility time-out": func(c *core) {
			c.send("m", nil)
			c.one(0, "1", nil)
			c.lasts(20*second, func() { c.receive(20, nil) })
			c.lasts(10*second, func() { c.one(20, "2", nil) })
		},
		"visibility asked for": func(c *core) {
			c.send("m", nil)
			c.one(0, "1", object{"VisibilityTimeout": 7})
			c.lasts(7*second, func() { c.one(20, "2", nil) })
		},
		"visibility of zero": func(c *core) {
			c.send("m", nil)
			c.one(0, "1", object{"VisibilityTimeout": 0})
			c.lasts(0, func() { c.one(20, "2", nil) })
		},
		"visibility changed while polled for": func(c *core) {
			c.send("m", nil)
			m := c.one(0, "1", object{"VisibilityTimeout": 600})
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.lasts(3*second, func() { c.one(20, "2", nil) })
			}()
			synctest.Wait()
			c.must("ChangeMessageVisibility", object{"ReceiptHandle": m.ReceiptHandle, "VisibilityTimeout": 3})
			<-done
		},
		"delay": func(c *core) {
			c.send("m", object{"DelaySeconds": 15})
			if got := c.counts(); got != [3]string{"0", "0", "1"} {
				c.Errorf("counts are %v", got)
			}
			c.lasts(15*second, func() { c.one(20, "1", nil) })
		},
		"delay of the queue, and none": func(c *core) {
			c.must("SetQueueAttributes", object{"Attributes": object{"DelaySeconds": "5"}})
			c.send("later", nil)
			c.send("now", object{"DelaySeconds": 0})
			if got := c.one(0, "1", nil); got.Body != "now" {
				c.Errorf("received %q first", got.Body)
			}
			c.lasts(5*second, func() { c.one(20, "1", nil) })
		},
		"a shorter delay behind a longer one": func(c *core) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.lasts(2*second, func() { c.one(20, "1", nil) })
			}()
			synctest.Wait()
			c.send("long", object{"DelaySeconds": 10})
			c.send("short", object{"DelaySeconds": 2})
			<-done
		},
		"retention": func(c *core) {
			c.must("SetQueueAttributes", object{"Attributes": object{"MessageRetentionPeriod": "60"}})
			c.send("old", nil)
			<-time.After(59 * second)
			c.send("new", nil)
			if got := c.counts(); got != [3]string{"2", "0", "0"} {
				c.Errorf("before the end counts are %v", got)
			}
			<-time.After(second)
			if got := c.one(0, "1", nil); got.Body != "new" {
				c.Errorf("received %q, which is too old", got.Body)
			}
			<-time.After(2 * time.Minute) // the background's turn
			if got := c.counts(); got != [3]string{"0", "0", "0"} {
				c.Errorf("in the end counts are %v", got)
			}
		},
		"heartbeats": func(c *core) {
			c.send("m", nil)
			m := c.one(0, "1", nil)
			for range 20 {
				<-time.After(20 * second)
				c.must("ChangeMessageVisibility", object{"ReceiptHandle": m.ReceiptHandle, "VisibilityTimeout": 30})
			}
			c.lasts(30*second-time.Nanosecond, func() { <-time.After(30*second - time.Nanosecond) })
			if got := c.receive(0, nil); len(got) != 0 {
				c.Errorf("received %+v before its time", got)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { inBubble(t, sqs.Options{}, test) })
	}
}

// poll is a receive under way.
type poll struct {
	cancel context.CancelFunc
	done   chan []received
}

func (c *core) poll() poll {
	ctx, cancel := context.WithCancel(context.Background())
	p := poll{cancel, make(chan []received, 1)}
	go func() {
		w := httptest.NewRecorder()
		c.call(ctx, w, "ReceiveMessage", object{"WaitTimeSeconds": 20, "MaxNumberOfMessages": 10})
		var out answer
		_ = json.Unmarshal(w.Body.Bytes(), &out) // one who has gone gets no JSON
		p.done <- out.Messages
	}()
	synctest.Wait() // it waits now
	return p
}

func (p poll) answered() bool { return len(p.done) > 0 }

// A send answers the poll that waits longest, at once, and no other.
func TestWakeOne(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		polls := []poll{c.poll(), c.poll(), c.poll()}
		c.lasts(0, func() {
			for i, p := range polls {
				c.send("m", nil)
				synctest.Wait()
				for k, other := range polls[i+1:] {
					if other.answered() {
						c.Errorf("send %d answered poll %d, too", i, i+1+k)
					}
				}
				if got := <-p.done; len(got) != 1 {
					c.Errorf("poll %d got %+v, want one message", i, got)
				}
			}
		})
	})
}

// What is sent when a poller has gone is there for the next, as if never
// received.
func TestAbandonedPoll(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		for range 10 {
			p := c.poll()
			p.cancel()
			synctest.Wait()
			c.send("m", nil)
			m := c.one(0, "1", nil)
			c.must("DeleteMessage", object{"ReceiptHandle": m.ReceiptHandle})
		}
		// At the same moment, either may win; the message is there all the same.
		for range 50 {
			p := c.poll()
			go p.cancel()
			c.send("m", nil)
			<-p.done
			synctest.Wait()
			for _, m := range c.receive(0, object{"VisibilityTimeout": 600}) {
				c.must("DeleteMessage", object{"ReceiptHandle": m.ReceiptHandle})
			}
		}
	})
}

// brokenWriter is a connection that can't be written to any more.
type brokenWriter struct{ header http.Header }

func (w brokenWriter) Header() http.Header       { return w.header }
func (w brokenWriter) WriteHeader(int)           {}
func (w brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// Messages that couldn't be written to their receiver are visible again.
func TestBrokenConnection(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		c.send("m", nil)
		c.call(context.Background(), brokenWriter{http.Header{}}, "ReceiveMessage", object{})
		c.one(0, "1", nil)
	})
}

func TestEndPolls(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		p := c.poll()
		c.lasts(0, func() {
			c.service.EndPolls()
			if got := <-p.done; len(got) != 0 {
				c.Errorf("got %+v", got)
			}
			c.receive(20, nil)
		})
	})
}

// Deleting a queue answers those who wait for its messages.
func TestDeleteQueuePolled(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		p := c.poll()
		c.must("DeleteQueue", object{})
		c.lasts(0, func() { <-p.done })
	})
}

func TestCooldown(t *testing.T) {
	inBubble(t, sqs.Options{Cooldown: time.Minute}, func(c *core) {
		c.must("PurgeQueue", object{})
		if status, out := c.do("PurgeQueue", object{}); status != http.StatusForbidden {
			c.Errorf("a second purge: status %d, %s", status, out.Type)
		}
		c.must("DeleteQueue", object{})
		if status, out := c.do("CreateQueue", object{"QueueName": "q"}); status != http.StatusBadRequest {
			c.Errorf("created at once again: status %d, %s", status, out.Type)
		}
		<-time.After(time.Minute)
		c.must("CreateQueue", object{"QueueName": "q"})
	})
}

// What a restart keeps: messages with their delays, time-outs, receipts and
// counts, and queues with their attributes and tags.
func TestRestart(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		c.must("SetQueueAttributes", object{"Attributes": object{"VisibilityTimeout": "40"}})
		c.must("TagQueue", object{"Tags": object{"colour": "green"}})
		c.send("deleted", nil)
		gone := c.one(0, "1", nil)
		c.send("kept", nil)
		kept := c.one(0, "1", nil)
		c.send("delayed", object{"DelaySeconds": 60, "MessageGroupId": "g"})
		c.must("DeleteMessage", object{"ReceiptHandle": gone.ReceiptHandle})
		before := c.counts()
		c.close()
		<-time.After(10 * time.Second)
		c.open()
		if got := c.counts(); got != before {
			c.Errorf("counts are %v, were %v", got, before)
		}
		if got := c.must("ListQueueTags", object{}).Tags["colour"]; got != "green" {
			c.Errorf("the tag is %q", got)
		}
		c.must("ChangeMessageVisibility", object{"ReceiptHandle": kept.ReceiptHandle, "VisibilityTimeout": 5})
		c.lasts(5*time.Second, func() {
			if m := c.one(20, "2", object{"VisibilityTimeout": 600}); m.MessageId != kept.MessageId {
				c.Errorf("received %+v, want the one kept", m)
			}
		})
		<-time.After(20 * time.Second)
		c.lasts(20*time.Second, func() { c.receive(20, nil) })
		if m := c.one(20, "1", nil); m.Attributes["MessageGroupId"] != "g" {
			c.Errorf("received %+v, want the delayed one with its group", m)
		}
	})
}

// A purge and a queue's deletion are still so after a restart.
func TestRestartAfterPurge(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		c.must("CreateQueue", object{"QueueName": "other"})
		for range 3 {
			c.send("m", nil)
			c.send("m", object{"QueueUrl": "http://localhost/000000000000/other"})
		}
		c.receive(0, nil)
		c.must("PurgeQueue", object{})
		c.must("DeleteQueue", object{"QueueUrl": "http://localhost/000000000000/other"})
		c.close()
		c.open()
		if got := c.counts(); got != [3]string{"0", "0", "0"} {
			c.Errorf("counts are %v", got)
		}
		c.must("CreateQueue", object{"QueueName": "other"})
		if got := c.receive(0, object{"QueueUrl": "http://localhost/000000000000/other"}); len(got) != 0 {
			c.Errorf("the new queue has the old one's %+v", got)
		}
	})
}
