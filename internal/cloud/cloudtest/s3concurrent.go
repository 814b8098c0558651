package cloudtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var concurrencyChecks = []s3Check{
	{"concurrent-overwrite-whole", overwriteUnderReaders},
	{"concurrent-read-to-the-end", func(t s3Test) {
		// More than the sockets between can hold, so that the rest is still
		// to be read when the object changes.
		key, body := t.prefix+"key", noise(24<<20)
		for _, change := range []struct {
			name string
			do   func()
		}{
			{"overwritten", func() { t.put(key, "new") }},
			{"deleted", func() {
				_, err := t.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &t.bucket, Key: &key})
				t.ok("delete", err)
			}},
		} {
			t.put(key, string(body))
			out, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: &key})
			t.ok("get", err)
			change.do()
			got, err := io.ReadAll(out.Body)
			_ = out.Body.Close()
			t.ok("read what was "+change.name, err)
			t.same("content that was "+change.name, got, body)
		}
	}},
	{"concurrent-read-your-writes", func(t s3Test) {
		var all sync.WaitGroup
		for w := range 8 {
			all.Go(func() {
				for i := range 10 {
					key, body := fmt.Sprint(t.prefix, w), fmt.Sprint("writer ", w, " time ", i)
					if got, err := t.putGet(key, body); err != nil || got != body {
						t.Errorf("%s: got %q (%v), want %q", key, got, err, body)
					}
				}
			})
		}
		all.Wait()
	}},
}

// overwriteUnderReaders has readers see whole versions only, while writers
// replace an object by others of different sizes.
func overwriteUnderReaders(t s3Test) {
	key := t.prefix + "key"
	version := func(i int) string { return strings.Repeat(string(rune('a'+i)), 1000+i*40_000) }
	const versions = 5
	t.put(key, version(0))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var readers, writers sync.WaitGroup
	var reads atomic.Int64
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				got, err := t.fetch(key)
				if err != nil {
					t.Errorf("read while it was overwritten: %v", err)
					return
				}
				if len(got) == 0 || got != version(int(got[0]-'a')%versions) {
					t.Errorf("read %d bytes that are no version", len(got))
					return
				}
				reads.Add(1)
			}
		})
	}
	for w := range 2 {
		writers.Go(func() {
			for i := range 60 {
				body := strings.NewReader(version((i + w) % versions))
				if _, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &t.bucket, Key: &key, Body: body}); err != nil {
					t.Errorf("overwrite: %v", err)
					return
				}
			}
		})
	}
	writers.Wait()
	stop()
	readers.Wait()
	t.Logf("%d reads of 120 versions", reads.Load())
}

// fetch gives an object's content. It may be used beside the test's goroutine.
func (t s3Test) fetch(key string) (string, error) {
	out, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	return string(body), err
}

func (t s3Test) putGet(key, body string) (string, error) {
	_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(t.bucket), Key: &key, Body: bytes.NewReader([]byte(body))})
	if err != nil {
		return "", err
	}
	return t.fetch(key)
}

// contextOf gives a context that outlasts the test's own, for its clean-up.
func contextOf(t s3Test) context.Context { return context.WithoutCancel(t.Context()) }
