package e2e

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// badLine is a TCP proxy that stands for a bad network: what comes back is
// late, and now and then a connection is reset, either before the request got
// through or after, so that the answer alone is lost.
type badLine struct {
	addr   string
	target string
	late   atomic.Int64 // nanoseconds that answers are held back
	every  atomic.Int64 // one request in so many is struck; 0 for none
	asked  atomic.Int64 // requests
	struck atomic.Int64
	all    sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool // nil once closed
}

func newBadLine(t *testing.T, target string) *badLine {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &badLine{addr: listener.Addr().String(), target: target, open: make(map[net.Conn]bool)}
	b.all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			b.all.Go(func() { b.serve(client) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		b.mu.Lock()
		for c := range b.open {
			c.Close()
		}
		b.open = nil
		b.mu.Unlock()
		b.all.Wait()
	})
	return b
}

// keep has a connection closed at the end. It is false at the end.
func (b *badLine) keep(c net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		c.Close()
		return false
	}
	b.open[c] = true
	return true
}

func (b *badLine) drop(c net.Conn) {
	c.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, c)
}

func (b *badLine) serve(client net.Conn) {
	server, err := net.Dial("tcp", b.target)
	if err != nil {
		client.Close()
		return
	}
	if !b.keep(client) || !b.keep(server) {
		client.Close()
		server.Close()
		return
	}
	defer b.drop(client)
	defer b.drop(server)
	var back sync.WaitGroup
	back.Go(func() {
		b.answers(client, server)
		client.Close()
	})
	b.requests(server, client)
	server.Close()
	back.Wait()
}

// requests passes on what the client says. The first bytes after a silence
// are taken for a new request.
func (b *badLine) requests(server, client net.Conn) {
	buffer := make([]byte, 64<<10)
	last := time.Time{}
	for {
		n, err := client.Read(buffer)
		if n > 0 {
			begins := time.Since(last) > 5*time.Millisecond
			last = time.Now()
			strike := begins && b.strikes()
			if strike && rand.N(2) == 0 {
				b.reset(client)
				return
			}
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
			if strike {
				b.reset(client)
				// What the server answers to this request goes nowhere.
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// strikes counts a request, and says whether it is struck.
func (b *badLine) strikes() bool {
	every := b.every.Load()
	return b.asked.Add(1)%max(every, 1) == 0 && every > 0
}

func (b *badLine) reset(c net.Conn) {
	b.struck.Add(1)
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closes with a reset
	}
	c.Close()
}

// answers passes on what the server says, late.
func (b *badLine) answers(client io.Writer, server io.Reader) {
	type chunk struct {
		data []byte
		due  time.Time
	}
	late := make(chan chunk, 1000)
	var writing sync.WaitGroup
	writing.Go(func() {
		broken := false
		for c := range late {
			if broken {
				continue
			}
			if wait := time.Until(c.due); wait > 0 {
				<-time.After(wait)
			}
			_, err := client.Write(c.data)
			broken = err != nil
		}
	})
	for {
		data := make([]byte, 32<<10)
		n, err := server.Read(data)
		if n > 0 {
			late <- chunk{data[:n], time.Now().Add(time.Duration(b.late.Load()))}
		}
		if err != nil {
			break
		}
	}
	close(late)
	writing.Wait()
}
