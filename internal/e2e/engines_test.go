package e2e

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cloudworks/internal/cloud/cloudtest"
)

// The suite on SQS and S3 of others: moto, the queues and bucket that moto
// makes of our CloudFormation template, and fauxqs with versitygw. It is
// CI's step "engines" (.ci/steps/engines), which says in CLOUDWORKS_ENGINES
// where those are that no package manager of the system has.
//
// What is wrong with them shows as time: a poll whose client has gone swallows
// what comes for it, until the message's time-out of half a minute.

func TestOnMoto(t *testing.T) {
	cloudtest.EnginesFolder(t)
	e := foreign{sqs: cloudtest.StartMoto(t)}
	e.s3 = e.sqs
	on(t, e.backend, slices.Concat(journeys, endings))
}

func TestOnStack(t *testing.T) {
	cloudtest.EnginesFolder(t)
	e := foreign{sqs: cloudtest.StartMoto(t), stack: true}
	e.s3 = e.sqs
	on(t, e.backend, journeys)
}

func TestOnFauxqsAndVersitygw(t *testing.T) {
	folder := cloudtest.EnginesFolder(t)
	e := foreign{sqs: cloudtest.StartFauxqs(t, folder), s3: cloudtest.StartVersitygw(t, folder)}
	on(t, e.backend, slices.Concat(journeys, endings))
}

// foreign is an engine of somebody else's services, which all systems share.
type foreign struct {
	sqs, s3 string
	stack   bool // each system's queues and bucket are made by a stack
}

// systems counts those on foreign services: each has names of its own.
var systems atomic.Int64

func (e foreign) backend(t *testing.T) *backend {
	t.Helper()
	const key, secret = cloudtest.AccessKey, cloudtest.SecretKey
	name := fmt.Sprintf("system-%d", systems.Add(1))
	env := at(e.sqs, e.s3, key, secret)
	b := &backend{
		sqs: e.sqs, s3: e.s3, key: key, secret: secret, bucket: "cloudworks-" + name, prefix: name + "-",
		of: map[string][]string{"web": env, "worker": env},
	}
	if e.stack {
		b.made, b.bucket = true, createStack(t, e.sqs, name, b.prefix)
	}
	return b
}

// createStack has moto make a stack of the template, and gives its bucket.
func createStack(t *testing.T, endpoint, name, prefix string) (bucket string) {
	t.Helper()
	template, err := os.ReadFile("../../deploy/cloudworks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	certificate := "arn:aws:iam::123456789012:server-certificate/" + name
	form := url.Values{"Action": {"UploadServerCertificate"}, "ServerCertificateName": {name}, "CertificateBody": {"x"}, "PrivateKey": {"x"}}
	ask(t, endpoint, "iam", form)
	form = url.Values{"Action": {"CreateStack"}, "StackName": {name}, "TemplateBody": {string(template)}, "Capabilities.member.1": {"CAPABILITY_IAM"}}
	for i, p := range [][2]string{
		{"DomainName", "cloudworks.example"}, {"CertificateArn", certificate}, {"QueuePrefix", prefix},
		{"ReleaseBucket", "releases"}, {"ReleaseKey", "cloudworks.tar.gz"}, {"ReleaseSha256", strings.Repeat("0", 64)},
	} {
		form.Set(fmt.Sprintf("Parameters.member.%d.ParameterKey", i+1), p[0])
		form.Set(fmt.Sprintf("Parameters.member.%d.ParameterValue", i+1), p[1])
	}
	ask(t, endpoint, "cloudformation", form)
	var made struct {
		Outputs []struct {
			Key   string `xml:"OutputKey"`
			Value string `xml:"OutputValue"`
		} `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
	}
	if err := xml.Unmarshal(ask(t, endpoint, "cloudformation", url.Values{"Action": {"DescribeStacks"}, "StackName": {name}}), &made); err != nil {
		t.Fatal(err)
	}
	for _, o := range made.Outputs {
		if o.Key == "BucketName" {
			return o.Value
		}
	}
	t.Fatalf("the stack has no output BucketName: %+v", made)
	return ""
}

// ask makes a call in the older form, to a service that moto tells by the
// header and whose signature it doesn't look at.
func ask(t *testing.T, endpoint, service string, form url.Values) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", form.Get("Action"), answer.Status, err, body)
	}
	return body
}
