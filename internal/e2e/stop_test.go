package e2e

import (
	"syscall"
	"testing"
	"time"

	"cloudworks/internal/localcloud"
	"cloudworks/internal/localcloud/faults"
)

// A worker that was told to stop finishes what it has in hand; told once more,
// it hands that back and ends at once, and another does it.
func TestSecondSignal(t *testing.T) {
	tr := inside(t, nil)
	tr.workers[0].kill()
	numbers := randomList()
	list, err := submit(tr.web.url, numbers)
	if err != nil {
		t.Fatal(err)
	}
	tr.backend.SetFaults(localcloud.Faults{S3: &faults.Plan{Delay: time.Minute, Operations: map[string]bool{"PutObject": true}}})
	client := newLab(tr.s)
	worker := tr.addWorker(localEnv(tr.s)...)
	eventually(t, 30*time.Second, "the worker holds the list", func() error {
		d, err := client.depth("requestQueue")
		if err == nil && d.hidden != 1 {
			err = errNotYet
		}
		return err
	})
	told := func() {
		t.Helper()
		if err := worker.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	told()
	select {
	case <-worker.done:
		t.Fatal("the worker doesn't finish what it has in hand")
	case <-time.After(time.Second):
	}
	told()
	select {
	case <-worker.done:
	case <-time.After(10 * time.Second):
		t.Fatal("the second signal doesn't end the worker")
	}
	if worker.err != nil {
		t.Errorf("the worker ended with %v", worker.err)
	}
	if d, err := client.depth("requestQueue"); err != nil || d.visible != 1 {
		t.Errorf("the queue: %+v, %v, want the list handed back", d, err)
	}
	tr.backend.SetFaults(localcloud.Faults{})
	tr.addWorker(localEnv(tr.s)...)
	if err := check(numbers, tr.awaitList(tr.web, list.ID, "done", "")); err != nil {
		t.Error(err)
	}
	tr.web.kill() // a soft stop would wait for open polls, 20 s
}
