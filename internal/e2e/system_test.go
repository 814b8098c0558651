// Package e2e tests the whole system: the real processes, on real addresses
// of this machine, driven as users and operators drive them.
package e2e

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binaries holds web and worker, built once for all tests.
var binaries string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cloudworks-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binaries = dir
	build := exec.Command("go", append(append([]string{"build"}, buildFlags...), "-o", dir+"/", "cloudworks/web", "cloudworks/worker")...)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	// Many visitors ask the same few addresses.
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = 100
	}
	return m.Run()
}

// require skips a test whose tool isn't on this machine, or fails it where
// everything has to be.
func require(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err == nil {
		return path
	}
	if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
		t.Fatalf("%s isn't there, and CLOUDWORKS_REQUIRE is set", tool)
	}
	t.Skipf("%s isn't on this machine", tool)
	return ""
}

// system is a set of processes that share one backend.
type system struct {
	t    *testing.T
	data string
	env  []string            // for all processes
	own  map[string][]string // environment for the processes of one program
	// local is the address of the embedded backend.
	local string
	// programs is the folder with web and worker; empty for binaries.
	programs string
	// far is the backend when it isn't the embedded one.
	far *backend
}

// newSystem prepares a system on the local backend, or on the one that engine
// gives. Nothing runs yet.
func newSystem(t *testing.T, env ...string) *system {
	t.Helper()
	if engine != nil {
		far := engine(t)
		return &system{t: t, far: far, own: far.of, env: append(far.env(), env...)}
	}
	local := freeAddr(t)
	data := t.TempDir()
	return &system{t: t, data: data, local: local, env: append([]string{
		"CLOUDWORKS_LOCAL_ADDR=" + local, "CLOUDWORKS_DATA=" + data, "CLOUDWORKS_LOG=json",
	}, env...)}
}

// given are the ports that freeAddr has given away.
var given sync.Map

// freeAddr gives a loopback address that nobody listens on, and gives it once.
// Its port is below those that outgoing connections get: else one of these
// could take it before the process that it is for, or between two starts.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.N(12_000))
		if _, taken := given.LoadOrStore(addr, true); taken {
			continue
		}
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// process is one running program.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended, once done is closed
	log  *lockedBuffer
	url  string // of the pages; empty for a worker
	ops  string // of health and metrics
	// beside is the worker that was started with a web process where none can
	// be inside it.
	beside *process
}

// startWeb starts a web process and waits until it is ready. It has a worker
// inside or, on a backend that isn't the embedded one, beside it.
func (s *system) startWeb(env ...string) *process {
	s.t.Helper()
	addr := freeAddr(s.t)
	p := s.start("web", append([]string{"CLOUDWORKS_ADDR=" + addr}, env...))
	p.url = "http://" + addr
	p.waitReady()
	if s.far != nil && !slices.Contains(env, "CLOUDWORKS_WORKER=none") {
		p.beside = s.startWorker()
	}
	return p
}

// startWorker starts a worker process and waits until it is ready.
func (s *system) startWorker(env ...string) *process {
	s.t.Helper()
	p := s.start("worker", env)
	p.waitReady()
	return p
}

func (s *system) start(name string, env []string) *process {
	s.t.Helper()
	ops := freeAddr(s.t)
	p := &process{t: s.t, name: name, done: make(chan struct{}), log: &lockedBuffer{}, ops: "http://" + ops}
	p.cmd = exec.Command(filepath.Join(cmp.Or(s.programs, binaries), name))
	p.cmd.Env = slices.Concat(os.Environ(), []string{"CLOUDWORKS_OPS_ADDR=" + ops}, s.env, s.own[name], env)
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	s.t.Cleanup(func() {
		if s.far != nil {
			p.kill() // a soft stop waits for the open polls, up to 20 s
		} else {
			p.stop()
		}
		if strings.Contains(p.log.String(), "WARNING: DATA RACE") {
			s.t.Errorf("%s has a data race", name)
		}
		if s.t.Failed() {
			s.t.Logf("log of %s:\n%s", name, p.log.tail(6000))
		}
	})
	return p
}

func (p *process) waitReady() {
	p.t.Helper()
	eventually(p.t, 30*time.Second, p.name+" is ready", func() error {
		select {
		case <-p.done:
			p.t.Fatalf("%s ended at start: %v\n%s", p.name, p.err, p.log.tail(3000))
		default:
		}
		return ok(http.Get(p.ops + "/readyz"))
	})
	if p.url != "" {
		eventually(p.t, 10*time.Second, p.name+" serves", func() error { return ok(http.Get(p.url + "/")) })
	}
}

func ok(r *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1000))
		return fmt.Errorf("%s: %s", r.Status, body)
	}
	return nil
}

// stop ends the process softly, and hard after 30 s.
func (p *process) stop() {
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.t.Errorf("%s did not stop within 30 s", p.name)
		p.kill()
	}
}

// kill ends the process as a power failure would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// eventually tries check until it gives nil.
func eventually(t *testing.T, within time.Duration, what string, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s: %v", what, within, err)
		case <-tick.C:
		}
	}
}

// lockedBuffer takes a process's log while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lockedBuffer) tail(n int) string {
	s := l.String()
	return s[max(0, len(s)-n):]
}

// errNotYet is for a check that hasn't come true.
var errNotYet = errors.New("not yet")

// lines gives the log's lines that contain every one of words, those of the
// worker beside it too.
func (p *process) lines(words ...string) []string {
	log := p.log.String()
	if p.beside != nil {
		log += p.beside.log.String()
	}
	var found []string
next:
	for line := range strings.Lines(log) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		found = append(found, line)
	}
	return found
}
