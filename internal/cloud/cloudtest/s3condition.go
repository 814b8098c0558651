package cloudtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var conditionChecks = []s3Check{
	{"condition-if-none-match", func(t s3Test) {
		t.ok("put a new key", t.putIf("key", "first", "", "*"))
		t.refused("put an existing key", t.putIf("key", "second", "", "*"), "PreconditionFailed")
		t.has(t.prefix+"key", "first")
	}},
	{"condition-if-none-match-race", func(t s3Test) {
		const writers = 20
		won := make([]bool, writers)
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				// A conflict asks for another try, as S3 has it.
				for range 20 {
					err := t.putIf("key", fmt.Sprint("writer ", i), "", "*")
					won[i] = err == nil
					if httpStatus(err) != http.StatusConflict {
						if code := errorCode(err); code != "" && code != "PreconditionFailed" {
							t.Errorf("writer %d: %v", i, err)
						}
						return
					}
				}
			})
		}
		all.Wait()
		var winners []int
		for i, w := range won {
			if w {
				winners = append(winners, i)
			}
		}
		if len(winners) != 1 {
			t.Fatalf("of %d writers, %v won, want one", writers, winners)
		}
		t.has(t.prefix+"key", fmt.Sprint("writer ", winners[0]))
	}},
	{"condition-if-match", func(t s3Test) {
		etag := t.put(t.prefix+"key", "first")
		t.ok("put with the right ETag", t.putIf("key", "second", etag, ""))
		t.refused("put with an old ETag", t.putIf("key", "third", etag, ""), "PreconditionFailed")
		t.has(t.prefix+"key", "second")
	}},
	{"condition-if-match-race", func(t s3Test) {
		const writers = 10
		etag := t.put(t.prefix+"key", "first")
		var (
			all  sync.WaitGroup
			mu   sync.Mutex
			wins int
		)
		for i := range writers {
			all.Go(func() {
				if t.putIf("key", fmt.Sprint("writer ", i), etag, "") == nil {
					mu.Lock()
					wins++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if wins != 1 {
			t.Errorf("%d of %d writers replaced the same version, want 1", wins, writers)
		}
	}},
	{"condition-if-match-missing", func(t s3Test) {
		t.refused("put a missing key with If-Match", t.putIf("key", "body", `"00000000000000000000000000000000"`, ""), "NoSuchKey")
	}},
	{"condition-get", func(t s3Test) {
		key := aws.String(t.prefix + "key")
		etag := aws.String(t.put(*key, "body"))
		_, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: key, IfNoneMatch: etag})
		if got := httpStatus(err); got != http.StatusNotModified {
			t.Errorf("get with If-None-Match: got status %d (%v), want 304", got, err)
		}
		_, err = t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: key, IfMatch: aws.String(`"00000000000000000000000000000000"`)})
		t.refused("get with another If-Match", err, "PreconditionFailed")
		if got := string(t.read(&s3.GetObjectInput{Bucket: &t.bucket, Key: key, IfMatch: etag})); got != "body" {
			t.Errorf("get with If-Match: got %q, want body", got)
		}
	}},
}

// putIf stores an object under the check's prefix on conditions, "" for none.
func (t s3Test) putIf(name, body, ifMatch, ifNoneMatch string) error {
	in := &s3.PutObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + name), Body: strings.NewReader(body)}
	if ifMatch != "" {
		in.IfMatch = &ifMatch
	}
	if ifNoneMatch != "" {
		in.IfNoneMatch = &ifNoneMatch
	}
	_, err := t.client.PutObject(t.Context(), in)
	return err
}
