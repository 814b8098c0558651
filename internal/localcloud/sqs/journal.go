package sqs

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// The buckets of the database. Keys of messages and states are the queue's
// and the message's number, 8 bytes each, big-endian.
var (
	queuesBucket   = []byte("queues")   // name → settings as JSON
	messagesBucket = []byte("messages") // → content
	statesBucket   = []byte("states")   // → state; none before the first receive
)

// lockWait is how long Open waits for another process to close the database.
const lockWait = time.Second

// retryPause lies between two tries to write to a disk that has failed.
const retryPause = time.Second

// change is one change of the database: a value put, or deleted when nil, or
// all values under the key as a prefix deleted.
type change struct {
	bucket, key, value []byte
	prefix             bool
}

// commit is a set of changes that are written in one transaction.
type commit struct {
	changes []change
	done    chan struct{} // closed when written or failed
	err     error         // once done is closed
}

// wait returns when the changes are on the disk.
func (c *commit) wait() error {
	<-c.done
	return c.err
}

// journal writes changes to the database, those that came while it was busy
// in one transaction.
type journal struct {
	db  *bbolt.DB
	log func(error)

	mu      sync.Mutex
	next    *commit
	wake    chan struct{} // holds one token when next has changes
	stop    chan struct{}
	ended   chan struct{}
	failing atomic.Bool // the newest transaction failed
}

func openJournal(dir string, noSync bool, log func(error)) (*journal, error) {
	path := filepath.Join(dir, "sqs.bolt")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, NoSync: noSync, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s (does another process use it?): %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{queuesBucket, messagesBucket, statesBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		_ = db.Close() // nothing was written
		return nil, fmt.Errorf("prepare %s: %w", path, err)
	}
	return &journal{
		db: db, log: log, next: newCommit(),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{}),
	}, nil
}

func newCommit() *commit { return &commit{done: make(chan struct{})} }

// add has changes written after all that were added before, and gives the
// commit to wait for.
func (j *journal) add(changes ...change) *commit {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next.changes = append(j.next.changes, changes...)
	select {
	case j.wake <- struct{}{}:
	default:
	}
	return j.next
}

// run writes until close. What can't be written is kept and tried again, in
// front of what came after it, for the state in memory already has it.
func (j *journal) run() {
	defer close(j.ended)
	var unwritten []change
	for open := true; open; {
		var retry <-chan time.Time
		if len(unwritten) > 0 {
			retry = time.After(retryPause)
		}
		select {
		case <-j.wake:
		case <-retry:
		case <-j.stop:
			open = false
		}
		unwritten = j.flush(unwritten)
	}
}

// flush writes the changes left over and the next commit, and gives back what
// couldn't be written.
func (j *journal) flush(unwritten []change) []change {
	j.mu.Lock()
	c := j.next
	j.next = newCommit()
	j.mu.Unlock()
	changes := c.changes
	if len(unwritten) > 0 {
		changes = append(unwritten, c.changes...)
	}
	err := j.write(changes)
	if err == nil {
		changes = nil
	} else {
		c.err = errDisk
		if !j.failing.Load() {
			j.log(err) // the first of a row says it all
		}
	}
	j.failing.Store(err != nil)
	close(c.done)
	return changes
}

func (j *journal) write(changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	err := j.db.Update(func(tx *bbolt.Tx) error {
		for _, c := range changes {
			if err := c.apply(tx.Bucket(c.bucket)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write %d changes of queues: %w", len(changes), err)
	}
	return nil
}

func (c change) apply(b *bbolt.Bucket) error {
	switch {
	case c.prefix:
		return deletePrefix(b, c.key)
	case c.value == nil:
		return b.Delete(c.key)
	default:
		return b.Put(c.key, c.value)
	}
}

func deletePrefix(b *bbolt.Bucket, prefix []byte) error {
	cursor := b.Cursor()
	// A deletion moves the cursor, so each look begins anew.
	for key, _ := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = cursor.Seek(prefix) {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// close writes what is left and closes the database.
func (j *journal) close() error {
	close(j.stop)
	<-j.ended
	if err := j.db.Close(); err != nil {
		return fmt.Errorf("close the queues' database: %w", err)
	}
	return nil
}
