package cloudtest

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var queueChecks = []sqsCheck{
	{name: "queue-url", run: func(t sqsTest) {
		u, err := url.Parse(aws.ToString(t.queue))
		t.ok("parse the URL", err)
		name := u.Path[strings.LastIndex(u.Path, "/")+1:]
		out, err := t.client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &name})
		t.ok("get the URL", err)
		if aws.ToString(out.QueueUrl) != aws.ToString(t.queue) {
			t.Errorf("got %s, want %s as it was created", aws.ToString(out.QueueUrl), aws.ToString(t.queue))
		}
	}},
	{name: "queue-missing", bare: func(t sqsTest) {
		_, err := t.client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(t.name("none"))})
		t.refused("get the URL of a queue that isn't there", err, "QueueDoesNotExist", "NonExistentQueue")
		if typed, ok := asType[*types.QueueDoesNotExist](err); !ok {
			t.Errorf("got %T, want the SDK's type", typed)
		}
	}},
	{name: "queue-missing-everywhere", run: func(t sqsTest) {
		gone := aws.String(aws.ToString(t.queue) + "-none")
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: gone, MessageBody: aws.String("m")})
		t.refused("send", err, "QueueDoesNotExist", "NonExistentQueue")
		_, err = t.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: gone})
		t.refused("receive", err, "QueueDoesNotExist", "NonExistentQueue")
		_, err = t.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: gone, AttributeNames: []types.QueueAttributeName{"All"}})
		t.refused("get attributes", err, "QueueDoesNotExist", "NonExistentQueue")
	}},
	{name: "queue-create-again", bare: func(t sqsTest) {
		name := t.name("again")
		attributes := map[string]string{"VisibilityTimeout": "40"}
		first, second := t.createNamed(name, attributes), t.createNamed(name, attributes)
		if aws.ToString(first) != aws.ToString(second) {
			t.Errorf("got %s, then %s", aws.ToString(first), aws.ToString(second))
		}
	}},
	{name: "queue-create-differently", bare: func(t sqsTest) {
		name := t.name("other")
		t.createNamed(name, map[string]string{"VisibilityTimeout": "40"})
		_, err := t.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "41"}})
		t.refused("create with another attribute", err, "QueueNameExists", "QueueAlreadyExists")
	}},
	{name: "queue-create-with-default", bare: func(t sqsTest) {
		name := t.name("default")
		t.createNamed(name, nil)
		t.createNamed(name, map[string]string{"VisibilityTimeout": "30"})
	}},
	{name: "queue-bad-name", bare: func(t sqsTest) {
		for _, name := range []string{"with space", "with/slash", "dots.", strings.Repeat("n", 81)} {
			_, err := t.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
			t.refused("create "+name, err, "InvalidParameterValue")
		}
	}},
	{name: "queue-bad-attribute", bare: func(t sqsTest) {
		for attribute, value := range map[string]string{"VisibilityTimeout": "43201", "DelaySeconds": "901", "MaximumMessageSize": "1048577", "MessageRetentionPeriod": "59", "ReceiveMessageWaitTimeSeconds": "21"} {
			_, err := t.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(t.name("bad")), Attributes: map[string]string{attribute: value}})
			t.refused("create with "+attribute+"="+value, err, "InvalidAttributeValue", "InvalidParameterValue")
		}
	}},
	{name: "queue-unknown-attribute", bare: func(t sqsTest) {
		_, err := t.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(t.name("bad")), Attributes: map[string]string{"Colour": "green"}})
		t.refused("create with an unknown attribute", err, "InvalidAttributeName")
	}},
	{name: "queue-delete", run: func(t sqsTest) {
		_, err := t.client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: t.queue})
		t.ok("delete", err)
		_, err = t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String("m")})
		t.refused("send to a deleted queue", err, "QueueDoesNotExist", "NonExistentQueue")
	}},
	{name: "queue-list", bare: func(t sqsTest) {
		prefix := t.name("list")
		var want []string
		for i := range 5 {
			want = append(want, aws.ToString(t.createNamed(prefix+strconv.Itoa(i), nil)))
		}
		out, err := t.client.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: &prefix})
		t.ok("list", err)
		slices.Sort(out.QueueUrls)
		if !slices.Equal(out.QueueUrls, want) {
			t.Errorf("got %v, want %v", out.QueueUrls, want)
		}
	}},
	{name: "queue-list-pages", bare: func(t sqsTest) {
		prefix := t.name("page")
		for i := range 5 {
			t.createNamed(prefix+strconv.Itoa(i), nil)
		}
		seen := make(map[string]int)
		pages := sqs.NewListQueuesPaginator(t.client, &sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(2)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			t.ok("list", err)
			if len(page.QueueUrls) > 2 {
				t.Errorf("a page of %d, want 2 at most", len(page.QueueUrls))
			}
			for _, u := range page.QueueUrls {
				seen[u]++
			}
		}
		if len(seen) != 5 {
			t.Errorf("got %v, want five queues", seen)
		}
	}},
	{name: "queue-purge", run: func(t sqsTest) {
		for range 3 {
			t.send("m")
		}
		_, err := t.client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: t.queue})
		t.ok("purge", err)
		t.none("after the purge")
		t.send("new")
		if got := aws.ToString(t.one().Body); got != "new" {
			t.Errorf("got %q, want what was sent after the purge", got)
		}
	}},
	{name: "queue-tags", run: func(t sqsTest) {
		tag := func(tags map[string]string) {
			_, err := t.client.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: t.queue, Tags: tags})
			t.ok("tag", err)
		}
		tag(map[string]string{"a": "1", "b": "2"})
		tag(map[string]string{"b": "3", "c": "4 + 5"})
		_, err := t.client.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: t.queue, TagKeys: []string{"a", "never there"}})
		t.ok("untag", err)
		out, err := t.client.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: t.queue})
		t.ok("list the tags", err)
		if want := map[string]string{"b": "3", "c": "4 + 5"}; !maps.Equal(out.Tags, want) {
			t.Errorf("got %v, want %v", out.Tags, want)
		}
	}},
	{name: "queue-tags-at-creation", bare: func(t sqsTest) {
		name := t.name("tags")
		created, err := t.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Tags: map[string]string{"colour": "green"}})
		t.ok("create", err)
		t.createNamed(name, nil) // removes it at the end
		out, err := t.client.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: created.QueueUrl})
		t.ok("list the tags", err)
		if out.Tags["colour"] != "green" {
			t.Errorf("got %v, want the colour", out.Tags)
		}
	}},
}

var attributeChecks = []sqsCheck{
	{name: "attributes-defaults", run: func(t sqsTest) {
		out, err := t.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: t.queue, AttributeNames: []types.QueueAttributeName{"All"}})
		t.ok("get attributes", err)
		for name, want := range map[string]string{
			"VisibilityTimeout": "30", "DelaySeconds": "0", "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0",
			"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
		} {
			if got := out.Attributes[name]; got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		if arn := out.Attributes["QueueArn"]; !strings.HasPrefix(arn, "arn:aws:sqs:") || strings.Count(arn, ":") != 5 {
			t.Errorf("got ARN %q", arn)
		}
		for _, name := range []string{"CreatedTimestamp", "LastModifiedTimestamp"} {
			seconds, err := strconv.ParseFloat(out.Attributes[name], 64)
			if age := time.Since(time.Unix(int64(seconds), 0)); err != nil || age < -time.Minute || age > 5*time.Minute {
				t.Errorf("%s: got %q, want now in seconds", name, out.Attributes[name])
			}
		}
	}},
	{name: "attributes-size-default", run: func(t sqsTest) {
		if got := t.attribute(t.queue, "MaximumMessageSize"); got != "1048576" {
			t.Errorf("got %q, want 1 MiB", got)
		}
	}},
	{name: "attributes-chosen", run: func(t sqsTest) {
		out, err := t.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: t.queue, AttributeNames: []types.QueueAttributeName{"DelaySeconds", "QueueArn"}})
		t.ok("get attributes", err)
		if got := slices.Sorted(maps.Keys(out.Attributes)); !slices.Equal(got, []string{"DelaySeconds", "QueueArn"}) {
			t.Errorf("got %v, want the two asked for", got)
		}
	}},
	{name: "attributes-unknown", run: func(t sqsTest) {
		_, err := t.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: t.queue, AttributeNames: []types.QueueAttributeName{"Colour"}})
		t.refused("get an unknown attribute", err, "InvalidAttributeName")
	}},
	{name: "attributes-set", run: func(t sqsTest) {
		t.ok("set", t.set(map[string]string{"VisibilityTimeout": "77", "MessageRetentionPeriod": "3600"}))
		if v, r := t.attribute(t.queue, "VisibilityTimeout"), t.attribute(t.queue, "MessageRetentionPeriod"); v != "77" || r != "3600" {
			t.Errorf("got %s and %s, want 77 and 3600", v, r)
		}
	}},
	{name: "attributes-set-bad", run: func(t sqsTest) {
		t.refused("set", t.set(map[string]string{"VisibilityTimeout": "soon"}), "InvalidAttributeValue", "InvalidParameterValue")
		if got := t.attribute(t.queue, "VisibilityTimeout"); got != "30" {
			t.Errorf("after the refusal it is %s, want 30", got)
		}
	}},
	{name: "attributes-counts", run: func(t sqsTest) {
		for range 3 {
			t.send("m")
		}
		t.send("later", func(in *sqs.SendMessageInput) { in.DelaySeconds = 60 })
		received := t.receive(1, func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 })
		if len(received) != 1 {
			t.Fatalf("received %d messages, want 1", len(received))
		}
		for name, want := range map[types.QueueAttributeName]string{
			"ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1", "ApproximateNumberOfMessagesDelayed": "1",
		} {
			if got := t.attribute(t.queue, name); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
		t.delete(received[0])
		if got := t.attribute(t.queue, "ApproximateNumberOfMessagesNotVisible"); got != "0" {
			t.Errorf("after the delete %s are in flight, want 0", got)
		}
	}},
}
