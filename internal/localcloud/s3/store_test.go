package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"cloudworks/internal/localcloud/faults"
	"cloudworks/internal/localcloud/s3"
)

const (
	keyPair = "cloudworks" // access key and secret
	region  = "us-east-1"
	bucket  = "pictures"
	// inlineMax is the size, in bytes, above which content is in a file.
	inlineMax = 4096
)

// big is content for a file.
func big(mark string) string { return mark + strings.Repeat(" ", inlineMax) }

// open opens a store that is closed after the test, if not before.
func open(t testing.TB, change func(*s3.Options)) *s3.Store {
	t.Helper()
	opts := s3.Options{
		Dir: t.TempDir(), AccessKey: keyPair, SecretKey: keyPair, Region: region, NoSync: true,
		ErrorLog: func(err error) { t.Errorf("error log: %v", err) },
	}
	if change != nil {
		change(&opts)
	}
	store, err := s3.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// serve serves a store and gives a client of it, with the bucket made.
func serve(t testing.TB, store *s3.Store, load ...func(*config.LoadOptions) error) (*awss3.Client, string) {
	t.Helper()
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	c := client(t, server.URL, load...)
	_, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(bucket)})
	if err != nil && code(err) != "BucketAlreadyOwnedByYou" {
		t.Fatal(err)
	}
	return c, server.URL
}

// client makes a client with the SDK's defaults.
func client(t testing.TB, url string, load ...func(*config.LoadOptions) error) *awss3.Client {
	t.Helper()
	load = append([]func(*config.LoadOptions) error{
		config.WithBaseEndpoint(url), config.WithRegion(region),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(keyPair, keyPair, "")),
	}, load...)
	cfg, err := config.LoadDefaultConfig(t.Context(), load...)
	if err != nil {
		t.Fatal(err)
	}
	return awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true })
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func put(t testing.TB, c *awss3.Client, key, body string) {
	t.Helper()
	if _, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
}

// get gives an object's content, or its error.
func get(ctx context.Context, c *awss3.Client, key string) (string, error) {
	out, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	return string(body), err
}

// files gives the files below a folder of a store.
func files(t testing.TB, dir, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, entry.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestOpenRefuses(t *testing.T) {
	good := s3.Options{Dir: t.TempDir(), AccessKey: "key", SecretKey: "secret", Region: region}
	for name, change := range map[string]func(*s3.Options){
		"no access key": func(o *s3.Options) { o.AccessKey = "" },
		"no secret key": func(o *s3.Options) { o.SecretKey = "" },
		"no region":     func(o *s3.Options) { o.Region = "" },
		"a rule that deletes at once": func(o *s3.Options) {
			o.Expire = []s3.Rule{{Prefix: "uploads/"}}
		},
		"a file for a folder": func(o *s3.Options) { o.Dir = os.Args[0] },
	} {
		opts := good
		change(&opts)
		if store, err := s3.Open(opts); err == nil {
			t.Errorf("%s: opened", name)
			_ = store.Close()
		}
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	store := open(t, func(o *s3.Options) { o.Dir = dir })
	if _, err := s3.Open(s3.Options{Dir: dir, AccessKey: keyPair, SecretKey: keyPair, Region: region}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("second open: got %v, want word of another process", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, func(o *s3.Options) { o.Dir = dir }).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	store := open(t, func(o *s3.Options) { o.Dir = dir; o.NoSync = false })
	c, _ := serve(t, store)
	put(t, c, "kept", big("old"))
	put(t, c, "kept", big("new"))
	put(t, c, "gone", big("gone"))
	put(t, c, "small", "small")
	if _, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("gone")}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	// What a crash would leave behind.
	blobs := files(t, dir, "blobs")
	orphan := filepath.Join(dir, "blobs", "ab", "ab"+strings.Repeat("0", 30))
	for _, path := range []string{orphan, filepath.Join(dir, "spool", "half")} {
		if err := os.WriteFile(path, []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store = open(t, func(o *s3.Options) { o.Dir = dir })
	defer store.Close()
	c, _ = serve(t, store)
	if got, err := get(t.Context(), c, "kept"); got != big("new") {
		t.Errorf("kept: got %.10q (%v), want new", got, err)
	}
	if got, err := get(t.Context(), c, "small"); got != "small" {
		t.Errorf("small: got %q (%v), want small", got, err)
	}
	if _, err := get(t.Context(), c, "gone"); code(err) != "NoSuchKey" {
		t.Errorf("gone: got %v, want NoSuchKey", err)
	}
	if got := files(t, dir, "blobs"); len(blobs) != 1 || !slices.Equal(got, blobs) {
		t.Errorf("blobs: got %q, want the one of %q", got, blobs)
	}
	if got := files(t, dir, "spool"); len(got) != 0 {
		t.Errorf("spool: got %q, want nothing", got)
	}
}

func TestRefusedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	store := open(t, func(o *s3.Options) { o.Dir = dir })
	defer store.Close()
	c, _ := serve(t, store)
	put(t, c, "key", big("first"))
	for name, change := range map[string]func(*awss3.PutObjectInput){
		"condition": func(in *awss3.PutObjectInput) { in.IfNoneMatch = aws.String("*") },
		"checksum":  func(in *awss3.PutObjectInput) { in.ChecksumCRC32 = aws.String("AAAAAA==") },
		"bucket":    func(in *awss3.PutObjectInput) { in.Bucket = aws.String("no-such-bucket") },
	} {
		in := &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("key"), Body: strings.NewReader(big("second"))}
		change(in)
		if _, err := c.PutObject(t.Context(), in); err == nil {
			t.Errorf("%s: the put was accepted", name)
		}
	}
	if got, _ := get(t.Context(), c, "key"); got != big("first") {
		t.Errorf("got %.10q, want first", got)
	}
	if blobs, spool := files(t, dir, "blobs"), files(t, dir, "spool"); len(blobs) != 1 || len(spool) != 0 {
		t.Errorf("got %d blobs and %d spooled, want 1 and 0", len(blobs), len(spool))
	}
}

// TestBodyHash sends a body other than the one that was signed.
func TestBodyHash(t *testing.T) {
	store := open(t, nil)
	defer store.Close()
	c, url := serve(t, store)
	signedFor := strings.Repeat("ab", 32)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/"+bucket+"/key", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Content-Sha256", signedFor)
	err = v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: keyPair, SecretAccessKey: keyPair}, request, signedFor, "s3", region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusBadRequest || !bytes.Contains(answer, []byte("XAmzContentSHA256Mismatch")) {
		t.Errorf("got status %d, %s; want 400, XAmzContentSHA256Mismatch", response.StatusCode, answer)
	}
	if _, err := get(t.Context(), c, "key"); code(err) != "NoSuchKey" {
		t.Errorf("get: got %v, want NoSuchKey", err)
	}
}

func TestFaults(t *testing.T) {
	store := open(t, nil)
	defer store.Close()
	once := config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} })
	c, _ := serve(t, store, once)
	put(t, c, "key", "first")
	for _, test := range []struct {
		name, wantCode, wantContent string
		plan                        *faults.Plan
	}{
		{"fail", "InternalError", "first", &faults.Plan{FailRate: 1, Operations: map[string]bool{"PutObject": true}}},
		{"throttle", "SlowDown", "first", &faults.Plan{ThrottleRate: 1, Operations: map[string]bool{"PutObject": true}}},
		{"lose", "", "lose", &faults.Plan{LoseRate: 1, Operations: map[string]bool{"PutObject": true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			store.SetFaults(test.plan)
			_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("key"), Body: strings.NewReader(test.name)})
			if err == nil || code(err) != test.wantCode {
				t.Errorf("put: got code %q (%v), want %q", code(err), err, test.wantCode)
			}
			if got, err := get(t.Context(), c, "key"); got != test.wantContent {
				t.Errorf("get: got %q (%v), want %q", got, err, test.wantContent)
			}
		})
	}
	store.SetFaults(nil)
	put(t, c, "key", "well again")
}
