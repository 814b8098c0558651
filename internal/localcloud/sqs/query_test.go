package sqs_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudworks/internal/localcloud/sqs"
)

// unsigned serves a service that doesn't look at signatures.
func unsigned(t *testing.T) string {
	t.Helper()
	service, err := sqs.Open(sqs.Options{Dir: t.TempDir(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	t.Cleanup(func() {
		service.EndPolls()
		server.Close()
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.URL
}

// queryAnswer has what the tests look at in any answer of the Query protocol.
type queryAnswer struct {
	XMLName   xml.Name
	URL       string   `xml:"CreateQueueResult>QueueUrl"`
	URLs      []string `xml:"ListQueuesResult>QueueUrl"`
	MD5       string   `xml:"SendMessageResult>MD5OfMessageBody"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
	Sent      []struct {
		ID  string `xml:"Id"`
		MD5 string `xml:"MD5OfMessageBody"`
	} `xml:"SendMessageBatchResult>SendMessageBatchResultEntry"`
	Failed []struct {
		ID          string `xml:"Id"`
		SenderFault bool
		Code        string
	} `xml:"SendMessageBatchResult>BatchResultErrorEntry"`
	Messages []struct {
		Body, ReceiptHandle string
		Attributes          []pair `xml:"Attribute"`
		MessageAttributes   []struct {
			Name  string
			Value struct{ StringValue, BinaryValue, DataType string }
		} `xml:"MessageAttribute"`
	} `xml:"ReceiveMessageResult>Message"`
	Attributes []pair `xml:"GetQueueAttributesResult>Attribute"`
	Tags       []pair `xml:"ListQueueTagsResult>Tag"`
	Error      struct{ Type, Code, Message string }
}

type pair struct{ Name, Key, Value string }

// ask posts a form, given as it is in a URL.
func ask(t *testing.T, address, form string) (int, queryAnswer) {
	t.Helper()
	resp, err := http.Post(address, "application/x-www-form-urlencoded", strings.NewReader(form+"&Version=2012-11-05"))
	return read(t, form, resp, err)
}

func read(t *testing.T, form string, resp *http.Response, err error) (int, queryAnswer) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", form, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", form, err)
	}
	var out queryAnswer
	if err := xml.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %v in %s", form, err, text)
	}
	if out.XMLName.Space != "http://queue.amazonaws.com/doc/2012-11-05/" {
		t.Errorf("%s: namespace %q", form, out.XMLName.Space)
	}
	return resp.StatusCode, out
}

func TestQuery(t *testing.T) {
	base := unsigned(t)
	good := func(address, form string) queryAnswer {
		t.Helper()
		status, out := ask(t, address, form)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d, %+v", form, status, out.Error)
		}
		return out
	}
	queue := good(base, "Action=CreateQueue&QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=40&Tag.1.Key=colour&Tag.1.Value=dark+green").URL
	if want := base + "/000000000000/q"; queue != want {
		t.Fatalf("got queue %q, want %q", queue, want)
	}
	if out := good(queue, "Action=SendMessage&MessageBody=a%3Cb%26%0D%0A&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v"+
		"&MessageAttribute.2.Name=b&MessageAttribute.2.Value.DataType=Binary&MessageAttribute.2.Value.BinaryValue=AAH%2F"); out.MD5 == "" || out.RequestID == "" {
		t.Errorf("got %+v, want an MD5 and a request id", out)
	}
	got := good(queue, "Action=ReceiveMessage&AttributeName.1=ApproximateReceiveCount&MessageAttributeName.1=All").Messages
	if len(got) != 1 || got[0].Body != "a<b&\r\n" || !cmp.Equal(got[0].Attributes, []pair{{Name: "ApproximateReceiveCount", Value: "1"}}) || len(got[0].MessageAttributes) != 2 {
		t.Fatalf("received %+v", got)
	}
	if a := got[0].MessageAttributes; a[0].Name != "b" || a[0].Value.BinaryValue != "AAH/" || a[1].Value.StringValue != "v" || a[1].Value.DataType != "String" {
		t.Errorf("received attributes %+v", a)
	}
	good(queue, "Action=DeleteMessage&ReceiptHandle="+url.QueryEscape(got[0].ReceiptHandle))

	batch := good(base, "Action=SendMessageBatch&QueueUrl="+url.QueryEscape(queue)+
		"&SendMessageBatchRequestEntry.2.Id=two&SendMessageBatchRequestEntry.2.MessageBody=2"+
		"&SendMessageBatchRequestEntry.1.Id=one&SendMessageBatchRequestEntry.1.MessageBody=1"+
		"&SendMessageBatchRequestEntry.10.Id=ten&SendMessageBatchRequestEntry.10.MessageBody=%07")
	if len(batch.Sent) != 2 || batch.Sent[0].ID != "one" || batch.Sent[1].ID != "two" || len(batch.Failed) != 1 || batch.Failed[0].Code != "InvalidMessageContents" || !batch.Failed[0].SenderFault {
		t.Errorf("got %+v and %+v", batch.Sent, batch.Failed)
	}
	if got := good(queue, "Action=GetQueueAttributes&AttributeName.1=VisibilityTimeout").Attributes; !cmp.Equal(got, []pair{{Name: "VisibilityTimeout", Value: "40"}}) {
		t.Errorf("got attributes %+v", got)
	}
	good(queue, "Action=TagQueue&Tag.1.Key=size&Tag.1.Value=big")
	good(queue, "Action=UntagQueue&TagKey.1=size")
	if got := good(queue, "Action=ListQueueTags").Tags; !cmp.Equal(got, []pair{{Key: "colour", Value: "dark green"}}) {
		t.Errorf("got tags %+v", got)
	}
	resp, err := http.Get(base + "/?Action=ListQueues&QueueNamePrefix=q")
	if _, out := read(t, "GET", resp, err); !cmp.Equal(out.URLs, []string{queue}) {
		t.Errorf("got queues %v", out.URLs)
	}
}

func TestQueryErrors(t *testing.T) {
	base := unsigned(t)
	for _, test := range []struct {
		form, want string
		status     int
	}{
		{"Action=GetQueueUrl&QueueName=none", "AWS.SimpleQueueService.NonExistentQueue", 400},
		{"Action=SendMessage&MessageBody=m", "MissingParameter", 400},
		{"Action=DoSomething", "InvalidAction", 400},
		{"Colour=green", "MissingAction", 400},
		{"Action=%zz", "MalformedInput", 400},
		{"Action=CreateQueue&QueueName=a+b", "InvalidParameterValue", 400},
		{"Action=ListQueues&MaxResults=many", "MalformedInput", 400},
		{"Action=CreateQueue&QueueName=%FF", "MalformedInput", 400},
	} {
		status, out := ask(t, base, test.form)
		if status != test.status || out.Error.Code != test.want || out.Error.Type != "Sender" {
			t.Errorf("%s: got status %d, %+v, want %d, %s", test.form, status, out.Error, test.status, test.want)
		}
	}
}

// A call of AWS JSON tells the error's name in the Query protocol, too.
func TestJSONErrors(t *testing.T) {
	base := unsigned(t)
	for _, test := range []struct {
		target, body, want, queryError string
		status                         int
	}{
		{"AmazonSQS.GetQueueUrl", `{"QueueName":"none"}`, "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender", 400},
		{"AmazonSQS.GetQueueUrl", `{"QueueName":7}`, "com.amazon.coral.service#SerializationException", "MalformedInput;Sender", 400},
		{"AmazonSQS.GetQueueUrl", "{\"QueueName\":\"\xff\"}", "com.amazon.coral.service#SerializationException", "MalformedInput;Sender", 400},
		{"AmazonSQS.GetQueueUrl", `{`, "com.amazon.coral.service#SerializationException", "MalformedInput;Sender", 400},
		{"AmazonSQS.DoSomething", `{}`, "com.amazon.coral.service#UnknownOperationException", "InvalidAction;Sender", 400},
		{"DynamoDB.ListTables", `{}`, "com.amazon.coral.service#SerializationException", "MalformedInput;Sender", 400},
		{"AmazonSQS.SendMessage", `{"QueueUrl":"q","MessageBody":"m"}`, "com.amazonaws.sqs#InvalidAddress", "InvalidAddress;Sender", 404},
	} {
		r, err := http.NewRequest(http.MethodPost, base, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", test.target)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Header.Get("X-Amzn-Query-Error"); resp.StatusCode != test.status || got != test.queryError || !strings.Contains(string(text), `"`+test.want+`"`) {
			t.Errorf("%s %s: got status %d, %s, %s; want %d, %s, %s", test.target, test.body, resp.StatusCode, got, text, test.status, test.queryError, test.want)
		}
	}
}

// tool finds a program, or skips the test, or fails it where all have to be.
func tool(t *testing.T, check ...string) {
	t.Helper()
	if err := exec.Command(check[0], check[1:]...).Run(); err != nil {
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			t.Fatalf("%q: %v, and CLOUDWORKS_REQUIRE is set", check, err)
		}
		t.Skipf("%q: %v", check, err)
	}
}

// client runs a program with the credentials of the service at url.
func client(t *testing.T, url, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=cloudworks", "AWS_SECRET_ACCESS_KEY=cloudworks", "AWS_DEFAULT_REGION=us-east-1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Debian's boto3 speaks the Query protocol.
func TestBoto3(t *testing.T) {
	tool(t, "/usr/bin/python3", "-c", "import boto3")
	_, url := serve(t, sqs.Options{NoSync: true})
	const script = `
import boto3, os
c = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
print(c.meta.service_model.metadata["protocol"])
dead = c.create_queue(QueueName="dead")["QueueUrl"]
arn = c.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
q = c.create_queue(QueueName="q", Attributes={"RedrivePolicy": '{"deadLetterTargetArn":"%s","maxReceiveCount":"3"}' % arn}, tags={"a": "b c"})["QueueUrl"]
assert c.get_queue_url(QueueName="q")["QueueUrl"] == q
assert sorted(c.list_queues()["QueueUrls"]) == [dead, q]
assert c.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [q]
assert c.list_queue_tags(QueueUrl=q)["Tags"] == {"a": "b c"}
c.tag_queue(QueueUrl=q, Tags={"d": "e"}); c.untag_queue(QueueUrl=q, TagKeys=["a"])
assert c.list_queue_tags(QueueUrl=q)["Tags"] == {"d": "e"}
c.send_message(QueueUrl=q, MessageBody="späth <&> +", MessageAttributes={
    "s": {"DataType": "String", "StringValue": "ü"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
m = c.receive_message(QueueUrl=q, AttributeNames=["All"], MessageAttributeNames=["All"], WaitTimeSeconds=1)["Messages"][0]
assert m["Body"] == "späth <&> +" and m["Attributes"]["ApproximateReceiveCount"] == "1", m
assert m["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\xff" and m["MessageAttributes"]["s"]["StringValue"] == "ü", m
c.change_message_visibility(QueueUrl=q, ReceiptHandle=m["ReceiptHandle"], VisibilityTimeout=9)
c.delete_message(QueueUrl=q, ReceiptHandle=m["ReceiptHandle"])
r = c.send_message_batch(QueueUrl=q, Entries=[{"Id": str(i), "MessageBody": str(i)} for i in range(10)])
assert len(r["Successful"]) == 10, r
got = c.receive_message(QueueUrl=q, MaxNumberOfMessages=10)["Messages"]
r = c.change_message_visibility_batch(QueueUrl=q, Entries=[{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 60} for i, m in enumerate(got)])
assert len(r["Successful"]) == 10, r
r = c.delete_message_batch(QueueUrl=q, Entries=[{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)])
assert len(r["Successful"]) == 10, r
try:
    c.get_queue_url(QueueName="none"); assert False
except c.exceptions.QueueDoesNotExist as e:
    assert e.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue", e
c.purge_queue(QueueUrl=q); c.set_queue_attributes(QueueUrl=q, Attributes={"VisibilityTimeout": "1"}); c.delete_queue(QueueUrl=q)
print("done")
`
	if got := client(t, url, "/usr/bin/python3", "-c", script); !strings.HasSuffix(got, "done") || !strings.HasPrefix(got, "query") {
		t.Errorf("got %q, want the Query protocol and the end of the script", got)
	}
}

// The AWS CLI speaks AWS JSON. Version 1 has old host names of its own for SQS,
// which win over AWS_ENDPOINT_URL, but not over the option.
func TestCLI(t *testing.T) {
	tool(t, "aws", "--version")
	_, url := serve(t, sqs.Options{NoSync: true})
	queue := client(t, url, "aws", "--endpoint-url", url, "sqs", "create-queue", "--queue-name", "q", "--output", "text")
	if want := url + "/000000000000/q"; queue != want {
		t.Fatalf("got queue %q, want %q", queue, want)
	}
	client(t, url, "aws", "--endpoint-url", url, "sqs", "send-message", "--queue-url", queue, "--message-body", "hello there")
	if got := client(t, url, "aws", "--endpoint-url", url, "sqs", "receive-message", "--queue-url", queue, "--query", "Messages[0].Body", "--output", "text"); got != "hello there" {
		t.Errorf("received %q", got)
	}
}
