package s3

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/rclone/gofakes3"
	"go.etcd.io/bbolt"
)

const (
	lastModified   = "Last-Modified"
	contentType    = "Content-Type"
	checksumPrefix = "X-Amz-Checksum-"
	checksumCRC32  = checksumPrefix + "Crc32"
	// defaultType is what S3 takes content for that says nothing of itself.
	defaultType = "binary/octet-stream"
)

func (b *backend) PutObject(ctx context.Context, bucket, key string, meta map[string]string, input io.Reader, size int64) (gofakes3.PutObjectResult, error) {
	r, err := b.put(ctx, bucket, key, meta, input, size)
	if err != nil {
		return gofakes3.PutObjectResult{}, err
	}
	return gofakes3.PutObjectResult{ETag: `"` + r.etag() + `"`}, nil
}

// put stores input, which must have size bytes, or any number if size is -1.
func (b *backend) put(ctx context.Context, bucket, key string, meta map[string]string, input io.Reader, size int64) (record, error) {
	if err := checkKey(key); err != nil {
		return record{}, err
	}
	content, err := b.receive(input, size)
	if err != nil {
		return record{}, err
	}
	r := record{md5: content.md5, meta: meta}
	return r, b.store(ctx, bucket, key, &r, content)
}

// checkKey refuses a key that S3 would refuse.
func checkKey(key string) error {
	if key == "" {
		return gofakes3.ErrorInvalidArgument("Key", key, "The key must not be empty.")
	}
	if len(key) > gofakes3.KeySizeLimit {
		return gofakes3.ResourceError(gofakes3.ErrKeyTooLong, key)
	}
	return nil
}

// receive spools a request's body.
func (b *backend) receive(body io.Reader, size int64) (spooled, error) {
	content, err := b.blobs.spool(body)
	switch {
	case err == nil && size >= 0 && content.size != size:
		b.blobs.discard(content)
		return spooled{}, gofakes3.ErrIncompleteBody
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, http.ErrBodyReadAfterClose):
		return spooled{}, gofakes3.ErrIncompleteBody // the client went away
	}
	return content, err
}

// store keeps content and makes it the object that r describes, completing r.
// It checks the conditions of the request with ctx, and removes what the
// object was before.
func (b *backend) store(ctx context.Context, bucket, key string, r *record, content spooled) error {
	r.size, r.inline, r.meta = content.size, content.inline, completeMeta(r.meta, content)
	var err error
	if r.blob, err = b.blobs.keep(content); err != nil {
		return err
	}
	var old record
	err = b.index.update(func(tx *bbolt.Tx) error {
		records, err := objects(tx, bucket)
		if err != nil {
			return err
		}
		current, exists, err := lookup(records, key)
		if err != nil {
			return err
		}
		if err := gofakes3.CheckWriteConditions(ctx, exists, current.plainETag()); err != nil {
			return err
		}
		old, r.modified = current, time.Now()
		return records.Put([]byte(key), r.encode())
	})
	if err != nil {
		if isAnswer(err) { // else it is uncertain whether the index has it; the next start will see
			b.blobs.remove(r.blob)
		}
		return err
	}
	b.blobs.remove(old.blob)
	return nil
}

// plainETag is the ETag without a number of parts, which is how gofakes3
// knows it and how the handler writes the conditions.
func (r record) plainETag() string { return fmt.Sprintf("%x", r.md5) }

// completeMeta gives the metadata to keep: with a type, with a checksum for
// clients to verify the content by, and without the time, which has a field
// of its own.
func completeMeta(meta map[string]string, content spooled) map[string]string {
	complete := make(map[string]string, len(meta)+2)
	checksum := false
	for name, value := range meta {
		if name != lastModified {
			complete[name] = value
		}
		checksum = checksum || strings.HasPrefix(name, checksumPrefix)
	}
	if complete[contentType] == "" {
		complete[contentType] = defaultType
	}
	if !checksum {
		complete[checksumCRC32] = base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, content.crc))
	}
	return complete
}

// object gives what gofakes3 answers from, without contents.
func (r record) object(ctx context.Context, key string) *gofakes3.Object {
	notePartCount(ctx, len(r.parts))
	meta := maps.Clone(r.meta)
	meta[lastModified] = r.modified.UTC().Format(http.TimeFormat)
	return &gofakes3.Object{
		Name: key, Metadata: meta, Size: r.size, Hash: r.md5[:], PartSizes: r.parts, Contents: http.NoBody,
	}
}

func (b *backend) HeadObject(ctx context.Context, bucket, key string) (*gofakes3.Object, error) {
	r, err := b.index.get(bucket, key)
	if err != nil {
		return nil, err
	}
	return r.object(ctx, key), nil
}

func (b *backend) GetObject(ctx context.Context, bucket, key string, wanted *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	r, file, err := b.open(bucket, key)
	if err != nil {
		return nil, err
	}
	object := r.object(ctx, key)
	object.Contents = file
	object.Range, err = wanted.Range(r.size)
	if err == nil && object.Range != nil {
		object.Contents, err = section(file, object.Range)
	}
	if err != nil {
		_ = file.Close() // read only; err is the answer
		return nil, err
	}
	return object, nil
}

// open gives an object's record and its content. An overwrite or a delete may
// remove the content after the record was read: then there is a newer record.
func (b *backend) open(bucket, key string) (record, contents, error) {
	for last := ""; ; {
		r, err := b.index.get(bucket, key)
		if err != nil {
			return record{}, nil, err
		}
		file, err := b.blobs.open(r)
		if err == nil {
			return r, file, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || r.blob == last {
			return record{}, nil, fmt.Errorf("open the content of %q in bucket %q: %w", key, bucket, err)
		}
		last = r.blob
	}
}

// section gives a part of content, which is closed with it.
func section(file contents, part *gofakes3.ObjectRange) (io.ReadCloser, error) {
	if _, err := file.Seek(part.Start, io.SeekStart); err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, part.Length), file}, nil
}

// CopyObject copies content and gives it meta.
func (b *backend) CopyObject(ctx context.Context, fromBucket, fromKey, bucket, key string, meta map[string]string) (gofakes3.CopyObjectResult, error) {
	source, file, err := b.open(fromBucket, fromKey)
	if err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	defer file.Close()
	r, err := b.put(ctx, bucket, key, meta, file, source.size)
	if err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	return gofakes3.CopyObjectResult{ETag: `"` + r.etag() + `"`, LastModified: gofakes3.NewContentTime(r.modified)}, nil
}

func (b *backend) SetObjectTagging(_ context.Context, bucket, key, tagging string) error {
	return b.index.update(func(tx *bbolt.Tx) error {
		records, err := objects(tx, bucket)
		if err != nil {
			return err
		}
		r, exists, err := lookup(records, key)
		if err != nil {
			return err
		}
		if !exists {
			return gofakes3.KeyNotFound(key)
		}
		if tagging == "" {
			delete(r.meta, gofakes3.TaggingMetadataKey)
		} else {
			r.meta[gofakes3.TaggingMetadataKey] = tagging
		}
		return records.Put([]byte(key), r.encode())
	})
}
