package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statement is what one statement of a role allows.
type statement struct {
	sid                string
	actions, resources []string
}

// allowed gives the statements of a role or an endpoint's policy that allow.
func allowed(t *testing.T, document any) []statement {
	t.Helper()
	var all []statement
	for _, s := range list(asMap(t, document)["Statement"]) {
		m := asMap(t, s)
		if m["Effect"] != "Allow" {
			continue
		}
		sid, _ := m["Sid"].(string)
		all = append(all, statement{sid, texts(m["Action"]), texts(m["Resource"])})
	}
	return all
}

// No statement allows a kind of call as a whole, or a call on everything.
func TestNoWildcards(t *testing.T) {
	all := template(t)
	var documents []any
	for _, r := range ofKind(t, all, "AWS::IAM::Role") {
		for _, p := range list(r.At("Policies")) {
			documents = append(documents, asMap(t, p)["PolicyDocument"])
		}
		if r.At("ManagedPolicyArns") != nil {
			t.Errorf("%s takes somebody else's policy", r.Name)
		}
	}
	for _, r := range ofKind(t, all, "AWS::EC2::VPCEndpoint") {
		if d := r.At("PolicyDocument"); d != nil {
			documents = append(documents, d)
		}
	}
	if len(documents) != 3 {
		t.Errorf("looked at %d policies, want web's, the worker's and the S3 endpoint's", len(documents))
	}
	for _, d := range documents {
		for _, s := range allowed(t, d) {
			for _, a := range s.actions {
				if strings.Contains(a, "*") {
					t.Errorf("%s allows %s", s.sid, a)
				}
			}
			// Listing queues is the one call that can't be narrowed.
			if slices.Contains(s.resources, "*") && !slices.Equal(s.actions, []string{"sqs:ListQueues"}) {
				t.Errorf("%s allows %v on everything", s.sid, s.actions)
			}
		}
	}
}

// What each role may do, call by call. A change here is a change of what a
// stolen instance could do.
func TestRoles(t *testing.T) {
	const queues = "RequestQueue.Arn RequestDeadLetters.Arn ResponseQueue.Arn Inbox.Arn InboxDeadLetters.Arn Outbox.Arn"
	const replies = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${QueuePrefix}replies-*"
	const release = "arn:${AWS::Partition}:s3:::${ReleaseBucket}/${ReleaseKey}"
	objects := func(prefixes ...string) string {
		for i := range prefixes {
			prefixes[i] = "${Bucket.Arn}/" + prefixes[i]
		}
		return strings.Join(prefixes, " ")
	}
	want := map[string]map[string]string{
		"WebRole": {
			"sqs:GetQueueUrl":        queues + " " + replies,
			"sqs:GetQueueAttributes": "RequestQueue.Arn RequestDeadLetters.Arn Inbox.Arn InboxDeadLetters.Arn",
			"sqs:SendMessage":        "RequestQueue.Arn Inbox.Arn",
			"sqs:CreateQueue":        replies,
			"sqs:DeleteQueue":        replies,
			"sqs:ReceiveMessage":     replies,
			"sqs:DeleteMessage":      replies,
			"sqs:TagQueue":           replies,
			"sqs:ListQueueTags":      replies,
			"sqs:ListQueues":         "*",
			"s3:ListBucket":          "Bucket.Arn",
			"s3:GetObject":           objects("uploads/*", "results/*", "logs/cloudcal/*", "state/ids.key") + " " + release,
			"s3:PutObject":           objects("uploads/*", "results/*", "logs/cloudcal/*", "state/ids.key", "state/sweeps/*"),
			"s3:DeleteObject":        objects("uploads/*", "results/*", "state/sweeps/*"),
			"logs:CreateLogStream":   "WebLog.Arn", "logs:PutLogEvents": "WebLog.Arn", "logs:DescribeLogStreams": "WebLog.Arn",
		},
		"WorkerRole": {
			"sqs:GetQueueUrl":             queues + " " + replies,
			"sqs:GetQueueAttributes":      "RequestQueue.Arn Inbox.Arn RequestDeadLetters.Arn InboxDeadLetters.Arn",
			"sqs:ReceiveMessage":          "RequestQueue.Arn Inbox.Arn RequestDeadLetters.Arn InboxDeadLetters.Arn",
			"sqs:DeleteMessage":           "RequestQueue.Arn Inbox.Arn",
			"sqs:ChangeMessageVisibility": "RequestQueue.Arn Inbox.Arn RequestDeadLetters.Arn InboxDeadLetters.Arn",
			"sqs:SendMessage":             "ResponseQueue.Arn Outbox.Arn RequestDeadLetters.Arn InboxDeadLetters.Arn " + replies,
			"s3:ListBucket":               "Bucket.Arn",
			"s3:GetObject":                objects("uploads/*", "state/ids.key", "results/*") + " " + release,
			"s3:PutObject":                objects("results/*", "logs/cloudcal/*"),
			"s3:DeleteObject":             objects("results/*"),
			"autoscaling:CompleteLifecycleAction": "arn:${AWS::Partition}:autoscaling:${AWS::Region}:${AWS::AccountId}:" +
				"autoScalingGroup:*:autoScalingGroupName/${AWS::StackName}-worker",
			"logs:CreateLogStream": "WorkerLog.Arn", "logs:PutLogEvents": "WorkerLog.Arn", "logs:DescribeLogStreams": "WorkerLog.Arn",
		},
	}
	got := map[string]map[string]string{}
	for _, r := range ofKind(t, template(t), "AWS::IAM::Role") {
		got[r.Name] = map[string]string{}
		for _, p := range list(r.At("Policies")) {
			for _, s := range allowed(t, asMap(t, p)["PolicyDocument"]) {
				for _, a := range s.actions {
					got[r.Name][a] = strings.TrimSpace(got[r.Name][a] + " " + strings.Join(s.resources, " "))
				}
			}
		}
		if s := asMap(t, list(r.At("AssumeRolePolicyDocument", "Statement"))[0]); asMap(t, s["Principal"])["Service"] != "ec2.amazonaws.com" {
			t.Errorf("%s is for %v, want EC2 alone", r.Name, s["Principal"])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources by action (-want +got):\n%s", diff)
	}
}
