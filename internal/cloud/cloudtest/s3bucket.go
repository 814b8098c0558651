package cloudtest

import (
	"crypto/rand"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var bucketChecks = []s3Check{
	{"bucket-create-again", func(t s3Test) {
		_, err := t.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &t.bucket})
		t.refused("create a bucket that is ours", err, "BucketAlreadyOwnedByYou", "") // us-east-1 accepts it
	}},
	{"bucket-bad-name", func(t s3Test) {
		_, err := t.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("No_Such-Name")})
		t.refused("create a bucket with capitals", err, "InvalidBucketName")
	}},
	{"bucket-head", func(t s3Test) {
		out, err := t.client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &t.bucket})
		t.ok("head bucket", err)
		if got, want := aws.ToString(out.BucketRegion), t.client.Options().Region; got != want {
			t.Errorf("region: got %q, want %q", got, want)
		}
	}},
	{"bucket-head-missing", func(t s3Test) {
		_, err := t.client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: missingBucket()})
		t.refused("head a missing bucket", err, "NotFound")
	}},
	{"bucket-list", func(t s3Test) {
		out, err := t.client.ListBuckets(t.Context(), &s3.ListBucketsInput{})
		t.ok("list buckets", err)
		if !slices.ContainsFunc(out.Buckets, func(b types.Bucket) bool { return aws.ToString(b.Name) == t.bucket && b.CreationDate != nil }) {
			t.Errorf("bucket %s isn't among %d buckets, or has no date", t.bucket, len(out.Buckets))
		}
	}},
	{"bucket-location", func(t s3Test) {
		out, err := t.client.GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: &t.bucket})
		t.ok("get location", err)
		want := types.BucketLocationConstraint(t.client.Options().Region)
		if want == "us-east-1" {
			want = "" // as S3 has it
		}
		if out.LocationConstraint != want {
			t.Errorf("location: got %q, want %q", out.LocationConstraint, want)
		}
	}},
	{"bucket-delete", func(t s3Test) {
		name := missingBucket()
		_, err := t.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name})
		t.ok("create", err)
		_, err = t.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		t.ok("delete", err)
		_, err = t.client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name})
		t.refused("head the deleted bucket", err, "NotFound")
	}},
	{"bucket-delete-missing", func(t s3Test) {
		_, err := t.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: missingBucket()})
		t.refused("delete a missing bucket", err, "NoSuchBucket")
	}},
	{"bucket-delete-not-empty", func(t s3Test) {
		key := t.prefix + "key"
		t.put(key, "here")
		_, err := t.client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &t.bucket})
		t.refused("delete a bucket with an object", err, "BucketNotEmpty")
		t.has(key, "here")
	}},
	{"bucket-missing", func(t s3Test) {
		name, key := missingBucket(), aws.String("key")
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: key, Body: strings.NewReader("body")})
		t.refused("put", err, "NoSuchBucket")
		_, err = t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: key})
		t.refused("get", err, "NoSuchBucket")
		_, err = t.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: key})
		t.refused("delete", err, "NoSuchBucket")
		_, err = t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: name})
		t.refused("list", err, "NoSuchBucket")
	}},
	{"bucket-lifecycle", func(t s3Test) {
		rules := []types.LifecycleRule{{
			ID: aws.String("uploads"), Status: types.ExpirationStatusEnabled,
			Filter:     &types.LifecycleRuleFilter{Prefix: aws.String("uploads/")},
			Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)},
		}}
		_, err := t.client.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{
			Bucket: &t.bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
		})
		t.ok("put lifecycle", err)
		out, err := t.client.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &t.bucket})
		t.ok("get lifecycle", err)
		if len(out.Rules) != 1 || aws.ToString(out.Rules[0].ID) != "uploads" || out.Rules[0].Expiration == nil || aws.ToInt32(out.Rules[0].Expiration.Days) != 1 {
			t.Errorf("got rules %+v, want the one that was put", out.Rules)
		}
		_, err = t.client.DeleteBucketLifecycle(t.Context(), &s3.DeleteBucketLifecycleInput{Bucket: &t.bucket})
		t.ok("delete lifecycle", err)
		_, err = t.client.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &t.bucket})
		t.refused("get the deleted lifecycle", err, "NoSuchLifecycleConfiguration")
	}},
}

// missingBucket names a bucket that isn't there.
func missingBucket() *string { return aws.String("cloudtest-missing-" + strings.ToLower(rand.Text())) }
