package cloudtest

import (
	"bytes"
	"crypto/md5" // the checksum of SQS
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func asType[E error](err error) (E, bool) { return errors.AsType[E](err) }

// sizeLimit is the largest message and the largest batch, in bytes.
const sizeLimit = 1 << 20

// everyKind has one attribute of each kind, and attributesSum is their MD5,
// computed by hand from the developer guide's rule.
var everyKind = map[string]types.MessageAttributeValue{
	"Text":       {DataType: aws.String("String"), StringValue: aws.String("späth & <日本>")},
	"A.Number":   {DataType: aws.String("Number"), StringValue: aws.String("-12.50")},
	"bytes":      {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 254, 255}},
	"custom_one": {DataType: aws.String("String.colour"), StringValue: aws.String("green")},
}

func attributesSum() string {
	var b bytes.Buffer
	field := func(s string) { fmt.Fprintf(&b, "%c%c%c%c%s", 0, 0, 0, len(s), s) }
	field("A.Number")
	field("Number")
	b.WriteByte(1)
	field("-12.50")
	field("Text")
	field("String")
	b.WriteByte(1)
	field("späth & <日本>")
	field("bytes")
	field("Binary")
	b.WriteByte(2)
	b.Write([]byte{0, 0, 0, 4, 0, 1, 254, 255})
	field("custom_one")
	field("String.colour")
	b.WriteByte(1)
	field("green")
	sum := md5.Sum(b.Bytes())
	return hex.EncodeToString(sum[:])
}

var sendChecks = []sqsCheck{
	{name: "send-bodies", run: func(t sqsTest) {
		texts := []string{"plain", "späth 日本 🦊", "line\nbreak\ttab\rreturn", `"quotes" & <tags> \ %41 +`, " spaces ", "\u2028", "{}"}
		for _, text := range texts {
			t.send(text)
		}
		got := bodies(t.collect(t.queue, len(texts)))
		slices.Sort(texts)
		if !slices.Equal(got, texts) {
			t.Errorf("got %q, want %q", got, texts)
		}
	}},
	{name: "send-md5", run: func(t sqsTest) {
		sum := md5.Sum([]byte("späth"))
		want := hex.EncodeToString(sum[:])
		sent := t.send("späth")
		if got := aws.ToString(sent.MD5OfMessageBody); got != want {
			t.Errorf("sent: got MD5 %s, want %s", got, want)
		}
		m := t.one()
		if got := aws.ToString(m.MD5OfBody); got != want {
			t.Errorf("received: got MD5 %s, want %s", got, want)
		}
		if aws.ToString(m.MessageId) != aws.ToString(sent.MessageId) || aws.ToString(sent.MessageId) == "" {
			t.Errorf("sent id %q, received id %q", aws.ToString(sent.MessageId), aws.ToString(m.MessageId))
		}
	}},
	{name: "send-attributes", run: func(t sqsTest) {
		sent := t.send("m", func(in *sqs.SendMessageInput) { in.MessageAttributes = everyKind })
		if got := aws.ToString(sent.MD5OfMessageAttributes); got != attributesSum() {
			t.Errorf("sent: got MD5 %s, want %s", got, attributesSum())
		}
		m := t.one(func(in *sqs.ReceiveMessageInput) { in.MessageAttributeNames = []string{"All"} })
		if got := aws.ToString(m.MD5OfMessageAttributes); got != attributesSum() {
			t.Errorf("received: got MD5 %s, want %s", got, attributesSum())
		}
		for name, want := range everyKind {
			got := m.MessageAttributes[name]
			if aws.ToString(got.DataType) != aws.ToString(want.DataType) || aws.ToString(got.StringValue) != aws.ToString(want.StringValue) || !bytes.Equal(got.BinaryValue, want.BinaryValue) {
				t.Errorf("attribute %s: got %+v, want %+v", name, got, want)
			}
		}
	}},
	{name: "send-bad-attributes", run: func(t sqsTest) {
		text := func(dataType, value string) types.MessageAttributeValue {
			return types.MessageAttributeValue{DataType: &dataType, StringValue: &value}
		}
		for what, attributes := range map[string]map[string]types.MessageAttributeValue{
			"type":          {"a": text("Colour", "green")},
			"empty value":   {"a": text("String", "")},
			"number":        {"a": text("Number", "twelve")},
			"name":          {"a b": text("String", "v")},
			"reserved name": {"AWS.a": text("String", "v")},
			"leading dot":   {".a": text("String", "v")},
			"double dot":    {"a..b": text("String", "v")},
		} {
			_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String("m"), MessageAttributes: attributes})
			t.refused("send with a bad "+what, err, "InvalidParameterValue")
		}
		t.none("after refused sends")
	}},
	{name: "send-eleven-attributes", run: func(t sqsTest) {
		attributes := make(map[string]types.MessageAttributeValue)
		for i := range 11 {
			attributes[fmt.Sprint("a", i)] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("v")}
		}
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String("m"), MessageAttributes: attributes})
		t.refused("send with eleven attributes", err, "InvalidParameterValue")
	}},
	{name: "send-empty", run: func(t sqsTest) {
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String("")})
		t.refused("send nothing", err, "MissingParameter", "MissingRequiredParameter", "InvalidParameterValue")
	}},
	{name: "send-control-characters", run: func(t sqsTest) {
		for _, body := range []string{"\x00", "bell\a", "\uFFFE", "\uFFFF", "\x1b[1m"} {
			_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: &body})
			t.refused(fmt.Sprintf("send %q", body), err, "InvalidMessageContents")
		}
	}},
	{name: "send-largest", run: func(t sqsTest) {
		body := strings.Repeat("m", sizeLimit)
		t.send(body)
		if got := aws.ToString(t.one().Body); got != body {
			t.Errorf("got %d bytes back, want %d", len(got), len(body))
		}
	}},
	{name: "send-too-long", run: func(t sqsTest) {
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String(strings.Repeat("m", sizeLimit+1))})
		t.refused("send one byte too many", err, "InvalidParameterValue")
	}},
	{name: "send-attributes-count", run: func(t sqsTest) {
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: t.queue, MessageBody: aws.String(strings.Repeat("m", sizeLimit-10)),
			MessageAttributes: map[string]types.MessageAttributeValue{"name": {DataType: aws.String("String"), StringValue: aws.String("value")}},
		})
		t.refused("send a message that is too long with its attribute", err, "InvalidParameterValue")
	}},
	{name: "send-queue-limit", run: func(t sqsTest) {
		t.ok("set", t.set(map[string]string{"MaximumMessageSize": "1024"}))
		t.send(strings.Repeat("m", 1024))
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String(strings.Repeat("m", 1025))})
		t.refused("send more than the queue takes", err, "InvalidParameterValue")
	}},
	{name: "send-bad-delay", run: func(t sqsTest) {
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String("m"), DelaySeconds: 901})
		t.refused("send with a delay of 901 s", err, "InvalidParameterValue")
	}},
}

var sendBatchChecks = []sqsCheck{
	{name: "batch", run: func(t sqsTest) {
		entries := numbered(10)
		entries[3].MessageAttributes = everyKind
		out := t.sendBatch(entries)
		if len(out.Successful) != 10 || len(out.Failed) != 0 {
			t.Fatalf("%d succeeded and %d failed, want 10 and 0", len(out.Successful), len(out.Failed))
		}
		for _, s := range out.Successful {
			if aws.ToString(s.Id) == "3" && aws.ToString(s.MD5OfMessageAttributes) != attributesSum() {
				t.Errorf("got MD5 %s, want %s", aws.ToString(s.MD5OfMessageAttributes), attributesSum())
			}
		}
		if got := bodies(t.collect(t.queue, 10)); len(got) != 10 || got[0] != "0" || got[9] != "9" {
			t.Errorf("received %v, want 0 to 9", got)
		}
	}},
	{name: "batch-partly-bad", run: func(t sqsTest) {
		entries := numbered(3)
		entries[1].MessageBody = aws.String("bell\a")
		out := t.sendBatch(entries)
		if len(out.Successful) != 2 || len(out.Failed) != 1 {
			t.Fatalf("%d succeeded and %d failed, want 2 and 1", len(out.Successful), len(out.Failed))
		}
		if f := out.Failed[0]; aws.ToString(f.Id) != "1" || !f.SenderFault || aws.ToString(f.Code) != "InvalidMessageContents" {
			t.Errorf("failed: id %s, sender's fault %v, code %s", aws.ToString(f.Id), f.SenderFault, aws.ToString(f.Code))
		}
		if got := bodies(t.collect(t.queue, 2)); !slices.Equal(got, []string{"0", "2"}) {
			t.Errorf("received %v, want 0 and 2", got)
		}
	}},
	{name: "batch-empty", run: func(t sqsTest) {
		_, err := t.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: t.queue, Entries: []types.SendMessageBatchRequestEntry{}})
		t.refused("send an empty batch", err, "EmptyBatchRequest")
	}},
	{name: "batch-of-eleven", run: func(t sqsTest) {
		_, err := t.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: t.queue, Entries: numbered(11)})
		t.refused("send eleven", err, "TooManyEntriesInBatchRequest")
	}},
	{name: "batch-same-ids", run: func(t sqsTest) {
		entries := numbered(2)
		entries[1].Id = entries[0].Id
		_, err := t.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: t.queue, Entries: entries})
		t.refused("send two with the same id", err, "BatchEntryIdsNotDistinct")
	}},
	{name: "batch-bad-id", run: func(t sqsTest) {
		entries := numbered(1)
		entries[0].Id = aws.String("a b")
		_, err := t.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: t.queue, Entries: entries})
		t.refused("send with a bad id", err, "InvalidBatchEntryId")
	}},
	{name: "batch-largest", run: func(t sqsTest) {
		entries := numbered(2)
		entries[0].MessageBody, entries[1].MessageBody = aws.String(strings.Repeat("a", sizeLimit/2)), aws.String(strings.Repeat("b", sizeLimit/2))
		if out := t.sendBatch(entries); len(out.Successful) != 2 {
			t.Errorf("%d of 2 succeeded", len(out.Successful))
		}
	}},
	{name: "batch-too-long", run: func(t sqsTest) {
		entries := numbered(2)
		entries[0].MessageBody, entries[1].MessageBody = aws.String(strings.Repeat("a", sizeLimit/2)), aws.String(strings.Repeat("b", sizeLimit/2+1))
		_, err := t.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: t.queue, Entries: entries})
		t.refused("send one byte too many", err, "BatchRequestTooLong")
	}},
}

func (t sqsTest) sendBatch(entries []types.SendMessageBatchRequestEntry) *sqs.SendMessageBatchOutput {
	t.Helper()
	out, err := t.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: t.queue, Entries: entries})
	t.ok("send a batch", err)
	return out
}
