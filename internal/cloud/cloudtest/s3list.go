package cloudtest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var listChecks = []s3Check{
	{"list-order", func(t s3Test) {
		// The order is that of the UTF-8 bytes, not of any language.
		want := []string{"A", "B", "a", "a!", "a/b", "aa", "z", "ä", "日"}
		for _, name := range []string{"z", "日", "aa", "a/b", "B", "ä", "a!", "A", "a"} {
			t.put(t.prefix+name, name)
		}
		t.listed("order", t.keys(&s3.ListObjectsV2Input{Prefix: &t.prefix}), t.under(want...))
	}},
	{"list-entry", func(t s3Test) {
		etag := t.put(t.prefix+"key", "four")
		out, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix})
		t.ok("list", err)
		if len(out.Contents) != 1 || aws.ToInt32(out.KeyCount) != 1 || aws.ToBool(out.IsTruncated) {
			t.Fatalf("got %d entries, count %d, truncated %v; want 1, 1, false", len(out.Contents), aws.ToInt32(out.KeyCount), aws.ToBool(out.IsTruncated))
		}
		if e := out.Contents[0]; aws.ToInt64(e.Size) != 4 || aws.ToString(e.ETag) != etag || e.LastModified == nil {
			t.Errorf("got size %d, ETag %s, modified %v; want 4, %s and a time", aws.ToInt64(e.Size), aws.ToString(e.ETag), e.LastModified, etag)
		}
	}},
	{"list-nothing", func(t s3Test) {
		t.listed("nothing", t.keys(&s3.ListObjectsV2Input{Prefix: &t.prefix}), nil)
	}},
	{"list-prefix", func(t s3Test) {
		for _, name := range []string{"ab", "abc", "abd", "ac", "b"} {
			t.put(t.prefix+name, name)
		}
		t.listed("prefix", t.keys(&s3.ListObjectsV2Input{Prefix: aws.String(t.prefix + "ab")}), t.under("ab", "abc", "abd"))
	}},
	{"list-delimiter", func(t s3Test) {
		for _, name := range []string{"a", "d/1", "d/2", "d/e/3", "f//4", "g"} {
			t.put(t.prefix+name, name)
		}
		out, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix, Delimiter: aws.String("/")})
		t.ok("list", err)
		keys, prefixes := entries(out)
		t.listed("keys", keys, t.under("a", "g"))
		t.listed("common prefixes", prefixes, t.under("d/", "f/"))
		out, err = t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: aws.String(t.prefix + "d/"), Delimiter: aws.String("/")})
		t.ok("list below", err)
		keys, prefixes = entries(out)
		t.listed("keys below", keys, t.under("d/1", "d/2"))
		t.listed("common prefixes below", prefixes, t.under("d/e/"))
	}},
	{"list-delimiter-paging", func(t s3Test) {
		for _, name := range []string{"a/1", "a/2", "b", "c/1", "c/2", "d", "e/1"} {
			t.put(t.prefix+name, name)
		}
		var keys, prefixes []string
		pages := s3.NewListObjectsV2Paginator(t.client, &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix, Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)})
		for range 20 {
			if !pages.HasMorePages() {
				break
			}
			page, err := pages.NextPage(t.Context())
			t.ok("list", err)
			k, p := entries(page)
			if len(k)+len(p) > 1 {
				t.Errorf("a page of 1 has keys %q and prefixes %q", k, p)
			}
			keys, prefixes = append(keys, k...), append(prefixes, p...)
		}
		t.listed("keys", keys, t.under("b", "d"))
		t.listed("common prefixes", prefixes, t.under("a/", "c/", "e/"))
	}},
	{"list-paging", func(t s3Test) {
		const count = 2500
		want := t.fill(count)
		var sizes []int
		var got []string
		pages := s3.NewListObjectsV2Paginator(t.client, &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			t.ok("list", err)
			keys, _ := entries(page)
			sizes, got = append(sizes, len(keys)), append(got, keys...)
		}
		if want := []int{1000, 1000, 500}; !slices.Equal(sizes, want) {
			t.Errorf("pages of %d keys, want %d", sizes, want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %d keys, want the %d that were put, in order", len(got), len(want))
		}
		page, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix, StartAfter: aws.String(want[2489]), MaxKeys: aws.Int32(7)})
		t.ok("list from the middle", err)
		keys, _ := entries(page)
		t.listed("7 after the 2,490th", keys, want[2490:2497])
		if !aws.ToBool(page.IsTruncated) || aws.ToString(page.NextContinuationToken) == "" {
			t.Errorf("truncated %v, token %q; want more to come", aws.ToBool(page.IsTruncated), aws.ToString(page.NextContinuationToken))
		}
	}},
	{"list-exact-page", func(t s3Test) {
		t.put(t.prefix+"a", "a")
		t.put(t.prefix+"b", "b")
		page, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix, MaxKeys: aws.Int32(2)})
		t.ok("list", err)
		if len(page.Contents) != 2 || aws.ToBool(page.IsTruncated) || page.NextContinuationToken != nil {
			t.Errorf("got %d keys, truncated %v, token %v; want both and no more", len(page.Contents), aws.ToBool(page.IsTruncated), page.NextContinuationToken)
		}
	}},
	{"list-version-1", func(t s3Test) {
		for _, name := range []string{"a", "b", "c"} {
			t.put(t.prefix+name, name)
		}
		page, err := t.client.ListObjects(t.Context(), &s3.ListObjectsInput{Bucket: &t.bucket, Prefix: &t.prefix, Marker: aws.String(t.prefix + "a"), MaxKeys: aws.Int32(1)})
		t.ok("list", err)
		if len(page.Contents) != 1 || aws.ToString(page.Contents[0].Key) != t.prefix+"b" || !aws.ToBool(page.IsTruncated) {
			t.Errorf("got %d keys, truncated %v; want b and more to come", len(page.Contents), aws.ToBool(page.IsTruncated))
		}
	}},
	{"list-bad-token", func(t s3Test) {
		_, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, ContinuationToken: aws.String("***")})
		t.refused("list with a bad token", err, "InvalidArgument", "InvalidToken")
	}},
}

// under gives names with the check's prefix.
func (t s3Test) under(names ...string) []string {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = t.prefix + name
	}
	return keys
}

func (t s3Test) listed(what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// entries gives the keys and the common prefixes of a page.
func entries(page *s3.ListObjectsV2Output) (keys, prefixes []string) {
	for _, object := range page.Contents {
		keys = append(keys, aws.ToString(object.Key))
	}
	for _, prefix := range page.CommonPrefixes {
		prefixes = append(prefixes, aws.ToString(prefix.Prefix))
	}
	return keys, prefixes
}

// fill puts n objects and gives their keys in order. They are removed after
// the check, so that others needn't list them.
func (t s3Test) fill(n int) []string {
	t.Helper()
	keys := make([]string, n)
	for i := range keys {
		keys[i] = t.prefix + fmt.Sprintf("%05d", i)
	}
	var all sync.WaitGroup
	const writers = 16
	for w := range writers {
		all.Go(func() {
			for i := w; i < n && !t.Failed(); i += writers {
				if _, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &t.bucket, Key: &keys[i]}); err != nil {
					t.Errorf("put %s: %v", keys[i], err)
				}
			}
		})
	}
	all.Wait()
	t.Cleanup(func() { t.discard(keys) })
	return keys
}

// discard deletes objects, a thousand in each call.
func (t s3Test) discard(keys []string) {
	for batch := range slices.Chunk(keys, 1000) {
		ids := make([]types.ObjectIdentifier, len(batch))
		for i := range batch {
			ids[i].Key = &batch[i]
		}
		// The test's own context ends before its clean-up.
		if _, err := t.client.DeleteObjects(contextOf(t), &s3.DeleteObjectsInput{Bucket: &t.bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}}); err != nil {
			t.Errorf("delete %d objects: %v", len(ids), err)
		}
	}
}
