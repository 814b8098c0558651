package cloudpic

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudworks/internal/jobs"
)

// slowStore takes a second for a file's bytes, and knows how many are read at
// once.
type slowStore struct {
	*store
	mu            sync.Mutex
	reading, most int
}

func (s *slowStore) Get(ctx context.Context, key string) (jobs.Object, error) {
	o, err := s.store.Get(ctx, key)
	o.Body = &slowBody{Reader: o.Body, store: s}
	return o, err
}

type slowBody struct {
	io.Reader
	store *slowStore
	begun bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.store.began(1)
		time.Sleep(time.Second)
	}
	return b.Reader.Read(p)
}

func (b *slowBody) Close() error {
	b.store.began(-1)
	return nil
}

func (s *slowStore) began(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading += n
	s.most = max(s.most, s.reading)
}

// However many pictures are in hand, no more files are in memory than have
// room there; a file that is larger than all of it is let in alone.
func TestFilesHaveRoom(t *testing.T) {
	data := photo(t)
	for _, test := range []struct{ room, want int }{{3, 3}, {1, 1}, {0, 1}} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowStore{store: newStore()}
			if err := s.Put(t.Context(), jobs.Object{Key: "photo"}, bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			w := NewWorker(WorkerOptions{Bucket: s, Memory: int64(filesPart * (test.room*len(data) + len(data)/2))})
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if _, err := w.Work(t.Context(), job("", "photo "+bucket, nil)); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if s.most != test.want {
				t.Errorf("with room for %d files there were %d", test.room, s.most)
			}
		})
	}
}
