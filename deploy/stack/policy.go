package stack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Values are what stands behind names when a stack is made: of parameters and
// pseudo parameters (QueuePrefix, AWS::Region), and of what references a
// resource (Bucket for its name, Bucket.Arn).
type Values map[string]string

// Values adds to parameters what the stack's queues and bucket are then
// called. bucket is the bucket's name, which CloudFormation would make up.
func (t Template) Values(parameters Values, bucket string) (Values, error) {
	v := Values{"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "000000000000", "AWS::StackName": "cloudworks"}
	for name, value := range parameters {
		v[name] = value
	}
	for _, r := range t.OfKind("AWS::S3::Bucket") {
		v[r.Name], v[r.Name+".Arn"] = bucket, "arn:aws:s3:::"+bucket
	}
	for _, r := range t.OfKind("AWS::SQS::Queue") {
		name, err := v.Resolve(r.At("QueueName"))
		if err != nil {
			return nil, fmt.Errorf("queue %s: %w", r.Name, err)
		}
		v[r.Name+".QueueName"] = name
		v[r.Name+".Arn"] = QueueARN(name)
	}
	return v, nil
}

// QueueARN is the ARN of a queue of that name in Values' region and account.
func QueueARN(name string) string { return "arn:aws:sqs:us-east-1:000000000000:" + name }

var variable = regexp.MustCompile(`\$\{([A-Za-z0-9:.]+)\}`)

// Resolve writes out a text, a Ref, a GetAtt or a Sub. What v doesn't have
// stays as a name that no request can match, between angle brackets.
func (v Values) Resolve(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case map[string]any:
		for function, argument := range value {
			text, isText := argument.(string)
			switch {
			case isText && (function == "Ref" || function == "GetAtt"):
				return v.named(text), nil
			case isText && function == "Sub":
				return variable.ReplaceAllStringFunc(text, func(s string) string { return v.named(s[2 : len(s)-1]) }), nil
			}
		}
	}
	return "", fmt.Errorf("can't resolve %v", value)
}

func (v Values) named(name string) string {
	if value, ok := v[name]; ok {
		return value
	}
	return "<" + name + ">"
}

// Grant is one action on one resource that a role's policy allows.
type Grant struct {
	Statement string // its Sid
	Action    string // such as sqs:SendMessage
	Resource  string // an ARN, in which * stands for anything
}

// Policy is what a role may do. It remembers which of its grants were needed.
// It is safe for concurrent use.
type Policy struct {
	grants []Grant

	mu   sync.Mutex
	used map[Grant]bool
}

// Policy gives what a role's own policies allow. It takes no denials and no
// conditions, for the template's roles have none.
func (t Template) Policy(role string, values Values) (*Policy, error) {
	p := &Policy{used: make(map[Grant]bool)}
	for _, attached := range List(t[role].At("Policies")) {
		document, _ := attached.(map[string]any)["PolicyDocument"].(map[string]any)
		for _, s := range List(document["Statement"]) {
			statement, _ := s.(map[string]any)
			sid := fmt.Sprint(statement["Sid"])
			if statement["Effect"] != "Allow" || statement["Condition"] != nil {
				return nil, fmt.Errorf("role %s: statement %s denies or has a condition", role, sid)
			}
			for _, action := range List(statement["Action"]) {
				for _, r := range List(statement["Resource"]) {
					arn, err := values.Resolve(r)
					if err != nil {
						return nil, fmt.Errorf("role %s: statement %s: %w", role, sid, err)
					}
					p.grants = append(p.grants, Grant{sid, fmt.Sprint(action), arn})
				}
			}
		}
	}
	if len(p.grants) == 0 {
		return nil, fmt.Errorf("role %s allows nothing", role)
	}
	return p, nil
}

// Allows reports whether the policy has a grant for the action on the ARN, and
// notes that it was needed.
func (p *Policy) Allows(action, arn string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	allowed := false
	for _, g := range p.grants {
		if strings.EqualFold(g.Action, action) && matches(g.Resource, arn) {
			p.used[g] = true
			allowed = true
		}
	}
	return allowed
}

// Unused gives the grants that no request needed yet.
func (p *Policy) Unused() []Grant {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.grants), func(g Grant) bool { return p.used[g] })
}

// matches reports whether an ARN is what a pattern names: * stands for any
// text, as in IAM.
func matches(pattern, arn string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == arn
	}
	if !strings.HasPrefix(arn, first) {
		return false
	}
	for i := len(first); i <= len(arn); i++ {
		if matches(rest, arn[i:]) {
			return true
		}
	}
	return false
}
