package sqs

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"go.etcd.io/bbolt"
)

// While the disk fails, nothing is acknowledged; the first failure is logged.
// When it works again, the service does, too, and the disk has what memory has.
func TestFailingDisk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var logged []error
		s, err := Open(Options{Dir: dir, NoSync: true, ErrorLog: func(err error) { logged = append(logged, err) }})
		if err != nil {
			t.Fatal(err)
		}
		send := func() int {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"QueueUrl":"http://localhost/000000000000/q","MessageBody":"m"}`))
			r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
			s.ServeHTTP(w, r)
			return w.Code
		}
		if _, err := s.createQueue(&call{}, &createQueueInput{QueueName: "q"}); err != nil {
			t.Fatal(err)
		}
		if got := send(); got != http.StatusOK {
			t.Fatalf("at first: status %d", got)
		}
		if err := s.journal.db.Close(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := send(); got != http.StatusInternalServerError {
				t.Errorf("while the disk fails: status %d, want 500", got)
			}
		}
		if len(logged) != 1 {
			t.Errorf("logged %v, want the first failure alone", logged)
		}
		db, err := bbolt.Open(filepath.Join(dir, "sqs.bolt"), 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.journal.db = db
		s.journal.add() // has it tried again
		synctest.Wait()
		if got := send(); got != http.StatusOK {
			t.Errorf("after the failure: status %d", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if s, err = Open(Options{Dir: dir, NoSync: true}); err != nil {
			t.Fatal(err)
		}
		// The one that was refused is there, too: it was in memory.
		if got := len(s.queues["q"].messages); got != 3 {
			t.Errorf("%d messages after a restart, want 3", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
