package cloudtest

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func inGroup(name string) func(*sqs.SendMessageInput) {
	return func(in *sqs.SendMessageInput) { in.MessageGroupId = &name }
}

var groupChecks = []sqsCheck{
	{name: "group-kept", run: func(t sqsTest) {
		t.send("m", inGroup("visitor-1"))
		if got := t.one(allOfIt).Attributes["MessageGroupId"]; got != "visitor-1" {
			t.Errorf("got group %q, want visitor-1", got)
		}
	}},
	{name: "group-bad", run: func(t sqsTest) {
		_, err := t.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: t.queue, MessageBody: aws.String("m"), MessageGroupId: aws.String("two words")})
		t.refused("send with a bad group", err, "InvalidParameterValue")
	}},
	// A group with hundreds of messages waiting doesn't starve the one message
	// of another, nor one without a group.
	{name: "group-fair", run: func(t sqsTest) {
		for range 30 {
			entries := numbered(10)
			for i := range entries {
				entries[i].MessageGroupId = aws.String("noisy")
			}
			t.sendBatch(entries)
		}
		t.send("quiet", inGroup("quiet"))
		t.send("alone")
		seen := make(map[string]bool)
		for range 3 {
			for _, m := range t.receive(1) {
				seen[aws.ToString(m.Body)] = true
			}
		}
		if !seen["quiet"] || !seen["alone"] {
			t.Errorf("among the first 30 of 302: the quiet group's message %v, that without a group %v", seen["quiet"], seen["alone"])
		}
	}},
	{name: "group-in-parallel", run: func(t sqsTest) {
		// Unlike a FIFO queue's, a group of a standard queue isn't held up by
		// what is in flight.
		for i := range 5 {
			t.send(fmt.Sprint(i), inGroup("one"))
		}
		got := 0
		for deadline := time.Now().Add(5 * time.Second); got < 5 && time.Now().Before(deadline); {
			got += len(t.receive(1))
		}
		if got != 5 {
			t.Errorf("received %d messages, want all 5 at the same time in flight", got)
		}
	}},
}

var queueSignatureChecks = []sqsCheck{
	{name: "sqs-signature-wrong-secret", bare: func(t sqsTest) {
		own, err := t.client.Options().Credentials.Retrieve(t.Context())
		t.ok("retrieve the client's credentials", err)
		t.refused("list with a wrong secret", t.listAs(credentials.NewStaticCredentialsProvider(own.AccessKeyID, "not the secret", "")), "SignatureDoesNotMatch")
	}},
	{name: "sqs-signature-unknown-key", bare: func(t sqsTest) {
		t.refused("list with an unknown key", t.listAs(credentials.NewStaticCredentialsProvider("AKIANOBODYKNOWSTHIS0", "secret", "")), "InvalidClientTokenId")
	}},
	{name: "sqs-signature-none", bare: func(t sqsTest) {
		t.refused("list unsigned", t.listAs(aws.AnonymousCredentials{}), "MissingAuthenticationToken", "AccessDenied")
	}},
}

// listAs lists queues with other credentials. It takes a client of its own,
// for a signer goes on with the secret that it first saw with a key.
func (t sqsTest) listAs(who aws.CredentialsProvider) error {
	options := t.client.Options()
	options.Credentials, options.HTTPSignerV4, options.AuthSchemes = who, nil, nil
	_, err := sqs.New(options).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	return err
}
