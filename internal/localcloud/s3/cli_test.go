package s3_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAWSCommandLine has the AWS CLI carry files up and down, one of them big
// enough for parts.
func TestAWSCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the AWS CLI six times")
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI isn't installed here")
	}
	store := open(t, nil)
	defer store.Close()
	_, url := serve(t, store)
	dir := t.TempDir()
	files := map[string][]byte{"sub folder/small ü+.txt": []byte("small"), "big.bin": make([]byte, 20<<20)}
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(files["big.bin"]) // never fails
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, "up", name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "up", name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	aws := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+keyPair, "AWS_SECRET_ACCESS_KEY="+keyPair, "AWS_REGION="+region,
			"AWS_DEFAULT_REGION="+region, "AWS_ENDPOINT_URL="+url, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	aws("s3", "mb", "s3://by-command-line")
	aws("s3", "cp", "--recursive", "up", "s3://by-command-line/a/")
	aws("s3", "sync", "s3://by-command-line/a", "down")
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, "down", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes (%v), want the %d that went up", name, len(got), err, len(want))
		}
	}
	if got := aws("s3", "ls", "--recursive", "s3://by-command-line"); !strings.Contains(got, "a/sub folder/small ü+.txt") || !strings.Contains(got, "20971520 a/big.bin") {
		t.Errorf("listing: got\n%s", got)
	}
	aws("s3", "cp", "s3://by-command-line/a/big.bin", "s3://by-command-line/copy.bin")
	aws("s3", "rb", "--force", "s3://by-command-line")
}
