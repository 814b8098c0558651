package sqs

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A body that is taken as JSON is taken for every operation, or refused with
// an error of ours.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"QueueUrl":"http://localhost/0/q","Entries":[{"Id":"1","MessageBody":"m","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"AAE="}}}]}`))
	f.Add([]byte(`{"MaxNumberOfMessages":1e3,"AttributeNames":["All",null]}`))
	f.Add([]byte("\xff{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, in := range []any{&createQueueInput{}, &sendBatchInput{}, &sendInput{}, &receiveInput{}, &visibilityBatchInput{}} {
			checkDecoded(t, in, decodeJSON(body, in))
		}
	})
}

func FuzzForm(f *testing.F) {
	f.Add("QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=1&Tag.1.Key=k")
	f.Add("SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue=AAE%3D&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n")
	f.Add("MaxNumberOfMessages=&AttributeName.-1=x&AttributeName.01=y&AttributeName.1.2.3.4.5.6.7.8=z&...=&=")
	f.Fuzz(func(t *testing.T, text string) {
		form, err := url.ParseQuery(text)
		if err != nil {
			t.Skip()
		}
		for _, in := range []any{&createQueueInput{}, &sendBatchInput{}, &sendInput{}, &receiveInput{}, &visibilityBatchInput{}} {
			checkDecoded(t, in, decodeForm(form, in))
		}
	})
}

// checkDecoded goes on with what was decoded.
func checkDecoded(t *testing.T, in any, err error) {
	t.Helper()
	if err != nil {
		if answer, known := asAPIError(err); !known || answer.status != 400 {
			t.Errorf("%T: got %v, want an error for the client", in, err)
		}
		return
	}
	if batch, ok := in.(*sendBatchInput); ok {
		s := &Service{}
		for i := range batch.Entries {
			c, err := s.newContent(&batch.Entries[i], newSettings(nil))
			if err != nil {
				if _, known := asAPIError(err); !known {
					t.Errorf("got %v, want an error for the client", err)
				}
				continue
			}
			again, err := decodeContent(c.encode())
			if err != nil || again.body != c.body || again.allMD5 != c.allMD5 {
				t.Errorf("a message isn't what it was after it was written: %v", err)
			}
		}
	}
}

func FuzzRecord(f *testing.F) {
	c := &content{
		sent: time.Unix(1, 2), firstDue: time.Unix(3, 4), sender: "s", group: "g", dedup: "d", trace: "t", source: "arn", before: 7, body: "body",
		attributes: []attribute{{name: "a", dataType: "String", value: "v"}, {name: "b", dataType: "Binary", value: "\x00\xff", binary: true}},
	}
	c.newID()
	c.seal()
	encoded := c.encode()
	again, err := decodeContent(encoded)
	if err != nil || !reflect.DeepEqual(again, c) {
		f.Fatalf("got %+v and %v, want %+v", again, err, c)
	}
	f.Add(encoded)
	f.Add([]byte{recordVersion})
	f.Add([]byte(strings.Repeat("\xff", 100)))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := decodeContent(b)
		if err != nil {
			return
		}
		second, err := decodeContent(first.encode())
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%x: got %+v, then %+v and %v", b, first, second, err)
		}
	})
}

func FuzzReceipt(f *testing.F) {
	m := &message{content: &content{}, seq: 9, handout: 3}
	m.newID()
	f.Add(m.handle())
	f.Add("")
	f.Add("no such thing")
	q := newQueue(1, "q")
	q.insert(m, visible)
	f.Fuzz(func(t *testing.T, handle string) {
		r, err := parseReceipt(handle)
		if err == nil && q.find(r) != nil && handle != m.handle() {
			t.Errorf("%q is taken for %q", handle, m.handle())
		}
	})
}
