package stack

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const small = `
Resources:
  Box: {Type: "AWS::S3::Bucket"}
  Mail: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Prefix}mail"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement:
              - {Sid: Read, Effect: Allow, Action: [s3:GetObject, s3:PutObject], Resource: [!Sub "${Box.Arn}/in/*", !Sub "${Box.Arn}/key"]}
              - {Sid: Send, Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Mail.Arn}
              - {Sid: Other, Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Elsewhere.Arn}
`

func policy(t *testing.T, text string) *Policy {
	t.Helper()
	all, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	values, err := all.Values(Values{"Prefix": "test-"}, "box")
	if err != nil {
		t.Fatal(err)
	}
	p, err := all.Policy("Role", values)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAllows(t *testing.T) {
	p := policy(t, small)
	for _, test := range []struct {
		action, arn string
		want        bool
	}{
		{"s3:GetObject", "arn:aws:s3:::box/in/a/b", true},
		{"s3:GetObject", "arn:aws:s3:::box/key", true},
		{"s3:GetObject", "arn:aws:s3:::box/key2", false},
		{"s3:GetObject", "arn:aws:s3:::box/out/a", false},
		{"s3:GetObject", "arn:aws:s3:::box2/in/a", false},
		{"s3:DeleteObject", "arn:aws:s3:::box/in/a", false},
		{"sqs:SendMessage", QueueARN("test-mail"), true},
		{"sqs:SendMessage", QueueARN("mail"), false},
		{"sqs:SendMessage", "", false},
	} {
		if got := p.Allows(test.action, test.arn); got != test.want {
			t.Errorf("%s on %s: got %v, want %v", test.action, test.arn, got, test.want)
		}
	}
	want := []Grant{
		{"Read", "s3:PutObject", "arn:aws:s3:::box/in/*"},
		{"Read", "s3:PutObject", "arn:aws:s3:::box/key"},
		{"Other", "sqs:SendMessage", "<Elsewhere.Arn>"},
	}
	if diff := cmp.Diff(want, p.Unused()); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, arn string
		want         bool
	}{
		{"*", "", true}, {"*", "a", true}, {"a*", "a", true}, {"a*c", "abc", true}, {"a*c", "abcd", false},
		{"a*b*c", "axbxc", true}, {"a*b*c", "axcxb", false}, {"a", "b", false}, {"a*", "ba", false},
	} {
		if got := matches(test.pattern, test.arn); got != test.want {
			t.Errorf("%q, %q: got %v, want %v", test.pattern, test.arn, got, test.want)
		}
	}
}

// What would make an evaluation wrong is refused.
func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "empty",
		"a: [":                             "parse template",
		"Resources: {}":                    "no resources",
		"Resources: {A: {Properties: {}}}": "no type",
		"x: &a {y: 1}\nResources: {A: {Type: T, Properties: *a}}":                        "alias",
		"x: &a {y: 1}\nResources: {A: {Type: T, Properties: {<<: {y: 1}}}}":              "merge",
		strings.Replace(small, "Sid: Send, Effect: Allow", "Sid: Send, Effect: Deny", 1): "denies",
		strings.Replace(small, "Sid: Send,", "Sid: Send, Condition: {Bool: {a: b}},", 1): "condition",
		strings.Replace(small, "!GetAtt Mail.Arn", "!Select [0, !GetAZs \"\"]", 1):       "resolve",
	} {
		all, err := Parse([]byte(text))
		if err == nil {
			_, err = all.Policy("Role", Values{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v, want %q", text, err, want)
		}
	}
}

// The template beside this package is one that it can read.
func TestTemplate(t *testing.T) {
	text, err := os.ReadFile("../cloudworks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	values, err := all.Values(Values{"QueuePrefix": "p-"}, "b")
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"WebRole", "WorkerRole"} {
		p, err := all.Policy(role, values)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(p.grants, Grant{"FindQueues", "sqs:GetQueueUrl", QueueARN("p-inbox")}) {
			t.Errorf("%s: got %v", role, p.grants)
		}
	}
}
