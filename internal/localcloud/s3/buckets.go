package s3

import (
	"context"
	"errors"
	"time"

	"github.com/rclone/gofakes3"
	"go.etcd.io/bbolt"
)

// backend is what gofakes3 asks for storage.
type backend struct {
	index   *index
	blobs   *blobs
	uploads uploads
}

var (
	_ gofakes3.Backend              = (*backend)(nil)
	_ gofakes3.MultipartBackend     = (*backend)(nil)
	_ gofakes3.ObjectTaggingBackend = (*backend)(nil)
)

func (b *backend) ListBuckets(context.Context) (infos []gofakes3.BucketInfo, err error) {
	err = b.index.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			created := decodeTime(bucket.Get(createdName))
			infos = append(infos, gofakes3.BucketInfo{Name: string(name), CreationDate: gofakes3.NewContentTime(created)})
			return nil
		})
	})
	return infos, err
}

func (b *backend) CreateBucket(_ context.Context, name string) error {
	return b.index.update(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(name)) != nil {
			return bucketExists()
		}
		bucket, err := tx.CreateBucket([]byte(name))
		if err != nil {
			return err
		}
		_, err = bucket.CreateBucket(objectsName)
		return errors.Join(err, bucket.Put(createdName, encodeTime(time.Now())))
	})
}

func (b *backend) BucketExists(_ context.Context, name string) (exists bool, err error) {
	err = b.index.db.View(func(tx *bbolt.Tx) error {
		exists = name != "" && tx.Bucket([]byte(name)) != nil
		return nil
	})
	return exists, err
}

func (b *backend) DeleteBucket(_ context.Context, name string) error {
	return b.index.update(func(tx *bbolt.Tx) error {
		records, err := objects(tx, name)
		if err != nil {
			return err
		}
		if key, _ := records.Cursor().First(); key != nil {
			return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, name)
		}
		return tx.DeleteBucket([]byte(name))
	})
}
