package sqs

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// savedQueue is a queue's value in the database.
type savedQueue struct {
	ID                uint64
	Attributes, Tags  map[string]string
	Created, Modified time.Time
}

// saveQueue has the queue's settings written.
func (t *tx) saveQueue(q *queue) error {
	value, err := json.Marshal(savedQueue{q.id, q.settings.values, q.tags, q.created, q.modified})
	if err != nil {
		return fmt.Errorf("encode queue %q: %w", q.name, err)
	}
	t.changes = append(t.changes, change{bucket: queuesBucket, key: []byte(q.name), value: value})
	return nil
}

// load reads the whole state from the database.
func (s *Service) load() error {
	now := time.Now()
	return s.journal.db.View(func(tx *bbolt.Tx) error {
		byID := make(map[uint64]*queue)
		err := tx.Bucket(queuesBucket).ForEach(func(name, value []byte) error {
			q, err := loadQueue(string(name), value)
			if err != nil {
				return err
			}
			s.queues[q.name], byID[q.id] = q, q
			s.lastID = max(s.lastID, q.id)
			return nil
		})
		if err != nil {
			return err
		}
		states := tx.Bucket(statesBucket)
		return tx.Bucket(messagesBucket).ForEach(func(key, value []byte) error {
			return s.loadMessage(byID, key, value, states.Get(key), now)
		})
	})
}

func loadQueue(name string, value []byte) (*queue, error) {
	var saved savedQueue
	if err := json.Unmarshal(value, &saved); err != nil {
		return nil, fmt.Errorf("read queue %q: %w", name, err)
	}
	q := newQueue(saved.ID, name)
	q.settings, q.created, q.modified = newSettings(saved.Attributes), saved.Created, saved.Modified
	if saved.Tags != nil {
		q.tags = saved.Tags
	}
	return q, nil
}

func (s *Service) loadMessage(byID map[uint64]*queue, key, value, state []byte, now time.Time) error {
	if len(key) != 16 {
		return fmt.Errorf("read message: %w: key of %d bytes", errRecord, len(key))
	}
	q := byID[binary.BigEndian.Uint64(key)]
	if q == nil {
		return fmt.Errorf("read message: %w: of an unknown queue", errRecord)
	}
	c, err := decodeContent(value)
	if err != nil {
		return fmt.Errorf("read message of queue %q: %w", q.name, err)
	}
	m := &message{content: c, seq: binary.BigEndian.Uint64(key[8:]), visibleAt: c.firstDue}
	hiddenAs, since := delayed, c.sent
	if state != nil {
		if since, err = m.decodeState(state); err != nil {
			return fmt.Errorf("read message of queue %q: %w", q.name, err)
		}
		hiddenAs = inFlight
	}
	s.lastSeq = max(s.lastSeq, m.seq)
	if m.visibleAt = dueFrom(now, since, m.visibleAt); m.visibleAt.After(now) {
		q.insert(m, hiddenAs)
	} else {
		q.insert(m, visible)
	}
	return nil
}

// dueFrom gives a time that was due when it was since as a time from now on,
// which later changes of the clock don't move. If now is before since, the clock
// was put back: what was due in half a minute isn't to be due in an hour.
func dueFrom(now, since, due time.Time) time.Time {
	left := due.Sub(now)
	if since.After(now) {
		left = due.Sub(since)
	}
	return now.Add(left)
}
