package deploy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// metadata is EC2's instance metadata, version 2: nothing without a token.
type metadata struct {
	mu     sync.Mutex
	values map[string]string
	asked  chan string // each path, when it was answered
}

func (m *metadata) set(path, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values["/latest/meta-data/"+path] = value
}

func (m *metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const token = "the-token"
	if r.URL.Path == "/latest/api/token" {
		if r.Method != http.MethodPut || r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds") == "" {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		io.WriteString(w, token)
		return
	}
	if r.Header.Get("X-aws-ec2-metadata-token") != token {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	m.mu.Lock()
	value, ok := m.values[r.URL.Path]
	m.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
	} else {
		io.WriteString(w, value)
	}
	select {
	case m.asked <- strings.TrimPrefix(r.URL.Path, "/latest/meta-data/"):
	default:
	}
}

// drain runs the script on an instance of our own making. Calls of systemctl
// and aws are written to a file.
func drain(t *testing.T, half string, env ...string) (cmd *exec.Cmd, m *metadata, calls string) {
	t.Helper()
	require(t, "curl")
	m = &metadata{values: map[string]string{}, asked: make(chan string, 100)}
	m.set("instance-id", "i-0abc")
	m.set("autoscaling/target-lifecycle-state", "InService")
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	for _, tool := range []string{"systemctl", "aws"} {
		script := "#!/bin/sh\necho " + tool + " \"$@\" >>" + calls + "\n"
		if err := os.WriteFile(filepath.Join(dir, tool), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, "bash", "systemd/bin/drain", half)
	cmd.Env = append(os.Environ(), append([]string{"PATH=" + dir + ":" + os.Getenv("PATH"), "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + server.URL,
		"CLOUDWORKS_DRAIN_EVERY=0.05", "CLOUDWORKS_GROUP=stack-worker", "CLOUDWORKS_HOOK=drain"}, env...)...)
	return cmd, m, calls
}

func TestDrainWaits(t *testing.T) {
	for _, test := range []struct{ name, path, before, notice, want string }{
		{"scale-in", "autoscaling/target-lifecycle-state", "InService", "Terminated", "the Auto Scaling group terminates this instance"},
		{"end of a spot instance", "spot/instance-action", "", `{"action":"terminate"}`, "this spot instance ends"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd, m, _ := drain(t, "wait")
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// It must look more than once, and go on while there is no notice.
			for looks := 0; looks < 3; {
				select {
				case path := <-m.asked:
					if path == "autoscaling/target-lifecycle-state" {
						looks++
					}
				case <-time.After(20 * time.Second):
					t.Fatal("it doesn't look: ", out.String())
				}
			}
			m.set(test.path, test.notice)
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("got %q, want %q", out.String(), test.want)
			}
		})
	}
}

func TestDrainFinishes(t *testing.T) {
	const done = "systemctl stop cloudworks-worker.service\n" +
		"aws autoscaling complete-lifecycle-action --auto-scaling-group-name stack-worker --lifecycle-hook-name drain --instance-id i-0abc --lifecycle-action-result CONTINUE\n"
	for _, test := range []struct{ name, code, status, want string }{
		{"after a notice", "exited", "0", done},
		{"stopped by hand", "killed", "TERM", ""},
		{"failed", "exited", "1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd, _, calls := drain(t, "finish", "EXIT_CODE="+test.code, "EXIT_STATUS="+test.status)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			got, err := os.ReadFile(calls)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
