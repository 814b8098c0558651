package deploy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cloudworks/internal/cloudcal"
	"cloudworks/internal/cloudpic"
	"cloudworks/internal/config"
	"cloudworks/internal/jobs"
)

const (
	requests = cloudcal.RequestQueue
	inbox    = cloudpic.InboxQueue
)

func TestBucket(t *testing.T) {
	all := template(t)
	bucket := all["Bucket"]
	for _, block := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if got := bucket.At("PublicAccessBlockConfiguration", block); got != "true" {
			t.Errorf("%s: got %v, want true", block, got)
		}
	}
	if got := bucket.At("OwnershipControls", "Rules", "ObjectOwnership"); got != "BucketOwnerEnforced" {
		t.Errorf("ownership: got %v", got)
	}
	if bucket.At("BucketEncryption", "ServerSideEncryptionConfiguration", "ServerSideEncryptionByDefault", "SSEAlgorithm") == nil {
		t.Error("not encrypted")
	}
	if bucket.At("VersioningConfiguration") != nil {
		t.Error("versioned: a deleted picture would stay")
	}
	if n := len(ofKind(t, all, "AWS::S3::Bucket")); n != 1 {
		t.Errorf("%d buckets, of which one is looked at", n)
	}
}

// The bucket's rules must say what the program tells its visitors.
func TestLifecycle(t *testing.T) {
	cfg, err := config.Load(func(string) string { return "" }, config.Web)
	if err != nil {
		t.Fatal(err)
	}
	days := func(d time.Duration) string { return strconv.Itoa(int(d / (24 * time.Hour))) }
	want := map[string]string{"uploads/": days(cfg.Retention), "results/": days(cfg.Retention), "logs/": days(cfg.LogRetention), "unfinished": "1"}
	got := map[string]string{}
	for _, r := range list(template(t)["Bucket"].At("LifecycleConfiguration", "Rules")) {
		rule := asMap(t, r)
		if rule["Status"] != "Enabled" {
			t.Errorf("rule %v is not enabled", rule["Id"])
		}
		if abort, ok := rule["AbortIncompleteMultipartUpload"].(map[string]any); ok {
			got["unfinished"] = fmt.Sprint(abort["DaysAfterInitiation"])
			continue
		}
		got[fmt.Sprint(rule["Prefix"])] = fmt.Sprint(rule["ExpirationInDays"])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("days by prefix (-want +got):\n%s", diff)
	}
}

func TestQueues(t *testing.T) {
	all := template(t)
	queues := ofKind(t, all, "AWS::SQS::Queue")
	var names []string
	for _, q := range queues {
		name := strings.TrimPrefix(texts(q.At("QueueName"))[0], "${QueuePrefix}")
		names = append(names, name)
		if got := q.At("SqsManagedSseEnabled"); got != "true" {
			t.Errorf("%s: encryption: got %v", name, got)
		}
		dead := texts(q.At("RedrivePolicy", "deadLetterTargetArn"))
		if name != requests && name != inbox {
			if len(dead) > 0 {
				t.Errorf("%s has dead letters %v, which nobody looks at", name, dead)
			}
			continue
		}
		target := all[strings.TrimSuffix(dead[0], ".Arn")]
		if got, want := texts(target.At("QueueName"))[0], "${QueuePrefix}"+jobs.DeadLetterName(name); got != want {
			t.Errorf("dead letters of %s: got %q, want %q", name, got, want)
		}
		if got, want := q.At("RedrivePolicy", "maxReceiveCount"), strconv.Itoa(jobs.DefaultMaxReceives); got != want {
			t.Errorf("%s: maxReceiveCount: got %v, want %v", name, got, want)
		}
	}
	slices.Sort(names)
	want := []string{inbox, jobs.DeadLetterName(inbox), cloudpic.OutboxQueue, requests, jobs.DeadLetterName(requests), cloudcal.ReplyQueue}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("queues (-want +got):\n%s", diff)
	}
}

// Queues and bucket refuse whoever comes without TLS.
func TestTLSOnly(t *testing.T) {
	all := template(t)
	refusal := func(r resource, action string) {
		s := asMap(t, list(r.At("PolicyDocument", "Statement"))[0])
		got := []any{s["Effect"], s["Principal"], s["Action"], asMap(t, asMap(t, s["Condition"])["Bool"])["aws:SecureTransport"]}
		if diff := cmp.Diff([]any{"Deny", "*", action, "false"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Name, diff)
		}
	}
	refusal(all["BucketPolicy"], "s3:*")
	if got, want := texts(all["BucketPolicy"].At("PolicyDocument", "Statement", "Resource")), []string{"Bucket.Arn", "${Bucket.Arn}/*"}; !slices.Equal(got, want) {
		t.Errorf("bucket policy is for %v, want %v", got, want)
	}
	refusal(all["QueuesOverTLSOnly"], "sqs:*")
	held := texts(all["QueuesOverTLSOnly"].At("Queues"))
	for _, q := range ofKind(t, all, "AWS::SQS::Queue") {
		if !slices.Contains(held, q.Name) {
			t.Errorf("the policy leaves %s out", q.Name)
		}
	}
	for _, l := range ofKind(t, all, "AWS::ElasticLoadBalancingV2::Listener") {
		protocol, action := l.At("Protocol"), l.At("DefaultActions", "Type")
		if protocol != "HTTPS" && (action != "redirect" || l.At("DefaultActions", "RedirectConfig", "Protocol") != "HTTPS") {
			t.Errorf("%s: %v without a redirect to TLS: %v", l.Name, protocol, action)
		}
		if protocol == "HTTPS" && !strings.Contains(fmt.Sprint(l.At("SslPolicy")), "TLS13-1-2") {
			t.Errorf("%s takes old TLS: %v", l.Name, l.At("SslPolicy"))
		}
	}
}

// Only the load balancer's two ports are open to the world.
func TestNetwork(t *testing.T) {
	all := template(t)
	for _, g := range ofKind(t, all, "AWS::EC2::SecurityGroup") {
		for _, i := range list(g.At("SecurityGroupIngress")) {
			rule := asMap(t, i)
			_, byGroup := rule["SourceSecurityGroupId"]
			open := g.Name == "BalancerGroup" && (rule["FromPort"] == "443" || rule["FromPort"] == "80") && rule["ToPort"] == rule["FromPort"]
			if !byGroup && !open {
				t.Errorf("%s lets in %v", g.Name, rule)
			}
		}
	}
	if in := list(all["WorkerGroup"].At("SecurityGroupIngress")); len(in) > 0 {
		t.Errorf("workers are reachable: %v", in)
	}
	for _, service := range []string{"s3", "sqs"} {
		if !slices.ContainsFunc(ofKind(t, all, "AWS::EC2::VPCEndpoint"), func(r resource) bool {
			return strings.HasSuffix(texts(r.At("ServiceName"))[0], "."+service)
		}) {
			t.Errorf("no endpoint for %s", service)
		}
	}
}

func TestInstances(t *testing.T) {
	for _, l := range ofKind(t, template(t), "AWS::EC2::LaunchTemplate") {
		if got := l.At("LaunchTemplateData", "MetadataOptions", "HttpTokens"); got != "required" {
			t.Errorf("%s: metadata without a token: %v", l.Name, got)
		}
		if got := l.At("LaunchTemplateData", "MetadataOptions", "HttpPutResponseHopLimit"); got != "1" {
			t.Errorf("%s: metadata %v hops away", l.Name, got)
		}
		if got := l.At("LaunchTemplateData", "BlockDeviceMappings", "Ebs", "Encrypted"); got != "true" {
			t.Errorf("%s: disk encrypted: %v", l.Name, got)
		}
		if l.At("LaunchTemplateData", "KeyName") != nil {
			t.Errorf("%s has a key for SSH", l.Name)
		}
	}
}

// What an instance writes to its environment file must be what config takes.
func TestEnvironment(t *testing.T) {
	all := template(t)
	example := strings.NewReplacer("${AWS::Region}", "eu-west-1", "${Bucket}", "stack-bucket-1abc", "${QueuePrefix}", "cloudworks-",
		"${DomainName}", "cloudworks.example", "${VPC.CidrBlock}", texts(all["VPC"].At("CidrBlock"))[0])
	for name, process := range map[string]config.Process{"WebTemplate": config.Web, "WorkerTemplate": config.Worker} {
		env := map[string]string{}
		// The first of the files that the user data writes.
		_, after, _ := strings.Cut(userData(t, all[name]), "<<'END'\n")
		file, _, _ := strings.Cut(after, "END\n")
		for line := range strings.Lines(file) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			env[key] = example.Replace(value)
		}
		cfg, err := config.Load(func(key string) string { return env[key] }, process)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if cfg.Backend != config.AWS || cfg.Bucket != "stack-bucket-1abc" || cfg.EmbeddedWorker {
			t.Errorf("%s: got %+v", name, cfg)
		}
		known := map[string]bool{"AWS_REGION": true}
		for _, v := range config.Variables() {
			known[v.Name] = true
		}
		for key := range env {
			if !known[key] {
				t.Errorf("%s sets %s, which nobody reads", name, key)
			}
		}
	}
}

// userData is the text of the Sub in which it stands.
func userData(t *testing.T, r resource) string {
	t.Helper()
	text, ok := r.At("LaunchTemplateData", "UserData", "Fn::Base64", "Sub").(string)
	if !ok {
		t.Fatalf("%s has no user data", r.Name)
	}
	return text
}
