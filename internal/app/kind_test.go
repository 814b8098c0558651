package app

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"cloudworks/internal/config"
	"cloudworks/internal/jobs"
)

// shout is a third kind of job: all that it takes is this type, and its line
// in the list of kinds.
type shout struct{}

func (shout) Kind() jobs.Kind {
	return jobs.Kind{Name: "shout", Requests: "whispers", Replies: "shouts", Slots: 4}
}

func (shout) Work(_ context.Context, job jobs.Job) (jobs.Reply, error) {
	if job.Body == "" {
		return jobs.Reply{}, jobs.Errorf(jobs.CodeInvalid, "There is nothing to shout.")
	}
	return jobs.Reply{Body: strings.ToUpper(job.Body)}, nil
}

func (shout) Fail(_ jobs.Job, why *jobs.Error) jobs.Reply {
	return jobs.Reply{Body: "error: " + why.Message}
}

// A third kind of job gets its queues, is worked on and answered, and nothing
// else needs a touch.
func TestThirdKind(t *testing.T) {
	a := serveLocal(t)
	a.workers = append(a.workers, shout{})
	if err := a.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.cloud.CreateQueue(t.Context(), "replies-test", nil); err != nil {
		t.Fatal(err)
	}
	client, err := jobs.NewClient(t.Context(), jobs.ClientOptions{Queue: a.queue, Replies: "replies-test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var both sync.WaitGroup
	defer both.Wait()
	defer stop()
	both.Go(func() { client.Run(ctx) })
	both.Go(func() {
		if err := a.Runner().Run(ctx, context.Background()); err != nil {
			t.Error(err)
		}
	})

	answers := make(chan jobs.Answer, 1)
	if err := client.Send(ctx, "whispers", jobs.NewID(time.Now()), jobs.Message{Body: "hello"}, func(a jobs.Answer) { answers <- a }); err != nil {
		t.Fatal(err)
	}
	select {
	case a := <-answers:
		if a.Body != "HELLO" || a.Status != jobs.StateDone {
			t.Errorf("got %+v", a)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no answer")
	}
}

// serveLocal gives an App on a local backend of its own, not yet prepared.
func serveLocal(t *testing.T) *App {
	t.Helper()
	cfg, err := config.Load(func(name string) string {
		return map[string]string{"CLOUDWORKS_DATA": t.TempDir(), "CLOUDWORKS_LOCAL_ADDR": freeAddr(t), "CLOUDWORKS_LOG": "json"}[name]
	}, config.Web)
	if err != nil {
		t.Fatal(err)
	}
	log := zerolog.New(io.Discard)
	local, err := ServeLocal(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	a, err := connect(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
