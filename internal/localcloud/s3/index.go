package s3

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/rclone/gofakes3"
	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// The index holds one bbolt bucket for each S3 bucket, named like it. In it:
var (
	objectsName   = []byte("objects")   // a bbolt bucket: key → record
	createdName   = []byte("created")   // when the bucket was made, nanoseconds since 1970, 8 bytes big endian
	lifecycleName = []byte("lifecycle") // the bucket's lifecycle configuration as it was put, XML
)

// index is the list of what exists. A change to it is what makes a put count.
type index struct {
	db *bbolt.DB

	mu      sync.Mutex // guards waiting
	waiting []*change
	commit  sync.Mutex // held by the one that writes
}

// change is one caller's part of a transaction.
type change struct {
	apply func(*bbolt.Tx) error
	done  bool // guarded by index.commit
	err   error
}

// errUnchanged is for a change to return that found nothing to do.
var errUnchanged = errors.New("unchanged")

// lockTimeout is how long openIndex waits for another process to let go.
const lockTimeout = 2 * time.Second

func openIndex(dir string, noSync bool) (*index, error) {
	path := filepath.Join(dir, "index.bolt")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockTimeout, NoSync: noSync, FreelistType: bbolt.FreelistMapType, NoFreelistSync: true,
	})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open index %s: another process has it open", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	return &index{db: db}, nil
}

func (x *index) close() error { return x.db.Close() }

// update applies a change and returns when it is on the disk. Changes that
// arrive while a transaction is being written go together in the next one, so
// that a busy index syncs less often.
//
// apply must check before it changes anything: when it returns an S3 error or
// errUnchanged, the others' changes go ahead without it. Any other error ends
// the transaction for all.
func (x *index) update(apply func(*bbolt.Tx) error) error {
	c := &change{apply: apply}
	x.mu.Lock()
	x.waiting = append(x.waiting, c)
	x.mu.Unlock()

	x.commit.Lock()
	defer x.commit.Unlock()
	if !c.done { // else it went with another's transaction
		x.mu.Lock()
		group := x.waiting
		x.waiting = nil
		x.mu.Unlock()
		x.write(group)
	}
	if errors.Is(c.err, errUnchanged) {
		return nil
	}
	return c.err
}

// write commits a group of changes.
func (x *index) write(group []*change) {
	err := x.db.Update(func(tx *bbolt.Tx) error {
		changed := false
		for _, c := range group {
			c.err = c.apply(tx)
			if c.err == nil {
				changed = true
			} else if !isAnswer(c.err) && !errors.Is(c.err, errUnchanged) {
				return c.err
			}
		}
		if !changed {
			return errUnchanged // nothing to sync
		}
		return nil
	})
	for _, c := range group {
		c.done = true
		if err != nil && !errors.Is(err, errUnchanged) {
			c.err = fmt.Errorf("change the index: %w", err)
		}
	}
}

// objects gives the bbolt bucket with a bucket's records, or NoSuchBucket.
func objects(tx *bbolt.Tx, bucket string) (*bbolt.Bucket, error) {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return nil, gofakes3.BucketNotFound(bucket)
	}
	return b.Bucket(objectsName), nil
}

// lookup gives an object's record in a transaction.
func lookup(objects *bbolt.Bucket, key string) (r record, exists bool, err error) {
	encoded := objects.Get([]byte(key))
	if encoded == nil {
		return record{}, false, nil
	}
	r, err = decodeRecord(encoded)
	if err != nil {
		return record{}, false, fmt.Errorf("read the record of %q: %w", key, err)
	}
	return r, true, nil
}

// get gives an object's record, or NoSuchBucket or NoSuchKey.
func (x *index) get(bucket, key string) (r record, err error) {
	err = x.db.View(func(tx *bbolt.Tx) error {
		records, err := objects(tx, bucket)
		if err != nil {
			return err
		}
		found, exists, err := lookup(records, key)
		if err == nil && !exists {
			err = gofakes3.KeyNotFound(key)
		}
		r = found
		r.inline = bytes.Clone(found.inline) // the original ends with the transaction
		return err
	})
	return r, err
}

// live gives the names of all blobs that a record names.
func (x *index) live() (map[string]struct{}, error) {
	names := make(map[string]struct{})
	err := x.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(bucket []byte, b *bbolt.Bucket) error {
			return b.Bucket(objectsName).ForEach(func(key, encoded []byte) error {
				r, err := decodeRecord(encoded)
				if err != nil {
					return fmt.Errorf("read the record of %q in bucket %q: %w", key, bucket, err)
				}
				if r.blob != "" {
					names[r.blob] = struct{}{}
				}
				return nil
			})
		})
	})
	return names, err
}

func encodeTime(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano()))
}

func decodeTime(b []byte) time.Time {
	if len(b) != 8 {
		return time.Time{}
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b))).UTC()
}
