package cloudcal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudworks/internal/jobs"
)

var errDied = jobs.Errorf(jobs.CodeDead, "No worker lived to answer it.")

// bury records that a job died.
func bury(t *testing.T, w *Worker, job jobs.Job) error {
	t.Helper()
	reply := w.Fail(job, errDied)
	if reply.Record == nil {
		t.Fatal("nothing to record")
	}
	return reply.Record(t.Context())
}

// answer works on a job and records the answer.
func answer(t *testing.T, w *Worker, job jobs.Job) {
	t.Helper()
	reply, err := w.Work(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if err := reply.Record(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// request is the job of the nth message that was sent.
func (d *desk) request(n int, id string) jobs.Job {
	return jobs.Job{ID: id, Delivery: jobs.Delivery{Message: d.sent[n], SentAt: time.Now()}}
}

// A list that died is shown so by every instance, and shows its answer once it
// was started again by the operator. No word of a death takes an answer's
// place.
func TestDeadList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := &desk{worker: NewWorker(s)}
		mine, others := newTestClient(s, d), newTestClient(s, d)
		id, err := mine.Submit(t.Context(), "owner", mustList(t, twenty))
		if err != nil {
			t.Fatal(err)
		}
		message, _, _ := strings.Cut(id, ".")
		look := func(want jobs.State, reason string) {
			t.Helper()
			time.Sleep(time.Minute) // of the test's own clock
			for name, c := range map[string]*Client{"the instance that sent it": mine, "another": others} {
				job, err := c.Job(t.Context(), id)
				if err != nil || job.State != want || job.Error != reason || want.Final() == job.Answered.IsZero() {
					t.Errorf("%s: %+v, %v, want it %s", name, job, err, want)
				}
			}
		}
		look(jobs.StateQueued, "")
		request := d.request(0, message)
		if err := bury(t, d.worker, request); err != nil {
			t.Fatal(err)
		}
		look(jobs.StateDead, errDied.Message)
		if _, _, err := others.LogLine(t.Context(), id); jobs.Public(err).Code != jobs.CodeNotFound {
			t.Errorf("the line of an answer: %v, want none", err)
		}
		if err := bury(t, d.worker, request); !errors.Is(err, jobs.ErrAnswered) {
			t.Errorf("the second death: %v, want ErrAnswered", err)
		}
		gets := s.gets
		look(jobs.StateDead, errDied.Message)
		if s.gets != gets+2 {
			t.Errorf("%d looks at S3 by two pages of a dead list", s.gets-gets)
		}
		answer(t, d.worker, request)
		if err := bury(t, d.worker, request); !errors.Is(err, jobs.ErrAnswered) {
			t.Errorf("a death after the answer: %v, want ErrAnswered", err)
		}
		look(jobs.StateDone, "")
	})
}

// The reply alone says that a list died where its record couldn't be stored.
func TestDeadListByReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := &desk{worker: NewWorker(s)}
		c := newTestClient(s, d)
		id, err := c.Submit(t.Context(), "owner", mustList(t, twenty))
		if err != nil {
			t.Fatal(err)
		}
		message, _, _ := strings.Cut(id, ".")
		c.recall(message, time.Now()).answered(jobs.Answer{JobID: message, Status: jobs.StateDead, Reason: "tried five times", At: time.Now()})
		if job, err := c.Job(t.Context(), id); err != nil || job.State != jobs.StateDead || job.Error == "" {
			t.Errorf("dead: %+v, %v", job, err)
		}
		time.Sleep(time.Minute) // of the test's own clock
		answer(t, d.worker, d.request(0, message))
		if job, err := c.Job(t.Context(), id); err != nil || job.State != jobs.StateDone || job.Error != "" {
			t.Errorf("redriven: %+v, %v", job, err)
		}
	})
}

// A file of lists of which a part died says so, once all others are done, and
// is whole when that part was redriven.
func TestDeadBulk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := &desk{worker: NewWorker(s)}
		c := newTestClient(s, d)
		id, err := c.SubmitBulk(t.Context(), "owner", strings.NewReader(strings.Repeat(twenty+"\n", MaxLists+100)))
		if err != nil {
			t.Fatal(err)
		}
		chunks := map[int]jobs.Job{} // by their number of lists; they are sent side by side
		for i := range d.sent {
			lines := strings.Count(d.sent[i].Body, "\n") + 1
			chunks[lines] = d.request(i, chunkID(id, map[int]int{MaxLists: 1, 100: 2}[lines]))
		}
		look := func(state jobs.State, done int) {
			t.Helper()
			time.Sleep(askEvery)
			if b, err := c.BulkJob(t.Context(), id); err != nil || b.State != state || b.Done != done {
				t.Errorf("got %+v, %v, want it %s with %d done", b, err, state, done)
			}
		}
		if err := bury(t, d.worker, chunks[100]); err != nil {
			t.Fatal(err)
		}
		look(jobs.StateQueued, 0)
		answer(t, d.worker, chunks[MaxLists])
		look(jobs.StateDead, MaxLists)
		answer(t, d.worker, chunks[100])
		look(jobs.StateDone, MaxLists+100)
		var csv strings.Builder
		if err := c.WriteBulk(t.Context(), id, &csv); err != nil || strings.Count(csv.String(), "\n") != MaxLists+101 {
			t.Errorf("%v, %d rows", err, strings.Count(csv.String(), "\n"))
		}
	})
}

// A bare request's death is recorded once. One that isn't to be trusted has no
// record.
func TestDeadBare(t *testing.T) {
	w := NewWorker(newStore())
	bare := jobs.Job{Delivery: jobs.Delivery{ID: "0b9f-42", Message: jobs.Message{Body: twenty}, SentAt: time.Now()}}
	if err := bury(t, w, bare); err != nil {
		t.Error(err)
	}
	if err := bury(t, w, bare); !errors.Is(err, jobs.ErrAnswered) {
		t.Errorf("the second death: %v, want ErrAnswered", err)
	}
	if reply := w.Fail(jobs.Job{ID: "../../state/ids.key"}, errDied); reply.Record != nil {
		t.Error("a record for an id that is none")
	}
}

// A request that was sent twice, at different times, is logged with the same
// bytes, whichever comes last.
func TestLogOfOneSentTwice(t *testing.T) {
	s := newStore()
	w := NewWorker(s)
	began := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	for _, id := range []string{jobs.NewID(began), chunkID(jobs.NewID(began), 7)} {
		var texts []string
		for _, sent := range []time.Time{began.Add(4 * time.Millisecond), began.Add(25 * time.Hour)} {
			for _, do := range []func(jobs.Job) (jobs.Reply, error){
				func(job jobs.Job) (jobs.Reply, error) { return w.Work(context.Background(), job) },
				func(job jobs.Job) (jobs.Reply, error) { return w.Fail(job, errDied), nil },
			} {
				clear(s.objects)
				reply, err := do(jobs.Job{ID: id, Delivery: jobs.Delivery{Message: jobs.Message{Body: "A " + twenty}, SentAt: sent}})
				if err != nil {
					t.Fatal(err)
				}
				if err := reply.Record(t.Context()); err != nil {
					t.Fatal(err)
				}
				for key, text := range s.objects {
					texts = append(texts, key+"\n"+string(text))
				}
			}
		}
		if texts[0] != texts[2] || texts[1] != texts[3] || !strings.Contains(texts[0], "\n2026-11-24T01:02:03.000Z A numbers=1 ") {
			t.Errorf("logged is %q", texts)
		}
	}
	bare := jobs.Job{Delivery: jobs.Delivery{ID: "m", Message: jobs.Message{Body: twenty}, SentAt: began.Add(4 * time.Millisecond)}}
	answer(t, w, bare)
	if text := s.objects["logs/cloudcal/2026/11/24/bare-m.txt"]; !strings.HasPrefix(string(text), "2026-11-24T01:02:03.004Z - numbers=") {
		t.Errorf("a bare list's line is %q", text)
	}
}
