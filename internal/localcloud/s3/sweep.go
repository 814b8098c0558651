package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rclone/gofakes3"
	"go.etcd.io/bbolt"
)

const (
	// sweepInterval is how often the store looks for what has expired.
	sweepInterval = 10 * time.Minute
	// sweepBatch is how many objects go in one transaction.
	sweepBatch = 1000
	// uploadLife is how long a multipart upload may take.
	uploadLife = 24 * time.Hour
)

// sweepRegularly sweeps at once, for a store that is never open for long, and
// then until it is closed.
func (s *Store) sweepRegularly() {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for now := time.Now(); ; {
		if _, err := s.Sweep(now); err != nil {
			s.logError(err)
		}
		select {
		case now = <-ticker.C:
		case <-s.stop:
			return
		}
	}
}

// Sweep deletes the objects that have expired by now, and gives up multipart
// uploads that were begun a day before. It tells how many objects it deleted;
// with an error, how many before that.
func (s *Store) Sweep(now time.Time) (deleted int, err error) {
	s.abandonUploads(now.Add(-uploadLife))
	rules, err := s.rules()
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	var errs []error
	for bucket, rules := range rules {
		for _, rule := range rules {
			n, err := s.expire(bucket, rule.Prefix, now.Add(-rule.After))
			deleted += n
			if err != nil {
				errs = append(errs, fmt.Errorf("sweep %q in bucket %q: %w", rule.Prefix, bucket, err))
			}
		}
	}
	return deleted, errors.Join(errs...)
}

// rules gives the rules for each bucket: the store's and its own.
func (s *Store) rules() (map[string][]Rule, error) {
	rules := make(map[string][]Rule)
	err := s.backend.index.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			var own []Rule
			if body := bucket.Get(lifecycleName); body != nil {
				var err error
				if own, err = parseLifecycle(body); err != nil {
					return fmt.Errorf("bucket %q: %w", name, err)
				}
			}
			rules[string(name)] = append(own, s.opts.Expire...)
			return nil
		})
	})
	return rules, err
}

// expire deletes the objects under prefix that were written before a time.
func (s *Store) expire(bucket, prefix string, before time.Time) (deleted int, err error) {
	for next := []byte(prefix); next != nil; {
		var keys []string
		keys, next, err = s.backend.index.olderThan(bucket, prefix, next, before)
		if err != nil {
			return deleted, err
		}
		// An object may have been written anew meanwhile.
		n, err := s.backend.remove(bucket, keys, func(r record) bool { return r.modified.Before(before) })
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// olderThan gives up to sweepBatch keys under prefix, from the key from on, of
// objects written before a time, and where to go on; nil at the end. A bucket
// that has gone has none.
func (x *index) olderThan(bucket, prefix string, from []byte, before time.Time) (keys []string, next []byte, err error) {
	err = x.db.View(func(tx *bbolt.Tx) error {
		records, err := objects(tx, bucket)
		if gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchBucket) {
			return nil
		}
		if err != nil {
			return err
		}
		c := records.Cursor()
		for key, encoded := c.Seek(from); key != nil && strings.HasPrefix(string(key), prefix); key, encoded = c.Next() {
			if len(keys) == sweepBatch {
				next = append([]byte(nil), key...)
				return nil
			}
			r, err := decodeRecord(encoded)
			if err != nil {
				return fmt.Errorf("read the record of %q: %w", key, err)
			}
			if r.modified.Before(before) {
				keys = append(keys, string(key))
			}
		}
		return nil
	})
	return keys, next, err
}

// abandonUploads aborts the multipart uploads that were begun before a time.
func (s *Store) abandonUploads(before time.Time) {
	for id, up := range s.backend.uploads.before(before) {
		ctx := context.Background()
		// Who completed or aborted it meanwhile was first.
		_ = s.backend.AbortMultipartUpload(ctx, up.bucket, up.key, id)
		_ = s.gofake.ForgetMultipartUpload(ctx, up.bucket, up.key, id)
	}
}
