package sqs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloudworks/internal/localcloud/sqs"
)

// What shares an address with S3 is told apart.
func TestIsRequest(t *testing.T) {
	signedFor := func(service string) map[string]string {
		return map[string]string{
			"Authorization": "AWS4-HMAC-SHA256 Credential=cloudworks/20261124/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0",
			"X-Amz-Date":    "20261124T000000Z", "Content-Type": "application/x-www-form-urlencoded",
		}
	}
	tests := []struct {
		name, method, url string
		header            map[string]string
		want              bool
	}{
		{"AWS JSON", "POST", "/", map[string]string{"X-Amz-Target": "AmazonSQS.ListQueues"}, true},
		{"another service's target", "POST", "/", map[string]string{"X-Amz-Target": "DynamoDB.ListTables"}, false},
		{"a signed form", "POST", "/", signedFor("sqs"), true},
		{"a form type put by S3's signer", "POST", "/bucket/key?uploads", signedFor("s3"), false},
		{"an unsigned form", "POST", "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, true},
		{"an unsigned query", "GET", "/?Action=ListQueues", nil, true},
		{"a presigned query", "GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k/20261124/us-east-1/s3/aws4_request&X-Amz-Date=20261124T000000Z&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Signature=0&Action=x", nil, false},
		{"an object", "GET", "/bucket/key", nil, false},
		{"an upload", "PUT", "/bucket/key", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, false},
		{"a browser's upload", "POST", "/bucket", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, false},
	}
	for _, test := range tests {
		r := httptest.NewRequest(test.method, test.url, strings.NewReader(""))
		for name, value := range test.header {
			r.Header.Set(name, value)
		}
		if got := sqs.IsRequest(r); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// What there is none of here is refused by name.
func TestNoFIFO(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		for _, in := range []object{{"QueueName": "a.fifo"}, {"QueueName": "a", "Attributes": object{"FifoQueue": "true"}}} {
			if status, out := c.do("CreateQueue", in); status != http.StatusBadRequest || !strings.HasSuffix(out.Type, "#UnsupportedOperation") {
				c.Errorf("%v: status %d, %s", in, status, out.Type)
			}
		}
	})
}

// A move that is cancelled leaves the rest where it is.
func TestCancelMove(t *testing.T) {
	inBubble(t, sqs.Options{}, func(c *core) {
		const arn = "arn:aws:sqs:us-east-1:000000000000:"
		c.must("CreateQueue", object{"QueueName": "source", "Attributes": object{"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `q","maxReceiveCount":1}`}})
		for range 5 {
			c.send("m", nil)
		}
		handle := c.must("StartMessageMoveTask", object{"SourceArn": arn + "q", "DestinationArn": arn + "source", "MaxNumberOfMessagesPerSecond": 1}).TaskHandle
		<-time.After(1500 * time.Millisecond)
		c.must("CancelMessageMoveTask", object{"TaskHandle": handle})
		<-time.After(5 * time.Second)
		if got := c.counts(); got[0] != "3" {
			c.Errorf("%s are left, want 3", got[0])
		}
		if tasks := c.must("ListMessageMoveTasks", object{"SourceArn": arn + "q"}).Results; len(tasks) != 1 || tasks[0].Status != "CANCELLED" {
			c.Errorf("got tasks %+v", tasks)
		}
		if status, out := c.do("CancelMessageMoveTask", object{"TaskHandle": handle}); status != http.StatusNotFound {
			c.Errorf("cancelled again: status %d, %s", status, out.Type)
		}
	})
}
