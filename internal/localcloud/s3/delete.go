package s3

import (
	"context"

	"github.com/rclone/gofakes3"
	"go.etcd.io/bbolt"
)

func (b *backend) DeleteObject(_ context.Context, bucket, key string) (gofakes3.ObjectDeleteResult, error) {
	_, err := b.remove(bucket, []string{key}, func(record) bool { return true })
	return gofakes3.ObjectDeleteResult{}, err
}

func (b *backend) DeleteMulti(_ context.Context, bucket string, keys ...string) (result gofakes3.MultiDeleteResult, err error) {
	if _, err := b.remove(bucket, keys, func(record) bool { return true }); err != nil {
		return result, err
	}
	for _, key := range keys {
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}

// remove deletes in one transaction those of the objects that exist and that
// condition agrees to, and tells how many that were.
func (b *backend) remove(bucket string, keys []string, condition func(record) bool) (int, error) {
	var dead []string
	err := b.index.update(func(tx *bbolt.Tx) error {
		records, err := objects(tx, bucket)
		if err != nil {
			return err
		}
		for _, key := range keys {
			r, exists, err := lookup(records, key)
			if err != nil {
				return err
			}
			if !exists || !condition(r) {
				continue
			}
			if err := records.Delete([]byte(key)); err != nil {
				return err
			}
			dead = append(dead, r.blob)
		}
		if len(dead) == 0 {
			return errUnchanged
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, blob := range dead {
		b.blobs.remove(blob)
	}
	return len(dead), nil
}
