package cloudtest

import (
	"bytes"
	"crypto/md5" // the ETag of S3 is an MD5
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// partSize is the smallest that S3 takes for a part that isn't the last.
const partSize = 5 << 20

var multipartChecks = []s3Check{
	{"multipart-transfer-manager", func(t s3Test) {
		body := noise(2*partSize + 12345)
		manager := transfermanager.New(t.client, func(o *transfermanager.Options) {
			o.PartSizeBytes, o.MultipartUploadThreshold = partSize, partSize
		})
		key := t.prefix + "key"
		_, err := manager.UploadObject(t.Context(), &transfermanager.UploadObjectInput{
			Bucket: &t.bucket, Key: &key, Body: bytes.NewReader(body), ContentType: aws.String("image/jpeg"), Metadata: map[string]string{"name": "big"},
		})
		t.ok("upload", err)
		t.same("content", []byte(t.get(key)), body)
		head := t.head(key)
		if aws.ToString(head.ContentType) != "image/jpeg" || head.Metadata["name"] != "big" {
			t.Errorf("got type %q and metadata %v, want those of the upload", aws.ToString(head.ContentType), head.Metadata)
		}
		at := int64(partSize - 3)
		got := t.read(&s3.GetObjectInput{Bucket: &t.bucket, Key: &key, Range: aws.String(fmt.Sprintf("bytes=%d-%d", at, at+5))})
		t.same("range over the parts' border", got, body[at:at+6])
	}},
	{"multipart-etag", func(t s3Test) {
		up := t.begin("key")
		first, second := noise(partSize), []byte("last")
		parts := []types.CompletedPart{up.part(1, first), up.part(2, second)}
		out, err := up.complete(parts...)
		t.ok("complete", err)
		sum1, sum2 := md5.Sum(first), md5.Sum(second)
		want := fmt.Sprintf(`"%x-2"`, md5.Sum(append(sum1[:], sum2[:]...)))
		if got := aws.ToString(out.ETag); got != want {
			t.Errorf("complete: got ETag %s, want %s", got, want)
		}
		if got := aws.ToString(t.head(t.prefix + "key").ETag); got != want {
			t.Errorf("head: got ETag %s, want %s", got, want)
		}
		page, err := t.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &t.bucket, Prefix: &t.prefix})
		t.ok("list", err)
		if len(page.Contents) != 1 || aws.ToString(page.Contents[0].ETag) != want {
			t.Errorf("list: got %d objects, want one with ETag %s", len(page.Contents), want)
		}
		if got := t.read(&s3.GetObjectInput{Bucket: &t.bucket, Key: aws.String(t.prefix + "key"), IfMatch: &want, Range: aws.String("bytes=-4")}); string(got) != "last" {
			t.Errorf("get with If-Match: got %q, want last", got)
		}
		t.ok("replace with If-Match", t.putIf("key", "new", want, ""))
	}},
	{"multipart-replaced-part", func(t s3Test) {
		up := t.begin("key")
		up.part(1, []byte("wrong"))
		part := up.part(1, []byte("right"))
		_, err := up.complete(part)
		t.ok("complete", err)
		t.has(t.prefix+"key", "right")
	}},
	{"multipart-invisible", func(t s3Test) {
		t.put(t.prefix+"key", "old")
		up := t.begin("key")
		part := up.part(1, []byte("new"))
		t.has(t.prefix+"key", "old")
		_, err := up.complete(part)
		t.ok("complete", err)
		t.has(t.prefix+"key", "new")
	}},
	{"multipart-list-parts", func(t s3Test) {
		up := t.begin("key")
		up.part(1, []byte("one"))
		up.part(7, []byte("seven"))
		out, err := t.client.ListParts(t.Context(), &s3.ListPartsInput{Bucket: &t.bucket, Key: &up.key, UploadId: up.id})
		t.ok("list parts", err)
		if len(out.Parts) != 2 || aws.ToInt32(out.Parts[1].PartNumber) != 7 || aws.ToInt64(out.Parts[1].Size) != 5 {
			t.Errorf("got parts %+v, want 1 and 7", out.Parts)
		}
		uploads, err := t.client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &t.bucket, Prefix: &t.prefix})
		t.ok("list uploads", err)
		if len(uploads.Uploads) != 1 || aws.ToString(uploads.Uploads[0].UploadId) != *up.id {
			t.Errorf("got %d uploads, want the one", len(uploads.Uploads))
		}
		t.ok("abort", up.abort())
	}},
	{"multipart-bad-parts", func(t s3Test) {
		up := t.begin("key")
		body := noise(partSize)
		small, big := up.part(1, []byte("small")), up.part(2, body)
		_, err := up.complete(small, big)
		t.refused("complete with a small first part", err, "EntityTooSmall")
		_, err = up.complete(big, small)
		t.refused("complete in the wrong order", err, "InvalidPartOrder")
		_, err = up.complete(types.CompletedPart{PartNumber: aws.Int32(3), ETag: small.ETag})
		t.refused("complete with a part that isn't there", err, "InvalidPart")
		_, err = up.complete(types.CompletedPart{PartNumber: aws.Int32(1), ETag: big.ETag})
		t.refused("complete with another part's ETag", err, "InvalidPart")
		t.gone(up.key)
		_, err = up.complete(big)
		t.ok("complete in the end", err)
		t.same("content", []byte(t.get(up.key)), body)
	}},
	{"multipart-abort", func(t s3Test) {
		up := t.begin("key")
		part := up.part(1, []byte("part"))
		t.ok("abort", up.abort())
		t.gone(up.key)
		_, err := up.complete(part)
		t.refused("complete an aborted upload", err, "NoSuchUpload")
		_, err = t.client.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: &t.bucket, Key: &up.key, UploadId: up.id, PartNumber: aws.Int32(1), Body: strings.NewReader("part")})
		t.refused("add to an aborted upload", err, "NoSuchUpload")
	}},
	{"multipart-condition", func(t s3Test) {
		up := t.begin("key")
		part := up.part(1, []byte("part"))
		t.put(up.key, "first")
		_, err := t.client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
			Bucket: &t.bucket, Key: &up.key, UploadId: up.id, IfNoneMatch: aws.String("*"),
			MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{part}},
		})
		t.refused("complete on an existing key", err, "PreconditionFailed")
		t.has(up.key, "first")
		_ = up.abort() // S3 keeps it, others don't
	}},
}

// begun is a multipart upload under way.
type begun struct {
	t   s3Test
	key string
	id  *string
}

func (t s3Test) begin(name string) begun {
	t.Helper()
	key := t.prefix + name
	out, err := t.client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: &t.bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, // which the SDK sends with each part
	})
	t.ok("begin a multipart upload", err)
	return begun{t, key, out.UploadId}
}

func (b begun) part(number int32, body []byte) types.CompletedPart {
	b.t.Helper()
	out, err := b.t.client.UploadPart(b.t.Context(), &s3.UploadPartInput{
		Bucket: &b.t.bucket, Key: &b.key, UploadId: b.id, PartNumber: &number, Body: bytes.NewReader(body),
	})
	b.t.ok(fmt.Sprint("upload part ", number), err)
	return types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}
}

func (b begun) complete(parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
	return b.t.client.CompleteMultipartUpload(b.t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: &b.t.bucket, Key: &b.key, UploadId: b.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
}

func (b begun) abort() error {
	_, err := b.t.client.AbortMultipartUpload(b.t.Context(), &s3.AbortMultipartUploadInput{Bucket: &b.t.bucket, Key: &b.key, UploadId: b.id})
	return err
}
