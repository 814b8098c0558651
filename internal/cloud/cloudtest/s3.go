package cloudtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// S3 checks that the endpoint behind client behaves as S3 does, as far as this
// system and its users' tools rely on it. It works in a bucket of its own,
// which it removes. Each check is a subtest named as in skip, which names the
// checks that this endpoint is known to fail; they show up as skipped, and so
// does a check that the endpoint answers with NotImplemented.
func S3(t *testing.T, client *s3.Client, skip ...string) {
	t.Helper()
	bucket := newBucket(t, client)
	for _, check := range slices.Concat(bucketChecks, objectChecks, headerChecks, conditionChecks, listChecks, multipartChecks, concurrencyChecks, signatureChecks) {
		t.Run(check.name, func(t *testing.T) {
			if slices.Contains(skip, check.name) {
				t.Skipf("this endpoint can't do %s", check.name)
			}
			check.run(s3Test{T: t, client: client, bucket: bucket, prefix: check.name + "/"})
		})
	}
}

// s3Check is one thing that S3 does.
type s3Check struct {
	name string
	run  func(s3Test)
}

// s3Test is a check under way: a bucket, and a prefix in it that no other
// check uses.
type s3Test struct {
	*testing.T
	client         *s3.Client
	bucket, prefix string
}

// newBucket makes a bucket that is emptied and removed after the test.
func newBucket(t *testing.T, client *s3.Client) string {
	t.Helper()
	name := "cloudtest-" + strings.ToLower(rand.Text())
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatalf("create bucket %s: %v", name, err)
	}
	t.Cleanup(func() { dropBucket(t, client, name) })
	return name
}

// dropBucket removes a bucket with what is in it.
func dropBucket(t *testing.T, client *s3.Client, name string) {
	ctx := context.WithoutCancel(t.Context())
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Errorf("empty bucket %s: %v", name, err)
			return
		}
		var ids []types.ObjectIdentifier
		for _, object := range page.Contents {
			ids = append(ids, types.ObjectIdentifier{Key: object.Key})
		}
		if len(ids) == 0 {
			break
		}
		if _, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &name, Delete: &types.Delete{Objects: ids}}); err != nil {
			t.Errorf("empty bucket %s: %v", name, err)
			return
		}
	}
	if _, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name}); err != nil {
		t.Errorf("delete bucket %s: %v", name, err)
	}
}

// ok ends the check when err isn't nil: skipped if the endpoint says that it
// doesn't implement the operation, else failed.
func (t s3Test) ok(doing string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if code := errorCode(err); code == "NotImplemented" || httpStatus(err) == http.StatusNotImplemented {
		t.Skipf("%s: this endpoint doesn't implement it: %v", doing, err)
	}
	t.Fatalf("%s: %v", doing, err)
}

// refused fails the check when err doesn't carry one of the codes.
func (t s3Test) refused(doing string, err error, codes ...string) {
	t.Helper()
	if got := errorCode(err); !slices.Contains(codes, got) {
		t.Errorf("%s: got code %q (%v), want one of %q", doing, got, err, codes)
	}
}

// errorCode gives S3's code for an error: "" for nil, "?" for one that isn't
// S3's.
func errorCode(err error) string {
	if err == nil {
		return ""
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return "?"
}

// httpStatus gives the HTTP status of an error, 0 without one.
func httpStatus(err error) int {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}

// put stores an object and gives its ETag.
func (t s3Test) put(key, body string) string {
	t.Helper()
	out, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &t.bucket, Key: &key, Body: strings.NewReader(body)})
	t.ok("put "+key, err)
	return aws.ToString(out.ETag)
}

// get gives an object's whole content.
func (t s3Test) get(key string) string {
	t.Helper()
	return string(t.read(&s3.GetObjectInput{Bucket: &t.bucket, Key: &key}))
}

// read gives the content that a get answers with.
func (t s3Test) read(in *s3.GetObjectInput) []byte {
	t.Helper()
	out, err := t.client.GetObject(t.Context(), in)
	t.ok("get "+aws.ToString(in.Key), err)
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	t.ok("read "+aws.ToString(in.Key), err)
	return body
}

// head gives an object's metadata.
func (t s3Test) head(key string) *s3.HeadObjectOutput {
	t.Helper()
	out, err := t.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &t.bucket, Key: &key})
	t.ok("head "+key, err)
	return out
}

// has fails the check when the object's content isn't want.
func (t s3Test) has(key, want string) {
	t.Helper()
	if got := t.get(key); got != want {
		t.Errorf("content of %q: got %q, want %q", key, abridge(got), abridge(want))
	}
}

// gone fails the check when the object is there.
func (t s3Test) gone(key string) {
	t.Helper()
	_, err := t.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &t.bucket, Key: &key})
	t.refused("head "+key, err, "NotFound")
}

// noise makes n bytes that don't compress or repeat.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// abridge keeps a failure's message short.
func abridge(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// same compares long contents without printing them.
func (t s3Test) same(what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %d bytes that differ from the %d expected", what, len(got), len(want))
	}
}
