package cloudtest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var headerChecks = []s3Check{
	{"header-metadata", func(t s3Test) {
		metadata(t, map[string]string{"name": "photo.jpg", "camel-case": "Kept As It Is", "number": "42"})
	}},
	{"header-metadata-non-ascii", func(t s3Test) {
		metadata(t, map[string]string{"name": "Überfahrt – 日本.jpg"})
	}},
	{"header-metadata-too-large", func(t s3Test) {
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Metadata: map[string]string{"big": strings.Repeat("x", 3000)},
		})
		t.refused("put with 3000 bytes of metadata", err, "MetadataTooLarge")
	}},
	{"header-content", func(t s3Test) {
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Body: strings.NewReader("body"),
			ContentType: aws.String("image/jpeg"), CacheControl: aws.String("private, max-age=60"),
			ContentDisposition: aws.String(`attachment; filename="a.jpg"`), ContentLanguage: aws.String("de"), ContentEncoding: aws.String("identity"),
		})
		t.ok("put", err)
		head := t.head(t.prefix + "key")
		for _, test := range []struct {
			name string
			got  *string
			want string
		}{
			{"Content-Type", head.ContentType, "image/jpeg"},
			{"Cache-Control", head.CacheControl, "private, max-age=60"},
			{"Content-Disposition", head.ContentDisposition, `attachment; filename="a.jpg"`},
			{"Content-Language", head.ContentLanguage, "de"},
			{"Content-Encoding", head.ContentEncoding, "identity"},
		} {
			if got := aws.ToString(test.got); got != test.want {
				t.Errorf("%s: got %q, want %q", test.name, got, test.want)
			}
		}
		if got := aws.ToInt64(head.ContentLength); got != 4 {
			t.Errorf("Content-Length: got %d, want 4", got)
		}
	}},
	{"header-default-type", func(t s3Test) {
		// Without the SDK's own guess, which is application/octet-stream.
		t.put(t.prefix+"key", "<html>")
		if got := aws.ToString(t.head(t.prefix + "key").ContentType); strings.HasPrefix(got, "text/") {
			t.Errorf("got type %q for content that named none", got)
		}
	}},
	{"header-response-override", func(t s3Test) {
		t.put(t.prefix+"key", "body")
		out, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), ResponseContentDisposition: aws.String("attachment"),
		})
		t.ok("get", err)
		_ = out.Body.Close()
		if got := aws.ToString(out.ContentDisposition); got != "attachment" {
			t.Errorf("got Content-Disposition %q, want the request's", got)
		}
	}},
	{"header-last-modified", func(t s3Test) {
		t.put(t.prefix+"key", "body")
		if age := time.Since(aws.ToTime(t.head(t.prefix + "key").LastModified)).Abs(); age > time.Minute {
			t.Errorf("a new object was modified %v ago", age)
		}
	}},
	{"header-checksum", func(t s3Test) {
		t.put(t.prefix+"key", "body")
		out, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), ChecksumMode: types.ChecksumModeEnabled})
		t.ok("get", err)
		_ = out.Body.Close()
		if got, want := aws.ToString(out.ChecksumCRC32), "26gLsg=="; got != want && aws.ToString(out.ChecksumCRC64NVME) == "" {
			t.Errorf("got CRC-32 %q, want %q", got, want)
		}
	}},
	{"header-wrong-checksum", func(t s3Test) {
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Body: strings.NewReader("body"), ChecksumCRC32: aws.String("AAAAAA=="),
		})
		t.refused("put with a wrong CRC-32", err, "BadDigest", "InvalidRequest")
		t.gone(t.prefix + "key")
	}},
	{"header-wrong-md5", func(t s3Test) {
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Body: strings.NewReader("body"), ContentMD5: aws.String("AAAAAAAAAAAAAAAAAAAAAA=="),
		})
		t.refused("put with a wrong MD5", err, "BadDigest")
		t.gone(t.prefix + "key")
	}},
	{"header-tagging", func(t s3Test) {
		key := aws.String(t.prefix + "key")
		_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &t.bucket, Key: key, Body: strings.NewReader("body"), Metadata: map[string]string{"name": "kept"}, Tagging: aws.String("colour=green&size=b%20ig"),
		})
		t.ok("put", err)
		t.tagged(key, map[string]string{"colour": "green", "size": "b ig"})
		_, err = t.client.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{
			Bucket: &t.bucket, Key: key, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("state"), Value: aws.String("new")}}},
		})
		t.ok("put tags", err)
		t.tagged(key, map[string]string{"state": "new"})
		_, err = t.client.DeleteObjectTagging(t.Context(), &s3.DeleteObjectTaggingInput{Bucket: &t.bucket, Key: key})
		t.ok("delete tags", err)
		t.tagged(key, map[string]string{})
		t.has(*key, "body")
		if got := t.head(*key).Metadata["name"]; got != "kept" {
			t.Errorf("tagging changed the metadata: got name %q, want kept", got)
		}
	}},
	{"header-tagging-missing", func(t s3Test) {
		_, err := t.client.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{
			Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}},
		})
		t.refused("tag a missing key", err, "NoSuchKey")
	}},
}

// metadata fails the check when an object doesn't keep its metadata.
func metadata(t s3Test, want map[string]string) {
	t.Helper()
	_, err := t.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), Body: strings.NewReader("body"), Metadata: want})
	t.ok("put", err)
	if got := t.head(t.prefix + "key").Metadata; !maps.Equal(got, want) {
		t.Errorf("head: got metadata %q, want %q", got, want)
	}
	out, err := t.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key")})
	t.ok("get", err)
	_ = out.Body.Close()
	if !maps.Equal(out.Metadata, want) {
		t.Errorf("get: got metadata %q, want %q", out.Metadata, want)
	}
}

// tagged fails the check when the object's tags aren't want.
func (t s3Test) tagged(key *string, want map[string]string) {
	t.Helper()
	out, err := t.client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: &t.bucket, Key: key})
	t.ok("get tags", err)
	got := make(map[string]string)
	for _, tag := range out.TagSet {
		got[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if !maps.Equal(got, want) {
		t.Errorf("got tags %q, want %q", got, want)
	}
}

// keys gives the keys that a listing of the check's bucket shows, all pages.
func (t s3Test) keys(in *s3.ListObjectsV2Input) []string {
	t.Helper()
	in.Bucket = &t.bucket
	var keys []string
	pages := s3.NewListObjectsV2Paginator(t.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		t.ok("list", err)
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return slices.Clip(keys)
}
