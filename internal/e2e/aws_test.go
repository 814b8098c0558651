package e2e

import (
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// The aws backend, unchanged, on an emulator that isn't ours.
func TestMoto(t *testing.T) {
	moto := require(t, "moto_server")
	addr := freeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(moto, "-H", "127.0.0.1", "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	eventually(t, 60*time.Second, "moto_server serves", func() error { return ok(http.Get("http://" + addr + "/moto-api/")) })

	s := &system{t: t, local: addr, env: []string{
		"CLOUDWORKS_BACKEND=aws", "CLOUDWORKS_CREATE_RESOURCES=true", "CLOUDWORKS_QUEUE_PREFIX=test-", "CLOUDWORKS_LOG=json", unlimited,
		"AWS_ENDPOINT_URL=http://" + addr, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}}
	web := s.startWeb()
	s.startWorker()
	for range 3 {
		solve(t, web.url, web.url)
	}
	sent, err := upload(web.url, []file{{"a.jpg", photograph(320, 240)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := finished(t, web.url, sent.ID).Pictures[0]; p.State != "done" {
		t.Errorf("got %+v", p)
	}
}
