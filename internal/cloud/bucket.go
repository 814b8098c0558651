package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cloudworks/internal/jobs"
)

// Bucket is one bucket of S3.
type Bucket struct {
	s3   *s3.Client
	name string
}

// Bucket gives the bucket of that name. It calls nothing.
func (c *Cloud) Bucket(name string) *Bucket { return &Bucket{s3: c.s3, name: name} }

// Name is the bucket's name.
func (b *Bucket) Name() string { return b.name }

// Put stores an object: o's key, content type and metadata, and body, which
// is read from its start, more than once when the call is tried again.
func (b *Bucket) Put(ctx context.Context, o jobs.Object, body io.ReadSeeker) error {
	return b.put(ctx, o, body, nil)
}

// PutIfAbsent is Put where no object of that key may be there yet; else the
// error wraps jobs.ErrObjectExists.
func (b *Bucket) PutIfAbsent(ctx context.Context, o jobs.Object, body io.ReadSeeker) error {
	return b.put(ctx, o, body, aws.String("*"))
}

func (b *Bucket) put(ctx context.Context, o jobs.Object, body io.ReadSeeker, ifNoneMatch *string) error {
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &o.Key, Body: body, Metadata: o.Metadata, IfNoneMatch: ifNoneMatch}
	if o.ContentType != "" {
		in.ContentType = &o.ContentType
	}
	_, err := b.s3.PutObject(ctx, in)
	return b.wrap("put", o.Key, err)
}

// Get opens an object, whose Body the caller closes. The error wraps
// jobs.ErrNoObject when there is none.
func (b *Bucket) Get(ctx context.Context, key string) (jobs.Object, error) {
	out, err := b.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return jobs.Object{}, b.wrap("get", key, err)
	}
	return jobs.Object{
		Key: key, Size: aws.ToInt64(out.ContentLength), ContentType: aws.ToString(out.ContentType),
		Metadata: out.Metadata, Modified: aws.ToTime(out.LastModified), ETag: aws.ToString(out.ETag), Body: out.Body,
	}, nil
}

// Head gives an object without its body.
func (b *Bucket) Head(ctx context.Context, key string) (jobs.Object, error) {
	out, err := b.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return jobs.Object{}, b.wrap("head", key, err)
	}
	return jobs.Object{
		Key: key, Size: aws.ToInt64(out.ContentLength), ContentType: aws.ToString(out.ContentType),
		Metadata: out.Metadata, Modified: aws.ToTime(out.LastModified), ETag: aws.ToString(out.ETag),
	}, nil
}

// List gives the objects whose keys begin with prefix, in the order of their
// keys, without content type and metadata.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[jobs.Object, error] {
	return func(yield func(jobs.Object, error) bool) {
		pages := s3.NewListObjectsV2Paginator(b.s3, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(jobs.Object{}, b.wrap("list", prefix, err))
				return
			}
			for _, o := range page.Contents {
				if !yield(jobs.Object{Key: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified), ETag: aws.ToString(o.ETag)}, nil) {
					return
				}
			}
		}
	}
}

// Keys gives the keys that begin with prefix, in order.
func (b *Bucket) Keys(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	for o, err := range b.List(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, o.Key)
	}
	return keys, nil
}

// Delete removes objects, as many calls as that takes. One that isn't there
// is no error.
func (b *Bucket) Delete(ctx context.Context, keys ...string) error {
	const most = 1000
	for len(keys) > 0 {
		n := min(len(keys), most)
		if err := b.delete(ctx, keys[:n]); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (b *Bucket) delete(ctx context.Context, keys []string) error {
	ids := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		ids[i].Key = &keys[i]
	}
	out, err := b.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
	if err != nil {
		return b.wrap("delete", keys[0], err)
	}
	var errs []error
	for _, e := range out.Errors {
		errs = append(errs, b.wrap("delete", aws.ToString(e.Key), fmt.Errorf("%s: %s", aws.ToString(e.Code), aws.ToString(e.Message))))
	}
	return errors.Join(errs...)
}

// wrap names the operation and the object, and makes the SDK's errors ours.
func (b *Bucket) wrap(doing, key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s object %q: %w", doing, key, objectError(err))
}

func objectError(err error) error {
	api, isAPI := errors.AsType[smithy.APIError](err)
	answer, answered := errors.AsType[*smithyhttp.ResponseError](err)
	switch {
	case isAPI && (api.ErrorCode() == "NoSuchKey" || api.ErrorCode() == "NotFound"),
		answered && answer.HTTPStatusCode() == http.StatusNotFound && (!isAPI || api.ErrorCode() != "NoSuchBucket"):
		return fmt.Errorf("%w: %w", jobs.ErrNoObject, err)
	case answered && answer.HTTPStatusCode() == http.StatusPreconditionFailed:
		return fmt.Errorf("%w: %w", jobs.ErrObjectExists, err)
	}
	return err
}
