package cloudtest

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var signatureChecks = []s3Check{
	{"signature-wrong-secret", func(t s3Test) {
		key := t.accessKey()
		t.refused("list with a wrong secret", t.listAs(credentials.NewStaticCredentialsProvider(key, "not the secret", "")), "SignatureDoesNotMatch")
	}},
	{"signature-unknown-key", func(t s3Test) {
		t.refused("list with an unknown key", t.listAs(credentials.NewStaticCredentialsProvider("AKIANOBODYKNOWSTHIS0", "secret", "")), "InvalidAccessKeyId")
	}},
	{"signature-none", func(t s3Test) {
		t.refused("list unsigned", t.listAs(aws.AnonymousCredentials{}), "AccessDenied")
	}},
	{"signature-wrong-region", func(t s3Test) {
		other := "eu-central-1"
		if t.client.Options().Region == other {
			other = "us-east-1"
		}
		_, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket}, func(o *s3.Options) { o.Region = other })
		t.refused("list for another region", err, "AuthorizationHeaderMalformed", "PermanentRedirect")
	}},
	{"signature-presigned-get", func(t s3Test) {
		t.put(t.prefix+"k ey+", "body")
		in := &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "k ey+"), ResponseContentType: aws.String("text/x-presigned")}
		signed, err := s3.NewPresignClient(t.client).PresignGetObject(t.Context(), in, s3.WithPresignExpires(time.Minute))
		t.ok("presign", err)
		status, body, header := t.request(http.MethodGet, signed.URL, "")
		if status != http.StatusOK || body != "body" || header.Get("Content-Type") != "text/x-presigned" {
			t.Errorf("got status %d, type %q, body %q; want 200, text/x-presigned, body", status, header.Get("Content-Type"), abridge(body))
		}
	}},
	{"signature-presigned-tampered", func(t s3Test) {
		t.put(t.prefix+"key", "body")
		t.put(t.prefix+"other", "secret")
		signed, err := s3.NewPresignClient(t.client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key")})
		t.ok("presign", err)
		if status, body, _ := t.request(http.MethodGet, strings.Replace(signed.URL, "/key?", "/other?", 1), ""); status != http.StatusForbidden {
			t.Errorf("another key: got status %d (%q), want 403", status, abridge(body))
		}
		if status, _, _ := t.request(http.MethodDelete, signed.URL, ""); status != http.StatusForbidden {
			t.Errorf("another method: got status %d, want 403", status)
		}
		t.has(t.prefix+"key", "body")
	}},
	{"signature-presigned-put", func(t s3Test) {
		signed, err := s3.NewPresignClient(t.client).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key")})
		t.ok("presign", err)
		if status, body, _ := t.request(http.MethodPut, signed.URL, "from outside"); status != http.StatusOK {
			t.Fatalf("put: got status %d (%q), want 200", status, abridge(body))
		}
		t.has(t.prefix+"key", "from outside")
	}},
}

// accessKey is the client's own.
func (t s3Test) accessKey() string {
	t.Helper()
	own, err := t.client.Options().Credentials.Retrieve(t.Context())
	t.ok("retrieve the client's credentials", err)
	return own.AccessKeyID
}

// listAs lists the bucket with other credentials. It takes a client of its
// own, for a signer goes on with the secret that it first saw with a key.
func (t s3Test) listAs(who aws.CredentialsProvider) error {
	options := t.client.Options()
	options.Credentials, options.HTTPSignerV4, options.AuthSchemes = who, nil, nil
	_, err := s3.New(options).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket})
	return err
}

// request sends a plain HTTP request, as one does that got a presigned URL.
func (t s3Test) request(method, url, body string) (status int, answer string, header http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	t.ok("make a request", err)
	response, err := http.DefaultClient.Do(request)
	t.ok(method+" a presigned URL", err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	t.ok("read the answer", err)
	return response.StatusCode, string(content), response.Header
}
