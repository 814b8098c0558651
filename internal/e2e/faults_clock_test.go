package e2e

import (
	"encoding/binary"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// clock is a wall clock that a test can move while the processes that have it
// run. The monotonic clock isn't touched, as it isn't when a machine's clock is
// set.
type clock struct {
	t    *testing.T
	file *os.File
}

const clockVariable = "FAULTS_CLOCK"

// movable has programs add to the time of day the number of seconds at the
// start of the file that clockVariable names. libfaketime can't do it: Go asks
// the kernel without the C library.
var movable = []edit{
	{pkg: "time", file: "time.go",
		old: "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n",
		new: "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n\tsec += movedBy()\n"},
	{pkg: "time", file: "moved.go", new: `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

var moved = mapMoved()

func movedBy() int64 {
	if moved == nil {
		return 0
	}
	return atomic.LoadInt64(moved)
}

func mapMoved() *int64 {
	path, ok := syscall.Getenv("` + clockVariable + `")
	if !ok {
		return nil
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	defer syscall.Close(fd)
	data, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*int64)(unsafe.Pointer(&data[0]))
}
`},
}

func newClock(t *testing.T) *clock {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	c := &clock{t, file}
	c.set(0)
	return c
}

// env gives a process this clock.
func (c *clock) env() []string { return []string{clockVariable + "=" + c.file.Name()} }

// ahead gives how far a process's clock is ahead, as the answers of its ops
// address say.
func (p *process) ahead() (time.Duration, error) {
	answer, err := http.Get(p.ops + "/healthz")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	date, err := http.ParseTime(answer.Header.Get("Date"))
	return time.Until(date), err
}

// set moves the clock to be ahead of the right time by so much.
func (c *clock) set(ahead time.Duration) {
	var seconds [8]byte
	binary.NativeEndian.PutUint64(seconds[:], uint64(int64(ahead/time.Second)))
	if _, err := c.file.WriteAt(seconds[:], 0); err != nil {
		c.t.Error(err)
	}
}

// clockMoved moves the clocks of worker, web instance and backend ahead and
// back by an hour while they work, and has the backend end and come up again
// with its clock put back, or forward. What is signed by a clock that is an hour
// off is refused at first.
func clockMoved(t *testing.T, d dose) *trial {
	// All of Go is compiled anew; with the race detector too it would take twice
	// as long to find what the other trials find.
	programs := build(t, nil, movable...)
	web, worker, cloud := newClock(t), newClock(t), newClock(t)
	hub := newSystem(t, unlimited)
	hub.programs = programs
	startHub := func() *process {
		return hub.startWeb(append(cloud.env(), "CLOUDWORKS_WORKER=none", "CLOUDWORKS_INSTANCE=backend")...)
	}
	running := startHub()
	restart := func() {
		running.kill()
		cloud.set(0)
		running = startHub()
	}
	tr := (&trial{t: t, dose: d, s: &system{
		t: t, local: hub.local, env: awsEnv(hub.local), programs: programs,
		own: map[string][]string{"web": web.env(), "worker": worker.env()},
	}}).start()
	var strikes []func()
	for _, moved := range []struct {
		clock   *clock
		process func() *process
	}{
		{worker, func() *process { return tr.workers[0] }},
		{web, func() *process { return tr.web }},
		{cloud, func() *process { return running }},
	} {
		for _, ahead := range []time.Duration{time.Hour, 0, -time.Hour, 0} {
			strikes = append(strikes, func() {
				moved.clock.set(ahead)
				if got, err := moved.process().ahead(); err != nil || (got-ahead).Abs() > time.Minute {
					t.Errorf("the clock of %s is %v ahead (%v), want %v", moved.process().name, got, err, ahead)
				}
			})
		}
	}
	strikes = append(strikes,
		func() { cloud.set(time.Hour) }, restart,
		func() { cloud.set(-time.Hour) }, restart)
	tr.endure(func(i int) { strikes[i%len(strikes)]() })
	return tr
}
