package s3_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cloudworks/internal/localcloud/s3"
)

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	store := open(t, func(o *s3.Options) {
		o.Dir = dir
		o.Expire = []s3.Rule{{Prefix: "uploads/", After: time.Hour}, {Prefix: "results/", After: time.Hour}}
	})
	defer store.Close()
	c, _ := serve(t, store)
	_, err := c.PutBucketLifecycleConfiguration(t.Context(), &awss3.PutBucketLifecycleConfigurationInput{
		Bucket: aws.String(bucket),
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			ID: aws.String("logs"), Status: types.ExpirationStatusEnabled,
			Filter: &types.LifecycleRuleFilter{Prefix: aws.String("logs/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(2)},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"logs/a", "other/a", "results/a", "uploads", "uploads/a", "uploads/b/c"}
	for _, key := range keys {
		put(t, c, key, big(key))
	}
	begun := time.Now()
	upload(t, c, "uploads/never finished", big("part"))
	for _, test := range []struct {
		after time.Duration
		want  []string
		spool int
	}{
		{30 * time.Minute, keys, 1},
		{61 * time.Minute, []string{"logs/a", "other/a", "uploads"}, 1},
		{25 * time.Hour, []string{"logs/a", "other/a", "uploads"}, 0},
		{49 * time.Hour, []string{"other/a", "uploads"}, 0},
	} {
		before := len(files(t, dir, "blobs"))
		deleted, err := store.Sweep(begun.Add(test.after))
		if err != nil {
			t.Fatal(err)
		}
		if got := list(t, c); !slices.Equal(got, test.want) || before-deleted != len(test.want) {
			t.Errorf("after %v: %d deleted, left %q, want %q", test.after, deleted, got, test.want)
		}
		if blobs, spool := files(t, dir, "blobs"), files(t, dir, "spool"); len(blobs) != len(test.want) || len(spool) != test.spool {
			t.Errorf("after %v: %d blobs and %d parts, want %d and %d", test.after, len(blobs), len(spool), len(test.want), test.spool)
		}
	}
}

// TestSweepMany sweeps more objects than one transaction takes.
func TestSweepMany(t *testing.T) {
	store := open(t, func(o *s3.Options) { o.Expire = []s3.Rule{{Prefix: "", After: time.Hour}} })
	defer store.Close()
	c, _ := serve(t, store)
	const count = 1001
	for i := range count {
		put(t, c, time.Duration(i).String(), "")
	}
	if deleted, err := store.Sweep(time.Now().Add(2 * time.Hour)); deleted != count || err != nil {
		t.Errorf("got %d deleted (%v), want %d", deleted, err, count)
	}
	if got := list(t, c); len(got) != 0 {
		t.Errorf("%d are left", len(got))
	}
}

func TestLifecycleRefuses(t *testing.T) {
	store := open(t, nil)
	defer store.Close()
	c, _ := serve(t, store)
	expire := &types.LifecycleExpiration{Days: aws.Int32(1)}
	for name, test := range map[string]struct {
		rule types.LifecycleRule
		want string
	}{
		"a filter by tag": {types.LifecycleRule{Filter: &types.LifecycleRuleFilter{Tag: &types.Tag{Key: aws.String("a"), Value: aws.String("b")}}, Expiration: expire}, "NotImplemented"},
		"no days":         {types.LifecycleRule{Filter: &types.LifecycleRuleFilter{Prefix: aws.String("a/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(0)}}, "MalformedXML"},
	} {
		test.rule.Status = types.ExpirationStatusEnabled
		_, err := c.PutBucketLifecycleConfiguration(t.Context(), &awss3.PutBucketLifecycleConfigurationInput{
			Bucket: aws.String(bucket), LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{test.rule}},
		})
		if code(err) != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// list gives all keys of the bucket.
func list(t testing.TB, c *awss3.Client) (keys []string) {
	t.Helper()
	pages := awss3.NewListObjectsV2Paginator(c, &awss3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys
}

// upload begins a multipart upload and adds a part.
func upload(t testing.TB, c *awss3.Client, key, part string) {
	t.Helper()
	begun, err := c.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.UploadPart(t.Context(), &awss3.UploadPartInput{
		Bucket: aws.String(bucket), Key: &key, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader(part),
	})
	if err != nil {
		t.Fatal(err)
	}
}
